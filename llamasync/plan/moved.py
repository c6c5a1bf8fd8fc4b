"""Moved records: what the state remembers under an old address goes by the new one, and the live object stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.core.lean import lean_dataclass
from llamasync.state.model import Binding

_SHOWN = 5


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The bindings by the addresses that they have from now on, which of these are new, and what could not be moved."""

    bindings: dict[Address, Binding]
    renamed: tuple[tuple[Address, Address], ...] = ()
    problems: tuple[Diagnostic, ...] = ()


def follow(records: Mapping[Address, Address], bindings: Mapping[Address, Binding]) -> Moved:
    """Give bindings, and what they need, the addresses that moved records say. One whose new address is taken stays,
    and is told: LS324."""
    if not records:
        return Moved(bindings=dict(bindings))
    result: dict[Address, Binding] = {}
    renamed, taken = [], []
    for address, binding in bindings.items():
        new = _followed(address, records)
        if new in result or (new != address and new in bindings):
            taken.append(address)
        elif new != address:
            renamed.append((address, new))
            binding, address = replace(binding, address=new), new
        if not records.keys().isdisjoint(need.manifest for need in binding.needs):
            binding = replace(binding, needs=tuple(_followed(need, records) for need in binding.needs))
        result[address] = binding
    return Moved(bindings=result, renamed=tuple(sorted(renamed)), problems=tuple(_problems(taken, records)))


def _followed(address: Address, records: Mapping[Address, Address]) -> Address:
    new = records.get(address.manifest)
    return Address(new.kind, new.name, address.item) if new else address


def _problems(taken: Iterable[Address], records: Mapping[Address, Address]) -> Iterable[Diagnostic]:
    by_manifest: dict[Address, list[Address]] = {}
    for address in sorted(taken):
        by_manifest.setdefault(address.manifest, []).append(address)
    for old, found in by_manifest.items():
        new = records[old]
        items = ", ".join(one.item for one in found[:_SHOWN] if one.item) + (" ..." if len(found) > _SHOWN else "")
        detail = f"{old} cannot be called {new}, which stands for another live object" + (f": {items}" if items else "")
        yield Diagnostic("LS324", detail, address=old, severity=Severity.WARNING)
