"""Items of a manifest: what each form of file becomes, and every kind of bad input with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llamasync.workspace.load import load_workspace
from tests.support.world import manifest

ITEMS = [{"id": "a", "n": 1, "tags": ["x", {"y": None}]}, {"id": 7, "text": 'ü, "quoted"\nline'}]
YAML = '- {id: a, n: 1, tags: [x, {y: null}]}\n- id: 7\n  text: "ü, \\"quoted\\"\\nline"\n'


def write(root: Path, text: str | bytes, *, name: str = "items.jsonl", **spec: Any) -> None:
    (root / "llamasync.yaml").write_text("")
    (root / "m").mkdir(exist_ok=True)
    data = text.encode() if isinstance(text, str) else text
    (root / "m" / name).write_bytes(data)
    spec = {"deploymentName": "_public", "key": "id", "itemsFrom": name, **spec}
    (root / "m" / "a.yaml").write_text(json.dumps(manifest("AgentDataCollection", "c", spec)))


def told(root: Path) -> list[str]:
    """Return each problem as `code file:line:column`, with its detail."""
    found = load_workspace(root, variables_env={}).diagnostics
    return [f"{one.code} {one.source}: {one.detail}" for one in found]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("items.jsonl", "".join(json.dumps(one) + "\n\n" for one in ITEMS)),
        ("items.JSONL", "\ufeff" + "\r\n".join(json.dumps(one) for one in ITEMS)),
        ("items.json", json.dumps(ITEMS, indent=2)),
        ("items.json", f"  {json.dumps(ITEMS)}\n"),
        ("items.yaml", YAML),
        ("items.yml", YAML),
    ],
)
def test_every_form_of_file_gives_the_same_items(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path, text, name=name)
    workspace = load_workspace(tmp_path, variables_env={})
    assert workspace.diagnostics == ()
    found = {str(address): one for address, one in workspace.desired.objects.items()}
    assert {address: one.fields for address, one in found.items()} == {
        "AgentDataCollection/c[7]": {"data": ITEMS[1]},
        "AgentDataCollection/c[a]": {"data": ITEMS[0]},
    }
    assert {one.parent for one in found.values()} == {"_public/default"}


@pytest.mark.parametrize("text", ["[]", " [ ] "])
def test_a_list_of_no_items_is_one(tmp_path: Path, text: str) -> None:
    write(tmp_path, text, name="items.json")
    assert told(tmp_path) == []


def test_items_know_their_lines(tmp_path: Path) -> None:
    write(tmp_path, '[\n  {"id": "a"},\n\n    {"id": "b"}, {"id": "c"}\n]', name="items.json")
    found = load_workspace(tmp_path, variables_env={}).desired.objects.values()
    assert [str(one.source) for one in found] == ["m/items.json:2:3", "m/items.json:4:5", "m/items.json:4:18"]


def test_cells_are_texts_unless_the_schema_says_what_they_are(tmp_path: Path) -> None:
    table = 'id,n,ok,maybe,late,free,off\n"a\nb",7,true,,,,false\n\nc,1.5,false,x,1,0,true\n'
    types = {
        "n": {"type": "number"},
        "ok": {"type": "boolean"},
        "off": {"type": ["boolean", "null"]},
        "maybe": {"type": ["string", "null"]},
        "late": {"type": "integer"},
        "other": True,
    }
    write(tmp_path, table, name="items.csv", itemSchema={"properties": types})
    found = [one.fields["data"] for one in load_workspace(tmp_path, variables_env={}).desired.objects.values()]
    assert found == [
        {"id": "a\nb", "n": 7, "ok": True, "maybe": None, "free": "", "off": False},
        {"id": "c", "n": 1.5, "ok": False, "maybe": "x", "late": 1, "free": "0", "off": True},
    ]
    assert [type(one) for one in (found[0]["n"], found[1]["n"], found[1]["late"])] == [int, float, int]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("items.jsonl", '{"id": "a"}\n{"n": 1}\n', "LS214 m/items.jsonl:2:1: the item has no field 'id'"),
        ("items.jsonl", ' {"id": ""}', "LS214 m/items.jsonl:1:2: its 'id' is the text \"\""),
        ("items.jsonl", '{"id": null}', "LS214 m/items.jsonl:1:1: its 'id' is nothing"),
        ("items.jsonl", '{"id": true}', "LS214 m/items.jsonl:1:1: its 'id' is true"),
        ("items.jsonl", '{"id": ["a"]}', "LS214 m/items.jsonl:1:1: its 'id' is a list"),
        ("items.jsonl", '{"id": 1}\n{"id": "1"}', "LS215 m/items.jsonl:2:1: id is '1' here and at m/items.jsonl:1:1"),
        ("items.jsonl", '{"id": "a"}\n{"id": b}', "LS216 m/items.jsonl:2:8: no JSON: Expecting value"),
        ("items.jsonl", '{"id": "a"} {}', "LS216 m/items.jsonl:1:13: no JSON: something follows the item"),
        ("items.jsonl", '{"id": 1, "id": 2}', "LS216 m/items.jsonl:1:1: the field 'id' is there twice"),
        ("items.jsonl", "[1]", "LS216 m/items.jsonl:1:1: an item is a map of fields, not a list"),
        ("items.jsonl", '{"id": "a", "n": NaN}', "LS219 m/items.jsonl:1:18: NaN is no JSON"),
        ("items.jsonl", '{"id": "a", "n": -1e999}', "LS219 m/items.jsonl:1:18: -1e999 is too large a number"),
        ("items.jsonl", '{"id": "\\ud800"}', "LS219 m/items.jsonl:1:1: a text holds half of a surrogate pair"),
        ("items.jsonl", '{"id": ' + "9" * 5000 + "}", "LS216 m/items.jsonl:1:1: a number has too many digits"),
        ("items.jsonl", "[" * 100_000, "LS216 m/items.jsonl:1:1: it is nested too deep"),
        ("items.jsonl", b'{"id": "\xff"}', "LS216 m/a.yaml:1:"),
        ("items.json", '{"id": "a"}', "LS216 m/items.json:1:1: a .json file of items is one list"),
        ("items.json", "", "LS216 m/items.json:1:1: a .json file of items is one list"),
        ("items.json", '[{"id": "a"},\n 1]', "LS216 m/items.json:2:2: an item is a map of fields, not the number 1"),
        ("items.json", '[{"id": "a"},\n {"id" 1}]', "LS216 m/items.json:2:8: no JSON"),
        ("items.json", '[{"id": "a"}\n {"id": "b"}]', "LS216 m/items.json:2:2: no JSON: expected `,` or `]`"),
        ("items.json", '[{"id": "a"}', "LS216 m/items.json:1:13: no JSON: expected `,` or `]`"),
        ("items.json", "[] x", "LS216 m/items.json:1:4: no JSON: something follows the list"),
        ("items.json", '[{"id": "a"},\n {"id": Infinity}]', "LS219 m/items.json:2:9: Infinity is no JSON"),
        ("items.yaml", "id: a", "LS216 m/items.yaml:1:1: a YAML file of items is one list of maps"),
        ("items.yaml", "", "LS216 m/items.yaml: a YAML file of items is one list of maps"),
        ("items.yaml", "- id: a\n- [x]", "LS216 m/items.yaml:2:3: an item is a map of fields, not a list"),
        ("items.yaml", "- id: [a\n", "LS101 m/items.yaml:2:1"),
        ("items.yaml", "- {id: a, id: b}\n", "LS102 m/items.yaml:1:11"),
        ("items.csv", "id,n\na,1\nb,2,3\n", "LS217 m/items.csv:3:1: 3 cells, and 2 in the header"),
        ("items.csv", 'id,n\n"a\nb",1\nc\n', "LS217 m/items.csv:4:1: 1 cell, and 2 in the header"),
        ("items.csv", "id,id\n", "LS216 m/items.csv:1:1: two columns are called 'id'"),
        ("items.csv", "id,\n", "LS216 m/items.csv:1:1: column 2 has no name in the first row"),
        ("items.csv", "", "LS216 m/items.csv:1:1: the first row names the fields, and there is none"),
        ("items.csv", 'id\n"a"b\n', "LS216 m/items.csv:2:1: no CSV"),
        ("items.txt", "a", "LS216 m/items.txt: m/items.txt is none of .jsonl, .json, .yaml, .yml, .csv"),
    ],
)
def test_a_bad_file_is_told_with_its_place(tmp_path: Path, name: str, text: str, expected: str) -> None:
    write(tmp_path, text, name=name)
    found = told(tmp_path)
    assert len(found) == 1, found
    assert found[0].startswith(expected)


def test_an_item_that_breaks_its_schema_is_told_with_its_line(tmp_path: Path) -> None:
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}, "x": {"enum": [1, 2]}}}
    write(tmp_path, '{"id": "a", "n": 1}\n{"id": "b"}\n{"id": "c", "n": "1", "x": 3}\n', itemSchema=schema)
    assert told(tmp_path) == [
        "LS218 m/items.jsonl:2:1: `n` is missing (item 'b')",
        "LS218 m/items.jsonl:3:1: n: expected a whole number, got the text \"1\" (item 'c')",
        "LS218 m/items.jsonl:3:1: x: expected 1 or 2, got the number 3 (item 'c')",
    ]


def test_a_cell_that_is_not_of_its_type_is_told_as_it_stands(tmp_path: Path) -> None:
    schema = {"properties": {"n": {"type": "integer"}, "ok": {"type": "boolean"}}}
    write(tmp_path, "id,n,ok\na,x,1\nb,true,yes\n", name="items.csv", itemSchema=schema)
    found = told(tmp_path)
    assert [one.partition(": ")[0] for one in found] == ["LS218 m/items.csv:2:1"] * 2 + ["LS218 m/items.csv:3:1"] * 2


@pytest.mark.parametrize(
    ("schema", "detail"),
    [
        ({"type": "text"}, "it is no JSON Schema"),
        ({"$ref": "https://example.org/schema.json"}, "it is no JSON Schema"),
    ],
)
def test_a_wrong_schema_is_told_and_nothing_is_fetched(tmp_path: Path, schema: dict[str, Any], detail: str) -> None:
    write(tmp_path, '{"id": "a"}\n', itemSchema=schema)
    found = load_workspace(tmp_path, variables_env={}).diagnostics
    assert [(one.code, one.field) for one in found] == [("LS107", "spec.itemSchema")]
    assert detail in found[0].detail


def test_many_problems_are_counted_after_the_first_hundred(tmp_path: Path) -> None:
    write(tmp_path, "{}\n" * 150)
    found = told(tmp_path)
    assert len(found) == 101
    assert sum("50 more problems" in one for one in found) == 1


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"items": []}, "LS107"),
        ({"itemsFrom": "none.jsonl"}, "LS201"),
        ({"itemsFrom": "../../outside.jsonl"}, "LS202"),
        ({"itemsFrom": "/etc/passwd"}, "LS202"),
        ({"itemsFrom": "../m"}, "LS201"),
        ({"items": [{"n": 1}], "itemsFrom": None}, "LS214"),
        ({"items": [{"id": 1}, {"id": 1.0}], "itemsFrom": None}, "LS215"),
        ({"itemsFrom": None}, "LS107"),
    ],
)
def test_what_names_the_items_is_checked(tmp_path: Path, spec: dict[str, Any], expected: str) -> None:
    write(tmp_path, "", **spec)
    path = tmp_path / "m" / "a.yaml"
    document = json.loads(path.read_text())
    document["spec"] = {key: value for key, value in document["spec"].items() if value is not None}
    path.write_text(json.dumps(document))
    found = load_workspace(tmp_path, variables_env={}).diagnostics
    assert [one.code for one in found] == [expected]
    assert found[0].source is not None
    assert found[0].source.line


def test_two_manifests_of_one_collection_are_refused_with_both_places(tmp_path: Path) -> None:
    (tmp_path / "llamasync.yaml").write_text("")
    spec = {"deploymentName": "_public", "key": "id", "items": []}
    for name, more in (("a", {}), ("b", {"collection": "default"}), ("c", {"collection": "other"})):
        (tmp_path / f"{name}.yaml").write_text(json.dumps(manifest("AgentDataCollection", name, {**spec, **more})))
    found = load_workspace(tmp_path, variables_env={}).diagnostics
    assert [(one.code, str(one.address)) for one in found] == [("LS316", "AgentDataCollection/b")]
    assert "a.yaml:1:" in found[0].hint


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "[]", name="items.json")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("llamasync.workspace.items.read._opened", refuse)
    assert [one.partition(" ")[0] for one in told(tmp_path)] == ["LS206"]
