"""The way in: the items of one manifest, read and checked."""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.keys import key_text
from llamasync.core.lean import lean_dataclass
from llamasync.core.source import Source
from llamasync.manifest.document import field_text
from llamasync.manifest.wording import describe
from llamasync.workspace.desired import Desired
from llamasync.workspace.files.places import find_source
from llamasync.workspace.files.report import Report
from llamasync.workspace.items.entry import Entry, Flaw, Found, no_map
from llamasync.workspace.items.json_text import check_text
from llamasync.workspace.items.lines import read_lines, reread_line
from llamasync.workspace.items.lot import Lot
from llamasync.workspace.items.schema import Check, WrongSchema, item_check
from llamasync.workspace.items.table import Table

MAX_PROBLEMS = 100
SUFFIXES = (".jsonl", ".json", ".yaml", ".yml", ".csv")
STREAMED = (".jsonl", ".csv")
_MARK = b"\xef\xbb\xbf"  # the byte order mark


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class ItemManifest:
    """A manifest whose objects are items. `shared` is what all of them have in common, as Desired takes it.

    `folder` is its own folder and `root` the workspace's, both absolute; `place` as in Manifest.
    """

    address: Address
    spec: Any
    folder: Path
    root: Path
    place: Callable[..., Source]
    shared: Mapping[str, Any]


def read_items(
    manifest: ItemManifest, problems: list[Diagnostic], *, many: int | None = None
) -> tuple[tuple[Desired, ...], Lot | None]:
    """Return a Desired for every item, sorted by key; add every problem to `problems`. Wrong items are left out.

    The items of a .jsonl or .csv file of at least `many` bytes come as a Lot instead, which takes little memory.
    Addresses are `Kind/name[key]`. Never raises for what is wrong with the user's items.
    """
    spec = manifest.spec
    report = Report(manifest, problems, ("spec",))
    if (spec.items is None) == (spec.items_from is None):
        report.add("LS107", f"{manifest.address.kind} has exactly one of items and itemsFrom")
        return (), None
    try:
        check = item_check(spec.item_schema) if spec.item_schema is not None else None
    except WrongSchema as error:
        report.add("LS107", f"it is no JSON Schema: {error}", where=("spec", "itemSchema"))
        return (), None
    reading = _Reading(manifest, report, check)
    if spec.items is not None:
        for number, data in enumerate(spec.items):
            place = manifest.place(("spec", "items", number))
            reading.take(Entry(dict(data), place.line, place.column), place.file, number)
    else:
        report = Report(manifest, problems, ("spec", "itemsFrom"))
        path = find_source(spec.items_from, report, folder=False)
        if path is not None:
            if many is not None and path.lower().endswith(STREAMED) and os.path.getsize(path) >= many:
                reading.begin_lot(path, report)
            reading.take_all(path, report)
    reading.finish()
    return tuple(sorted(reading.made.values(), key=lambda one: one.address)), reading.lot


