"""What holds for every kind, and the quirks of each."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from llamasync.kinds.configuration import ConfigurationSpec
from llamasync.kinds.directory import DirectorySpec
from llamasync.kinds.facts import Collection, ContentSource, Kind, Role
from llamasync.kinds.registry import all_collections, all_kinds, find_kind, kind_named, kinds_of

KINDS = list(all_kinds().values())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_facts_of_a_kind_fit_together(kind: Kind) -> None:
    names = [fact.name for fact in kind.fields]
    assert len(set(names)) == len(names)
    assert set(kind.collection.key) <= set(names), "what identifies an object is compared"
    assert all(fact.spec.startswith("spec.") for fact in kind.fields) or kind.content is ContentSource.ITEMS
    assert (kind.build is None) == (kind.content is not ContentSource.NONE or kind.role is not Role.OBJECT)
    assert (kind.collection.upload is None) == (kind.content in (ContentSource.NONE, ContentSource.ITEMS))
    assert (kind.collection.scope is not None) == (kind.content is ContentSource.ITEMS)
    assert bool(kind.collection.parent) == any(reference.parent for reference in kind.references)
    assert all(reference.kind in all_kinds() for reference in kind.references)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.role is Role.OBJECT], ids=lambda kind: kind.name)
def test_collection_of_a_kind_is_complete(kind: Kind) -> None:
    collection = kind.collection
    assert all_collections()[collection.name] == collection
    assert kind in kinds_of(collection.name)
    assert bool(collection.parent) == bool(collection.parent_field)
    assert collection.is_nested <= bool(collection.parent)
    assert bool(collection.move_keys) <= bool(collection.parent)
    assert collection.foreign({}) == ""


def test_kinds_are_found_and_sorted() -> None:
    assert list(all_kinds()) == sorted(all_kinds())
    assert {"Directory", "FileSet", "File", "Configuration"} <= all_kinds().keys()
    assert kinds_of("nothing") == ()


def test_facts_are_found_by_the_name_of_the_field() -> None:
    kind = all_kinds()["Directory"]
    assert kind.fact("description").empty_is_null
    with pytest.raises(KeyError, match="colour"):
        kind.fact("colour")


@pytest.mark.parametrize(
    ("live", "why"),
    [
        ({"type": "user"}, ""),
        ({}, ""),
        ({"type": "index"}, "of type index, made by the service"),
        ({"connector_subscription_id": "x", "type": "user"}, "filled by a connector"),
        ({"deleted_at": "2026-01-01", "type": "index"}, "deleted"),
    ],
)
def test_directories_of_the_service_are_not_ours(live: dict[str, Any], why: str) -> None:
    assert all_collections()["directories"].foreign(live) == why


@pytest.mark.parametrize(("live", "why"), [({}, ""), ({"deleted_at": "2026-01-01"}, "deleted")])
def test_deleted_files_are_not_ours(live: dict[str, Any], why: str) -> None:
    assert all_collections()["directory-files"].foreign(live) == why


def test_directory_is_called_as_its_manifest_unless_its_spec_says_otherwise() -> None:
    build = all_kinds()["Directory"].build
    assert build is not None
    plain = build(DirectorySpec(), "contracts")
    told = build(
        DirectorySpec(name="Contracts", description="", previous_names=("a", "b"), delete_contents=True), "contracts"
    )
    assert (plain.fields, plain.key, plain.previous_keys, plain.delete_contents) == (
        {"name": "contracts"},
        ("contracts",),
        (),
        False,
    )
    assert (told.fields, told.key) == ({"name": "Contracts", "description": ""}, ("Contracts",))
    assert (told.previous_keys, told.delete_contents) == ((("a",), ("b",)), True)


def test_configuration_is_known_by_product_and_name() -> None:
    build = all_kinds()["Configuration"].build
    assert build is not None
    spec = ConfigurationSpec(product_type="parse_v2", parameters={"tier": "fast"})
    built = build(spec, "reader")
    assert built.key == ("parse_v2", "reader")
    assert built.fields == {
        "name": "reader",
        "product_type": "parse_v2",
        "parameters": {"tier": "fast", "product_type": "parse_v2"},
    }
    assert build(ConfigurationSpec(name="Reader", product_type="parse_v2"), "reader").key == ("parse_v2", "Reader")


@pytest.mark.parametrize("name", ["reader", "Reader of all"])
@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Directory", DirectorySpec(description="What we signed")),
        ("Directory", DirectorySpec(name="Contracts")),
        ("Configuration", ConfigurationSpec(product_type="parse_v2", parameters={"tier": "fast"})),
        ("Configuration", ConfigurationSpec(name="Reader", product_type="extract_v2")),
    ],
)
def test_spec_is_written_back_so_that_it_builds_the_same(kind: str, spec: Any, name: str) -> None:
    facts = all_kinds()[kind]
    assert facts.build is not None
    assert facts.write is not None
    fields = facts.build(spec, name).fields
    written = facts.write(fields, name)
    assert ("name" in written) == (spec.name is not None), "what the manifest's own name says is not said twice"
    again = {{"productType": "product_type"}.get(key, key): value for key, value in written.items()}
    assert facts.build(type(spec)(**again), name).fields == fields


def test_object_of_a_collection_that_says_nothing_of_it_is_not_foreign() -> None:
    assert Collection(name="things", path="/things", key={"name": "name"}).foreign({"deleted_at": "2026"}) == ""


def test_a_kind_is_found_by_its_name_alone_and_is_the_same_one() -> None:
    assert all(find_kind(name) is kind for name, kind in all_kinds().items())
    assert all(kind.name == name for name, kind in all_kinds().items())


@pytest.mark.parametrize("name", ["Nothing", "Facts", "facts", "Registry", "directory", "Workspace"])
def test_what_is_no_kind_is_not_found(name: str) -> None:
    assert find_kind(name) is None
    with pytest.raises(KeyError, match=name):
        kind_named(name)


def test_one_kind_is_had_without_importing_the_others() -> None:
    code = "import sys; from llamasync.kinds.registry import find_kind; find_kind('Directory'); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "llamasync.kinds.directory" in loaded
    assert not {f"llamasync.kinds.{other}" for other in ("check", "check_assertions", "batch", "index")} & set(loaded)
