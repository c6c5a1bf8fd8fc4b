"""The real thing: the command is killed with SIGKILL at each of its requests, then run again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from llamasync.emulator import Emulator, Options
from llamasync.emulator.server import start_in_thread
from tests.support.world import manifest

DOCUMENTS = 24
OBJECTS = 30


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


def _workspace(root: Path) -> None:
    for number in range(DOCUMENTS):
        target = root / "documents" / f"{number:02}.md"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(f"document {number}")
    parameters = {"tier": "fast", "version": "latest"}
    documents = [
        *(manifest("Directory", f"d{n}") for n in range(3)),
        *(manifest("Configuration", f"c{n}", {"productType": "parse_v2", "parameters": parameters}) for n in range(3)),
        manifest("FileSet", "documents", {"directory": "d0", "source": "documents"}),
    ]
    (root / "manifests.yaml").write_text("---\n".join(json.dumps(one) + "\n" for one in documents))


def _start(root: Path, url: str) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    environment["LLAMA_CLOUD_API_KEY"] = "test"
    command = [sys.executable, "-m", "llamasync", "--endpoint", url, "apply", "--auto-approve", "--parallelism", "3"]
    return subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.timeout(600)
def test_apply_killed_at_each_request_is_finished_by_the_next_one(tmp_path: Path, when: str, part: int) -> None:
    at, has_struck = part + 1, True
    while has_struck:
        root = tmp_path / str(at)
        root.mkdir()
        _workspace(root)
        assassin = Assassin(at, when)
        emulator = Emulator(Options(on_request=assassin))
        with start_in_thread(emulator) as url:
            assassin.victim = _start(root, url)
            assassin.victim.communicate()
            has_struck = assassin.has_struck
            assert assassin.victim.returncode == (-9 if has_struck else 0)
            assassin.victim = None
            again = _start(root, url)
            output = again.communicate()[0].decode()
            assert again.returncode == 0, output
            held = emulator.control.snapshot(ids=False)
        emulator.close()
        by_name = {one["name"]: one for one in held["directories"]}
        assert len(held["directories"]) == len(by_name) == 3, f"killed {when} request {at}"
        names = [one["unique_id"] for one in by_name["d0"]["files"]]
        assert sorted(names) == [f"{n:02}.md" for n in range(DOCUMENTS)], f"killed {when} request {at}"
        assert len(held["configurations"]) == 3
        made = [one for one in emulator.requests if one.method == "POST" and one.status in (200, 201)]
        assert len(made) == OBJECTS, f"killed {when} request {at}: something was made twice"
        at += 4
    assert at > OBJECTS, "every request of the apply was a point to die at"
