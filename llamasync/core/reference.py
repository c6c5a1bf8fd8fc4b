"""References: how one object speaks of another before, or without, knowing its id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llamasync.core.address import Address
from llamasync.core.lean import lean_dataclass


@lean_dataclass(frozen=True, slots=True, order=True)
class Reference:
    """The id of another object of `kind`: of a manifest's (`address`), a live one by `id`, or a live one by `name`.

    Exactly one of the three is set. `str` is what a person reads in a plan.
    """

    kind: str
    address: Address | None = None
    id: str = ""
    name: str = ""

    def __str__(self) -> str:
        return str(self.address) if self.address else self.id or f"{self.kind} named {self.name!r}"


def refer(kind: str, value: str | Mapping[Any, str]) -> Reference:
    """Return the reference that a manifest writes as a name of a manifest, `{id: ...}` or `{name: ...}`.

    >>> str(refer("Directory", "contracts")), str(refer("Directory", {"id": "dir-1"}))
    ('Directory/contracts', 'dir-1')
    """
    if isinstance(value, str):
        return Reference(kind, address=Address(kind, value))
    return Reference(kind, id=value.get("id", ""), name=value.get("name", ""))
