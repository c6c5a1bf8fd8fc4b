"""Lot: many items of one file, of which only keys, digests and places are kept. The data is read again when needed."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any, BinaryIO

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.core.digest import DIGEST_BYTES, short_digest
from llamasync.core.lean import lean_dataclass
from llamasync.core.source import Source
from llamasync.workspace.desired import Desired
from llamasync.workspace.items.json_text import Unreadable


@lean_dataclass(slots=True, eq=False, kw_only=True)
class Lot:
    """The items of one manifest, in the file at `path` (`file` is its name for people).

    `reread` reads the one at which the opened file stands. `shared` is what all of them have in common, as Desired
    takes it. 100,000 items take some 20 MB.
    """

    address: Address
    key_field: str
    path: str
    file: str
    reread: Callable[[BinaryIO], Any]
    shared: Mapping[str, Any]
    _rows: dict[str, int] = field(default_factory=dict)
    _digests: bytearray = field(default_factory=bytearray)
    _offsets: array[int] = field(default_factory=lambda: array("q"))
    _lines: array[int] = field(default_factory=lambda: array("q"))
    _forms: array[int] = field(default_factory=lambda: array("q"))
    _fields: dict[tuple[str, ...], int] = field(default_factory=dict)
    _by_form: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def parent(self) -> str:
        """The name of the place that they are in."""
        return str(self.shared["parent"])

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: str) -> bool:
        return key in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def add(self, key: str, data: Mapping[str, Any], line: int, offset: int) -> None:
        """Add the item that begins at `offset` (in bytes), on a line of the file."""
        self._rows[key] = len(self._lines)
        self._digests += short_digest(data)
        self._lines.append(line)
        self._offsets.append(offset)
        names = tuple(data)
        form = self._fields.setdefault(names, len(self._by_form))
        if form == len(self._by_form):
            self._by_form.append(names)
        self._forms.append(form)

    def source(self, key: str) -> Source:
        """Return where the item is."""
        return Source(self.file, self._lines[self._rows[key]], 1)

    def holds(self, key: str, data: Any) -> bool:
        """Say whether the item is just so; False proves nothing, for numbers can be written in several ways."""
        row = self._rows.get(key)
        if row is None:
            return False
        start = row * DIGEST_BYTES
        return self._digests[start : start + DIGEST_BYTES] == short_digest(data)

    def is_met_by(self, key: str, data: Any) -> bool:
        """Say whether a live item is as it should be: just so, or, where others write to it too, in our fields."""
        row = self._rows.get(key)
        if row is None or not isinstance(data, Mapping):
            return False
        if self.shared["is_shared"]:
            names = self._by_form[self._forms[row]]
            data = {name: data[name] for name in names if name in data}
        return self.holds(key, data)

    def make(self, key: str) -> Desired:
        """Return the item, read again. Raises DiagnosticError LS211 when it is not what was read before."""
        row = self._rows[key]
        try:
            with open(self.path, "rb") as file:
                file.seek(self._offsets[row])
                data = self.reread(file)
        except (OSError, UnicodeDecodeError, Unreadable):
            data = None
        if not self.holds(key, data):
            detail = f"{self.file} is not what it was when it was checked"
            raise DiagnosticError(Diagnostic("LS211", detail, self.source(key), self.address))
        return Desired(
            address=self.address._replace(item=key),
            fields={"data": data},
            key=(self.key_field, key),
            source=self.source(key),
            **self.shared,
        )

    def make_all(self) -> dict[Address, Desired]:
        """Return all items by address. Raises as `make` does."""
        return {one.address: one for one in map(self.make, self)}
