"""How long a scan of unchanged files takes, against nothing but walking the tree.

The promise: the warm scan (names, stats, digests from the cache) takes at most 2.5 times the bare walk, and opens no
file of the tree.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.processes import run_python
from benchmarks.report import Benchmark, Figure, seconds
from llamasync.core.address import Address
from llamasync.core.reference import Reference
from llamasync.core.source import Source
from llamasync.kinds.file_set import FileSetSpec
from llamasync.manifest.yaml_events import collector_paused
from llamasync.workspace.files.cache import FileCache
from llamasync.workspace.files.model import FileManifest
from llamasync.workspace.files.patterns import read_selection
from llamasync.workspace.files.read import read_files
from llamasync.workspace.files.report import Report
from llamasync.workspace.files.scan import scan_tree
from llamasync.workspace.files.values import find_values

LIMIT = 2.5
FILES = 50_000
ROUNDS = 9


def make_tree(root: Path, files: int) -> None:
    """Make `files` small files in folders of 100, two levels deep."""
    for first in range(0, files, 100):
        folder = root / "docs" / f"part-{first // 1000:04}" / f"case-{first // 100 % 10}"
        folder.mkdir(parents=True)
        for number in range(first, min(first + 100, files)):
            (folder / f"document-{number:06}.pdf").write_bytes(b"%%PDF document %d" % number)


def walk(folder: str) -> int:
    """Do what any scan must: list every folder and stat every file."""
    count = 0
    stack = [folder]
    while stack:
        with os.scandir(stack.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    stack.append(entry.path)
                else:
                    entry.stat(follow_symlinks=False)
                    count += 1
    return count


def manifest_of(root: Path, **spec: Any) -> FileManifest:
    return FileManifest(
        address=Address("FileSet", "docs"),
        kind="FileSet",
        spec=FileSetSpec(directory="docs", source="docs", **spec),
        folder=root,
        root=root,
        place=lambda _: Source("docs.yaml", 1, 1),
        parent=Reference("Directory", Address("Directory", "docs")),
    )


def scan(root: Path, **spec: Any) -> int:
    """Scan as read_files does, without making Desired."""
    manifest = manifest_of(root, **spec)
    assert isinstance(manifest.spec, FileSetSpec)
    report = Report(manifest, [])
    selection = read_selection(manifest.spec.include, manifest.spec.exclude, report)
    with FileCache(root) as cache, collector_paused():
        found = scan_tree(str(root / "docs"), selection, report)
        return len(find_values(found, cache.rows("docs/"), "docs/", cache, report))


def read(root: Path, **spec: Any) -> int:
    with FileCache(root) as cache:
        return len(read_files(manifest_of(root, **spec), [], cache))


def opened_below(root: Path) -> int:
    """Scan the tree, and count the files of it that are opened meanwhile, as Python's own audit reports it.

    For a process of its own, since a hook of the audit cannot be taken out again.
    """
    opened: list[str] = []

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and str(arguments[0]).startswith(str(root / "docs")):
            opened.append(str(arguments[0]))

    sys.addaudithook(hook)
    read(root)
    return len(opened)


def timed(work: Callable[[], int], expected: int) -> float:
    start = time.perf_counter()
    count = work()
    elapsed = time.perf_counter() - start
    assert count == expected, f"{count} files instead of {expected}"
    return elapsed


def measure(quick: bool) -> list[Figure]:
    """Scan a tree in which nothing changed, and note what is opened meanwhile."""
    files = 50 if quick else FILES
    with tempfile.TemporaryDirectory() as name:
        root = Path(os.path.realpath(name))
        make_tree(root, files)
        time.sleep(2.1)  # digests of files that changed just now are not kept
        cold_s = timed(lambda: read(root), files)
        opened = int(run_python("-m", "benchmarks.scan", str(root)).out)
        patterns = {"include": ("*.pdf", "*.docx"), "exclude": ("drafts/", "*.tmp")}
        works: dict[str, Callable[[], int]] = {
            "bare walk": lambda: walk(str(root / "docs")),
            "warm scan": lambda: scan(root),
            "warm scan, with patterns": lambda: scan(root, **patterns),
            "warm scan, and what should exist made of it": lambda: read(root),
        }
        times: dict[str, list[float]] = {label: [] for label in works}
        for _ in range(1 if quick else ROUNDS):
            for label, work in works.items():
                times[label].append(timed(work, files))
    medians = {label: median(values) for label, values in times.items()}
    return _figures(medians, cold_s, opened)


def _figures(medians: dict[str, float], cold_s: float, opened: int) -> list[Figure]:
    bare_s = medians.pop("bare walk")
    told = {label: f"{seconds(value)}, {value / bare_s:.2f} x" for label, value in medians.items()}
    figures = [
        Figure(what=label, measured=text, against=f"bare walk {seconds(bare_s)}") for label, text in told.items()
    ]
    figures[0] = replace(figures[0], target=f"{LIMIT} x", met=medians["warm scan"] <= LIMIT * bare_s)
    figures.append(Figure(what="files opened in it", measured=str(opened), target="none", met=not opened))
    figures.append(Figure(what="cold scan, every file read", measured=seconds(cold_s)))
    return figures


BENCHMARK = Benchmark(
    title="Scanning unchanged files",
    how=f"A tree of {FILES:,} files in folders of 100, in process, against scandir and stat alone. Medians of {ROUNDS} "
    "interleaved runs.",
    run=measure,
)

if __name__ == "__main__":
    print(opened_below(Path(sys.argv[1])))
