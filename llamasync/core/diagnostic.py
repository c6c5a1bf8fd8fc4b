"""Diagnostics: what is wrong, where, why it matters and how to mend it, as values that are collected."""

from __future__ import annotations

from enum import StrEnum

from llamasync.core.address import Address
from llamasync.core.codes import CODES
from llamasync.core.lean import lean_dataclass
from llamasync.core.source import Source


class Severity(StrEnum):
    """How bad it is: an error stops the stage, a warning and a note do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@lean_dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem. `summary` is constant for a code; the user's words are in `detail`; `hint` is an edit or a command.

    `source` is None when no file is to blame; `field` is the path inside the manifest (`spec.directory`), or empty.
    """

    code: str
    detail: str = ""
    source: Source | None = None
    address: Address | None = None
    field: str = ""
    hint: str = ""
    severity: Severity = Severity.ERROR

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"unknown diagnostic code {self.code}")

    @property
    def summary(self) -> str:
        """The short constant sentence of this code."""
        return CODES[self.code].summary

    @property
    def advice(self) -> str:
        """How to mend it: the hint, or what helps with every problem of this code."""
        return self.hint or CODES[self.code].fix

    @property
    def quotes(self) -> bool:
        """Whether the line that it is about may be shown."""
        return CODES[self.code].quotes

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Order by place, then code: the order in which problems are shown."""
        place = self.source or Source("")
        return (place.file, place.line, place.column, self.code, self.detail)


class DiagnosticError(Exception):
    """Raised to leave a stage that cannot go on, with every problem found so far (at least one)."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(f"{d.code} {d.summary}: {d.detail}" for d in diagnostics))
        self.diagnostics = diagnostics


def has_errors(diagnostics: list[Diagnostic] | tuple[Diagnostic, ...]) -> bool:
    """Say whether any of the diagnostics is an error."""
    return any(d.severity is Severity.ERROR for d in diagnostics)
