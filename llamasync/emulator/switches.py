"""The unknowns of the service, each a switch: what the contract leaves open, a test can set both ways."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any


def _choice(default: str, *others: str, doc: str) -> Any:
    return field(default=default, metadata={"values": (default, *others), "doc": doc})


def _number(default: int, *others: int, doc: str) -> Any:
    return field(default=default, metadata={"values": (default, *others), "doc": doc})


@dataclass(frozen=True, slots=True)
class Switches:
    """One setting for each thing the contract does not say. The defaults are the most plausible ones."""

    directory_name_uniqueness: str = _choice(
        "allow", "conflict", doc="a directory with a name that exists: made as well, or 409"
    )
    directory_delete_files: str = _choice(
        "cascade", "keep", "conflict", doc="files of a deleted directory: deleted too, kept, or 409 when it has any"
    )
    directory_file_delete_file: str = _choice(
        "keep", "delete", doc="the uploaded file behind a deleted directory file: kept, or deleted with it"
    )
    file_delete_of_linked: str = _choice(
        "keep", "cascade", "conflict", doc="directory files of a deleted file: kept without bytes, deleted, or 409"
    )
    unique_id_conflict: str = _choice(
        "conflict",
        "upsert",
        "duplicate",
        doc="upload or add of a unique_id that exists: 409, same id new content, twin",
    )
    unique_id_conflict_on_patch: str = _choice(
        "conflict", "duplicate", "replace", doc="rename or move onto a unique_id that exists: 409, twin, other deleted"
    )
    deleted_get: str = _choice("not_found", "visible", doc="get of a deleted object: 404, or 200 with deleted_at")
    deleted_again: str = _choice("not_found", "no_content", doc="delete of a deleted object: 404, or 204 again")
    bulk_delete_unknown: str = _choice(
        "ignore", "not_found", doc="bulk-delete with an unknown id: the others are deleted, or 404 and none"
    )
    reference_bulk_delete: str = _choice(
        "absent", "served", doc="bulk-delete in the reference dialect: 405, or as its contract file has it"
    )
    patch_null_description: str = _choice("keep", "clear", doc="PATCH description null: no change, or cleared")
    patch_null_metadata: str = _choice("keep", "clear", doc="PATCH metadata null: no change, or the user layer emptied")
    empty_description: str = _choice("empty", "null", doc='description "": kept as "", or stored as null')
    updated_at_on_patch: str = _choice(
        "always", "on_change", "never", doc="a PATCH moves updated_at: always, when something changed, never"
    )
    display_name_default: str = _choice(
        "file_name", "unique_id", doc="display_name of an upload that names none: the file's name, or the unique_id"
    )
    download_url: str = _choice("available", "null", doc="expand=download_url: a presigned link, or null all the same")
    page_size_over_max: str = _choice("clamp", "reject", doc="page_size beyond the maximum: cut down to it, or 422")
    page_size_max: int = _number(1000, 100, doc="the most items that a page holds")
    page_size_default: int = _number(50, 10, doc="the page when none is asked for")
    last_page_token: str = _choice(
        "null", "absent", "empty", doc='next_page_token of the last page: null, absent, or ""'
    )
    trailing_page: str = _choice(
        "none", "empty", doc="after a last page that is full: nothing, or one more, empty page"
    )
    total_size: str = _choice("null", "exact", doc="total_size of a page: null, or the count")
    list_order: str = _choice("newest_first", "oldest_first", doc="order of lists that ask for none")
    list_consistency: str = _choice(
        "snapshot", "live", doc="a write while a list is paged: pages stay put, or shift (offsets), so items are missed"
    )
    configuration_upsert: str = _choice(
        "update", "new_version", doc="POST of a configuration that exists: same id changed, or a new id and version"
    )
    configuration_name_conflict: str = _choice(
        "conflict", "allow", doc="PUT that takes another configuration's name: 409, or allowed"
    )
    configuration_parameters: str = _choice(
        "as_sent", "with_defaults", doc="parameters are returned as they were sent, or with the contract's defaults"
    )
    builtin_configurations_listed: str = _choice("no", "yes", doc="lists show built-in configurations: no, yes")
    index_per_directory: str = _choice(
        "enforced", "not_enforced", doc="a second index on a source directory: 409, or made as well"
    )
    index_id_accepted: str = _choice(
        "either", "id", "export_config_id", doc="the name of an index in paths and bodies: either, or only that field"
    )
    index_delete_output: str = _choice("delete", "keep", doc="output directory of a deleted index: deleted, or kept")
    directory_delete_indexes: str = _choice(
        "keep", "cascade", "conflict", doc="indexes on a deleted directory: kept, deleted too, or 409 when it has any"
    )
    sync_in_progress: str = _choice(
        "conflict", "too_many_requests", doc="sync of an index that is syncing: 409, or 429"
    )
    sync_duration_ms: int = _number(30, 3000, doc="how long a sync takes, by the emulator's clock")
    sync_file_failure: str = _choice(
        "ready", "failed", doc="a file that cannot be read: the index is ready without it, or failed"
    )
    retrieve_before_ready: str = _choice(
        "empty", "conflict", doc="retrieval from an index that was never ready: finds nothing, or 409"
    )
    newer_calls: str = _choice(
        "served", "absent", doc="cancel of a sync, expand=sync_in_progress, pages of webhooks: there, or as before them"
    )
    chat_shared_access: str = _choice(
        "absent", "shown", doc="shared_access of a chat, newer than the contract file: not there, or shown"
    )
    reference_index_list: str = _choice(
        "absent", "served", doc="list of indexes in the reference dialect: 405, or as its contract file has it"
    )
    agent_data_unknown_deployment: str = _choice(
        "not_found", "bad_request", doc="agent data of a deployment that does not exist: 404, or 400"
    )
    agent_data_null_filter: str = _choice(
        "null", "ignored", doc="a filter with a null operand: compares with null, or counts as no filter at all"
    )
    agent_data_ne_absent: str = _choice(
        "skip", "match", doc="ne and excludes where an item lacks the key: the item is skipped, or taken"
    )
    webhook_mask: str = _choice("stars", "partial", doc="masked values of a webhook: stars only, or their end is shown")
    webhook_put_null: str = _choice("keep", "clear", doc="PUT of a webhook with null: the field stays, or is cleared")
    job_wait_ms: int = _number(10, 1000, doc="how long a job waits before it runs, by the emulator's clock")
    job_duration_ms: int = _number(20, 3000, doc="how long a job runs, by the emulator's clock")
    cancel_finished: str = _choice(
        "conflict", "unchanged", doc="cancel of a job that is over: 409, or 200 and the job as it is"
    )
    batch_waiting: str = _choice("pending", "throttled", doc="a batch that waits says: PENDING, or THROTTLED")
    batch_job_running: str = _choice("running", "dispatched", doc="a v1 batch job that runs says: running, dispatched")

    def __post_init__(self) -> None:
        for each in fields(self):
            _check(each.name, each.metadata["values"], getattr(self, each.name))

    @staticmethod
    def space() -> dict[str, tuple[Any, ...]]:
        """Return every switch with its values, the default one first. A number takes other positive values too."""
        return {each.name: each.metadata["values"] for each in fields(Switches)}

    @staticmethod
    def documentation() -> dict[str, str]:
        return {each.name: each.metadata["doc"] for each in fields(Switches)}

    def with_settings(self, texts: Iterable[str]) -> Switches:
        """Apply `NAME=VALUE` texts in order. Raises ValueError, saying what would do, at the first wrong one."""
        return replace(self, **dict(parse_switch(text) for text in texts))


def _check(name: str, values: tuple[Any, ...], value: object) -> None:
    if isinstance(values[0], int):
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ValueError(f"{name} takes a positive whole number, not {value!r}")
    elif value not in values:
        raise ValueError(f"{name} takes {', '.join(values)}; not {value!r}")


def parse_switch(text: str) -> tuple[str, Any]:
    """Read `NAME=VALUE`. Raises ValueError, saying what would do.

    >>> parse_switch("page_size_max=100")
    ('page_size_max', 100)
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    space = Switches.space()
    if name not in space:
        near = difflib.get_close_matches(name, space, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(space)}"
        raise ValueError(f"no switch {name!r}; {hint}")
    if not equals:
        raise ValueError(f"{name} needs a value: {name}={'|'.join(map(str, space[name]))}")
    parsed = int(value) if isinstance(space[name][0], int) and value.isdecimal() else value
    _check(name, space[name], parsed)
    return name, parsed


def describe_switches() -> str:
    """List all switches for people: name, values (the default first), meaning."""
    lines = []
    for name, values in Switches.space().items():
        lines.append(f"{name}={'|'.join(map(str, values))}\n    {Switches.documentation()[name]}")
    return "\n".join(lines)
