from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_jsonschema import from_schema
from pydantic import TypeAdapter, ValidationError

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.kinds.registry import all_kinds
from llamasync.manifest import schema_files, validation
from llamasync.manifest.construct import construct
from llamasync.manifest.schema_files import load_schema
from llamasync.manifest.validation import failures
from llamasync.manifest.wording import retype
from llamasync.workspace.load import load_workspace

ADD_IT = "add it; `llamasync explain {}` says what it takes"
CLASSIFY = "{productType: classify_v2, parameters: {rules: [{type: a, description: a-b-c-d-e-f}], mode: X}}"


def check(tmp_path: Path, text: str) -> tuple[Diagnostic, ...]:
    (tmp_path / "a.yaml").write_text(text)
    return load_workspace(tmp_path, variables_env={}, read_content=False).diagnostics


def line(problem: Diagnostic) -> str:
    where = problem.source
    assert where is not None
    return f"{problem.code} {where.line}:{where.column} {problem.field}: {problem.detail} ({problem.hint})"


def check_spec(tmp_path: Path, kind: str, spec: str) -> list[str]:
    found = check(tmp_path, f"apiVersion: llamasync/v1\nkind: {kind}\nmetadata: {{name: x}}\nspec: {spec}\n")
    return [line(one) for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello", "LS112 1:1 : the document is not a map with apiVersion, kind, metadata and spec ()"),
        ("jobs: 1", "LS112 1:1 : the document has no apiVersion and no kind ()"),
        ("kind: Directory\nspec: {}", "LS112 1:1 : the document has no apiVersion ()"),
        (
            "apiVersion: v2\nkind: Directory\nmetadata: {name: x}\nspec: {}",
            "LS113 1:13 apiVersion: `v2` is not `llamasync/v1` ()",
        ),
        (
            "apiVersion: llamasync/v1\nkind: directory\nmetadata: {name: x}",
            "LS105 2:7 kind: no kind is called directory (did you mean Directory?)",
        ),
        (
            "apiVersion: llamasync/v1\nkind: Xyz",
            f"LS105 2:7 kind: no kind is called Xyz (the kinds are {', '.join(all_kinds())})",
        ),
        (
            "apiVersion: llamasync/v1\nkind: Workspace\nspec: {}",
            "LS121 1:1 : this file is not llamasync.yaml (put it in llamasync.yaml at the root of the workspace)",
        ),
        (
            "apiVersion: llamasync/v1\nkind: Directory\nspec: {}",
            "LS108 1:1 metadata: `metadata` is missing ()",
        ),
        (
            "apiVersion: llamasync/v1\nkind: Directory\nmetadata: {name: a/b}\nspec: {}",
            'LS107 3:18 metadata.name: expected a text of the form ^[A-Za-z0-9][A-Za-z0-9._-]*$, got the text "a/b" ()',
        ),
        (
            "apiVersion: llamasync/v1\nkind: Directory\nmetadata: {name: a, labels: {x: 5}}\nspec: {}",
            'LS107 3:33 metadata.labels.x: expected a text, got the number 5 (write "5")',
        ),
        (
            "apiVersion: llamasync/v1\nkind: Directory\nmetadata: {name: a}\nlifecyle: {}\nspec: {}",
            "LS106 4:1 lifecyle: `lifecyle` is not a field here (did you mean lifecycle?)",
        ),
        (
            "apiVersion: llamasync/v1\nkind: Directory\nmetadata: {name: a}\ndependsOn: [x]\nspec: {}",
            (
                "LS107 4:13 dependsOn[0]: expected a text of the form "
                '^[A-Za-z][A-Za-z0-9]*/[A-Za-z0-9][A-Za-z0-9._-]*$, got the text "x" ()'
            ),
        ),
    ],
)
def test_envelopes_are_checked(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "llamasync.yaml").write_text("")
    assert [line(one) for one in check(tmp_path, text)] == [expected]


