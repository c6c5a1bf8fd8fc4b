"""Makes instances of dataclasses of which there are many: one for each file, or each manifest, of a workspace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import TypeVar

__all__ = ["maker_of", "sharing_maker_of"]

Made = TypeVar("Made")


def maker_of(cls: type[Made]) -> Callable[..., Made]:
    """Return a function that makes a `cls` of all its fields by position, in their order.

    It takes a third of the time of `cls(field=value, ...)`, for which Python packs the names and values into a
    dictionary and unpacks them again. Neither defaults nor `__post_init__` are known to it.
    """
    return sharing_maker_of(cls)()


def sharing_maker_of(cls: type[Made], *shared: str) -> Callable[..., Callable[..., Made]]:
    """Return a function that takes the values of the fields `shared`, by position, and returns a maker of those `cls`
    that have these in common: it takes the other fields, by position, in their order."""
    names = [field.name for field in fields(cls)]  # type: ignore[arg-type]
    lines = [
        f"def share({', '.join(shared)}):",
        f" def make({', '.join(name for name in names if name not in shared)}):",
        "  self = new(cls)",
        *(f"  self.{name} = {name}" for name in names),
        "  return self",
        " return make",
    ]
    scope: dict[str, Callable[..., Callable[..., Made]]] = {"new": object.__new__, "cls": cls}  # type: ignore[dict-item]
    exec("\n".join(lines), scope)  # noqa: S102 (as dataclasses do: the names are those of fields)
    return scope["share"]
