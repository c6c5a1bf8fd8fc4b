"""The one place where a failed read becomes a problem that is shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from llamasync.api.errors import ApiError
from llamasync.core.diagnostic import DiagnosticError

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")


def as_diagnostics(function: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """Make a function raise DiagnosticError where it would raise ApiError."""

    @wraps(function)
    def reading(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Returned:
        try:
            return function(*args, **kwargs)
        except ApiError as error:
            raise DiagnosticError(error.diagnostic()) from error

    return reading
