"""The embedded emulator: the same commands with no key, no network and no port."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
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
    own.
    """
    emulator_class = import_emulator()
    from llamasync.emulator import Options, Project

    projects = [Project("Default")]
    if project_id:
        named = Project(f"Local {project_id}", id=project_id) if _is_uuid(project_id) else Project(project_id)
        projects.append(named)
    emulator = emulator_class(Options(path=root / FOLDER / "local.db", projects=tuple(projects)))
    return emulator, projects[1].identity if project_id else ""


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
