"""Benchmarks and their figures as values, and as Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One thing that was measured. `met` None: there is no target, it is told for comparison."""

    what: str
    measured: str
    against: str = ""
    target: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """What is measured and how, for people, and `run(quick)`, which measures it."""

    title: str
    how: str
    run: Callable[[bool], list[Figure]]


def render_head(*, quick: bool) -> str:
    """Return the heading, with the day and the machine in general words."""
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    warning = "\n**Quick form: the sizes are too small for the figures to mean anything.**\n" if quick else ""
    return f"# Benchmarks\n\nMeasured {datetime.now(UTC):%Y-%m-%d} on a machine with {machine}.\n{warning}"


def render(benchmark: Benchmark, figures: Sequence[Figure], *, quick: bool) -> str:
    """Return one section: a row for each figure, with a verdict unless it was the quick form."""
    rows = [
        f"| {one.what} | {one.measured} | {one.against} | {one.target} | {_verdict(None if quick else one.met)} |\n"
        for one in figures
    ]
    head = "| | measured | in the same run | target | |\n|---|---|---|---|---|\n"
    return f"## {benchmark.title}\n\n{benchmark.how}\n\n{head}{''.join(rows)}"


def _verdict(met: bool | None) -> str:
    return {None: "", True: "met", False: "**missed**"}[met]


def seconds(value_s: float) -> str:
    """Write a duration in the unit that fits.

    >>> seconds(0.0421), seconds(2.5)
    ('42 ms', '2.50 s')
    """
    return f"{value_s * 1000:.0f} ms" if value_s < 1 else f"{value_s:.2f} s"


def megabytes(size_bytes: float) -> str:
    """Write a size in MB.

    >>> megabytes(83_400_000)
    '83 MB'
    """
    return f"{size_bytes / 1e6:.0f} MB"
