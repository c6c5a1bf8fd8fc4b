from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from llamasync.codegen import outputs
from llamasync.codegen.__main__ import main
from llamasync.codegen.contract import contract_parts
from llamasync.codegen.outputs import differences, write
from llamasync.codegen.schemas import kind_schema
from llamasync.core.codes import CODES
from llamasync.core.naming import FORM_CONFIG
from llamasync.kinds.facts import Collection, Kind, ReferenceFact
from llamasync.kinds.registry import all_kinds
from llamasync.manifest.schema_files import load_schema


@dataclass(frozen=True, slots=True, kw_only=True)
class TryoutSpec:
    """A kind for this test."""

    __pydantic_config__ = FORM_CONFIG

    sources: tuple[str, ...]
    """What it reads."""
    splitting: dict[str, Any] | None = None
    """As the service has it."""


TRYOUT = Kind(
    name="Tryout",
    summary="a kind for this test",
    spec=TryoutSpec,
    collection=Collection(name="tryouts", path="/", key={}),
    fields=(),
    references=(ReferenceFact(field="sources", kind="Directory"),),
    contract_schema=("splitting", "SplitStrategy"),
)


def test_generated_files_are_up_to_date() -> None:
    assert differences() == []


def test_check_names_what_differs_and_write_mends_it(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setattr(outputs, "ROOT", tmp_path)
    assert "schemas/Directory.json" in write(tmp_path)
    assert differences(tmp_path) == []
    (tmp_path / "schemas" / "Directory.json").write_text("{}")
    (tmp_path / "schemas" / "Gone.json").write_text("{}")
    assert differences(tmp_path) == ["schemas/Directory.json", "schemas/Gone.json"]
    assert write(tmp_path) == ["schemas/Directory.json", "schemas/Gone.json"]
    assert not (tmp_path / "schemas" / "Gone.json").exists()
    assert differences(tmp_path) == []


def test_the_exit_code_of_check_is_1_when_something_is_out_of_date(monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setattr("llamasync.codegen.__main__.differences", lambda: ["schemas/A.json"])
    monkeypatch.setattr("llamasync.codegen.__main__.write", lambda: ["schemas/B.json"])
    assert main(["--check"]) == 1
    assert main([]) == 0
    assert capsys.readouterr().out == "out of date: schemas/A.json\nwritten: schemas/B.json\n"
    monkeypatch.setattr("llamasync.codegen.__main__.differences", list)
    assert main(["--check"]) == 0


@pytest.mark.parametrize("name", [*all_kinds(), "Workspace", "manifest"])
def test_every_schema_is_a_valid_closed_schema_with_descriptions(name: str) -> None:
    schema = load_schema(name)
    assert schema is not None
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"https://llamasync.dev/schemas/v1/{name}.json"
    if name != "manifest":
        assert schema["additionalProperties"] is False
        spec = schema["properties"]["spec"]
        assert spec["additionalProperties"] is False
        assert all(field["description"] for field in spec["properties"].values())
        assert '"title": "' not in json.dumps(spec["properties"])


def test_the_schema_of_any_kind_chooses_by_kind() -> None:
    schema = load_schema("manifest")
    assert schema is not None
    validator = Draft202012Validator(schema)
    good = {"apiVersion": "llamasync/v1", "kind": "Directory", "metadata": {"name": "a"}, "spec": {"description": "x"}}
    assert validator.is_valid(good)
    assert not validator.is_valid({**good, "kind": "FileSet"})
    assert not validator.is_valid({**good, "kind": "Other"})
    assert not validator.is_valid({**good, "spec": {"descripton": "x"}})
    assert validator.is_valid({"apiVersion": "llamasync/v1", "kind": "Workspace", "spec": {"project": "prj-1"}})


def test_configuration_parameters_are_checked_against_the_contract_of_their_product() -> None:
    schema = load_schema("Configuration")
    assert schema is not None
    validator = Draft202012Validator(schema)

    def is_valid(product: str, **parameters: Any) -> bool:
        spec = {"productType": product, "parameters": parameters}
        head = {"apiVersion": "llamasync/v1", "kind": "Configuration", "metadata": {"name": "a"}}
        return bool(validator.is_valid({**head, "spec": spec}))

    assert is_valid("parse_v2", tier="agentic", version="latest")
    assert is_valid("parse_v2", tier="agentic", version="latest", crop_box={"top": 0.1})
    assert not is_valid("parse_v2", tier="agentic")
    assert not is_valid("parse_v2", tier="agentic", version="latest", crop_box={"up": 0.1})
    assert not is_valid("split_v1", tier="agentic", version="latest")
    assert is_valid("extract_v2", data_schema={"anything": {"goes": [1]}})
    assert not is_valid("extract_v2", data_schema={}, product_type="extract_v2")
    assert not is_valid("extract_v2", data_schema={}, cite_source=True)


def test_a_list_of_references_and_a_contract_without_variants_are_put_in() -> None:
    schema = kind_schema(TRYOUT)
    spec = schema["properties"]["spec"]
    assert spec["properties"]["sources"]["items"] == {"$ref": "#/$defs/reference"}
    assert spec["properties"]["sources"]["description"] == "What it reads."
    assert spec["properties"]["splitting"]["additionalProperties"] is False
    parts, definitions = contract_parts(TRYOUT, {"sources", "splitting"})
    assert set(parts["properties"]) == {"splitting"}
    assert definitions == {}


def test_the_reference_pages_name_every_kind_field_and_code() -> None:
    texts = outputs.outputs()
    codes, kinds = texts["docs/reference/codes.md"], texts["docs/reference/kinds.md"]
    assert all(f"## {code}: {page.summary}\n" in codes for code, page in CODES.items())
    assert all(f"\n## {name}\n" in kinds for name in (*all_kinds(), "Workspace"))
    assert "| `spec.source` | text | required | The folder, relative to the manifest's own folder. |" in kinds
    assert '| `spec.prune` | `owned`, `all` or `never` | `"owned"` |' in kinds
    assert "| `spec.directory` | reference | required |" in kinds
    assert "| `spec.parameters.categories.name` | text | required | With `productType: split_v1`." in kinds
    assert "| `spec.moved.from` | text | required | The old address, `Kind/name`. |" in kinds
