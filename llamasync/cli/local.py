"""The embedded emulator: the same commands with no key, no network and no port."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from llamasync.core.diagnostic import Diagnostic, DiagnosticError

if TYPE_CHECKING:
    from llamasync.emulator import Emulator

FOLDER = ".llamasync"
LOCAL_URL = "http://emulator.localhost"


def missing_emulator(error: ImportError) -> DiagnosticError:
    """LS601, in one line."""
    return DiagnosticError(Diagnostic("LS601", detail=str(error), hint="pip install 'llamasync[emulator]'"))


def import_emulator() -> type[Emulator]:
    """Return the emulator's class. Raises DiagnosticError (LS601) where what it needs is not installed."""
    try:
        from llamasync.emulator import Emulator
    except ImportError as error:
        raise missing_emulator(error) from error
    return Emulator


def open_local(root: Path, project_id: str) -> Emulator:
    """Open the emulator whose data is below `root`; the project, when one is named, exists in it from the start."""
    emulator_class = import_emulator()
    from llamasync.emulator import Options, Project

    named = (Project(f"Local {project_id}", id=project_id),) if project_id else ()
    return emulator_class(Options(path=root / FOLDER / "local.db", projects=(Project("Default"), *named)))
