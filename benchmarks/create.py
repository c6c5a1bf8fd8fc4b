"""An apply that creates 1,000 objects with ten workers: how near it comes to nothing but waiting for the answers."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.processes import Run, emulator, llamasync, median_s
from benchmarks.report import Benchmark, Figure, seconds
from benchmarks.workspaces import Shape, make_workspace

LATENCY_S = 0.02
WORKERS = 10
LIMIT = 1.25
ROUNDS = 5
SHAPES = (Shape(1000), Shape(1, 1000))
QUICK_SHAPES = (Shape(3), Shape(1, 3))


def measure(quick: bool) -> list[Figure]:
    """Create every shape in turn, round by round, each time in a new project."""
    shapes = QUICK_SHAPES if quick else SHAPES
    runs: dict[Shape, list[Run]] = {shape: [] for shape in shapes}
    for _ in range(1 if quick else ROUNDS):
        for shape in shapes:
            runs[shape].append(_create(shape))
    figures = []
    for shape in shapes:
        ideal_s = _ideal_s(shape)
        phase_s = median(_phase_s(run, shape) for run in runs[shape])
        figures += [
            Figure(
                what=f"{shape}: first request to last answer",
                measured=f"{seconds(phase_s)}, {phase_s / ideal_s:.2f} x",
                against=f"objects x latency / workers {seconds(ideal_s)}",
                target=f"{LIMIT} x = {seconds(LIMIT * ideal_s)}",
                met=phase_s <= LIMIT * ideal_s,
            ),
            Figure(what=f"{shape}: the whole process", measured=seconds(median_s(runs[shape]))),
        ]
    return figures


def _create(shape: Shape) -> Run:
    with tempfile.TemporaryDirectory() as name, emulator(latency_s=LATENCY_S) as server:
        root = make_workspace(Path(name) / "workspace", shape)
        approved = ("--auto-approve", "--json-events", "--parallelism", str(WORKERS))
        return llamasync(root, server, "apply", *approved)


def _ideal_s(shape: Shape) -> float:
    """Return how long waiting alone takes: each directory's files come after it."""
    rounds = -(-shape.directories // WORKERS) + -(-shape.directories * shape.files_each // WORKERS)
    return rounds * LATENCY_S


def _phase_s(run: Run, shape: Shape) -> float:
    """Return how long the apply itself took, as its events tell."""
    summary = json.loads(run.out.splitlines()[-1])
    assert summary["type"] == "summary", summary
    assert summary["done"] == summary["total"] == shape.objects, summary
    return float(summary["elapsed_s"])


BENCHMARK = Benchmark(
    title="Creating 1,000 objects",
    how=f"`llamasync apply --parallelism {WORKERS}`, against the emulator in another process, whose every answer "
    f"takes {LATENCY_S * 1000:.0f} ms; an intent is on disk before each create, and the limit of uploads "
    f"is off. Medians of {ROUNDS} runs. By the notes of the design, measured elsewhere, decK takes 2.4-2.5 s for 1,000 "
    "objects and Terraform 25 s.",
    run=measure,
)
