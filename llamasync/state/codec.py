"""Bindings and intents as rows of a table, and back: texts and numbers as columns, what is nested as one of JSON."""

from __future__ import annotations

import gc
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from llamasync.core.address import Address
from llamasync.core.many import maker_of
from llamasync.state.model import Binding, Intent

Row = tuple[Any, ...]
Part = tuple[str, str, str]

_BINDING_TYPES = (str, str, str, str, str, str, str, int, str, int, str, int, str, str, str)
_NO_MORE = ("", "")
_make_binding = maker_of(Binding)
_INTENT_TYPES = (int, str, str, str, str, str, str, str, str)


def plain(value: Any) -> Any:
    """Copy a JSON-like value into dicts, lists and plain scalars.

    Raises TypeError for what JSON does not have (a Secret, bytes, a key that is no text), ValueError for NaN, infinity.

    >>> plain({"tags": ("a", "b")})
    {'tags': ['a', 'b']}
    """
    kind = type(value)
    if value is None or kind is str or kind is bool or kind is int:
        return value
    if isinstance(value, Mapping):
        return {_text(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"state cannot hold {value}")
        return float(value)
    return _text(value)


def binding_row(binding: Binding) -> Row:
    """Return the columns of a binding. Raises TypeError or ValueError for what cannot be stored."""
    body_parts = [plain(binding.key), plain(binding.fields), plain(binding.observed)]
    if binding.inputs or binding.other_id:
        body_parts += [_text(binding.inputs), _text(binding.other_id)]
    body = _json(body_parts)
    texts = (binding.collection, binding.id, binding.parent_id, binding.sha256, binding.file_id, binding.on_remove)
    collection, id_, parent_id, sha256, file_id, on_remove = map(_text, texts)
    size_bytes = binding.size_bytes
    if type(size_bytes) is not int or not 0 <= size_bytes < 2**63:
        raise ValueError(f"size_bytes is {size_bytes!r}")
    row = (
        *address_parts(binding.address),
        *(collection, id_, parent_id, sha256, size_bytes, file_id),
        *(int(binding.protect), on_remove, int(binding.delete_contents), _text(binding.applied_at)),
        _json([address_parts(need) for need in binding.needs]) if binding.needs else "[]",
        body,
    )
    return _encodable(row)


def read_bindings(rows: Sequence[Row]) -> dict[Address, Binding]:
    """Make bindings of rows, in their order. Raises ValueError or TypeError for rows that are damaged."""
    _check_types(rows, _BINDING_TYPES)
    with _gc_paused():
        bodies = json.loads("[" + ",".join([row[-1] for row in rows]) + "]")
        read_needs, new_tuple = _ReadNeeds(), tuple.__new__  # in half the time of Address(...)
        result = {}
        # Unpacking each row at once, rather than indexing it, saves a third of the time.
        make = _make_binding
        # fmt: off
        for (
            kind, name, item, collection, id_, parent_id, sha256, size_bytes, file_id,
            protect, on_remove, delete_contents, applied_at, needs, _,
        ), (key, fields, observed, *more) in zip(rows, bodies, strict=True):
            address = new_tuple(Address, (kind, name, item))
            inputs, other_id = more or _NO_MORE
            result[address] = make(
                address, collection, id_, tuple(key), parent_id, fields, observed, sha256, size_bytes, file_id,
                protect != 0, on_remove, delete_contents != 0, read_needs[needs], applied_at, inputs, other_id,
            )
            # fmt: on
    return result


def intent_row(intent: Intent) -> Row:
    """Return the columns of an intent, without its number. Raises TypeError or ValueError like `binding_row`."""
    texts = (intent.collection, intent.parent_id, intent.digest, intent.started_at)
    key = plain(intent.key)
    return _encodable(
        (*address_parts(intent.address), *map(_text, texts), _json([key, plain(intent.sent)] if intent.sent else key))
    )


def read_intents(rows: Sequence[Row]) -> tuple[Intent, ...]:
    """Make intents of rows, the number first. Raises ValueError or TypeError like `read_bindings`."""
    _check_types(rows, _INTENT_TYPES)
    result = []
    for number, kind, name, item, collection, parent_id, digest, started_at, text in rows:
        key, sent = json.loads(text), {}
        if key and isinstance(key[0], list):
            key, sent = key
        result.append(
            Intent(
                number=number,
                address=Address(kind, name, item),
                collection=collection,
                key=tuple(key),
                parent_id=parent_id,
                digest=digest,
                started_at=started_at,
                sent=sent,
            )
        )
    return tuple(result)


def address_parts(address: Address) -> Part:
    """Return the three texts of an address. Raises TypeError when one is not a text."""
    return (_text(address.kind), _text(address.name), _text(address.item))


def needs_text(address: Address) -> str:
    """Return how `address` stands in the `needs` column, for finding the bindings that need it."""
    return _json(address_parts(address))


class _ReadNeeds(dict[str, tuple[Address, ...]]):
    """The needs of each text seen so far: thousands of files need the same directory."""

    def __missing__(self, text: str) -> tuple[Address, ...]:
        needs = tuple(Address(kind, name, item) for kind, name, item in json.loads(text))
        self[text] = needs
        return needs


def _check_types(rows: Sequence[Row], wanted: tuple[type, ...]) -> None:
    """Notice a column of another type: SQLite would store any, and a damaged file may say so."""
    for position, (column, one) in enumerate(zip(zip(*rows, strict=True), wanted, strict=bool(rows))):
        if set(map(type, column)) != {one}:
            raise TypeError(f"column {position} holds something other than {one.__name__}")


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    if isinstance(value, str):  # a StrEnum
        return str(value)
    raise TypeError(f"state cannot hold a {type(value).__name__}")


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _encodable(row: Row) -> Row:
    "".join([part for part in row if type(part) is str]).encode()  # a lone surrogate raises here, not in the writer
    return row


@contextmanager
def _gc_paused() -> Iterator[None]:
    """Keep the cyclic collector off: it would walk all that was built so far, again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
