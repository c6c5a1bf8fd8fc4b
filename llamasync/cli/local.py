"""The embedded emulator: the same commands with no key, no network and no port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from llamasync.core.diagnostic import Diagnostic, DiagnosticError

if TYPE_CHECKING:
    from llamasync.emulator import Emulator

FOLDER = ".llamasync"
LOCAL_URL = "http://emulator.localhost"


def missing_emulator(error: ImportError) -> DiagnosticError:
    """LS601; shown in one line."""
    return DiagnosticError(Diagnostic("LS601", detail=str(error).partition(": pip install")[0]))


def import_emulator() -> type[Emulator]:
    """Return the emulator's class. Raises DiagnosticError (LS601) where what it needs is not installed."""
    try:
        from llamasync.emulator import Emulator
    except ImportError as error:
        raise missing_emulator(error) from error
    return Emulator


def open_local(root: Path, project_id: str) -> tuple[Emulator, str]:
    """Open the emulator whose data is below `root`; return it and the id that a named project has in it ("" for none).

    The project exists from the start. The emulator's ids are UUIDs, so any other one names a project with an id of its
    own. Raises DiagnosticError (LS612) when the data cannot be used.
    """
    emulator_class = import_emulator()
    from llamasync.emulator import Options, Project

    projects = [Project("Default")]
    if project_id:
        named = Project(f"Local {project_id}", id=project_id) if _is_uuid(project_id) else Project(project_id)
        projects.append(named)
    path = root / FOLDER / "local.db"
    with explained_data(path):
        emulator = emulator_class(Options(path=path, projects=tuple(projects)))
    return emulator, projects[1].identity if project_id else ""


def app_of(emulator: Emulator) -> Callable[..., Any]:
    """Return the emulator as an application that raises DiagnosticError (LS612) when its data turns out unusable."""
    path = emulator.options.path

    def app(*asked: Any) -> Any:
        with explained_data(path):
            return emulator.wsgi(*asked)

    return app


@contextmanager
def explained_data(path: Path | None) -> Iterator[None]:
    """Raise DiagnosticError (LS612) for what SQLite says inside of a `with` of the emulator's data at `path`."""
    import sqlite3

    try:
        yield
    except sqlite3.Error as error:
        if path is None:  # in memory: nothing of the user's is wrong
            raise
        raise DiagnosticError(_unusable(path, error)) from error


def _unusable(path: Path, error: Exception) -> Diagnostic:
    if path.is_dir():
        return Diagnostic("LS612", f"{path} is a folder", hint="move it away: a file is made anew in its place")
    hint = f"move {path}* away: what the emulator needs is made anew, empty"  # damage, or of another program
    if "locked" in str(error):
        hint = "another command uses it; wait for it, or end it"
    elif any(words in str(error) for words in ("unable to open", "readonly", "disk I/O", "is full")):
        hint = "make the folder writable and check the free space"
    return Diagnostic("LS612", f"{path}: {error}", hint=hint)


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
