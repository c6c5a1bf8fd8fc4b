from __future__ import annotations

import json
from dataclasses import replace

from llamasync.core.address import Address
from llamasync.plan.model import Action, FieldChange
from llamasync.render.plan_html import render_plan_html
from llamasync.render.plan_json import plan_value, render_plan_json
from llamasync.render.plan_markdown import LISTED, render_plan_markdown
from llamasync.render.plan_text import TextOptions, render_plan_text
from llamasync.state.model import Binding
from tests.render.plans import check_golden, every_action, file_change, make_plan, many_files

AT = "2026-01-02T03:04:05Z"


def test_json_has_every_part_that_programs_rely_on() -> None:
    check_golden("plan.json", render_plan_json(every_action(), AT).replace(_version(), "VERSION"))


def _version() -> str:
    import llamasync

    return f'"{llamasync.__version__}"'


def test_json_counts_what_is_unchanged_and_does_not_list_it() -> None:
    value = plan_value(make_plan(), AT)
    assert value["summary"]["noop"] == 42
    assert value["changes"] == []
    assert set(value["summary"]) == {str(action) for action in Action}


def test_an_id_that_is_not_known_yet_says_so_and_a_secret_stays_one() -> None:
    change = next(each for each in plan_value(every_action(), AT)["changes"] if each["kind"] == "Index")
    assert [field["after"] for field in change["fields"]] == ["(known after apply)", "(secret)"]
    assert "old" not in json.dumps(change["fields"])


def test_markdown_is_the_same_bytes_for_the_same_plan() -> None:
    text = render_plan_markdown(every_action())
    assert text == render_plan_markdown(every_action())
    check_golden("plan.md", text)


def test_markdown_names_every_delete_and_folds_many_creates() -> None:
    text = render_plan_markdown(many_files(LISTED * 3))
    assert f"... and {LISTED * 2} more" in text
    assert text.count("\n- FileSet/contracts[old/") == LISTED * 3 // 2
    assert "<details open><summary>300 to delete</summary>" in text


def test_markdown_of_nothing_says_so() -> None:
    assert render_plan_markdown(make_plan()).startswith("## llamasync plan: no changes\n")


def test_addresses_that_change_are_told_in_every_form() -> None:
    old, new = Address("FileSet", "old"), Address("FileSet", "new")
    pairs = tuple((old._replace(item=item), new._replace(item=item)) for item in ("a.md", "b<c>.md"))
    plan = replace(make_plan(), renamed=(*pairs, (Address("Directory", "x"), Address("Directory", "y"))))
    both = "FileSet/old is called FileSet/new from now on, 2 objects: nothing is sent for that."
    assert both in render_plan_text(plan, TextOptions())
    assert both in render_plan_markdown(plan)
    assert f"<p>{both}</p>" in render_plan_html(plan)
    assert "Directory/x is called Directory/y from now on: nothing" in render_plan_text(plan, TextOptions())
    assert plan_value(plan, AT)["renamed"][1] == {"from": "FileSet/old[b<c>.md]", "to": "FileSet/new[b<c>.md]"}


def _bound(address: Address) -> Binding:
    return Binding(address=address, collection="directories", id="dir-1", key=("d",))


def test_what_is_renamed_is_not_told_a_second_time() -> None:
    binding, other = _bound(Address("FileSet", "new")), _bound(Address("Directory", "d"))
    plan = replace(make_plan(), renamed=((Address("FileSet", "old"), binding.address),), remembered=(binding,))
    assert "brings up to date" not in render_plan_text(plan, TextOptions())
    plan = replace(plan, remembered=(binding, other))
    assert "The next apply brings up to date what the state says of 1 object.\n" in render_plan_text(
        plan, TextOptions()
    )


def test_backquotes_in_a_value_do_not_end_the_block() -> None:
    field = FieldChange(path="spec.description", before="a", after="```` b")
    text = render_plan_markdown(make_plan(file_change("a", Action.UPDATE, "1 field changed", fields=(field,))))
    assert "`````diff" in text


def test_html_escapes_what_comes_from_outside() -> None:
    field = FieldChange(path="spec.description", before="<script>", after="b")
    plan = make_plan(file_change("<a>", Action.UPDATE, "<b>", fields=(field,)))
    text = render_plan_html(plan)
    assert "<script>" not in text
    assert "&lt;a&gt;" in text
    assert "No changes" in render_plan_html(make_plan())
    check_golden("plan.html", render_plan_html(every_action()))
