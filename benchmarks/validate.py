"""How long checking many small manifests takes, against nothing but yaml.load: `python -m benchmarks.validate`.

Runs are interleaved, so that a slow moment of the machine falls on all of them; medians are shown. The promises:
reading, checking and closing the references of 5,000 documents takes at most twice what CSafeLoader alone takes to read
them, and `validate` of one file at most four times `python -c pass` plus 100 ms.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import yaml

from llamasync.workspace.load import load_workspace

LIMIT = 2.0
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


def compare_processes(rounds: int) -> tuple[float, float]:
    """Return the median seconds of `python -c pass` and of `llamasync validate` with one file."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "one.yaml"
        path.write_text(DOCUMENT.format(number=1))
        # As installed: with compiled modules, even where the caller's environment forbids writing them.
        env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        env["PYTHONPYCACHEPREFIX"] = str(Path(name) / "compiled")

        def run(*arguments: str) -> float:
            return timed(lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=env))

        command = ("-m", "llamasync", "validate", str(path))
        run(*command)
        pairs = [(run("-c", "pass"), run(*command)) for _ in range(rounds)]
    return median(first for first, _ in pairs), median(second for _, second in pairs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    ok = True
    for per_file in (1, 100):
        alone, ours = compare(chosen.documents, per_file, chosen.rounds)
        ok &= ours <= LIMIT * alone
        print(
            f"{chosen.documents:,} documents, {per_file} a file: CSafeLoader {alone:.3f} s, "
            f"validate {ours:.3f} s, {ours / alone:.2f}x (at most {LIMIT}x)"
        )
    bare, whole = compare_processes(chosen.rounds * 3)
    ok &= whole <= 4 * bare + 0.1
    print(f"one file: python -c pass {bare * 1000:.0f} ms, validate {whole * 1000:.0f} ms (at most 4x + 100 ms)")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
