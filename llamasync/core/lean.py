"""Dataclasses that cost little to define and to make.

The standard library writes the source of seven methods for each class and compiles them: for the classes that a plan
needs that was a third of its start-up. Here `__init__` alone is compiled, and the other methods are shared by all.

They are frozen for the type checker, which is strict about it, and not at run time, where `frozen` makes an instance
cost three times as much.
"""

from __future__ import annotations

from operator import attrgetter
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
            methods = {"__repr__": _repr}
            if eq:
                methods |= {"__eq__": _eq, "__hash__": _hash if frozen else None}
            if order:
                methods |= {"__lt__": _lt, "__le__": _le, "__gt__": _gt, "__ge__": _ge}
            own = vars(cls).keys()
            made = dataclass(repr=False, eq=False, **options)(cls)
            made.__compared__ = staticmethod(_reader([field.name for field in fields(made) if field.compare]))
            for name, method in methods.items():
                if name not in own:
                    setattr(made, name, method)
            return made

        return make

    def _reader(names):
        """Return what reads the values of these attributes as a tuple."""
        if len(names) > 1:
            return attrgetter(*names)
        return lambda self: tuple(getattr(self, name) for name in names)

    def _repr(self):
        shown = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
        return f"{type(self).__qualname__}({shown})"

    def _eq(self, other):
        if type(other) is not type(self):
            return NotImplemented
        return self.__compared__(self) == self.__compared__(other)

    def _hash(self):
        return hash(self.__compared__(self))

    def _lt(self, other):
        return self.__compared__(self) < self.__compared__(other) if type(other) is type(self) else NotImplemented

    def _le(self, other):
        return self.__compared__(self) <= self.__compared__(other) if type(other) is type(self) else NotImplemented

    def _gt(self, other):
        return self.__compared__(self) > self.__compared__(other) if type(other) is type(self) else NotImplemented

    def _ge(self, other):
        return self.__compared__(self) >= self.__compared__(other) if type(other) is type(self) else NotImplemented
