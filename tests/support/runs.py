"""Manifests of runs to test with, the documents they need, and how many runs the service was asked for."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path
from typing import Any

from tests.support.world import World, manifest

PARSE = {"tier": "fast", "version": "latest"}
SPLIT = {"categories": [{"name": "invoice", "description": "invoices and totals"}, {"name": "letter"}]}


def workbook(rows: list[list[Any]]) -> bytes:
    """Return an XLSX file with one sheet of these rows."""
    from openpyxl import Workbook

    book = Workbook()
    for row in rows:
        book.active.append(row)
    found = io.BytesIO()
    book.save(found)
    return found.getvalue()


def write_documents(world: World, texts: dict[str, str | bytes] | None = None) -> None:
    """Write the tree of documents, and the manifests of the directory and the configuration that runs use."""
    files: dict[str, str | bytes] = {
        "a.md": "an invoice of 10",
        "b.md": "a letter to you",
        "costs.csv": "name,sum\nrent,9\n",
    }
    for name, content in (files if texts is None else texts).items():
        world.put(f"documents/{name}", content)
    world.put(
        "manifests/base.yaml",
        [
            manifest("Directory", "docs"),
            manifest("FileSet", "files", {"directory": "docs", "source": "../documents"}),
            manifest("Configuration", "fast", {"productType": "parse_v2", "parameters": PARSE}),
            manifest("Configuration", "parts", {"productType": "split_v1", "parameters": SPLIT}),
        ],
    )


def batch(name: str = "batch", **spec: Any) -> dict[str, Any]:
    return manifest("Batch", name, {"directory": "docs", "job": {"type": "parse_v2", "configuration": "fast"}, **spec})


def batch_job(name: str = "job", **spec: Any) -> dict[str, Any]:
    config = {"job_name": "parse_raw_file_job", "parameters": {"lang": "en"}}
    return manifest("BatchJob", name, {"directory": "docs", "jobConfig": config, **spec})


def sheets(name: str = "sheets", path: str = "costs.csv", **spec: Any) -> dict[str, Any]:
    return manifest("SpreadsheetJob", name, {"file": {"fileSet": "files", "path": path}, **spec})


def split(name: str = "split", path: str = "a.md", **spec: Any) -> dict[str, Any]:
    how = {} if {"configuration", "categories"} & spec.keys() else {"categories": SPLIT["categories"]}
    return manifest("SplitJob", name, {"file": {"fileSet": "files", "path": path}, **how, **spec})


def all_runs(**spec: Any) -> list[dict[str, Any]]:
    return [
        batch(**spec),
        batch_job(**spec),
        sheets(**spec),
        split(**spec),
        split("saved", configuration="parts", **spec),
    ]


def write_runs(world: World, *runs: dict[str, Any]) -> None:
    """Write the manifests of runs, in place of those that were there."""
    target = world.root / "manifests" / "runs.yaml"
    target.unlink(missing_ok=True)
    if runs:
        world.put("manifests/runs.yaml", list(runs))


def started(world: World) -> Counter[str]:
    """Count the runs that the service holds or held, deleted ones too, by the kind that starts them."""
    words = {"batch": "Batch", "batch_job": "BatchJob", "sheets": "SpreadsheetJob", "split": "SplitJob"}
    return Counter({words[kind]: count for kind, count in jobs(world).items()})


def jobs(world: World) -> Counter[str]:
    with world.emulator.control._call() as call:  # no other way shows deleted ones
        rows = call.db.execute("SELECT kind FROM jobs").fetchall()
    return Counter(row["kind"] for row in rows)


def results(world: World, name: str) -> list[str]:
    """Return the names of the files that were saved for a run."""
    folder: Path = world.root / name
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []
