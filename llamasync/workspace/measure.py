"""How long a document is, in the unit that its type has, and which documents are asked for. Plain values."""

from __future__ import annotations

from posixpath import splitext

from llamasync.core.lean import lean_dataclass
from llamasync.workspace.desired import Content

PAGE, SLIDE, SHEET, IMAGE, CHARACTER = "page", "slide", "sheet", "image", "character"


@lean_dataclass(frozen=True, slots=True)
class Measure:
    """So many units. `count` is None where it is not known, and `why` says why."""

    unit: str
    count: int | None = None
    why: str = ""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document that is worked on. `name` is its address, or its name in the service where it is not ours.

    `sha256` is "" where its bytes are not known here; `content` is where they are, None where they are not at hand.
    """

    name: str
    filename: str
    sha256: str = ""
    content: Content | None = None
    is_ours: bool = True

    @property
    def key(self) -> str:
        """What its length depends on: its bytes and the type that its name says. "" where the bytes are not known."""
        return f"{self.sha256}{splitext(self.filename)[1].lower()}" if self.sha256 else ""
