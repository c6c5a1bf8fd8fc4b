"""Closes references: names become addresses of manifests, and what comes before what is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from llamasync.core.address import Address, parse_address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.graph import find_cycle
from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import to_camel
from llamasync.core.reference import Reference, refer
from llamasync.core.source import Source
from llamasync.kinds.registry import all_kinds, find_kind, kind_named
from llamasync.manifest.document import field_text, near
from llamasync.manifest.manifest import DataPath, Manifest


@lean_dataclass(frozen=True, slots=True)
class Closed:
    """The references of one manifest. `needs` are addresses of manifests, with the place that says so.

    `parent` is the object it lives inside of; None when its kind has none, or when it is not known. `places` says where
    each reference to what is not managed here stands, and in which field.
    """

    parent: Reference | None = None
    needs: Mapping[Address, Source] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()
    places: Mapping[Reference, tuple[Source, str]] = field(default_factory=dict)


_ALONE = Closed()


def close_references(manifest: Manifest, known: Mapping[Address, Source]) -> tuple[Closed, list[Diagnostic]]:
    """Resolve the references and dependsOn entries of a manifest among the addresses `known`. Never raises."""
    if not (manifest.depends_on or kind_named(manifest.kind).references):
        return _ALONE, []
    problems: list[Diagnostic] = []
    needs: dict[Address, Source] = {}
    parent: Reference | None = None
    references: list[Reference] = []
    places: dict[Reference, tuple[Source, str]] = {}
    for fact in kind_named(manifest.kind).references:
        for path, value in _values(manifest.spec, ("spec",), fact.field.split(".")):
            reference = refer(fact.kind, value)
            if reference.address is not None:
                problems += _check(reference.address, manifest, path, known, unmanaged=True)
                needs.setdefault(reference.address, manifest.place(path))
            else:
                places.setdefault(reference, (manifest.place(path), field_text(path)))
            references.append(reference)
            parent = reference if fact.parent else parent
    for number, text in enumerate(manifest.depends_on):
        path = ("dependsOn", number)
        address = parse_address(text)
        if address is None:  # a variable in it is not set, which is told; the schema has the form of addresses
            continue
        problems += _check(address, manifest, path, known, unmanaged=False)
        needs.setdefault(address, manifest.place(path))
    return Closed(parent, {need: needs[need] for need in sorted(needs)}, tuple(references), places), problems


def check_circles(needs: Mapping[Address, Mapping[Address, Source]]) -> list[Diagnostic]:
    """Report every circle of manifests that need each other, once."""
    left = {address: {need for need in of if need in needs} for address, of in needs.items() if of}
    problems = []
    while circle := find_cycle(left):
        first = circle.index(min(circle))
        circle = circle[first:] + circle[:first]
        following = circle[1] if len(circle) > 1 else circle[0]
        detail = " -> ".join(map(str, (*circle, circle[0])))
        problems.append(Diagnostic("LS109", detail, needs[circle[0]][following], circle[0]))
        left = {address: of - set(circle) for address, of in left.items() if address not in circle}
    return problems


def _values(value: Any, path: DataPath, steps: list[str]) -> Iterator[tuple[DataPath, Any]]:
    """Iterate over what stands at the field that `steps` lead to, through lists, with the path of each."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _values(item, (*path, number), steps)
    elif steps and isinstance(value, Mapping):
        name = to_camel(steps[0])
        yield from _values(value.get(name), (*path, name), steps[1:])
    elif value is not None and not steps:
        yield path, value


def _check(
    address: Address, manifest: Manifest, path: DataPath, known: Mapping[Address, Source], *, unmanaged: bool
) -> list[Diagnostic]:
    if address in known or path in manifest.placeholders:
        return []
    names = {other.name: other for other in known if other.kind == address.kind}
    meant = near(address.name, names)
    hints = [f"did you mean {_written(names[meant], unmanaged)} ({known[names[meant]]})?"] if meant else []
    if not meant and find_kind(address.kind) is None and (kind := near(address.kind, all_kinds())):
        hints.append(f"did you mean {kind}/{address.name}?")
    if unmanaged:
        hints.append(
            "For one that exists already, write {id: ...}" if meant else "for one that exists already, write {id: ...}"
        )
    detail = f"no manifest declares {address}"
    source, where = manifest.place(path), field_text(path)
    return [Diagnostic("LS104", detail, source, manifest.address, where, " ".join(hints))]


def _written(address: Address, by_name: bool) -> str:
    return address.name if by_name else str(address)
