"""What it costs to start, against starting nothing but Python."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

from benchmarks.processes import run_python
from benchmarks.report import Benchmark, Figure, seconds

TIMES = 4
ALLOWANCE_S = 0.1
ROUNDS = 21
_MANIFEST = """\
apiVersion: llamasync/v1
kind: Directory
metadata: {name: contracts}
spec: {description: The contracts of the year.}
"""


def measure(quick: bool) -> list[Figure]:
    """Start each in turn, round by round."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "one.yaml"
        path.write_text(_MANIFEST)
        commands = {
            "python -c pass": ("-c", "pass"),
            "llamasync --help": ("-m", "llamasync", "--help"),
            "llamasync validate of one file": ("-m", "llamasync", "validate", str(path)),
        }
        for words in commands.values():
            run_python(*words)  # compiles the modules
        runs = [{what: run_python(*words).elapsed_s for what, words in commands.items()} for _ in range(_rounds(quick))]
    times = {what: median(run[what] for run in runs) for what in commands}
    bare, *ours = commands
    most_s = TIMES * times[bare] + ALLOWANCE_S
    figures = [Figure(what=f"`{bare}`", measured=seconds(times[bare]))]
    figures += [
        Figure(
            what=f"`{what}`",
            measured=seconds(times[what]),
            target=f"{TIMES} x + {seconds(ALLOWANCE_S)} = {seconds(most_s)}",
            met=times[what] <= most_s,
        )
        for what in ours
    ]
    return figures


def _rounds(quick: bool) -> int:
    return 1 if quick else ROUNDS


BENCHMARK = Benchmark(title="Starting", how=f"Whole processes. Medians of {ROUNDS} interleaved runs.", run=measure)
