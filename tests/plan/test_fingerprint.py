"""Two plans have one fingerprint exactly when they do the same to the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamasync.core.reference import Reference
from llamasync.core.secret import Secret
from llamasync.live.model import Project
from llamasync.plan.fingerprint import fingerprint
from llamasync.plan.model import Action, Change, FieldChange, PlanOptions
from tests.plan.pieces import address, directory, file, live

PROJECT = Project(id="prj-1", name="Larkfield")
CONTRACTS = directory("contracts")
PAPER = file("FileSet/a[1.md]")
CHANGE = Change(
    address=PAPER.address,
    kind="FileSet",
    collection="directory-files",
    action=Action.REPLACE,
    reason="content changed",
    fields=(FieldChange(path="content", before="x", after="y"),),
    desired=PAPER,
    live=live(PAPER, "f-1", parent="dir-1"),
    send={"unique_id": "1.md", "tags": ["a"], "secret": Secret("s"), "directory": Reference("Directory", name="X")},
    parent="dir-1",
    uploads=True,
    staged=live(PAPER, "f-2", parent="dir-1"),
)
OTHER = Change(
    address=CONTRACTS.address, kind="Directory", collection="directories", action=Action.DELETE, reason="gone"
)


def _of(*changes: Change, project: Project = PROJECT, endpoint: str = "https://a") -> str:
    return fingerprint(changes, project, PlanOptions(endpoint=endpoint))


def _live(change: Change, **fields: object) -> Change:
    assert change.live is not None
    return replace(change, live=replace(change.live, **fields))


SENSITIVE: dict[str, Callable[[Change], Change]] = {
    "address": lambda one: replace(one, address=address("FileSet/a[2.md]")),
    "action": lambda one: replace(one, action=Action.CREATE),
    "value that is sent": lambda one: replace(one, send={**one.send, "unique_id": "2.md"}),
    "value in a list": lambda one: replace(one, send={**one.send, "tags": ["b"]}),
    "another reference": lambda one: replace(one, send={**one.send, "directory": Reference("Directory", name="Y")}),
    "field that is not sent": lambda one: replace(one, send={}),
    "parent": lambda one: replace(one, parent="dir-2"),
    "parent to be made": lambda one: replace(one, parent=Reference("Directory", CONTRACTS.address)),
    "bytes": lambda one: replace(one, desired=file("FileSet/a[1.md]", "two")),
    "no upload": lambda one: replace(one, uploads=False),
    "live id": lambda one: _live(one, id="f-9"),
    "live name": lambda one: _live(one, key=("9.md",)),
    "live bytes": lambda one: _live(one, file_id="bytes-9"),
    "live field": lambda one: _live(one, fields={"display_name": "theirs"}),
    "live parent": lambda one: _live(one, parent_id="dir-9"),
    "no live object": lambda one: replace(one, live=None),
    "staged": lambda one: replace(one, staged=None),
    "field after": lambda one: replace(one, fields=(FieldChange(path="content", before="x", after="z"),)),
}


@pytest.mark.parametrize("vary", SENSITIVE.values(), ids=SENSITIVE)
def test_fingerprint_changes_with(vary: Callable[[Change], Change]) -> None:
    assert _of(vary(CHANGE), OTHER) != _of(CHANGE, OTHER)


def test_fingerprint_changes_with_the_project_and_the_endpoint() -> None:
    assert len({_of(CHANGE), _of(CHANGE, project=Project(id="prj-2")), _of(CHANGE, endpoint="https://b"), _of()}) == 4


def test_fingerprint_does_not_hang_on_words_order_or_the_projects_name() -> None:
    told_otherwise = replace(CHANGE, reason="because", needs=(CONTRACTS.address,))
    assert _of(OTHER, told_otherwise, project=Project(id="prj-1", name="renamed")) == _of(CHANGE, OTHER)


@given(st.text())
def test_fingerprint_holds_no_secret(text: str) -> None:
    assert _of(replace(CHANGE, send={"s": Secret(text)})) == _of(replace(CHANGE, send={"s": Secret("other")}))
