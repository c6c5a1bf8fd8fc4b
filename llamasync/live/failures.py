"""The one place where failed reads become problems that are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from functools import wraps
from typing import ParamSpec, TypeVar

from llamasync.api.errors import ApiError, Refused
from llamasync.core.diagnostic import Diagnostic, DiagnosticError

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")
Asked = TypeVar("Asked")


def as_diagnostics(function: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """Make a function raise DiagnosticError where it would raise ApiError."""

    @wraps(function)
    def reading(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Returned:
        try:
            return function(*args, **kwargs)
        except ApiError as error:
            raise DiagnosticError(error.diagnostic()) from error

    return reading


def read_each(pool: Executor, read: Callable[[Asked], Returned], asked: Iterable[Asked]) -> list[Returned]:
    """Return what `read` returns for each, side by side. Raises DiagnosticError with all that the service refused.

    What would be the same for every call is told once: no connection, a wrong key, another service.
    """
    jobs = [pool.submit(read, one) for one in asked]
    told: dict[Diagnostic, None] = {}
    for error in [error for job in jobs if (error := job.exception()) is not None]:
        if isinstance(error, DiagnosticError):
            told |= dict.fromkeys(error.diagnostics)
        elif isinstance(error, Refused) and error.status != 401:
            told[error.diagnostic()] = None
        else:
            raise error
    if told:
        raise DiagnosticError(*told)
    return [job.result() for job in jobs]
