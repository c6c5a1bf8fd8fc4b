"""A plan of a hundred thousand items of agent data of which none has changed: its time and the most memory it takes."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.processes import Server, emulator, llamasync, median_s, run_python
from benchmarks.report import Benchmark, Figure, megabytes, seconds
from llamasync.emulator import Emulator, Options

ITEMS = 100_000
PAGE_ITEMS = 1000
ROUNDS = 3
FORMS = ("jsonl", "csv")
LIMIT_BYTES = 150_000_000
_MANIFEST = """\
apiVersion: llamasync/v1
kind: AgentDataCollection
metadata: {name: prices}
spec:
  deploymentName: _public
  collection: prices-FORM
  key: sku
  itemsFrom: prices.FORM
  itemSchema: {properties: {price: {type: number}, in_stock: {type: boolean}}}
"""
_EMPTY = """\
apiVersion: llamasync/v1
kind: AgentDataCollection
metadata: {name: nothing}
spec: {deploymentName: _public, collection: nothing, key: sku, items: []}
"""
# The same file and the same pages, only read.
_READ = """\
import csv, json, sys, urllib.request
path, url, project, form = sys.argv[1:]
for line in open(path) if form == "jsonl" else csv.reader(open(path, newline="")):
    form == "csv" or json.loads(line)
body = {"deployment_name": "_public", "collection": f"prices-{form}", "page_size": 1000}
while True:
    headers = {"Authorization": "Bearer benchmark", "Content-Type": "application/json"}
    address = f"{url}/api/v1/beta/agent-data/:search?project_id={project}"
    request = urllib.request.Request(address, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        page = json.load(answer)
    if not page.get("next_page_token"):
        break
    body["page_token"] = page["next_page_token"]
"""


def measure(quick: bool) -> list[Figure]:
    """Plan the items of each form of file, plan an empty collection, and only read what the first plans read."""
    count, rounds = (2000, 1) if quick else (ITEMS, ROUNDS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Emulator(Options(path=folder / "emulator.db")) as filled:
            for form in FORMS:
                filled.control.agent_data.add(_items(count, form), collection=f"prices-{form}")
        with emulator(folder / "emulator.db") as server:
            nothing = llamasync(_workspace(folder / "empty", _EMPTY), server, "plan")
            figures = [
                Figure(
                    what="a plan of no items", measured=f"{seconds(nothing.elapsed_s)}, {megabytes(nothing.peak_bytes)}"
                )
            ]
            for form in FORMS:
                figures += _of_form(folder, server, form, count, rounds, nothing.peak_bytes)
    return figures


def _of_form(folder: Path, server: Server, form: str, count: int, rounds: int, empty_bytes: int) -> Iterator[Figure]:
    root = _workspace(folder / form, _MANIFEST.replace("FORM", form))
    _write(root / f"prices.{form}", form, count)
    llamasync(root, server, "state", "rebuild")
    calls, pages = _calls(root, server, count), -(-count // PAGE_ITEMS)
    plans = [llamasync(root, server, "plan") for _ in range(rounds)]
    words = ("-c", _READ, str(root / f"prices.{form}"), server.url, server.project_id, form)
    reads = [run_python(*words) for _ in range(rounds)]
    more_bytes = max(one.peak_bytes for one in plans) - empty_bytes
    yield Figure(
        what=f"memory of a plan of {count:,} unchanged items, {form.upper()}",
        measured=f"{megabytes(more_bytes)} more than without any",
        target=f"at most {megabytes(LIMIT_BYTES)} more",
        met=more_bytes <= LIMIT_BYTES,
    )
    yield Figure(
        what="time of that plan",
        measured=f"{seconds(median_s(plans))}, calls: {calls}",
        against=f"only reading the file and the pages {seconds(median_s(reads))}, "
        f"ratio {median_s(plans) / median_s(reads):.1f}; pages: {pages}",
        target="as many calls as pages",
        met=calls == pages,
    )


def _workspace(root: Path, manifest: str) -> Path:
    root.mkdir()
    (root / "llamasync.yaml").write_text("apiVersion: llamasync/v1\nkind: Workspace\nspec: {}\n")
    (root / "prices.yaml").write_text(manifest)
    return root


def _write(path: Path, form: str, count: int) -> None:
    with path.open("w", newline="") as file:
        if form == "jsonl":
            file.writelines(json.dumps(one) + "\n" for one in _items(count, form))
            return
        rows = csv.writer(file)
        rows.writerow(next(_items(1, form)))
        rows.writerows([json.dumps(cell) if not isinstance(cell, str) else cell for cell in one.values()]
                       for one in _items(count, form))  # fmt: skip


def _items(count: int, form: str) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield {
            "sku": f"SKU-{number:06}",
            "name": f"Article number {number}",
            "price": number / 100,
            "in_stock": number % 3 == 0,
            "tags": ["coffee", f"shelf-{number % 40}"] if form == "jsonl" else f"coffee\nshelf-{number % 40}",
        }


def _calls(root: Path, server: Server, count: int) -> int:
    """Return how many read calls a plan makes; fails unless nothing changed."""
    told = json.loads(llamasync(root, server, "plan", "--format", "json").out)
    assert not told["changes"], f"{len(told['changes'])} changes of {count}"
    return int(told["calls"]["read"])


BENCHMARK = Benchmark(
    title="A plan of many items",
    how="The whole of `llamasync plan` for one collection of agent data, its items from a JSONL file and from a CSV "
    "file, against the emulator in another process. The peak of resident memory; medians of "
    f"{ROUNDS} runs.",
    run=measure,
)
