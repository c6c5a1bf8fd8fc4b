"""The API key is in no output, state, journal, cache, plan file or log: whatever happens, and however much is said."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from llamasync.cli.main import cli

KEY = "llx-3f9b-a-key-that-nobody-may-see"


@pytest.mark.parametrize(
    "fault",
    [
        "",
        "POST * status=400",
        "POST * status=500 when=after",
        "* * status=401",
        "GET * status=200 body=html",
        "POST * cut",
    ],
)
def test_key_appears_nowhere(served, workspace, monkeypatch, fault: str) -> None:
    flags = served(*([fault] if fault else []))
    monkeypatch.setenv("LLAMA_CLOUD_API_KEY", KEY)
    said = []
    for command in (
        ["plan", "--out", "kept.llamaplan", "--report", "plan.md"],
        ["plan", "--format", "json"],
        ["apply", "--auto-approve", "--json-events"],
        ["drift"],
        ["doctor"],
        ["state", "pull"],
    ):
        result = CliRunner().invoke(cli, ["-C", str(workspace), *flags, "-v", *command])
        said.append(result.stdout + result.stderr)
    assert KEY not in "".join(said)
    files = [path for path in workspace.rglob("*") if path.is_file()]
    assert any(path.name == "state.db" for path in files) or fault
    assert [str(path) for path in files if KEY.encode() in path.read_bytes()] == []
