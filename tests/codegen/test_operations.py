"""The table of operations: complete, and refused when it is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import llamasync
from llamasync.codegen import operations as module
from llamasync.codegen.operations import operations, operations_page, problems
from llamasync.codegen.uses import EVERYTHING, USES, Use
from llamasync.kinds.registry import all_kinds


def test_every_operation_of_both_contracts_has_a_use_or_a_reason() -> None:
    there = operations()
    assert problems(there) == []
    assert {"reference", "current"} <= set().union(*there.values())
    assert len(there) > 80


def test_code_names_the_path_of_every_operation_that_is_said_to_be_called() -> None:
    package = Path(llamasync.__file__).parent
    apart = {package / "emulator", package / "codegen"}
    code = "".join(each.read_text("utf-8") for each in package.rglob("*.py") if not apart & {*each.parents})
    paths = {re.sub(r"\{\w+\}", "{}", each) for each in re.findall(r"/api/v\d/[\w/{}:-]+", code)}
    callers = {*all_kinds(), EVERYTHING, *(each.stem for each in (package / "cli" / "commands").glob("*.py"))}
    for operation, use in USES.items():
        if use.by and callers.issuperset(use.by):
            wanted = re.sub(r"\{\w+\}", "{}", operation.split()[1])
            assert any(wanted == path or wanted.startswith(path.rstrip("/") + "/") for path in paths), operation


def test_a_new_operation_and_a_stale_entry_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _, *rest = USES
    shorter = {**{each: USES[each] for each in rest}, "GET /gone": Use(("File",))}
    monkeypatch.setattr(module, "problems", lambda there: problems(there, shorter))
    with pytest.raises(ValueError, match=r"uses\.py: GET /api/v1/projects: has no entry; GET /gone: is no operation"):
        operations_page(all_kinds())


def test_a_caller_that_is_not_there_is_said_to_be_planned() -> None:
    assert "Directory (planned)" in operations_page([])
    page = operations_page(["Directory"])
    assert "| `GET /api/v1/beta/directories/{directory_id}` | yes | yes |  | Directory |" in page
    assert "every command (planned)" not in page


def test_no_kind_there_is_goes_without_an_operation() -> None:
    callers = {each for use in USES.values() for each in use.by}
    assert set(all_kinds()) <= callers
