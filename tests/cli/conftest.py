"""The command line as users have it, over the embedded emulator, in a workspace of two directories and a few files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from llamasync.cli.main import cli

MANIFESTS = """\
apiVersion: llamasync/v1
kind: Directory
metadata:
  name: docs
  labels: {team: docs}
spec:
  description: Documents
---
apiVersion: llamasync/v1
kind: FileSet
metadata:
  name: docs
  labels: {team: docs}
spec:
  directory: docs
  source: ../documents
  metadata:
    team: docs
---
apiVersion: llamasync/v1
kind: Directory
metadata:
  name: other
spec:
  description: Others
"""
SETTINGS = """\
apiVersion: llamasync/v1
kind: Workspace
spec:
  manifests: ["manifests/"]
  environments:
    prod: {project: 0b0c6a4e-5c39-4a9e-8d0e-0d7b5f3f8a11}
"""
OBJECTS = 5  # two directories, three files

Run = Callable[..., Result]


def write_workspace(root: Path) -> Path:
    (root / "manifests").mkdir(parents=True)
    (root / "documents").mkdir()
    (root / "llamasync.yaml").write_text(SETTINGS, encoding="utf-8")
    (root / "manifests" / "all.yaml").write_text(MANIFESTS, encoding="utf-8")
    for name in ("a.md", "b.md", "c.md"):
        (root / "documents" / name).write_text(f"# {name}\n", encoding="utf-8")
    return root


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return write_workspace(tmp_path / "ws")


@pytest.fixture
def run(workspace: Path) -> Iterator[Run]:
    """Run a command in the workspace and insist on its exit code."""
    here = Path.cwd()

    def invoke(*words: str | Path, expect: int = 0, stdin: str | None = None, folder: Path | None = None) -> Result:
        result = CliRunner().invoke(cli, ["-C", str(folder or workspace), *map(str, words)], input=stdin)
        assert result.exit_code == expect, f"{words}: {result.exit_code}\n{result.output}\n{result.exception!r}"
        return result

    yield invoke
    assert Path.cwd() == here, "a command left us in another folder"


@pytest.fixture
def local(run: Run) -> Run:
    """Run a command with --local."""

    def invoke(*words: str | Path, **more: object) -> Result:
        return run("--local", *words, **more)

    return invoke


@pytest.fixture
def applied(local: Run) -> Run:
    """The same, once everything is applied."""
    local("apply", "--auto-approve")
    return local


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let somebody be at the terminal who types this."""
    from llamasync.cli.console import Console

    def someone_types(text: str) -> None:
        monkeypatch.setattr(Console, "can_ask", True)
        monkeypatch.setattr(Console, "ask", lambda self, question: (self.err(f"{question}\n"), text)[1])

    return someone_types


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., list[str]]]:
    """Serve an emulator with these faults on a port; give the words that lead a command to it."""
    from llamasync.emulator import Emulator, Options, parse_fault
    from llamasync.emulator.server import start_in_thread

    monkeypatch.setenv("LLAMA_CLOUD_API_KEY", "key")
    with ExitStack() as stack:

        def serve(*faults: str, **options: Any) -> list[str]:
            rules = tuple(parse_fault(fault) for fault in faults)
            emulator = stack.enter_context(Emulator(Options(faults=rules, **options)))
            return ["--endpoint", stack.enter_context(start_in_thread(emulator))]

        yield serve


def environment(**more: str) -> dict[str, str]:
    """The environment for a process of its own: ours without what belongs to LlamaCloud."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LLAMA_", "LLAMASYNC_"))}
    return {**kept, "PYTHONUNBUFFERED": "1", **more}


def unmeasured() -> dict[str, str]:
    """The same for a process asked what it imports: measuring its coverage imports more (sqlite3, for one)."""
    return {name: value for name, value in environment().items() if not name.startswith("COV")}
