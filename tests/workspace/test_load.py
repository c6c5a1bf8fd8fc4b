from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from llamasync.core.address import Address
from llamasync.core.diagnostic import Severity
from llamasync.core.reference import Reference
from llamasync.manifest import discovery
from llamasync.workspace.desired import Lifecycle
from llamasync.workspace.load import load_workspace
from llamasync.workspace.model import Workspace

HEAD = "apiVersion: llamasync/v1\n"
HANDBOOK = Address("Directory", "handbook")


def manifest(kind: str, name: str, spec: str = "{}", more: str = "") -> str:
    return f"{HEAD}kind: {kind}\nmetadata: {{name: {name}}}\n{more}spec: {spec}\n"


def settings(spec: str) -> str:
    return f"{HEAD}kind: Workspace\nspec: {spec}\n"


def write(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def load(root: Path, files: Mapping[str, str] | None = None, **options: Any) -> Workspace:
    options.setdefault("variables_env", {})
    return load_workspace(write(root, files or {}), **options)


def told(workspace: Workspace) -> list[str]:
    return [f"{one.code} {one.source}" for one in workspace.diagnostics]


def test_manifests_become_what_should_exist(tmp_path: Path) -> None:
    files = {
        "llamasync.yaml": settings("{vars: {team: legal}}"),
        "m/all.yaml": "---\n".join(
            [
                manifest("Directory", "handbook", "{name: Handbook, previousNames: [old], deleteContents: true}"),
                manifest("FileSet", "pages", "{directory: handbook, source: ../docs, prune: all}"),
                manifest("File", "note", "{directory: {id: dir-1}, content: 'for ${var:team}'}"),
                manifest("Configuration", "cut", "{productType: split_v1, parameters: {categories: [{name: a}]}}"),
            ]
        ),
        "docs/a.md": "a",
        "docs/not-a-manifest.yaml": "][",
    }
    workspace = load(tmp_path, files)
    assert told(workspace) == []
    assert workspace.root == tmp_path
    assert workspace.selected is None
    desired = workspace.desired
    assert [str(address) for address in desired.objects] == [
        "Configuration/cut",
        "Directory/handbook",
        "File/note",
        "FileSet/pages[a.md]",
        "FileSet/pages[not-a-manifest.yaml]",
    ]
    handbook = desired.objects[HANDBOOK]
    assert (handbook.fields, handbook.key) == ({"name": "Handbook"}, ("Handbook",))
    assert handbook.previous_keys == (("old",),)
    assert handbook.delete_contents
    assert str(handbook.source) == "m/all.yaml:1:1"
    page = desired.objects[Address("FileSet", "pages", "a.md")]
    assert page.parent == Reference("Directory", address=HANDBOOK)
    assert page.needs == (HANDBOOK,)
    note = desired.objects[Address("File", "note")]
    assert note.parent == Reference("Directory", id="dir-1")
    assert note.needs == ()
    assert note.content is not None
    assert note.content.inline == b"for legal"
    cut = desired.objects[Address("Configuration", "cut")]
    assert cut.fields["parameters"] == {"categories": [{"name": "a"}], "product_type": "split_v1"}
    [group] = desired.groups
    assert (str(group.address), group.prune, group.parent) == ("FileSet/pages", "all", page.parent)
    assert [str(address) for address in desired.manifests] == [
        "Configuration/cut",
        "Directory/handbook",
        "File/note",
        "FileSet/pages",
    ]


def test_lifecycle_labels_and_order_are_carried_over(tmp_path: Path) -> None:
    more = (
        "lifecycle: {protect: true, ignoreChanges: [spec.description], onRemove: forget}\n"
        "dependsOn: [Directory/handbook]\n"
    )
    text = manifest("Directory", "handbook") + "---\n" + manifest("Directory", "b", more=more)
    text = text.replace("metadata: {name: b}", "metadata: {name: b, labels: {team: legal}}")
    found = load(tmp_path, {"a.yaml": text}).desired.objects[Address("Directory", "b")]
    assert found.lifecycle == Lifecycle(protect=True, ignore_changes=("spec.description",), on_remove="forget")
    assert found.labels == {"team": "legal"}
    assert found.needs == (HANDBOOK,)


def test_order_of_files_and_documents_does_not_matter(tmp_path: Path) -> None:
    texts = [manifest("Directory", f"d{n}", more=f"dependsOn: [Directory/d{n + 1}]\n") for n in range(9)]
    texts.append(manifest("Directory", "d9"))
    first = load(tmp_path / "1", {"all.yaml": "---\n".join(texts)})
    random.Random(5).shuffle(texts)
    second = load(tmp_path / "2", {f"{n}.yaml": text for n, text in enumerate(texts)})
    assert told(first) == told(second) == []
    assert list(first.desired.objects) == list(second.desired.objects)
    assert [one.needs for one in first.desired.objects.values()] == [
        one.needs for one in second.desired.objects.values()
    ]


def test_a_syntax_error_in_one_file_does_not_hide_problems_in_others(tmp_path: Path) -> None:
    files = {"a.yaml": "a: [", "b.yaml": manifest("Directory", "b", "{nam: x}"), "c.yaml": manifest("Directory", "c")}
    workspace = load(tmp_path, files)
    assert told(workspace) == ["LS101 a.yaml:2:1", "LS106 b.yaml:4:8"]
    assert list(workspace.desired.objects) == [Address("Directory", "c")]


def test_files_that_are_not_utf_8_or_not_readable_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"x: 1\ny: \xff\n")
    (tmp_path / "b.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "c.yaml").write_bytes(b"\xef\xbb\xbf" + manifest("Directory", "c").encode())
    workspace = load(tmp_path)
    assert told(workspace) == ["LS117 a.yaml", "LS117 b.yaml"]
    assert "line 2" in workspace.diagnostics[0].detail
    assert str(workspace.desired.objects[Address("Directory", "c")].source) == "c.yaml:1:1"


def test_references_to_what_an_unreadable_file_may_hold_are_no_problem_of_their_own(tmp_path: Path) -> None:
    files = {"a.yaml": "a: [", "b.yaml": manifest("File", "f", "{directory: handbook, content: x}")}
    assert told(load(tmp_path, files)) == ["LS101 a.yaml:2:1"]


def test_references_to_a_manifest_of_misspelt_kind_are_no_problem_of_their_own(tmp_path: Path) -> None:
    files = {
        "a.yaml": manifest("Directry", "handbook"),
        "b.yaml": manifest("File", "f", "{directory: handbook, content: x}"),
    }
    assert told(load(tmp_path, files)) == ["LS105 a.yaml:2:7"]


def test_references_to_a_manifest_with_a_wrong_spec_are_no_problem_of_their_own(tmp_path: Path) -> None:
    files = {
        "a.yaml": manifest("Directory", "handbook", "{name: 5}"),
        "b.yaml": manifest("File", "f", "{directory: handbook, content: x}"),
    }
    assert told(load(tmp_path, files)) == ["LS107 a.yaml:4:14"]


def test_two_manifests_with_one_address_are_told_with_both_places(tmp_path: Path) -> None:
    workspace = load(tmp_path, {"a.yaml": manifest("Directory", "x"), "b.yaml": manifest("Directory", "x")})
    assert told(workspace) == ["LS103 b.yaml:1:1"]
    assert "a.yaml:1:1" in workspace.diagnostics[0].hint


def test_two_manifests_for_one_live_object_are_told_with_both_places(tmp_path: Path) -> None:
    files = {"a.yaml": manifest("Directory", "x"), "b.yaml": manifest("Directory", "y", "{name: x}")}
    workspace = load(tmp_path, files)
    assert told(workspace) == ["LS316 b.yaml:1:1"]
    assert "a.yaml:1:1" in workspace.diagnostics[0].hint


def test_files_of_two_manifests_with_one_unique_id_are_told(tmp_path: Path) -> None:
    one, two = (manifest("File", name, "{directory: {id: d}, content: x, uniqueId: same}") for name in "ab")
    assert told(load(tmp_path, {"a.yaml": one, "b.yaml": two}))[0].startswith("LS203 b.yaml")
    apart = two.replace("id: d", "id: other")
    assert told(load(tmp_path, {"b.yaml": apart})) == []


def test_missing_environment_variables_are_errors_or_warnings(tmp_path: Path) -> None:
    files = {"a.yaml": manifest("Directory", "x", "{name: '${env:NAME}'}")}
    strict = load(tmp_path, files)
    assert [(one.code, one.severity) for one in strict.diagnostics] == [("LS110", Severity.ERROR)]
    lax = load(tmp_path, require_env=False)
    assert [(one.code, one.severity) for one in lax.diagnostics] == [("LS110", Severity.WARNING)]
    given = load(tmp_path, variables_env={"NAME": "y"})
    assert given.desired.objects[Address("Directory", "x")].key == ("y",)


def test_a_placeholder_causes_no_other_problem(tmp_path: Path) -> None:
    files = {
        "a.yaml": manifest("Configuration", "c", "{productType: '${env:T}', name: 'x${env:N}'}"),
        "b.yaml": manifest("FileSet", "s", "{directory: '${env:D}', source: '${env:S}'}"),
    }
    assert {one.code for one in load(tmp_path, files, require_env=False).diagnostics} == {"LS110"}


def test_the_process_environment_is_used_unless_another_is_given(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("LLAMASYNC_TEST_NAME", "from-process")
    files = {"a.yaml": manifest("Directory", "x", "{name: '${env:LLAMASYNC_TEST_NAME}'}")}
    found = load(tmp_path, files, variables_env=None).desired.objects[Address("Directory", "x")]
    assert found.key == ("from-process",)


OVERLAID = {
    "llamasync.yaml": settings("{environments: {prod: {overlays: [over]}}}"),
    "a.yaml": manifest("Directory", "handbook", "{name: a, description: base, previousNames: [x, y]}"),
    "over/a.yaml": "kind: Directory\nmetadata: {name: handbook}\nspec:\n  description: null\n  previousNames: [z]\n",
}


def test_overlays_are_merged_in_their_environment_only(tmp_path: Path) -> None:
    plain = load(tmp_path, OVERLAID).desired.objects[HANDBOOK]
    assert plain.fields == {"name": "a", "description": "base"}
    workspace = load(tmp_path, environment="prod")
    assert workspace.environment == "prod"
    prod = workspace.desired.objects[HANDBOOK]
    assert prod.fields == {"name": "a"}
    assert prod.previous_keys == (("z",),)


def test_what_is_wrong_in_an_overlay_is_told_there(tmp_path: Path) -> None:
    text = "kind: Directory\nmetadata: {name: handbook}\nspec:\n  descripton: x\n  previousNames: [z, 5]\n  name: 7\n"
    workspace = load(tmp_path, {**OVERLAID, "over/a.yaml": text}, environment="prod")
    assert told(workspace) == ["LS106 over/a.yaml:4:3", "LS107 over/a.yaml:5:22", "LS107 over/a.yaml:6:9"]


def test_what_an_overlay_leaves_alone_is_told_in_the_manifest(tmp_path: Path) -> None:
    text = manifest("Directory", "handbook", "{name: 7}")
    assert told(load(tmp_path, {**OVERLAID, "a.yaml": text}, environment="prod")) == ["LS107 a.yaml:4:14"]


def test_overlays_for_nothing_and_without_a_name_are_told(tmp_path: Path) -> None:
    more = {"over/b.yaml": "kind: Directory\nmetadata: {name: hand}\n---\nspec: {}\n"}
    assert told(load(tmp_path, {**OVERLAID, **more}, environment="prod")) == [
        "LS114 over/b.yaml:1:1",
        "LS112 over/b.yaml:4:1",
    ]


def test_missing_folders_of_overlays_and_manifests_are_told(tmp_path: Path) -> None:
    text = settings("{manifests: [m, nope], environments: {prod: {overlays: [gone]}}}")
    workspace = load(tmp_path, {"llamasync.yaml": text, "m/a.yaml": manifest("Directory", "a")}, environment="prod")
    assert told(workspace) == ["LS119 llamasync.yaml:3:23", "LS119 llamasync.yaml:3:63"]


def test_names_that_are_too_long_are_missing_as_any_other(tmp_path: Path) -> None:
    name = "x" * 300
    text = settings(f"{{manifests: [m, {name}], environments: {{prod: {{overlays: [{name}]}}}}}}")
    write(tmp_path, {"llamasync.yaml": text, "m/a.yaml": manifest("Directory", "a")})
    workspace = load(tmp_path, paths=[tmp_path / name], environment="prod")
    assert [one.code for one in workspace.diagnostics] == ["LS119"] * 3
    assert load(tmp_path / name / "x.yaml").root == tmp_path
    (tmp_path / "llamasync.yaml").unlink()
    assert told(load(tmp_path / name / "x.yaml")) == ["LS604 None"]


def test_a_missing_folder_of_overlays_is_to_be_corrected_where_it_stands(tmp_path: Path) -> None:
    text = settings("{environments: {prod: {overlays: [gone]}}}")
    (problem,) = load(
        tmp_path, {"llamasync.yaml": text, "a.yaml": manifest("Directory", "a")}, environment="prod"
    ).diagnostics
    assert problem.field == "spec.environments.prod.overlays[0]"
    assert problem.advice == "correct the path under spec.environments.prod.overlays in llamasync.yaml"


def test_only_the_named_folders_are_read(tmp_path: Path) -> None:
    files = {
        "llamasync.yaml": settings("{manifests: [m, one.yaml]}"),
        "m/a.yaml": manifest("Directory", "a"),
        "one.yaml": manifest("Directory", "b"),
        "ci.yaml": "jobs: []",
    }
    assert [one.name for one in load(tmp_path, files).manifests] == ["a", "b"]


def test_a_tree_is_left_out_however_deep_its_manifest_lies_and_whatever_its_overlay_says(tmp_path: Path) -> None:
    files = {
        "llamasync.yaml": settings("{environments: {prod: {overlays: [over]}}}"),
        "docs/x.yaml": "][",
        "prod/x.yaml": "][",
        "deep/er/m.yaml": manifest("FileSet", "s", "{directory: {id: d}, source: ../../docs}"),
        "over/m.yaml": "kind: FileSet\nmetadata: {name: s}\nspec: {source: ../../prod}\n",
    }
    assert told(load(tmp_path, files, environment="prod")) == []


def test_a_tree_below_its_manifest_is_not_even_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look, looked_at = discovery._look, []

    def note(folder: Path) -> tuple[list[Path], list[Path]]:
        looked_at.append(folder)
        return look(folder)

    monkeypatch.setattr(discovery, "_look", note)
    files = {"s.yaml": manifest("FileSet", "s", "{directory: {id: d}, source: docs}"), "docs/a/x.yaml": "]["}
    assert told(load(tmp_path, files)) == []
    assert looked_at == [tmp_path]
    assert [one.code for one in load(tmp_path, paths=[tmp_path / "docs/a/x.yaml"]).diagnostics] == ["LS101"]


def test_of_two_parts_of_an_overlay_the_deeper_one_wins(tmp_path: Path) -> None:
    part = "kind: Directory\nmetadata: {name: handbook}\nspec: {description: %s}\n"
    files = {**OVERLAID, "over/a/deep/x.yaml": part % "deep", "over/b/y.yaml": part % "high"}
    fields = load(tmp_path, files, environment="prod").desired.objects[HANDBOOK].fields
    assert fields["description"] == "deep"


def test_empty_documents_are_nothing(tmp_path: Path) -> None:
    files = {**OVERLAID, "over/a.yaml": "---\n---\n" + OVERLAID["over/a.yaml"], "e.yaml": "---\n"}
    assert told(load(tmp_path, files, environment="prod")) == []


def test_a_tree_that_holds_its_own_manifest_leaves_out_nothing(tmp_path: Path) -> None:
    files = {
        "a.yaml": manifest("FileSet", "s", "{directory: handbook, source: '.', include: ['*.md']}"),
        "b.yaml": manifest("Directory", "handbook"),
        "x.md": "x",
    }
    workspace = load(tmp_path, files)
    assert told(workspace) == []
    assert len(workspace.manifests) == 2


PATHS = {
    "llamasync.yaml": settings("{}"),
    "dirs.yaml": manifest("Directory", "handbook"),
    "files/f.yaml": manifest("File", "f", "{directory: handbook, content: x}"),
    "broken.yaml": manifest("Directory", "b", "{nam: x}"),
    "syntax.yaml": "a: [",
}


def test_paths_select_manifests_and_their_problems(tmp_path: Path) -> None:
    write(tmp_path, PATHS)
    workspace = load(tmp_path, paths=[tmp_path / "files"])
    assert told(workspace) == []
    assert workspace.selected == {Address("File", "f")}
    assert list(workspace.desired.objects) == list(workspace.desired.manifests) == [Address("File", "f")]
    assert workspace.desired.objects[Address("File", "f")].needs == (HANDBOOK,)
    assert told(load(tmp_path, paths=[tmp_path / "broken.yaml"])) == ["LS106 broken.yaml:4:8"]


def test_a_reference_that_only_an_unselected_broken_file_could_hold_is_told(tmp_path: Path) -> None:
    write(tmp_path, PATHS)
    (tmp_path / "dirs.yaml").unlink()
    assert told(load(tmp_path, paths=[tmp_path / "files"])) == ["LS104 files/f.yaml:4:19"]


def test_paths_that_do_not_exist_or_lie_outside_are_told(tmp_path: Path) -> None:
    write(tmp_path / "w", PATHS)
    workspace = load(tmp_path / "w", paths=[tmp_path / "w" / "no.yaml", tmp_path])
    assert [one.code for one in workspace.diagnostics if one.code == "LS119"] == ["LS119", "LS119"]


def test_without_content_no_other_file_is_read(tmp_path: Path) -> None:
    workspace = load(
        tmp_path, {"a.yaml": manifest("FileSet", "s", "{directory: {id: d}, source: no}")}, read_content=False
    )
    assert told(workspace) == []
    assert len(workspace.desired.groups) == 1


def test_moved_addresses_are_checked(tmp_path: Path) -> None:
    moves = [
        ("Directory/old", "Directory/a"),
        ("Directory/a", "Directory/b"),
        ("Directory/old2", "Directory/none"),
        ("Directory/old", "Directory/none"),
        ("Directory/round", "Directory/about"),
        ("Directory/about", "Directory/round"),
        ("Index/x", "Directory/a"),
    ]
    workspace = load(tmp_path, {"llamasync.yaml": moved(moves), "a.yaml": manifest("Directory", "a")})
    assert [(one.code, one.field, one.detail) for one in workspace.diagnostics] == [
        ("LS120", "spec.moved[1].from", "Directory/a is declared still, at a.yaml:1:1"),
        ("LS120", "spec.moved[2].to", "no manifest declares Directory/none"),
        ("LS120", "spec.moved[3].from", "another record moves Directory/old to Directory/a"),
        ("LS120", "spec.moved[4].to", "the records lead from Directory/round back to Directory/round"),
        ("LS120", "spec.moved[5].to", "the records lead from Directory/about back to Directory/about"),
        ("LS120", "spec.moved[6].to", "Index and Directory are two kinds"),
    ]
    assert workspace.desired.moved == {Address("Directory", "old"): Address("Directory", "a")}


def test_records_of_several_moves_may_stay_for_who_has_not_made_the_first_yet(tmp_path: Path) -> None:
    moves = [("Directory/first", "Directory/second"), ("Directory/second", "Directory/third")]
    workspace = load(tmp_path, {"llamasync.yaml": moved(moves), "a.yaml": manifest("Directory", "third")})
    assert workspace.diagnostics == ()
    third = Address("Directory", "third")
    assert workspace.desired.moved == {Address("Directory", "first"): third, Address("Directory", "second"): third}


def moved(moves: list[tuple[str, str]]) -> str:
    return settings(f"{{moved: {json.dumps([{'from': one, 'to': two} for one, two in moves])}}}")


def test_an_empty_folder_is_no_workspace(tmp_path: Path) -> None:
    assert [one.code for one in load(tmp_path).diagnostics] == ["LS604"]
    assert told(load(tmp_path, {"llamasync.yaml": settings("{}")})) == []


def test_unknown_variables_are_echoes_of_broken_settings(tmp_path: Path) -> None:
    files = {"llamasync.yaml": settings("{var: {}}"), "a.yaml": manifest("Directory", "a", "{name: '${var:x}'}")}
    assert told(load(tmp_path, files)) == ["LS106 llamasync.yaml:3:8"]


@pytest.mark.parametrize("start", ["", "m", "m/a.yaml"])
def test_the_root_is_found_from_anywhere_inside(tmp_path: Path, start: str) -> None:
    write(tmp_path, {"llamasync.yaml": settings("{}"), "m/a.yaml": manifest("Directory", "a")})
    assert load_workspace(tmp_path / start, variables_env={}).root == tmp_path
