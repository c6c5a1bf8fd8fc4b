"""The official SDK, in three versions, is content with indexes, retrieval and chat."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from llamasync.emulator import Emulator, Options, Switches
from llamasync.emulator.options import Dialect
from llamasync.emulator.server import start_in_thread
from tests.emulator.install_sdks import is_installed, sdk_folder

INSTALLED = "2.19.0"
SCRIPT = Path(__file__).with_name("sdk_indexes.py")


@pytest.mark.parametrize(("version", "dialect"), [(INSTALLED, "current"), ("2.8.0", "current"), ("2.6.0", "reference")])
def test_every_method_of_indexes_is_answered_as_the_sdk_expects(version: str, dialect: Dialect) -> None:
    environment = dict(os.environ)
    if version != INSTALLED:
        if not is_installed(version):
            pytest.fail(f"SDK {version} is not installed; run: {sys.executable} tests/emulator/install_sdks.py")
        environment["PYTHONPATH"] = str(sdk_folder(version))
    # The newest client insists on a field of chats that came after the contract file.
    switches = Switches(chat_shared_access="shown" if version == INSTALLED else "absent")
    with Emulator(Options(dialect=dialect, switches=switches)) as emulator, start_in_thread(emulator) as url:
        command = [sys.executable, str(SCRIPT), url, dialect, version]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "all good"
