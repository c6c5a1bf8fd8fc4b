"""The real thing: the command is killed with SIGKILL at each of its requests, then run again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from llamasync.emulator import Emulator, Options, Switches
from llamasync.emulator.server import start_in_thread
from tests.support.world import manifest

DOCUMENTS = 24
OBJECTS = 30
CHANGED_DOCUMENTS = 6
SETTINGS = ("conflict", "upsert", "duplicate")
SETTINGS_FILE = "apiVersion: llamasync/v1\nkind: Workspace\nspec: {guards: {maxDeleteShare: null}}\n"


class Assassin:
    """Kills a process while the service handles its n-th request: before or after that has its effect."""

    def __init__(self, at: int, when: str) -> None:
        self.victim: subprocess.Popen[bytes] | None = None
        self.has_struck = False
        self._at, self._when = at, when
        self._numbers: dict[int, int] = {}
        self._lock = threading.Lock()

    def __call__(self, record: Any, moment: str) -> None:
        with self._lock:
            if self._numbers.setdefault(record.n, len(self._numbers) + 1) != self._at or moment != self._when:
                return
            if self.victim is None:
                return
        self.has_struck = True
        self.victim.kill()
        self.victim.wait()


def _write(root: Path, manifests: list[dict[str, Any]], documents: dict[str, str]) -> None:
    (root / "llamasync.yaml").write_text(SETTINGS_FILE)
    (root / "manifests.yaml").write_text("---\n".join(json.dumps(one) + "\n" for one in manifests))
    shutil.rmtree(root / "documents", ignore_errors=True)
    for path, text in documents.items():
        (root / "documents" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "documents" / path).write_text(text)


def _write_thirty_objects(root: Path) -> None:
    parameters = {"tier": "fast", "version": "latest"}
    manifests = [
        *(manifest("Directory", f"d{n}", {"deleteContents": True}) for n in range(3)),
        *(manifest("Configuration", f"c{n}", {"productType": "parse_v2", "parameters": parameters}) for n in range(3)),
        manifest("FileSet", "documents", {"directory": "d0", "source": "documents/all"}),
        manifest("FileSet", "moving", {"directory": "d1", "source": "documents/moving"}),
    ]
    documents = {f"all/{n:02}.md": f"document {n}" for n in range(DOCUMENTS - 4)}
    _write(root, manifests, documents | {f"moving/m{n}.md": f"moving {n}" for n in range(4)})


def _change_everything(root: Path) -> None:
    """Change content and names of documents, move some, remove others; change and remove directories, too."""
    parameters = {"tier": "agentic", "version": "latest"}
    manifests = [
        manifest("Directory", "d0", {"deleteContents": True, "description": "changed"}),
        manifest("Directory", "d1", {"deleteContents": True}),
        *(manifest("Configuration", f"c{n}", {"productType": "parse_v2", "parameters": parameters}) for n in range(2)),
        manifest("FileSet", "documents", {"directory": "d0", "source": "documents/all"}),
        manifest("FileSet", "moving", {"directory": "d0", "source": "documents/moving", "metadata": {"team": "x"}}),
    ]
    documents = {f"all/{n:02}.md": f"document {n} changed" for n in range(6)}
    documents |= {f"all/renamed{n:02}.md": f"document {n}" for n in range(6, 12)}
    documents |= {f"all/{n:02}.md": f"document {n}" for n in range(12, DOCUMENTS - 8)}
    _write(root, manifests, documents | {f"moving/m{n}.md": f"moving {n}" for n in range(4)})


def _start(root: Path, url: str) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    environment["LLAMA_CLOUD_API_KEY"] = "test"
    command = [sys.executable, "-m", "llamasync", "--endpoint", url, "apply", "--auto-approve", "--parallelism", "3"]
    return subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def _finish(root: Path, url: str) -> None:
    run = _start(root, url)
    output = run.communicate()[0].decode()
    assert run.returncode == 0, output


def _kill(root: Path, emulator: Emulator, at: int, when: str) -> bool:
    """Kill an apply at its n-th request, then run it to its end; return whether it came to that request."""
    assassin = Assassin(at, when)
    emulator.on_request = assassin
    with start_in_thread(emulator) as url:
        assassin.victim = _start(root, url)
        assassin.victim.communicate()
        assert assassin.victim.returncode == (-9 if assassin.has_struck else 0)
        assassin.victim = None
        _finish(root, url)
    return assassin.has_struck


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.timeout(600)
def test_apply_killed_at_each_request_is_finished_by_the_next_one(tmp_path: Path, when: str, part: int) -> None:
    at, has_struck = part + 1, True
    while has_struck:
        root = tmp_path / str(at)
        root.mkdir()
        _write_thirty_objects(root)
        with closing(_emulator(root, at)) as emulator:
            has_struck = _kill(root, emulator, at, when)
            directories, configurations = _held(emulator)
        by_name = {one["name"]: one for one in directories}
        assert len(directories) == len(by_name) == 3, f"killed {when} request {at}"
        names = [one["unique_id"] for name in ("d0", "d1") for one in by_name[name]["files"]]
        assert len(names) == len(set(names)) == DOCUMENTS, f"killed {when} request {at}"
        assert len(configurations) == 3
        made = [one for one in emulator.requests if one.method == "POST" and one.status in (200, 201)]
        assert len(made) == OBJECTS, f"killed {when} request {at}: something was made twice"
        at += 4
    assert at > OBJECTS, "every request of the apply was a point to die at"


@pytest.mark.parametrize("part", range(4))
@pytest.mark.timeout(600)
def test_change_killed_at_each_request_is_finished_by_the_next_one(tmp_path: Path, part: int) -> None:
    """At each request, in turn before and after it has its effect; `test_crash` has both moments of each."""
    before, anew = tmp_path / "before", tmp_path / "anew"
    ends = []
    for root, write in ((before, _write_thirty_objects), (anew, _change_everything)):
        root.mkdir()
        write(root)
        with closing(_emulator(root, part)) as emulator, start_in_thread(emulator) as url:
            _finish(root, url)
            ends.append(_held(emulator))
    at, has_struck = part + 1, True
    while has_struck:
        when = ("before", "after")[at // 4 % 2]
        root = shutil.copytree(before, tmp_path / str(at))
        _change_everything(root)
        with closing(_emulator(root, at)) as emulator:
            has_struck = _kill(root, emulator, at, when)
            held = _held(emulator)
        uploads = sum(one.path.endswith("/upload") and one.status == 201 for one in emulator.requests)
        assert held == ends[-1], f"killed {when} request {at}: not what a new service would hold"
        assert uploads == CHANGED_DOCUMENTS, f"killed {when} request {at}: something was sent twice"
        at += 4
    assert at > OBJECTS, "every request of the apply was a point to die at"


def _emulator(root: Path, at: int) -> Emulator:
    setting = Switches(unique_id_conflict=SETTINGS[at % len(SETTINGS)])
    return Emulator(Options(path=root / "emulator.db", switches=setting))


def _held(emulator: Emulator) -> Any:
    found = emulator.control.snapshot(ids=False)
    return found["directories"], found["configurations"]
