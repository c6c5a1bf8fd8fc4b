from __future__ import annotations

import pytest

from llamasync.manifest.schema_fields import list_fields
from llamasync.manifest.schema_files import load_schema
from llamasync.workspace.explain import explain, suggest, topics


def test_a_kind_is_explained_with_its_own_fields() -> None:
    found = explain("fileset")
    assert found is not None
    assert found.topic == "FileSet"
    assert found.title == "the files of a tree in the repository"
    assert found.text == ("The files of a tree in the repository, as files of one directory.",)
    assert [field.path for field in found.fields][:2] == ["spec.directory", "spec.source"]
    assert found.schema is not None


@pytest.mark.parametrize("topic", ["FileSet.prune", "FileSet.spec.prune", "fileset.prune"])
def test_a_field_is_explained_with_or_without_spec(topic: str) -> None:
    found = explain(topic)
    assert found is not None
    assert (found.topic, found.title) == ("FileSet.spec.prune", "`owned`, `all` or `never`")
    assert found.fields[0].default == '"owned"'


def test_a_field_is_explained_with_those_below() -> None:
    found = explain("Workspace.guards")
    assert found is not None
    assert "spec.guards.maxDeletes" in [field.path for field in found.fields]
    envelope = explain("Directory.metadata.name")
    assert envelope is not None


def test_a_code_is_explained_with_why_and_fix() -> None:
    found = explain("ls104")
    assert found is not None
    assert (found.topic, found.title, len(found.text)) == ("LS104", "unknown reference", 2)
    assert found.schema is None


@pytest.mark.parametrize("topic", ["Nothing", "LS999", "FileSet.nothing", ""])
def test_what_does_not_exist_is_not_explained(topic: str) -> None:
    assert explain(topic) is None


def test_near_topics_are_suggested() -> None:
    assert suggest("Filset") == "FileSet"
    assert suggest("Filset.prun") == "FileSet.prune"
    assert suggest("FileSet.qqqqqq") == "FileSet"
    assert suggest("qqqqqq") == ""
    assert "Workspace" in topics()


def test_every_field_of_every_kind_has_one_title() -> None:
    for topic in topics():
        schema = load_schema(topic)
        assert schema is not None
        for field in list_fields(schema):
            found = explain(f"{topic}.{field.path}")
            assert found is not None, field.path
            same = [one for one in found.fields if one.path == field.path]
            if len({one.type for one in same}) > 1 and field.when:
                assert found.title == "depends on productType"
            else:
                assert all(one.type in found.title for one in same), field.path
