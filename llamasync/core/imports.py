"""Imports that leave out what is not needed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_MODULES: dict[str, Any] = sys.modules


@contextmanager
def without(name: str) -> Iterator[None]:
    """Let an import of the module `name` fail, for the length of a `with`, as if it were not installed.

    For optional parts of libraries, which do without it then. A module that was imported before stays.

    >>> with without("antigravity"):
    ...     import antigravity
    Traceback (most recent call last):
    ModuleNotFoundError: import of antigravity halted; None in sys.modules
    """
    if name in _MODULES:
        yield
        return
    _MODULES[name] = None
    try:
        yield
    finally:
        del _MODULES[name]