class _Reading:
    """One pass over the items: what they become, and what is wrong with them."""

    def __init__(self, manifest: ItemManifest, report: Report, check: Check | None) -> None:
        self._manifest, self._report, self._check = manifest, report, check
        self._untold = 0
        self._told = 0
        self._file = ""
        self._starts = array("q")  # where each line begins, in bytes, while a lot is filled
        self._table = Table(manifest.spec.item_schema)
        self.made: dict[str, Desired] = {}
        self.lot: Lot | None = None

    def begin_lot(self, path: str, report: Report) -> None:
        """Have the items of the file at `path` come as a Lot."""
        manifest = self._manifest
        self.lot = Lot(
            address=manifest.address,
            key_field=manifest.spec.key,
            path=path,
            file=report.shown(path),
            reread=self._table.reread if path.lower().endswith(".csv") else reread_line,
            shared=manifest.shared,
        )

    def take_all(self, path: str, report: Report) -> None:
        """Take the items of a file. Problems: LS206, LS216 and those of the items."""
        self._file = report.shown(path)
        if not path.lower().endswith(SUFFIXES):
            self._add(Flaw("LS216", f"{self._file} is none of {', '.join(SUFFIXES)}"), self._file, "itemsFrom")
            return
        before = len(report.problems)
        try:
            for found in self._entries(path):
                self.take(found, self._file)
        except OSError as error:
            report.add("LS206", f"{self._file}: {error.strerror or error}")
        except UnicodeDecodeError as error:
            byte = f"0x{error.object[error.start]:02x}"
            report.add("LS216", f"{self._file} is not UTF-8: it holds the byte {byte}", hint="save the file as UTF-8")
        self._told += len(report.problems) - before

    def take(self, found: Entry | Flaw, file: str, number: int | None = None) -> None:
        """Make a Desired of an entry. `number` is its place in the manifest's own list."""
        where = "itemsFrom" if number is None else field_text(("items", number))
        if isinstance(found, Flaw):
            self._add(found, file, where)
            return
        data, line, column = found
        name = self._manifest.spec.key
        key = key_text(data.get(name))
        wrong = [("LS214", _no_key(name, data))] if not key else []
        if number is not None and (why := check_text(data)):
            wrong.append(("LS219", why))
        elif self._check is not None:
            wrong += [("LS218", text) for text in self._check(data)]
        for code, detail in wrong:
            self._add(Flaw(code, f"{detail} (item {key!r})" if key else detail, line, column), file, where)
        if key in self.made or (self.lot is not None and key in self.lot):
            other = self.lot.source(key) if self.lot is not None else self.made[key].source
            self._add(Flaw("LS215", f"{name} is {key!r} here and at {other}", line, column), file, where)
        elif self.lot is not None:
            if key and not wrong:
                self.lot.add(key, data, line, self._starts[line - 1])
        elif key:
            self.made[key] = Desired(
                address=self._manifest.address._replace(item=key),
                fields={"data": data},
                key=(name, key),
                source=Source(file, line, column),
                **self._manifest.shared,
            )

    def finish(self) -> None:
        """Say how many problems were not told one by one."""
        if self._untold:
            self._report.add("LS216", f"{self._file}: {self._untold} more problems are not listed")

    def _add(self, flaw: Flaw, file: str, where: str) -> None:
        if self._told >= MAX_PROBLEMS:
            self._untold += 1
            return
        self._told += 1
        source = Source(file, flaw.line, flaw.column)
        address, field = self._manifest.address, f"spec.{where}"
        self._report.problems.append(Diagnostic(flaw.code, flaw.detail, source, address, field))

    def _entries(self, path: str) -> Found:
        """Iterate over the items of a file, by its suffix. Raises OSError and UnicodeDecodeError."""
        suffix = os.path.splitext(path)[1].lower()
        if suffix in (".yaml", ".yml"):
            yield from self._yaml(path)
            return
        if suffix == ".jsonl":
            yield from read_lines(self._lines(path))
            return
        with _opened(path) as file:
            if suffix == ".json":
                from llamasync.workspace.items.json_list import read_json

                yield from read_json(file.read())
            else:
                yield from self._table.read(self._lines_of_text(path, file) if self.lot is not None else file)

    def _lines(self, path: str) -> Iterator[str]:
        following = 0
        with open(path, "rb") as file:
            for line in file:
                self._starts.append(following)
                yield line.decode("utf-8" if following else "utf-8-sig")
                following += len(line)

    def _lines_of_text(self, path: str, file: TextIO) -> Iterator[str]:
        with open(path, "rb") as raw:
            following = len(_MARK) if raw.read(len(_MARK)) == _MARK else 0
        for line in file:
            self._starts.append(following)
            yield line
            following += len(line.encode())

    def _yaml(self, path: str) -> Found:
        from llamasync.manifest.yaml_events import load_documents

        with _opened(path) as file:
            documents, problems = load_documents(file.read(), self._file)
        self._report.problems.extend(problems)
        if problems:
            return
        if len(documents) != 1 or not isinstance(documents[0].data, list):
            place = documents[0].place() if documents else Source(self._file)
            yield Flaw("LS216", "a YAML file of items is one list of maps", place.line, place.column)
            return
        for number, data in enumerate(documents[0].data):
            place = documents[0].place((number,))
            if not isinstance(data, dict):
                yield no_map(data, place.line, place.column)
            elif why := check_text(data):
                yield Flaw("LS219", why, place.line, place.column)
            else:
                yield Entry(data, place.line, place.column)


@contextmanager
def _opened(path: str) -> Iterator[TextIO]:
    """Open a file of the user's as UTF-8, a byte order mark passed over, line ends as they are."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        yield file


def _no_key(name: str, data: Mapping[str, Any]) -> str:
    if name not in data:
        return f"the item has no field {name!r}"
    return f"its {name!r} is {describe(data[name])}, not a text or a number that is not empty"
