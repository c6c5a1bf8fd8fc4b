"""`python -m benchmarks` runs all of them, `python -m benchmarks plan` one; a Markdown report goes to stdout.

Exit code 1 means that a target was missed. `--quick` shows that everything runs, with sizes too small to mean anything.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from benchmarks.report import Benchmark, render, render_head

NAMES = ("plan", "create", "scan", "startup", "validate", "memory", "items", "calls")


def load(name: str) -> Benchmark:
    """Return the benchmark of a module."""
    found = import_module(f"benchmarks.{name}").BENCHMARK
    assert isinstance(found, Benchmark)
    return found


def main(words: list[str] | None = None) -> int:
    """Run what is asked for, a section of the report each; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure llamasync against its targets.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(NAMES)}; all of them when none is named")
    parser.add_argument("--quick", action="store_true", help="small sizes, one round: only to see that it works")
    chosen = parser.parse_args(words)
    unknown = [name for name in chosen.names if name not in NAMES]
    if unknown:
        parser.error(f"there is no {unknown[0]}; there are {', '.join(NAMES)}")
    print(render_head(quick=chosen.quick), flush=True)
    missed = False
    for name in chosen.names or NAMES:
        benchmark = load(name)
        print(f"measuring {name} ...", file=sys.stderr)
        figures = benchmark.run(chosen.quick)
        missed |= any(figure.met is False for figure in figures)
        print(render(benchmark, figures, quick=chosen.quick), flush=True)
    return 1 if missed and not chosen.quick else 0


if __name__ == "__main__":
    sys.exit(main())
