"""The official SDK, in three versions, strictly validating: content with every answer, and no method of it left out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from llamasync.emulator import Emulator, Options, Switches
from llamasync.emulator.options import Dialect
from llamasync.emulator.server import start_in_thread
from tests.emulator.install_sdks import is_installed, sdk_folder, wanted

ROOT = Path(__file__).resolve().parent.parent.parent
INSTALLED = "2.19.0"
VERSIONS: list[tuple[str, Dialect]] = [(INSTALLED, "current"), ("2.8.0", "current"), ("2.6.0", "reference")]
SCRIPTS = ("sdk_session", "sdk_indexes", "sdk_runs_session")
# The areas of the SDK of which the contract files have no operation.
ELSEWHERE = (
    "alpha",
    "classifier",
    "classify",
    "data_sinks",
    "data_sources",
    "extract",
    "extraction_agents",
    "parsing",
    "pipelines",
    "retrievers",
)


def run(script: str, version: str, dialect: Dialect) -> Any:
    """Run a script against an emulator of its own; its verdict is what it prints."""
    folders = [str(ROOT)]
    if version != INSTALLED:
        if not is_installed(version):
            pytest.fail(f"SDK {version} is not installed; run: {sys.executable} tests/emulator/install_sdks.py")
        folders.insert(0, str(sdk_folder(version)))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}
    switches = Switches(
        # The newest client insists on a field of chats that came after the contract file.
        chat_shared_access="shown" if version == INSTALLED else "absent",
        # The scripts move the clock, but where the SDK itself waits; and there is time enough to cancel.
        job_duration_ms=500,
        sync_duration_ms=500,
    )
    path = Path(__file__).with_name(f"{script}.py")
    with Emulator(Options(dialect=dialect, switches=switches)) as emulator, start_in_thread(emulator) as url:
        command = [sys.executable, str(path), url, dialect, version]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("version", "dialect"), VERSIONS)
def test_every_method_of_the_sdk_is_answered_as_it_expects(version: str, dialect: Dialect) -> None:
    # They wait more than they work.
    with ThreadPoolExecutor(len(SCRIPTS)) as pool:
        verdicts = list(pool.map(lambda script: run(script, version, dialect), SCRIPTS))
    methods = [path for path in verdicts[0]["methods"] if not path.startswith(tuple(f"{each}." for each in ELSEWHERE))]
    answered = {path for verdict in verdicts for path in verdict["answered"]}
    assert len(methods) > 50
    assert [path for path in methods if path not in answered] == []


@pytest.mark.parametrize(("version", "dialect"), [VERSIONS[0], VERSIONS[-1]])
def test_the_asynchronous_client_is_answered_as_it_expects(version: str, dialect: Dialect) -> None:
    assert run("sdk_async", version, dialect) == "done"


def test_every_version_that_is_listed_is_tried() -> None:
    assert set(wanted()) == {version for version, _ in VERSIONS} - {INSTALLED}