@pytest.mark.parametrize(
    ("kind", "spec", "expected"),
    [
        (
            "Directory",
            "{previous_names: []}",
            [("LS106 4:8 spec.previous_names: `previous_names` is not a field here (did you mean previousNames?)")],
        ),
        (
            "Directory",
            "{deleteContents: 'yes'}",
            [('LS107 4:24 spec.deleteContents: expected true or false, got the text "yes" (write true)')],
        ),
        (
            "Directory",
            "{deleteContents: off}",
            [('LS107 4:24 spec.deleteContents: expected true or false, got the text "off" (write false)')],
        ),
        ("Directory", "{name: 5}", ['LS107 4:14 spec.name: expected a text, got the number 5 (write "5")']),
        ("Directory", "{name: ''}", ['LS107 4:14 spec.name: expected a text that is not empty, got the text "" ()']),
        (
            "Directory",
            "{previousNames: old}",
            [('LS107 4:23 spec.previousNames: expected a list, got the text "old" (write ["old"])')],
        ),
        ("Directory", "", ["LS107 4:6 spec: expected a map, got nothing ()"]),
        (
            "FileSet",
            "{directory: a}",
            [f"LS108 4:1 spec.source: `source` is missing ({ADD_IT.format('FileSet.source')})"],
        ),
        (
            "FileSet",
            "{directory: {id: d}, sorce: x}",
            [("LS106 4:28 spec.sorce: `sorce` is not a field here (did you mean source?)")],
        ),
        (
            "FileSet",
            "{directory: 5, source: x}",
            [('LS107 4:19 spec.directory: expected a text or a map, got the number 5 (write "5")')],
        ),
        (
            "FileSet",
            "{directory: {}, source: x}",
            [("LS107 4:19 spec.directory: expected a map with at least 1 entries, got a map ()")],
        ),
        (
            "FileSet",
            "{directory: {ids: d}, source: x}",
            [("LS106 4:20 spec.directory.ids: `ids` is not a field here (did you mean id?)")],
        ),
        (
            "FileSet",
            "{directory: a, source: x, prune: ownd}",
            [('LS107 4:40 spec.prune: expected owned, all or never, got the text "ownd" (did you mean owned?)')],
        ),
        (
            "FileSet",
            "{directory: a, source: x, prune: 5}",
            [("LS107 4:40 spec.prune: expected owned, all or never, got the number 5 ()")],
        ),
        (
            "Configuration",
            "{productType: parse_v2}",
            [f"LS108 4:1 spec.parameters: `parameters` is missing ({ADD_IT.format('Configuration.parameters')})"],
        ),
        ("Configuration", "{productType: spreadsheet_v1}", []),
        (
            "Configuration",
            "{productType: split_v1, parameters: {categories: []}}",
            ["LS107 4:56 spec.parameters.categories: expected a list that is not empty, got a list ()"],
        ),
        ("Configuration", CLASSIFY, ['LS107 4:99 spec.parameters.mode: expected "FAST", got the text "X" ()']),
    ],
)
def test_specs_are_checked_in_peoples_words(tmp_path: Path, kind: str, spec: str, expected: list[str]) -> None:
    if kind == "FileSet":
        (tmp_path / "dirs.yaml").write_text(
            "apiVersion: llamasync/v1\nkind: Directory\nmetadata: {name: a}\nspec: {}\n"
        )
    assert check_spec(tmp_path, kind, spec) == expected


def test_a_parameter_that_the_contract_does_not_know_is_a_warning(tmp_path: Path) -> None:
    text = "apiVersion: llamasync/v1\nkind: Configuration\nmetadata: {name: x}\n"
    text += "spec: {productType: extract_v2, parameters: {data_schema: {}, cite_source: true}}\n"
    [problem] = check(tmp_path, text)
    assert (problem.code, problem.severity) == ("LS106", Severity.WARNING)
    assert problem.hint == "did you mean cite_sources?"
    assert load_workspace(tmp_path).desired.objects[Address("Configuration", "x")].fields["parameters"]["cite_source"]


def test_product_type_cannot_be_written_twice(tmp_path: Path) -> None:
    spec = "{productType: extract_v2, parameters: {data_schema: {}, product_type: extract_v2}}"
    assert [one[:5] for one in check_spec(tmp_path, "Configuration", spec)] == ["LS106"]


def test_what_only_the_fast_validator_refuses_is_told_all_the_same(tmp_path: Path) -> None:
    found = check(tmp_path, 'apiVersion: llamasync/v1\nkind: Directory\nmetadata: {name: "a\\n"}\nspec: {}\n')
    assert [(one.code, one.field) for one in found] == [("LS107", "metadata.name")]


def test_everything_wrong_in_a_document_is_told_at_once(tmp_path: Path) -> None:
    assert len(check_spec(tmp_path, "Directory", "{nam: x, description: 5, deleteContents: 1}")) == 3


def test_a_missing_schema_says_how_to_make_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_files, "FOLDERS", ())
    with pytest.raises(LookupError, match="codegen"):
        validation._require("Nonesuch")


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"anyOf": [{"enum": ["one", "two"]}, {"type": "null"}]}, "on", 'expected one or two, got the text "on"'),
        ({"anyOf": [{"const": 1}, {"const": 2}]}, 3, "expected 1 or 2, got the number 3"),
        ({"oneOf": [{"type": "integer"}, {"minimum": 1}]}, 5, "expected exactly one of the forms it can take"),
        ({"enum": list("abcdefghijklmnop")}, "z", "expected one of 16 values (a, b, c, d, e, f, ...), got the text"),
        ({"type": ["integer", "null"]}, "5", "expected a whole number or nothing, got the text"),
        ({"multipleOf": 5}, 3, "expected what `multipleOf` allows, got the number 3"),
        ({"type": "array"}, {}, "expected a list, got a map"),
        ({"maxLength": 2}, "x" * 99, 'expected a text of at most 2 characters, got the text "xxx'),
        ({"type": "string"}, True, "expected a text, got true"),
        ({"minimum": 5}, 3, "expected at least 5, got the number 3"),
    ],
)
def test_what_schemas_can_say_is_put_into_words(monkeypatch: Any, schema: Any, value: Any, expected: str) -> None:
    monkeypatch.setattr(validation, "load_schema", lambda _: {"properties": {"a": schema}})
    validation._validator.cache_clear()
    try:
        [failure] = failures({"a": value}, "odd")
    finally:
        validation._validator.cache_clear()
    assert failure.detail.startswith(expected)
    assert failure.path == ("a",)


