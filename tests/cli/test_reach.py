"""What is said on the command line, or in llamasync.yaml, reaches what it is about."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from llamasync.api.limiter import UploadRate
from llamasync.cli.options import Globals
from llamasync.cli.session import Session
from llamasync.emulator import Emulator, Options
from tests.cli.conftest import environment, unmeasured


class MostAtOnce:
    """A hook of the emulator that counts how many writes it works on at a time."""

    def __init__(self) -> None:
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()

    def __call__(self, request, moment) -> None:
        if request.method == "GET":
            return
        with self._lock:
            self._now += 1 if moment == "before" else -1
            self.most = max(self.most, self._now)
        if moment == "before":
            time.sleep(0.02)


@pytest.fixture
def many(workspace) -> Path:
    """A workspace with twenty files."""
    for number in range(17):
        (workspace / "documents" / f"{number:02}.md").write_text(f"{number}\n", "utf-8")
    return workspace


@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_parallelism_is_how_many_changes_are_made_at_once(many, run, served, command) -> None:
    seen = MostAtOnce()
    service = served(on_request=seen)
    run(*service, "apply", "--auto-approve", "--parallelism", "2" if command == "apply" else "10")
    if command == "destroy":
        seen.most = 0
        run(*service, "destroy", "--auto-approve", "--parallelism", "2")
    assert seen.most == 2


def test_without_a_word_more_are_made_at_once(many, run, served) -> None:
    seen = MostAtOnce()
    run(*served(on_request=seen), "apply", "--auto-approve")
    assert 2 < seen.most <= 10


def test_limits_of_the_workspace_hold_for_all_requests(many) -> None:
    settings = many / "llamasync.yaml"
    settings.write_text(settings.read_text("utf-8") + "  limits: {requestsInFlight: 3, uploadsPer5s: 7}\n", "utf-8")
    with Session(
        Globals(root=many, endpoint="http://127.0.0.1:1"), (str(many),), environ={"LLAMA_CLOUD_API_KEY": "k"}
    ) as session:
        assert session.target.limiter.ceiling == 3
        assert session.target.limiter._uploads == UploadRate(7, 5.0)


def damage(workspace: Path, run) -> None:
    """Change bytes in the service below the same id, which it says that it never does."""
    (binding,) = json.loads(run("state", "show", "FileSet/docs[a.md]", "--format", "json").stdout)["bindings"]
    with Emulator(Options(path=workspace / ".llamasync/local.db")) as emulator:
        emulator.control.damage(binding["file_id"])


def test_drift_looks_at_bytes_when_told_to(applied, workspace) -> None:
    damage(workspace, applied)
    applied("drift")
    assert "FileSet/docs[a.md]" in applied("drift", "--verify-content", expect=2).stdout


def test_a_saved_plan_that_looked_at_bytes_is_not_stale(applied, workspace) -> None:
    damage(workspace, applied)
    applied("plan", "--verify-content", "--out", "p.llamaplan")
    assert "Applied: 1 change" in applied("apply", "p.llamaplan").stdout
    applied("drift", "--verify-content")


def test_destroy_tells_events(applied) -> None:
    events = [json.loads(line) for line in applied("destroy", "--auto-approve", "--json-events").stdout.splitlines()]
    assert (events[0]["type"], events[-1]["type"], events[-1]["done"]) == ("plan", "summary", 5)


@pytest.mark.parametrize(("words", "kept"), [([], 1), (["--no-trash"], 0)])
def test_destroy_saves_bytes_that_exist_nowhere_else_unless_told_not_to(applied, workspace, words, kept) -> None:
    (workspace / "documents" / "a.md").unlink()
    applied("destroy", "--auto-approve", *words)
    trash = workspace / ".llamasync" / "trash"
    assert sum(path.is_file() and path.read_bytes() == b"# a.md\n" for path in trash.rglob("*")) == kept


def test_an_emulator_is_served_as_told(run, monkeypatch, tmp_path) -> None:
    from llamasync.emulator.arguments import options_from_texts

    served, made = [], []
    monkeypatch.setattr(
        "llamasync.emulator.server.serve", lambda emulator, host, port, on_ready: served.append((host, port))
    )
    real = Emulator.__init__
    monkeypatch.setattr(Emulator, "__init__", lambda self, options: (made.append(options), real(self, options))[1])
    data = tmp_path / "data.db"
    fault = "GET * status=503 nth=2"
    words = [
        "--host",
        "0.0.0.0",
        "--port",
        "8123",
        "--data",
        data,
        "--dialect",
        "reference",
        "--set",
        "page_size_max=100",
    ]
    words += ["--fault", fault, "--api-key", "secret", "--deployment", "mine"]
    run("emulator", "serve", *words, "--latency-ms", "20", "--seed", "7", "--rate-limited")
    assert served == [("0.0.0.0", 8123)]
    expected = options_from_texts(
        data=data,
        dialect="reference",
        settings=["page_size_max=100"],
        faults=[fault],
        api_keys=["secret"],
        deployments=["mine"],
        latency_ms=20.0,
        seed=7,
        rate_limited=True,
    )
    assert made == [expected]
    assert (expected.latency_s, expected.seed, len(expected.rate_limits)) == (0.02, 7, 1)


def in_a_process(code: str, *words: str | Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, check=False, env=unmeasured()
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_validate_imports_nothing_that_speaks_to_the_service(workspace) -> None:
    code = (
        "import sys\nfrom llamasync.cli.main import cli\n"
        "try: cli.main()\nexcept SystemExit as end: assert end.code == 0, end.code\n"
        "slow = ('httpx', 'httpcore', 'pydantic', 'rich', 'deepdiff', 'sqlite3', 'llamasync.api.', 'llamasync.live.',\n"
        "        'llamasync.plan.', 'llamasync.apply.', 'llamasync.state.', 'llamasync.emulator')\n"
        "bad = sorted(m for m in sys.modules if m.startswith(slow))\n"
        "assert not bad, bad"
    )
    manifest = workspace / "manifests" / "lone.yaml"
    manifest.write_text("apiVersion: llamasync/v1\nkind: Directory\nmetadata: {name: lone}\nspec: {}\n", "utf-8")
    assert "Valid: 1 manifest" in in_a_process(code, "-C", workspace, "validate", "manifests/lone.yaml")


def test_what_the_emulator_needs_is_needed_by_nothing_else(workspace, served) -> None:
    code = (
        "import sys\n"
        "for name in ('werkzeug', 'openpyxl', 'docx', 'PIL', 'pypdf'): sys.modules[name] = None\n"
        "from llamasync.cli.main import main\nmain()"
    )
    service = served()
    key = {"LLAMA_CLOUD_API_KEY": "key"}
    for words in (["--help"], ["validate"], [*service, "plan"], [*service, "apply", "--auto-approve"]):
        done = subprocess.run(
            [sys.executable, "-c", code, "-C", str(workspace), *words],
            capture_output=True,
            text=True,
            check=False,
            env={**environment(), **key},
        )
        assert done.returncode == 0, f"{words}: {done.stderr}"
