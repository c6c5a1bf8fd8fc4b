"""What went wrong becomes text on stderr and an exit code."""

from __future__ import annotations

import errno
import os
import sys
import traceback

import click

from llamasync.cli.console import Console
from llamasync.cli.exits import Exit
from llamasync.cli.options import Globals
from llamasync.core.diagnostic import Diagnostic, DiagnosticError

# A full disk, a quota, a limit of size, a disk that fails; what may not be written.
_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EACCES, errno.EPERM, errno.EROFS})
# What is in the way of a path, or missing on it. Without a path it would say nothing: then it is a bug.
_NO_PLACE = frozenset({errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.ENOENT})


def exit_code_of(error: Exception, said: Globals) -> int:
    """Say on stderr what `error` means for the user and return the exit code. Never raises, but for a broken stderr."""
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    console = Console.of(said)
    if isinstance(error, click.Abort):
        console.err("Interrupted.\n")
        return Exit.INTERRUPTED
    if isinstance(error, click.UsageError):
        return _usage(error, console)
    if isinstance(error, click.ClickException):
        console.err(f"{error.format_message()}\n")
        return Exit.ERROR
    found = diagnostics_of(error)
    if [problem.code for problem in found] == ["LS601"]:  # a library is missing: one line says all of it
        console.err(f"error[LS601]: {found[0].summary}: {found[0].advice}\n")
    else:
        console.problems(found)
    if said.verbose and not isinstance(error, DiagnosticError):
        console.err("".join(traceback.format_exception(error)))
    return Exit.ERROR


def _usage(error: click.UsageError, console: Console) -> int:
    lines = []
    if error.ctx is not None:
        lines.append(error.ctx.get_usage())
        lines.append(f"Try `{error.ctx.command_path} --help`.")
    console.err("\n".join([*lines, f"error[LS602]: {error.format_message()}"]) + "\n")
    return Exit.USAGE


def diagnostics_of(error: Exception) -> tuple[Diagnostic, ...]:
    """Tell `error` as problems; one that nobody expected is LS699. Never raises."""
    from llamasync.api.errors import ApiError

    if isinstance(error, DiagnosticError):
        return error.diagnostics
    if isinstance(error, ApiError):
        return (error.diagnostic(),)
    if isinstance(error, OSError) and (
        error.errno in _UNWRITABLE or (error.errno in _NO_PLACE and error.filename is not None)
    ):
        return (_unwritable(error),)
    said = "".join(traceback.format_exception_only(error)).strip()
    version = ".".join(map(str, sys.version_info[:3]))
    return (Diagnostic("LS699", detail=f"{said} (Python {version})", hint="run it again with -v for the traceback"),)


def _unwritable(error: OSError) -> Diagnostic:
    if error.filename is None:
        return Diagnostic("LS606", detail=str(error))
    path = os.fsdecode(error.filename)
    if error.errno == errno.EEXIST:  # of a folder that is to be made
        hint = "move it away, or name another place"
        return Diagnostic("LS606", detail=f"{path}: a folder is needed, and something else is there", hint=hint)
    return Diagnostic("LS606", detail=f"{path}: {error.strerror or error}")
