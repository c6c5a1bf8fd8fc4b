"""The language in which kinds of runs state their facts: how a run is started, found again, read and ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from enum import StrEnum
from typing import Any

from llamasync.core.address import Address
from llamasync.core.lean import lean_dataclass
from llamasync.core.reference import Reference

Raw = Mapping[str, Any]


class RunStatus(StrEnum):
    """Where a run is. PARTIAL: it came to its end, and some of its files failed; where all of them did it FAILED,
    whatever the service calls it. Unknown words count as GOING."""

    GOING = "going"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self is not RunStatus.GOING


def status_by_files(status: RunStatus, *, failed: int, total: int) -> RunStatus:
    """Return the status of a run of which so many files failed: a run that came to its end made something of the rest.

    >>> status_by_files(RunStatus.SUCCEEDED, failed=1, total=3), status_by_files(RunStatus.SUCCEEDED, failed=3, total=3)
    (<RunStatus.PARTIAL: 'partial'>, <RunStatus.FAILED: 'failed'>)
    """
    if status is not RunStatus.SUCCEEDED or not failed:
        return status
    return RunStatus.PARTIAL if failed < total else RunStatus.FAILED


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class RunItem:
    """One file of a run: its id in the directory, its name where that is shown, and why it failed, or ""."""

    id: str
    name: str = ""
    error: str = ""

    @property
    def told(self) -> str:
        """The file and why it failed; the service often begins with the name itself."""
        name = self.name or self.id
        return self.error if self.error.startswith(f"{name}: ") else f"{name}: {self.error}"


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class RunShown:
    """One run as the service shows it. `path` is that of the collection it was read from.

    `input`: the id of the file or directory, "" where that is not shown. `configuration` holds what is shown of it,
    None when nothing is. `items` are its files, None when they are not shown (yet). `total` 0: not known.
    """

    id: str
    status: RunStatus
    word: str = ""
    input: str = ""
    configuration: Mapping[str, Any] | None = None
    created_at: str = ""
    updated_at: str = ""
    errors: tuple[str, ...] = ()
    items: tuple[RunItem, ...] | None = None
    total: int = 0
    done: int = 0
    failed: int = 0
    skipped: int = 0
    path: str = ""

    @property
    def failures(self) -> tuple[str, ...]:
        """What failed and why, a line a file."""
        return (*self.errors, *(one.told for one in self.items or () if one.error))

    def with_names(self, names: Mapping[str, str]) -> RunShown:
        """Return it with names for the files that are shown by id alone."""
        if self.items is None:
            return self
        return replace(self, items=tuple(replace(one, name=one.name or names.get(one.id, "")) for one in self.items))


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class RunPath:
    """One collection in which such runs live; each dialect has its own. `body` makes the request of a start of it.

    `cancels` and `deletes` say whether the service offers that there.
    """

    path: str
    body: Callable[[StartOf], dict[str, Any]]
    cancels: bool = False
    deletes: bool = False


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class StartOf:
    """What a start is told: the ids of the inputs (of one directory, or of files), the configuration and the rest, and
    a text that is new for each start that is meant, so that the service recognises a repetition, where it offers that.
    """

    inputs: tuple[str, ...]
    is_directory: bool
    configuration: Mapping[str, Any]
    rest: Mapping[str, Any]
    transaction_id: str


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file to be had of a run: `name` without a suffix, which the bytes tell, and the path below the run's own."""

    name: str
    path: str


def _nothing(_: Raw) -> dict[str, Any]:
    return {}


def _no_downloads(_: Raw) -> tuple[Download, ...]:
    return ()


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class RunFact:
    """Everything the engine knows of one kind of run.

    `collection` names its runs in the state. `paths`: the preferred one first; one that the service does not have
    (404, 405 on the list) gives way to the next.
    `input_query` filters the list by the input's id, `since_query` by time; "" where there is no such filter.
    `by_offset`: the list pages by `limit` and `offset`.
    `detail_query` asks for all that is shown of one run. `unwrap` is the field of that answer that holds the run.
    `read` reads a run, from a list or by id. `same(wanted, shown)` compares configurations, as far as one is shown.
    `items`: the path, below a run's own, of the list of its items, which pages by offset and is read by `read_item`;
    `failed_query` narrows it to those that failed.
    `item_results`: a path that shows what was made of an item, `{id}` in it; `configuration_of` finds in that answer
    the configuration that made a run with these times, or None.
    `saved` is the field of a configuration, of those that are referred to, which says what it stands for: `same` finds
    it under that name in `wanted`.
    `max_inputs`: how many files a run takes. `suffixes`: of the files that it takes; empty for any.
    `documents` are results that are in the answer itself, by name, and become JSON; `downloads` are files.
    """

    collection: str
    paths: tuple[RunPath, ...]
    read: Callable[[Raw], RunShown]
    same: Callable[[Mapping[str, Any], Mapping[str, Any]], bool]
    input_query: str = ""
    since_query: str = "created_at_on_or_after"
    by_offset: bool = False
    detail_query: Mapping[str, Any] = field(default_factory=dict)
    unwrap: str = ""
    items: str = ""
    failed_query: Mapping[str, Any] = field(default_factory=dict)
    read_item: Callable[[Raw], RunItem] | None = None
    item_results: str = ""
    configuration_of: Callable[[Raw, RunShown], Mapping[str, Any] | None] | None = None
    saved: str = ""
    max_inputs: int | None = None
    suffixes: frozenset[str] = frozenset()
    documents: Callable[[Raw], dict[str, Any]] = _nothing
    downloads: Callable[[Raw], tuple[Download, ...]] = _no_downloads


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class FileInput:
    """The one file of a run: one that is managed here, or one by its id in the service. Exactly one is set."""

    address: Address | None = None
    id: str = ""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How a run is managed. `rerun`: on-change, always, never. `on_partial_failure`: fail, warn.

    `save` is the folder for its results as the manifest has it, or "".
    """

    rerun: str = "on-change"
    wait: bool = True
    timeout_s: float = 1800.0
    on_partial_failure: str = "fail"
    save: str = ""


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class BuiltRun:
    """What a manifest's spec asks for. Exactly one of `directory`, `file` and `items` is set, else `problem` says so.

    `configuration` decides what the run makes, and may hold References; `rest` goes along and makes no difference.
    """

    configuration: Mapping[str, Any]
    options: RunOptions
    rest: Mapping[str, Any] = field(default_factory=dict)
    directory: Reference | None = None
    file: FileInput | None = None
    items: tuple[str, ...] = ()
    problem: tuple[str, str] | None = None
