"""Every example works: each workspace is valid, applies to an empty plan in every environment, and the demo runs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from llamasync.cli.main import cli

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
WORKSPACES = sorted(path.parent.name for path in EXAMPLES.glob("*/llamasync.yaml"))


SECRETS = {  # what the README of an example has its reader set
    "LARKFIELD_HOOK_SECRET": "whsec-for-trying",
    "LARKFIELD_HOOK_TOKEN": "token-for-trying",
    "LARKFIELD_PAGER_PASSWORD": "for-trying",
}


def run(folder: Path, *words: str, expect: int = 0) -> str:
    result = CliRunner().invoke(cli, ["-C", str(folder), *words])
    assert result.exit_code == expect, f"{words}\n{result.output}"
    return result.stdout


@pytest.fixture
def copy(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    target = tmp_path / request.param
    shutil.copytree(EXAMPLES / request.param, target, ignore=shutil.ignore_patterns(".llamasync"))
    return target


@pytest.mark.parametrize("copy", WORKSPACES, indirect=True)
def test_an_example_is_valid_and_converges(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(copy, "validate")
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    run(copy, "--local", "apply", "--auto-approve")
    run(copy, "--local", "plan", "--detailed-exitcode")


def test_the_quickstarts_production_differs_by_what_its_overlay_says(tmp_path: Path) -> None:
    target = _copied(tmp_path)
    run(target, "--local", "-e", "prod", "apply", "--auto-approve")
    run(target, "--local", "-e", "prod", "plan", "--detailed-exitcode")
    words = ["--local", "-e", "prod", "state", "show", "--format", "json"]
    configuration = json.loads(run(target, *words, "Configuration/parse-contracts"))["bindings"][0]
    assert configuration["fields"]["parameters"]["tier"] == "agentic"
    document = json.loads(run(target, *words, "FileSet/handbook[welcome.md]"))["bindings"][0]
    assert document["fields"]["metadata"]["stage"] == "prod"
    assert document["key"] == ["handbook/welcome.md"]


def test_the_rotated_secret_of_the_webhooks_is_seen_and_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "webhooks"
    shutil.copytree(EXAMPLES / "webhooks", target, ignore=shutil.ignore_patterns(".llamasync"))
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    run(target, "--local", "apply", "--auto-approve")
    monkeypatch.setenv("LARKFIELD_HOOK_SECRET", "whsec-another")
    shown = run(target, "--local", "plan")
    assert "spec.signingSecret  (secret) -> (secret)" in shown
    assert "whsec" not in shown


def test_a_sidecar_adds_to_one_file(tmp_path: Path) -> None:
    target = _copied(tmp_path)
    run(target, "--local", "apply", "--auto-approve", "--target", "FileSet/contracts")

    def metadata(name: str) -> dict[str, object]:
        shown = run(target, "--local", "state", "show", f"FileSet/contracts[{name}.pdf]", "--format", "json")
        found: dict[str, object] = json.loads(shown)["bindings"][0]["fields"]["metadata"]
        return found

    assert metadata("green-coffee-supply")["counterparty"] == "Altura Norte Trading B.V."
    assert "counterparty" not in metadata("courier-services")


def _copied(tmp_path: Path) -> Path:
    target = tmp_path / "quickstart"
    shutil.copytree(EXAMPLES / "quickstart", target, ignore=shutil.ignore_patterns(".llamasync"))
    return target


@pytest.mark.slow
def test_the_demo_runs_to_its_end() -> None:
    words = [sys.executable, str(EXAMPLES / "demo.py")]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert "# Done in " in done.stdout
    assert "Changed in the service: 3 objects" in done.stdout
