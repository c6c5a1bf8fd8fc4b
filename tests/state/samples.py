"""Bindings, intents and strategies that the tests of the state share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from llamasync.core.address import Address
from llamasync.state.memory import MemoryStore
from llamasync.state.model import Binding, Intent, State
from llamasync.state.sqlite import SqliteStore
from llamasync.state.store import Store

DIRECTORY = Address("Directory", "contracts")


def file_address(item: str = "a.pdf") -> Address:
    return Address("FileSet", "contracts", item)


def a_binding(address: Address = DIRECTORY, **changes: Any) -> Binding:
    return Binding(**{"address": address, "collection": "directories", "id": "dir-1", "key": ("contracts",), **changes})


def a_file(item: str = "a.pdf", **changes: Any) -> Binding:
    values: dict[str, Any] = {
        "collection": "directory_files",
        "id": f"dfl-{item}",
        "key": ("dir-1", item),
        "parent_id": "dir-1",
        "fields": {"unique_id": item, "metadata": {"team": "legal", "tags": ["a", "b"], "year": 2026, "ratio": 0.5}},
        "observed": {"display_name": None, "is_new": True},
        "sha256": "ab" * 32,
        "size_bytes": 12,
        "file_id": "file-1",
        "protect": True,
        "on_remove": "forget",
        "delete_contents": True,
        "needs": (DIRECTORY,),
        "applied_at": "2026-01-01T00:00:00Z",
    }
    return a_binding(file_address(item), **{**values, **changes})


def an_intent(address: Address = DIRECTORY, **changes: Any) -> Intent:
    values: dict[str, Any] = {"number": 0, "address": address, "collection": "directories", "key": ("contracts",)}
    return Intent(**{**values, **changes})


class SqlitePlace:
    """Stores over one file: `another` is a second run's."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "state.db"
        self.opened: list[SqliteStore] = []

    def another(self) -> Store:
        self.opened.append(SqliteStore(self.path))
        return self.opened[-1]

    def close(self) -> None:
        for store in self.opened:
            store.close()


class MemoryPlace:
    """Stores over the same memory."""

    def __init__(self) -> None:
        self.first = MemoryStore()

    def another(self) -> Store:
        return MemoryStore(self.first)

    def close(self) -> None:
        self.first.close()


@contextmanager
def written(store: Store) -> Iterator[Store]:
    """The store with its lock held, closed at the end."""
    with store.lock("test"):
        yield store
    store.close()


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
addresses = st.builds(Address, texts, texts, texts)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
bindings = st.builds(
    Binding,
    address=addresses,
    collection=texts,
    id=texts,
    key=st.lists(texts, max_size=3).map(tuple),
    parent_id=texts,
    fields=st.dictionaries(texts, values, max_size=3),
    observed=st.dictionaries(texts, values, max_size=3),
    sha256=texts,
    size_bytes=st.integers(0, 2**63 - 1),
    file_id=texts,
    protect=st.booleans(),
    on_remove=texts,
    delete_contents=st.booleans(),
    needs=st.lists(addresses, max_size=3).map(tuple),
    applied_at=texts,
)
intents = st.builds(
    Intent,
    number=st.integers(1, 2**62),
    address=addresses,
    collection=texts,
    key=st.lists(texts, max_size=3).map(tuple),
    parent_id=texts,
    digest=texts,
    started_at=texts,
    sent=st.dictionaries(texts, values, max_size=3),
)
states = st.builds(
    State,
    bindings=st.lists(bindings, max_size=4).map(lambda found: {b.address: b for b in found}),
    intents=st.lists(intents, max_size=3, unique_by=lambda i: i.number).map(
        lambda found: tuple(sorted(found, key=lambda i: i.number))
    ),
    project_id=texts,
    endpoint=texts,
    lineage=texts,
    serial=st.integers(0, 2**62),
)
