"""The command line and the emulator as processes of their own, as users run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

# As installed: with compiled modules, even where the caller's environment forbids writing them.
_COMPILED = tempfile.TemporaryDirectory(prefix="llamasync-benchmark-compiled-")
_OURS = ("LLAMA_CLOUD_", "LLAMA_PARSE_", "LLAMASYNC_", "PYTHONDONTWRITEBYTECODE")
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
_LAUNCHER = Path(__file__).with_name("launch.py")
ENVIRONMENT |= {"LLAMA_CLOUD_API_KEY": "benchmark", "PYTHONPYCACHEPREFIX": _COMPILED.name}


@dataclass(frozen=True, slots=True)
class Run:
    """One process from its start to its end. `peak_bytes` is the most memory it had."""

    elapsed_s: float
    peak_bytes: int
    out: str


@dataclass(frozen=True, slots=True)
class Server:
    """A running emulator."""

    url: str
    project_id: str


def run_python(*words: str) -> Run:
    """Run `python WORDS`. Raises RuntimeError, with what it said, when it fails."""
    reading, writing = os.pipe()
    launcher = [sys.executable, "-I", "-S", str(_LAUNCHER), str(writing)]
    with os.fdopen(reading) as report, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(
            [*launcher, sys.executable, *words],
            stdout=subprocess.PIPE,
            stderr=err,
            text=True,
            env=ENVIRONMENT,
            pass_fds=[writing],
        )
        os.close(writing)
        out, _ = process.communicate()
        elapsed_s, peak_bytes, code = report.read().split()
        if code != "0":
            err.seek(0)
            raise RuntimeError(f"{' '.join(words)}: exit code {code}\n{out[-2000:]}{err.read()[-4000:]}")
    return Run(float(elapsed_s), int(peak_bytes), out)


def llamasync(root: Path, server: Server, *words: str) -> Run:
    """Run the command line in a workspace, against an emulator."""
    chosen = ("-C", str(root), "--endpoint", server.url, "--project", server.project_id)
    return run_python("-m", "llamasync", *chosen, *words)


@contextmanager
def emulator(data: Path | None = None, *, latency_s: float = 0.0) -> Iterator[Server]:
    """Serve the emulator from a process of its own; with `data` it keeps what it holds in that file."""
    words = [sys.executable, "-m", "llamasync.emulator", "--latency-ms", str(latency_s * 1000)]
    words += ["--data", str(data)] if data else []
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        request = urllib.request.Request(f"{url}/api/v1/projects", headers={"Authorization": "Bearer benchmark"})
        with urllib.request.urlopen(request) as answer:
            projects = json.load(answer)
        yield Server(url, projects[0]["id"])
    finally:
        process.terminate()
        process.communicate()


def median_s(runs: Sequence[Run]) -> float:
    """Return the median of their durations."""
    return median(run.elapsed_s for run in runs)
