"""How long checking many small manifests takes, against nothing but yaml.load.

The promise: reading, checking and closing the references of 5,000 documents takes at most twice what CSafeLoader alone
takes to read them.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import yaml

from benchmarks.report import Benchmark, Figure, seconds
from llamasync.workspace.load import load_workspace

LIMIT = 2.0
DOCUMENTS = 5000
ROUNDS = 7
DOCUMENT = """\
apiVersion: llamasync/v1
kind: Directory
metadata:
  name: directory-{number:05}
  labels: {{team: legal, tier: "{number}"}}
lifecycle:
  protect: false
spec:
  name: Contracts {number}
  description: The contracts of the year {number}.
  previousNames: [agreements-{number}]
"""


def timed(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def make_workspace(root: Path, documents: int, per_file: int) -> None:
    for first in range(0, documents, per_file):
        texts = [DOCUMENT.format(number=number) for number in range(first, min(first + per_file, documents))]
        (root / f"part-{first:05}.yaml").write_text("---\n".join(texts))


def compare(documents: int, per_file: int, rounds: int) -> tuple[float, float]:
    """Return the median seconds of CSafeLoader alone and of load_workspace."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        make_workspace(root, documents, per_file)

        def read() -> None:
            for path in sorted(root.glob("*.yaml")):
                list(yaml.load_all(path.read_text(), yaml.CSafeLoader))

        def validate() -> None:
            assert not load_workspace(root, require_env=False).diagnostics

        pairs = [(timed(read), timed(validate)) for _ in range(rounds)]
    return median(first for first, _ in pairs), median(second for _, second in pairs)


def measure(quick: bool) -> list[Figure]:
    """Read and check documents that have a file each, and a hundred to a file."""
    documents = 5 if quick else DOCUMENTS
    figures = []
    for per_file in (1, 100):
        alone_s, ours_s = compare(documents, per_file, 1 if quick else ROUNDS)
        figures.append(
            Figure(
                what=f"{documents:,} documents, {per_file} a file",
                measured=f"{seconds(ours_s)}, {ours_s / alone_s:.2f} x",
                against=f"CSafeLoader {seconds(alone_s)}",
                target=f"{LIMIT:g} x",
                met=ours_s <= LIMIT * alone_s,
            )
        )
    return figures


BENCHMARK = Benchmark(
    title="Checking manifests",
    how="Reading, checking against the schemas and closing the references, in process, against yaml.CSafeLoader alone. "
    f"Medians of {ROUNDS} interleaved runs.",
    run=measure,
)
