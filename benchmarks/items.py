"""A plan of a hundred thousand items of agent data of which none has changed: its time and the most memory it takes."""

from __future__ import annotations

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
LIMIT_BYTES = 150_000_000
_MANIFEST = """\
apiVersion: llamasync/v1
kind: AgentDataCollection
metadata: {name: prices}
spec: {deploymentName: _public, collection: prices, key: sku, itemsFrom: prices.jsonl}
"""
_EMPTY = _MANIFEST.replace("prices", "nothing").replace("itemsFrom: nothing.jsonl", "items: []")
# The same file and the same pages, only read.
_READ = """\
import json, sys, urllib.request
path, url, project = sys.argv[1:]
for line in open(path):
    json.loads(line)
body = {"deployment_name": "_public", "collection": "prices", "page_size": 1000}
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
    """Plan the items, plan an empty collection, and only read what the first plan reads."""
    count, rounds = (2000, 1) if quick else (ITEMS, ROUNDS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root, empty = _workspace(folder / "items", _MANIFEST), _workspace(folder / "empty", _EMPTY)
        with (root / "prices.jsonl").open("w") as file:
            file.writelines(json.dumps(one) + "\n" for one in _items(count))
        with Emulator(Options(path=folder / "emulator.db")) as filled:
            filled.control.agent_data.add(_items(count), collection="prices")
        with emulator(folder / "emulator.db") as server:
            llamasync(root, server, "state", "rebuild")
            calls = _calls(root, server, count)
            plans = [llamasync(root, server, "plan") for _ in range(rounds)]
            nothing = llamasync(empty, server, "plan")
            words = ("-c", _READ, str(root / "prices.jsonl"), server.url, server.project_id)
            reads = [run_python(*words) for _ in range(rounds)]
    pages = -(-count // PAGE_ITEMS)
    more_bytes = max(one.peak_bytes for one in plans) - nothing.peak_bytes
    return [
        Figure(what="a plan of no items", measured=f"{seconds(nothing.elapsed_s)}, {megabytes(nothing.peak_bytes)}"),
        Figure(
            what=f"memory of a plan of {count:,} unchanged items",
            measured=f"{megabytes(more_bytes)} more than without any",
            target=f"at most {megabytes(LIMIT_BYTES)} more",
            met=more_bytes <= LIMIT_BYTES,
        ),
        Figure(
            what="time of that plan",
            measured=f"{seconds(median_s(plans))}, calls: {calls}",
            against=f"json.loads of the file and of the pages {seconds(median_s(reads))}, "
            f"ratio {median_s(plans) / median_s(reads):.1f}; pages: {pages}",
            target="as many calls as pages",
            met=calls == pages,
        ),
    ]


def _workspace(root: Path, manifest: str) -> Path:
    root.mkdir()
    (root / "llamasync.yaml").write_text("apiVersion: llamasync/v1\nkind: Workspace\nspec: {}\n")
    (root / "prices.yaml").write_text(manifest)
    return root


def _items(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield {
            "sku": f"SKU-{number:06}",
            "name": f"Article number {number}",
            "price": number / 100,
            "in_stock": number % 3 == 0,
            "tags": ["coffee", f"shelf-{number % 40}"],
        }


def _calls(root: Path, server: Server, count: int) -> int:
    """Return how many read calls a plan makes; fails unless nothing changed."""
    told = json.loads(llamasync(root, server, "plan", "--format", "json").out)
    assert not told["changes"], f"{len(told['changes'])} changes of {count}"
    return int(told["calls"]["read"])


BENCHMARK = Benchmark(
    title="A plan of many items",
    how="The whole of `llamasync plan` for one collection of agent data, its items from a JSONL file, against the "
    f"emulator in another process. The peak of resident memory; medians of {ROUNDS} runs.",
    run=measure,
)
