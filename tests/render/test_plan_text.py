from __future__ import annotations

from dataclasses import replace

from llamasync.core.diagnostic import Diagnostic
from llamasync.plan.model import Action, FieldChange
from llamasync.render.columns import columns
from llamasync.render.drift_text import render_drift_text
from llamasync.render.plan_text import MANY, SHOWN_OF_MANY, TextOptions, render_plan_text
from llamasync.render.style import Style
from llamasync.render.table import render_table
from tests.render.plans import check_golden, every_action, file_change, live, make_plan, many_files


def test_every_action_is_shown_with_its_reason_and_fields() -> None:
    check_golden("plan.txt", render_plan_text(every_action(), TextOptions(state=".llamasync/state.db")))


def test_verbose_leaves_nothing_out() -> None:
    check_golden("plan-verbose.txt", render_plan_text(every_action(), TextOptions(verbose=True)))


def test_colours_change_no_letter() -> None:
    plan = every_action()
    coloured = render_plan_text(plan, TextOptions(style=Style(colour=True)))
    assert "\x1b[32m" in coloured
    import re

    assert re.sub(r"\x1b\[\d+m", "", coloured) == render_plan_text(plan, TextOptions())


def test_an_empty_plan_says_so_in_one_line() -> None:
    text = render_plan_text(make_plan(), TextOptions())
    assert text.endswith("No changes. 42 objects are as the manifests say.\n")
    assert render_plan_text(make_plan(noop=1), TextOptions()).endswith(
        "No changes. 1 object is as the manifests say.\n"
    )


def test_many_creates_are_counted_but_every_delete_is_named() -> None:
    plan = many_files(312)
    text = render_plan_text(plan, TextOptions())
    assert text.count("  + FileSet/contracts[new/") == SHOWN_OF_MANY
    assert f"... and {312 - SHOWN_OF_MANY} more to create in FileSet/contracts, 308.0 kB (-v lists them)" in text
    assert text.count("  - FileSet/contracts[old/") == 156
    assert "Plan: 312 to create, 0 to update, 156 to delete. 42 unchanged." in text
    assert "Upload: 312.0 kB in 312 files." in text


def test_a_dozen_is_listed_in_full_and_verbose_lists_all() -> None:
    assert "more to create" not in render_plan_text(many_files(MANY), TextOptions())
    assert "more to create" in render_plan_text(many_files(MANY + 1), TextOptions())
    assert "more to create" not in render_plan_text(many_files(MANY + 1), TextOptions(verbose=True))


def test_names_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in render_plan_text(every_action(), TextOptions())


def test_a_project_without_a_name_is_shown_by_its_id() -> None:
    plan = make_plan()
    text = render_plan_text(replace(plan, project=replace(plan.project, name="")), TextOptions())
    assert text.splitlines()[0] == "Project     prj-1"


def test_one_unmanaged_object_is_singular() -> None:
    assert "1 object in the service is not managed here (-v lists them)." in render_plan_text(
        make_plan(unmanaged=(live(),)), TextOptions()
    )


def test_a_narrow_terminal_breaks_lines_between_words_and_cuts_no_name() -> None:
    plan = every_action()
    narrow = render_plan_text(plan, TextOptions(width=60, verbose=True))
    assert sorted(narrow.split()) == sorted(render_plan_text(plan, TextOptions(verbose=True)).split())
    assert max(map(len, render_plan_text(plan, TextOptions(width=80)).splitlines())) <= 80


def test_one_long_name_leaves_the_others_their_reasons_beside_them() -> None:
    names = ("a.md", f"{'long-' * 12}name.md")
    changes = [file_change(name, Action.UPDATE, "1 field changed in the manifest") for name in names]
    lines = render_plan_text(make_plan(*changes), TextOptions(width=80)).splitlines()
    assert any("[a.md]  " in line and line.endswith("1 field changed in the manifest") for line in lines), lines
    assert "          1 field changed in the manifest" in lines


def test_a_pipe_and_a_file_break_no_line() -> None:
    assert "6,200.5 credits, 7.75 USD (parse" in render_plan_text(every_action(), TextOptions())


def test_wide_names_are_aligned_by_the_columns_they_take() -> None:
    plan = make_plan(*(file_change(name, Action.DELETE, "gone") for name in ("名前.pdf", "plain.pdf", "e\u0301.pdf")))
    rows = [line for line in render_plan_text(plan, TextOptions()).splitlines() if line.endswith("  gone")]
    assert len(rows) == 3
    assert len({columns(row.removesuffix("gone")) for row in rows}) == 1
    table = render_table(("A", "B"), [("名前", "x"), ("a", "x")]).splitlines()
    assert len({columns(row) for row in table}) == 1


def test_values_cannot_steer_the_terminal() -> None:
    field = FieldChange(path="spec.description", before="a\x9b31m", after="b\u202ec")
    text = render_plan_text(make_plan(file_change("a", Action.UPDATE, "changed", fields=(field,))), TextOptions())
    assert '"a\\x9b31m" -> "b\\u202ec"' in text


def test_an_empty_plan_with_an_error_does_not_say_that_there_is_nothing_to_do() -> None:
    plan = make_plan(problems=(Diagnostic("LS310", "--target Nope/x matches nothing"),))
    for text in (render_plan_text(plan, TextOptions()), render_drift_text(plan, TextOptions())):
        assert "the problems come first" in text
        assert "No " not in text.replace("No plan", "")
