"""What the specs of all runs have in common: when to run again, whether to wait, where results go."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import normpath
from typing import Annotated, Any, Literal
from unicodedata import normalize

from annotated_types import MinLen

from llamasync.core.address import Address
from llamasync.core.duration import DURATION_PATTERN, parse_duration
from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import FORM_CONFIG, Pattern
from llamasync.kinds.facts import Flaw
from llamasync.kinds.run_facts import FileInput, RunOptions


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class ResultsForm:
    """What becomes of a run's results."""

    __pydantic_config__ = FORM_CONFIG

    save: Annotated[str, MinLen(1)]
    """A folder, relative to the manifest's own, in which the run's results get a folder of their own."""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class FileForm:
    """The file of a run: `fileSet` and `path`, `file`, or `id`."""

    __pydantic_config__ = FORM_CONFIG

    file_set: Annotated[str, MinLen(1)] | None = None
    """A FileSet manifest's name."""
    path: Annotated[str, MinLen(1)] | None = None
    """The file's path inside of that set."""
    file: Annotated[str, MinLen(1)] | None = None
    """A File manifest's name."""
    id: Annotated[str, MinLen(1)] | None = None
    """The id of a file that is in the service already: of its bytes (`file_id`), not of its place in a directory."""

    def to_input(self) -> FileInput:
        """Return it as plain values; `problem` must be None."""
        if self.file_set and self.path:
            return FileInput(address=Address("FileSet", self.file_set, normalize("NFC", normpath(self.path))))
        return FileInput(address=Address("File", self.file)) if self.file else FileInput(id=self.id or "")

    def problem(self) -> tuple[str, str] | None:
        """Return the field and what is wrong with the choice, None when it is one of the three forms."""
        by_set = [self.file_set is not None, self.path is not None]
        if any(by_set) and not all(by_set):
            return "file", "`fileSet` and `path` go together"
        given = [name for name in ("file_set", "file", "id") if getattr(self, name) is not None]
        if len(given) == 1:
            return None
        return "file", f"{'none' if not given else 'several'} of `fileSet` with `path`, `file` and `id` are given"


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """The fields of every run."""

    __pydantic_config__ = FORM_CONFIG

    rerun: Literal["on-change", "always", "never"] = "on-change"
    """When to run again after a success: when the configuration or the inputs changed, at every apply, or never."""
    wait: bool = True
    """Whether apply waits until the run is over; `llamasync wait` does it later."""
    timeout: Annotated[str, Pattern(DURATION_PATTERN)] = "30m"
    """How long to wait (`30s`, `5m`, `2h`). The run itself goes on."""
    on_partial_failure: Literal["fail", "warn"] = "fail"
    """What a run is that came to its end with failed files: failed, or good enough."""
    results: ResultsForm | None = None
    """Where results are saved after a success; nowhere unless it says so."""

    def options(self) -> RunOptions:
        """Return these fields as plain values."""
        return RunOptions(
            rerun=self.rerun,
            wait=self.wait,
            timeout_s=parse_duration(self.timeout),
            on_partial_failure=self.on_partial_failure,
            save=self.results.save if self.results else "",
        )


def file_flaws(spec: Any) -> Iterator[Flaw]:
    """Warn of an id by which the service knows a file's place in a directory, and not its bytes."""
    if (spec.file.id or "").startswith("dfl-"):
        hint = "write the file_id that `llamasync state show ADDRESS` tells, or name the file by its manifest"
        detail = f"{spec.file.id} is the id of a file's place in a directory; what a run takes is the id of its bytes"
        yield Flaw(code="LS731", path=("file", "id"), detail=detail, hint=hint, doubtful=True)


def text(raw: Any, name: str) -> str:
    """Return a field of an answer as a text, "" when it is absent or null."""
    value = raw.get(name)
    return "" if value is None else str(value)


def texts(value: Any) -> tuple[str, ...]:
    """Return the texts of a list in an answer, or the one text, without empty ones."""
    listed = value if isinstance(value, list) else [value]
    return tuple(str(one) for one in listed if one)
