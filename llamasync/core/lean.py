"""Dataclasses that cost little to define and to make.

The standard library writes the source of seven methods for each class and compiles them: for the classes that a plan
needs that was a third of its start-up. Here `__init__` alone is compiled, and the other methods are shared by all.

They are frozen for the type checker, which is strict about it, and not at run time, where `frozen` makes an instance
cost three times as much.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

__all__ = ["lean_dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass as lean_dataclass
else:
    from dataclasses import dataclass, fields

    def lean_dataclass(*, frozen=False, eq=True, order=False, **options):
        """Make a dataclass, as `dataclasses.dataclass` would with these options, but never frozen at run time.

        Methods that the class has itself are kept.
        """

        def make(cls):
            own = set(vars(cls))
            if cls.__hash__ is None:  # so Python notes that a class has an `__eq__`, and no `__hash__`, of its own
                own.discard("__hash__")
            made = dataclass(repr=False, eq=False, **options)(cls)
            made.__compared__ = staticmethod(_reader([field.name for field in fields(made) if field.compare]))
            methods = {"__repr__": _repr}
            if eq:
                methods |= {"__eq__": _EQ, "__hash__": _hash if frozen else None}
            if order:
                methods |= _ORDER
            for name in methods.keys() - own:
                setattr(made, name, methods[name])
            return made

        return make

    def _reader(names):
        """Return what reads the values of these attributes as a tuple."""
        if len(names) > 1:
            return operator.attrgetter(*names)
        return lambda self: tuple(getattr(self, name) for name in names)

    def _repr(self):
        shown = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
        return f"{type(self).__qualname__}({shown})"

    def _hash(self):
        return hash(self.__compared__(self))

    def _comparing(compare):
        """Return the method that compares the fields of two objects of the same class."""

        def method(self, other):
            if type(other) is not type(self):
                return NotImplemented
            return compare(self.__compared__(self), other.__compared__(other))

        return method

    _EQ = _comparing(operator.eq)
    _ORDER = {f"__{name}__": _comparing(getattr(operator, name)) for name in ("lt", "le", "gt", "ge")}
