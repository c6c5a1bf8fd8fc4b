"""The most memory that uploading large files takes, against a plan that has nothing to do."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from benchmarks.processes import emulator, llamasync
from benchmarks.report import Benchmark, Figure, megabytes, seconds
from benchmarks.workspaces import Shape, make_workspace

WORKERS = 8
FILES = 20
FILE_BYTES = 100_000_000
LIMIT_BYTES = 80_000_000


def measure(quick: bool) -> list[Figure]:
    """Upload, then plan the same workspace again."""
    files, file_bytes = (2, 1_000_000) if quick else (FILES, FILE_BYTES)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        needed = files * file_bytes * 1.2
        if shutil.disk_usage(folder).free < needed:
            raise RuntimeError(f"{folder} has no {megabytes(needed)} free, which the emulator needs to keep the files")
        root = make_workspace(folder / "workspace", Shape(1, files))
        for path in (root / "documents" / "00000").iterdir():
            os.truncate(path, file_bytes)  # sparse: takes no room on the disk
        with emulator(folder / "emulator.db") as server:
            upload = llamasync(root, server, "apply", "--auto-approve", "--parallelism", str(WORKERS))
            empty = llamasync(root, server, "plan", "--detailed-exitcode")
    more_bytes = upload.peak_bytes - empty.peak_bytes
    return [
        Figure(what="an empty plan", measured=megabytes(empty.peak_bytes)),
        Figure(
            what=f"uploading {files} files of {megabytes(file_bytes)} with {WORKERS} workers",
            measured=f"{megabytes(upload.peak_bytes)}, {megabytes(more_bytes)} more, in {seconds(upload.elapsed_s)}",
            against=f"{megabytes(files * file_bytes)} were sent",
            target=f"at most {megabytes(LIMIT_BYTES)} more",
            met=more_bytes <= LIMIT_BYTES,
        ),
    ]


BENCHMARK = Benchmark(
    title="Memory while uploading",
    how="The peak of resident memory of whole processes. The emulator runs in another one and keeps what it gets.",
    run=measure,
)
