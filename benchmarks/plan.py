"""A plan of a workspace in which nothing changed: one call a page, and little time beyond waiting for the answers."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import Server, emulator, llamasync, median_s
from benchmarks.report import Benchmark, Figure, seconds
from benchmarks.workspaces import Shape, make_workspace

LATENCY_S = 0.02
LIMIT = 1.3
ROUNDS = 9
ONE = Shape(1)
SHAPES = (Shape(1000), Shape(1, 999), Shape(100, 9), Shape(1, 4999), Shape(500, 9))
QUICK_SHAPES = (Shape(2), Shape(1, 3), Shape(2, 2))


@dataclass(frozen=True, slots=True)
class _Applied:
    """A workspace in which everything is applied, and the slow service that holds it."""

    shape: Shape
    root: Path
    server: Server


def measure(quick: bool) -> list[Figure]:
    """Plan every shape in turn, round by round."""
    shapes = (ONE, *(QUICK_SHAPES if quick else SHAPES))
    with tempfile.TemporaryDirectory() as name, ExitStack() as servers:
        applied = [_apply(Path(name), shape, servers, 0 if shape == ONE else LATENCY_S) for shape in shapes]
        calls = {one.shape: _calls(one) for one in applied}  # also lets the digests' cache settle
        runs = {one.shape: [llamasync(one.root, one.server, "plan")] for one in applied}
        for _ in range(0 if quick else ROUNDS - 1):
            for one in applied:
                runs[one.shape].append(llamasync(one.root, one.server, "plan"))
    times = {shape: median_s(found) for shape, found in runs.items()}
    start_up_s = times[ONE]
    figures = [Figure(what=f"start-up: {ONE}, answered at once", measured=seconds(start_up_s))]
    for shape in shapes[1:]:
        waited_s = calls[shape] * LATENCY_S
        most_s = LIMIT * waited_s + start_up_s
        figures.append(
            Figure(
                what=str(shape),
                measured=f"{seconds(times[shape])}, calls: {calls[shape]}",
                against=f"pages: {shape.pages}; calls x latency {seconds(waited_s)}",
                target=f"as many calls as pages; {LIMIT} x calls x latency + start-up = {seconds(most_s)}",
                met=calls[shape] == shape.pages and times[shape] <= most_s,
            )
        )
    return figures


def _apply(folder: Path, shape: Shape, servers: ExitStack, latency_s: float) -> _Applied:
    root = make_workspace(folder / f"{shape.directories}-{shape.files_each}", shape)
    data = root.with_suffix(".db")
    with emulator(data) as fast:
        llamasync(root, fast, "apply", "--auto-approve")
    return _Applied(shape, root, servers.enter_context(emulator(data, latency_s=latency_s)))


def _calls(one: _Applied) -> int:
    """Return how many read calls a plan makes; fails unless nothing changed."""
    told = json.loads(llamasync(one.root, one.server, "plan", "--format", "json").out)
    assert not told["changes"], f"{one.shape}: {len(told['changes'])} changes"
    return int(told["calls"]["read"])


BENCHMARK = Benchmark(
    title="A plan when nothing changed",
    how="The whole of `llamasync plan`, against the emulator in another process, whose every answer takes "
    f"{LATENCY_S * 1000:.0f} ms. Pages hold 1,000 items. Medians of {ROUNDS} interleaved runs. By the notes of the "
    "design, measured elsewhere, decK takes 0.24-0.36 s for 1,000 objects and Terraform 6 s.",
    run=measure,
)
