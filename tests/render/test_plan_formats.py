from __future__ import annotations

import json
import re
from dataclasses import replace

from markdown_it import MarkdownIt

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.source import Source
from llamasync.live.model import Project
from llamasync.plan.model import Action, FieldChange
from llamasync.render.plan_html import render_plan_html
from llamasync.render.plan_json import plan_value, render_plan_json
from llamasync.render.plan_markdown import LIMIT_BYTES, LISTED, render_plan_markdown
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


EVIL = "@team #12 [a](http://b) <img src=x> *s* _e_ ~~d~~ $m$ `c` &lt; \\ | # 1. \nnext"


def test_what_others_wrote_means_nothing_in_markdown_and_calls_nobody() -> None:
    problem = Diagnostic("LS413", EVIL, Source("a`b.yaml", 1, 1), Address("File", "``x"), hint=EVIL)
    plan = replace(make_plan(problems=(problem,)), project=Project(id="prj-1", name=EVIL), environment="a`b")
    text = render_plan_markdown(plan)
    html = MarkdownIt("gfm-like", {"linkify": False}).render(text)
    assert not re.search(r"<(img|a|em|s)\b", html)
    assert not re.search(r"[@#]\w", html)
    said = re.sub("<[^>]*>", "", html.replace("<!-- -->", ""))
    shown = EVIL.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", " ")
    assert said.count(shown) == 3
    assert "<code>a`b.yaml:1:1</code> <code>File/``x</code>" in html
    assert "environment <code>a`b</code>." in html


def test_markdown_always_fits_a_comment_and_says_what_it_leaves_out() -> None:
    whole = render_plan_markdown(many_files(300))
    assert "A comment cannot hold" not in whole
    assert "... and 100 more" in whole
    for size in (2_000, 20_000):
        text = render_plan_markdown(many_files(size))
        assert len(text.encode()) <= LIMIT_BYTES
        assert "A comment cannot hold all of this plan" in text
        assert text.startswith(f"## llamasync plan: {size} to create, 0 to update, {size // 2} to delete\n")
        listed = text.count("\n- FileSet/contracts[old/")
        assert listed == size // 2 or f"... and {size // 2 - listed} more" in text
        assert listed >= 500


def test_markdown_fits_whatever_the_names_and_problems_are() -> None:
    name = "\U0001f999" * 1000
    changes = [file_change(f"{name}{n}", action, EVIL) for n, action in enumerate([*Action] * 20)]
    problems = tuple(Diagnostic("LS413", name * 5, hint=EVIL) for _ in range(200))
    text = render_plan_markdown(make_plan(*changes, problems=problems))
    assert len(text.encode()) <= LIMIT_BYTES
    assert "- ... and 198 more" in text


def test_a_refused_plan_says_so_at_its_top() -> None:
    refused = make_plan(problems=(Diagnostic("LS310", "Nope/x"),))
    assert render_plan_markdown(refused).startswith("## llamasync plan: refused, 1 error\n")
    assert "<h1>Refused, 1 error</h1>" in render_plan_html(refused)
    assert render_plan_markdown(every_action()).startswith("## llamasync plan: refused, 1 error (2 to create, ")


def test_what_is_wrong_stands_before_what_would_be_done() -> None:
    for text, change in (
        (render_plan_markdown(every_action()), "<details"),
        (render_plan_html(every_action()), "<table"),
    ):
        assert text.index("LS305") < text.index(change)


def test_html_keeps_every_text_in_its_place_and_names_where_problems_are() -> None:
    field = FieldChange(path="spec.metadata.team", before="\u05e9\u05dc\u05d5\u05dd", after="\u202eevil")
    problem = Diagnostic("LS413", "no", Source("a.yaml", 3, 5), Address("File", "x"))
    plan = make_plan(file_change("\u05d7.pdf", Action.UPDATE, "changed", fields=(field,)), problems=(problem,))
    text = render_plan_html(plan)
    assert "\u202e" not in text
    assert '<code dir="auto"><bdi>FileSet/contracts[\u05d7.pdf]</bdi></code>' in text
    assert '<code dir="auto"><bdi>a.yaml:3:5</bdi></code>' in text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
