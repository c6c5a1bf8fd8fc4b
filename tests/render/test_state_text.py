from __future__ import annotations

import json
from dataclasses import fields

from llamasync.core.address import Address
from llamasync.core.secret import Secret
from llamasync.render.state_text import render_binding, render_bindings_json, render_state_list
from llamasync.render.style import PLAIN
from llamasync.render.table import render_table
from llamasync.render.units import human_bytes, human_seconds
from llamasync.render.values import json_value, text_value
from llamasync.render.verdicts import Level, Verdict, render_verdicts, verdicts_value
from llamasync.state.model import Binding, Intent, State

BINDING = Binding(
    address=Address("FileSet", "a", "b.pdf"),
    collection="directory-files",
    id="dfl-1",
    key=("b.pdf",),
    parent_id="dir-1",
    fields={"metadata": {"team": "x"}, "unique_id": "b.pdf"},
    sha256="ab" * 32,
    size_bytes=1200,
    needs=(Address("Directory", "a"),),
    applied_at="2026-01-02T03:04:05.678901+00:00",
)


def test_a_list_is_aligned_and_nothing_is_an_empty_text() -> None:
    assert render_state_list([BINDING]) == (
        "ADDRESS           ID     SIZE    APPLIED\nFileSet/a[b.pdf]  dfl-1  1.2 kB  2026-01-02T03:04:05Z\n"
    )
    assert render_state_list([]) == ""


def test_a_binding_shows_what_it_has_and_no_more() -> None:
    text = render_binding(BINDING)
    assert 'fields.metadata  {"team": "x"}\n' in text
    assert "needs            Directory/a\n" in text
    assert "file_id" not in text


def test_a_binding_as_json_has_all_of_it() -> None:
    state = State(project_id="p", intents=(Intent(number=1, address=BINDING.address, collection="c", key=("k",)),))
    told = json.loads(render_bindings_json([BINDING], state))
    (value,) = told["bindings"]
    assert (told["format_version"], told["project_id"], told["endpoint"]) == ("1.0", "p", None)
    assert told["unfinished"] == [str(BINDING.address)]
    assert value.keys() >= {field.name for field in fields(BINDING)}
    assert value["fields"] == {"metadata": {"team": "x"}, "unique_id": "b.pdf"}
    assert value["needs"] == ["Directory/a"]


def test_a_table_writes_out_control_characters() -> None:
    assert render_table(["A"], [["x\ny"]]) == "A\nx\\ny\n"


def test_values_of_every_type_can_be_shown() -> None:
    assert json_value([1, 2.5, True, None, {"a": {1}}]) == [1, 2.5, True, None, {"a": [1]}]
    assert json_value(object).startswith("<class")
    assert text_value(Secret("x")) == "(secret)"


def test_large_numbers_stay_readable() -> None:
    assert human_bytes(5_000_000_000_000) == "5000.0 GB"
    assert human_seconds(3700) == "1 h 1 min"


def test_verdicts_show_their_fix_and_the_worst_counts() -> None:
    verdicts = [Verdict("key", Level.OK, "set"), Verdict("clock", Level.WARN, "off", "set it")]
    assert render_verdicts(verdicts, PLAIN) == "ok    key    set\nwarn  clock  off\n             set it\n"
    assert verdicts_value(verdicts)["verdict"] == "warn"
    assert verdicts_value([])["verdict"] == "ok"
