"""Addresses: the names by which people and state speak of what a manifest declares."""

from __future__ import annotations

import re
from typing import NamedTuple

_FORM = re.compile(r"(?P<kind>[A-Za-z][A-Za-z0-9]*)/(?P<name>[^/\[\]\s]+)(?:\[(?P<item>.+)\])?", re.DOTALL)


class Address(NamedTuple):
    """`Kind/name`, or `Kind/name[item]` for one of the many objects that a manifest such as a FileSet stands for.

    `item` is empty for the manifest itself. A tuple, since everything is looked up and sorted by these: it hashes and
    compares in a third of a dataclass's time.

    >>> str(Address("FileSet", "contracts", "a/b.pdf"))
    'FileSet/contracts[a/b.pdf]'
    """

    kind: str
    name: str
    item: str = ""

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}[{self.item}]" if self.item else f"{self.kind}/{self.name}"

    @property
    def manifest(self) -> Address:
        """The address of the manifest that declares this object; itself when it is one."""
        return Address(self.kind, self.name) if self.item else self


def parse_address(text: str) -> Address | None:
    """Parse `Kind/name` or `Kind/name[item]`; None when the text has not that form. Never raises.

    >>> parse_address("Directory/contracts")
    Address(kind='Directory', name='contracts', item='')
    >>> parse_address("contracts") is None
    True
    """
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    return Address(found["kind"], found["name"], found["item"] or "")