@pytest.mark.parametrize(
    ("value", "types", "hint"),
    [
        ("12", ["integer"], "write 12, without quotes"),
        ("x", ["integer"], ""),
        (True, ["string"], 'write "true"'),
        (5, ["array"], "write [5]"),
        ("x" * 50, ["array"], "make it a list"),
        ({}, ["array"], ""),
        (None, ["string"], ""),
    ],
)
def test_a_value_of_the_wrong_type_gets_a_hint(value: Any, types: list[str], hint: str) -> None:
    assert retype(value, types) == hint


def test_a_document_that_could_not_be_read_whole_is_not_checked_further(tmp_path: Path) -> None:
    text = "apiVersion: llamasync/v1\nkind: Directory\nmetadata: {name: x}\nspec: {name: !x 1, other: 2}\n"
    assert [one.code for one in check(tmp_path, text)] == ["LS101"]
    assert [one.code for one in check(tmp_path, "!x [1]")] == ["LS101"]
    assert [one.code for one in check(tmp_path, "kind: !x Directory")] == ["LS101"]


# -- schema and model agree


def spec_schema(kind: str) -> dict[str, Any]:
    schema = load_schema(kind)
    assert schema is not None
    # a copy, for hypothesis-jsonschema changes what it is given
    return deepcopy({**schema["properties"]["spec"], "$defs": schema.get("$defs", {})})


def whole(kind: str, spec: Any) -> dict[str, Any]:
    return {"apiVersion": "llamasync/v1", "kind": kind, "metadata": {"name": "x"}, "spec": spec}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@cache
def specs(kind: str) -> st.SearchStrategy[Any]:
    """Return specs that are right. Making the strategy of a deep schema takes a second: once is enough. What the
    contract says of a field is left out: that is the service's, and drawing from it would take minutes."""
    plain = {key: value for key, value in spec_schema(kind).items() if key != "allOf"}
    passed_on = all_kinds()[kind].contract_schema
    if passed_on and passed_on[0] in plain["properties"]:
        plain["properties"] = {**plain["properties"], passed_on[0]: {"type": "object"}}
    return from_schema(plain)


adapter = cache(TypeAdapter)  # takes a second to make for a deep model


@st.composite
def nearly(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """Draw a spec that is right, or wrong in one or two fields."""
    properties = spec_schema(kind)["properties"]
    spec: dict[str, Any] = dict(draw(specs(kind)))
    for name in draw(st.lists(st.sampled_from([*properties, "other"]), max_size=2)):
        if draw(st.booleans()):
            spec[name] = draw(VALUES)
        else:
            spec.pop(name, None)
    return spec


@pytest.mark.parametrize("kind", list(all_kinds()))
@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_schema_and_model_agree(kind: str, data: st.DataObject) -> None:
    spec = data.draw(nearly(kind))
    accepted = is_valid(kind, spec)
    assert accepted or failures(whole(kind, spec), kind)
    model = all_kinds()[kind].spec
    try:
        validated = adapter(model).validate_json(json.dumps(spec))
    except ValidationError:
        assert not accepted
    if accepted:
        assert construct(model, spec) == validated


def is_valid(kind: str, spec: Any) -> bool:
    valid: bool = validation._validator(kind).is_valid(whole(kind, spec))
    return valid


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("description", "did you mean spec.description?"),
        ("spec.descr", "did you mean spec.description?"),
        ("x", "these can be left to others: spec.name, spec.description"),
        ("spec.descriptions", "did you mean spec.description?"),
        ("spec.description", ""),
        ("spec.name", ""),
    ],
)
def test_path_that_leaves_nothing_to_others_is_told(tmp_path: Path, path: str, hint: str) -> None:
    head = "apiVersion: llamasync/v1\nkind: Directory\nmetadata: {name: x}\nspec: {}\n"
    found = check(tmp_path, f"{head}lifecycle: {{ignoreChanges: [spec.name, {path}]}}\n")
    told = f"`{path}` is no field of Directory that others can change ({hint})"
    assert [line(one) for one in found] == ([f"LS106 5:40 lifecycle.ignoreChanges[1]: {told}"] if hint else [])


def test_path_below_a_field_may_name_anything(tmp_path: Path) -> None:
    head = "apiVersion: llamasync/v1\nkind: File\nmetadata: {name: x}\n"
    spec = "spec: {directory: {id: d}, content: x, uniqueId: x}\n"
    assert not check(tmp_path, f"{head}{spec}lifecycle: {{ignoreChanges: [spec.metadata.team, spec.metadata.a.b]}}\n")
