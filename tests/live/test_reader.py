"""What is read of the service: all that manifests and state speak of, with few calls; bytes only where it must be."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from llamasync.api.client import Client
from llamasync.api.endpoint import Endpoint
from llamasync.api.limiter import Limiter
from llamasync.api.wsgi import WsgiTransport
from llamasync.core.address import Address
from llamasync.core.diagnostic import DiagnosticError
from llamasync.core.secret import Secret
from llamasync.emulator import Switches
from llamasync.kinds.registry import all_collections
from llamasync.live.content import digest_of, learn_digests
from llamasync.live.everything import read_everything
from llamasync.live.listing import list_objects
from llamasync.live.model import LiveState, Project
from llamasync.live.project import PROJECTS, open_project
from llamasync.live.reader import read_live
from llamasync.state.model import Binding, State
from llamasync.workspace.desired import DesiredState
from tests.support.answering import App, answering
from tests.support.world import URL, MemoryDigests, World, actions, manifest

FILES = all_collections()["directory-files"]
DRAFT = [
    manifest("Directory", "contracts"),
    manifest("FileSet", "contracts", {"directory": "contracts", "source": "../documents"}),
]


def _client(app: App, project_id: str = "") -> Client:
    return Client(
        Endpoint(base_url=URL, api_key=Secret("test"), project_id=project_id),
        transport=WsgiTransport(app),
        limiter=Limiter(uploads=None),
    )


def _world(root: Path, **options: Any) -> World:
    world = World(root, **options)
    world.put("manifests/all.yaml", DRAFT)
    for name in "abc":
        world.put(f"documents/{name}.md", f"content of {name}")
    return world


def _live(world: World, **options: Any) -> LiveState:
    return world.live(world.load(), world.client(), **options)


def _downloads(world: World) -> int:
    return sum("/downloads/" in one.path or one.path.endswith("/content") for one in world.emulator.requests)


def _digests(live: LiveState) -> set[str]:
    return {one.sha256 for one in live.all("directory-files")}


EXPECTED = {hashlib.sha256(f"content of {name}".encode()).hexdigest() for name in "abc"}


# -- projects


@pytest.mark.parametrize(
    ("projects", "chosen"),
    [
        ([{"id": "p-1", "name": "One"}], Project(id="p-1", name="One")),
        ([{"id": "p-1"}, {"id": "p-2", "name": "Two", "is_default": True}], Project(id="p-2", name="Two")),
        ([{"id": "p-1", "is_default": False}], Project(id="p-1")),
    ],
)
def test_project_that_nobody_named_is_the_only_one_or_the_default(projects: Any, chosen: Project) -> None:
    client, project = open_project(_client(answering({("GET", PROJECTS): projects})))
    assert project == chosen
    assert client.project_id == chosen.id


def test_project_that_was_named_is_not_looked_up() -> None:
    _, project = open_project(_client(answering({}), "p-9"))
    assert project == Project(id="p-9")


@pytest.mark.parametrize(
    ("projects", "code", "words"),
    [
        ([{"id": "p-1", "name": "One"}, {"id": "p-2"}], "LS317", "the key sees: One (p-1), ? (p-2)"),
        ([{"id": "p-1", "is_default": True}, {"id": "p-2", "is_default": True}], "LS317", "p-1"),
        ([], "LS317", "none at all"),
        ({"projects": []}, "LS404", "a list of projects was expected"),
        ([{"name": "One"}], "LS404", "a list of projects was expected"),
        (["p-1"], "LS404", "a list of projects was expected"),
        (401, "LS402", "401"),
    ],
)
def test_project_that_is_not_certain_is_a_problem(projects: Any, code: str, words: str) -> None:
    with pytest.raises(DiagnosticError) as caught:
        open_project(_client(answering({("GET", PROJECTS): projects})))
    assert caught.value.diagnostics[0].code == code
    assert words in caught.value.diagnostics[0].detail


def test_state_of_another_project_is_refused_before_anything_is_read() -> None:
    with pytest.raises(DiagnosticError) as caught:
        read_live(
            _client(answering({}), "p-2"),
            Project(id="p-2"),
            DesiredState(),
            State(project_id="p-1"),
            MemoryDigests(),
        )
    assert caught.value.diagnostics[0].code == "LS501"


@pytest.mark.parametrize(("status", "code"), [(403, "LS413"), (404, "LS319"), (400, "LS406")])
def test_failed_read_is_a_problem_and_no_empty_service(tmp_path: Path, status: int, code: str) -> None:
    refusing = {("GET", "/api/v1/beta/directories"): status}
    with _world(tmp_path, app_wrapper=lambda app: answering(refusing, app)) as world:
        with pytest.raises(DiagnosticError) as caught:
            world.plan()
        assert caught.value.diagnostics[0].code == code


PARAMETERS = {"tier": "fast", "version": "latest"}
CONFIGURATION = manifest("Configuration", "fast", {"productType": "parse_v2", "parameters": PARAMETERS})


def test_all_that_the_service_refuses_is_told_at_once(tmp_path: Path) -> None:
    refusing = {("GET", f"/api/v1/beta/{name}"): 403 for name in ("directories", "configurations")}
    with _world(tmp_path, app_wrapper=lambda app: answering(refusing, app)) as world:
        world.put("manifests/more.yaml", [CONFIGURATION])
        with pytest.raises(DiagnosticError) as caught:
            world.plan()
    assert {one.code for one in caught.value.diagnostics} == {"LS413"}
    assert sorted(one.detail.split()[1].rpartition("/")[2] for one in caught.value.diagnostics) == [
        "configurations:",
        "directories:",
    ]


def test_what_holds_for_every_call_is_told_once(tmp_path: Path) -> None:
    refusing = {("GET", f"/api/v1/beta/{name}"): 401 for name in ("directories", "configurations")}
    with _world(tmp_path, app_wrapper=lambda app: answering(refusing, app)) as world:
        world.put("manifests/more.yaml", [CONFIGURATION])
        with pytest.raises(DiagnosticError) as caught:
            world.plan()
    assert [one.code for one in caught.value.diagnostics] == ["LS402"]


def test_refusals_of_different_sorts_are_told_together(tmp_path: Path) -> None:
    refusing = {("GET", "/api/v1/beta/configurations"): 404, ("GET", "/api/v1/beta/directories"): 403}
    with _world(tmp_path, app_wrapper=lambda app: answering(refusing, app)) as world:
        world.put("manifests/more.yaml", [CONFIGURATION])
        with pytest.raises(DiagnosticError) as caught:
            world.plan()
    assert {one.code for one in caught.value.diagnostics} == {"LS319", "LS413"}


def test_a_project_that_is_not_there_is_told_once(tmp_path: Path) -> None:
    refusing = {("GET", f"/api/v1/beta/{name}"): 404 for name in ("directories", "configurations")}
    with _world(tmp_path, app_wrapper=lambda app: answering(refusing, app)) as world:
        world.put("manifests/more.yaml", [CONFIGURATION])
        with pytest.raises(DiagnosticError) as caught:
            world.plan()
    assert [one.code for one in caught.value.diagnostics] == ["LS319"]


# -- how much is read


def test_pages_are_asked_for_as_large_as_the_service_gives_them(tmp_path: Path) -> None:
    with _world(tmp_path) as world:
        world.apply()
        world.emulator.clear_requests()
        _live(world)
        lists = [one for one in world.emulator.requests if not one.path.endswith("/projects")]
        assert lists
        assert [("page_size", "1000") in one.query for one in lists] == [True, True]


def test_reading_costs_one_call_a_list_and_downloads_nothing_that_is_remembered(tmp_path: Path) -> None:
    with _world(tmp_path) as world:
        world.apply()
        world.emulator.clear_requests()
        live = _live(world)
        assert live.read_calls == 2
        assert [one.method for one in world.emulator.requests] == ["GET"] * 3, "projects, directories, files"
        assert _digests(live) == EXPECTED
        assert live.parents_read == {one.id for one in live.all("directories")}


def test_nothing_is_read_for_nothing(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        client, project = open_project(world.client())
        live = read_live(client, project, DesiredState(), State(), world.digests)
        assert (live.objects, live.read_calls) == ({}, 0)


def test_directory_of_a_removed_manifest_is_looked_into(tmp_path: Path) -> None:
    with _world(tmp_path) as world:
        world.put("manifests/more.yaml", manifest("Directory", "old"))
        world.apply()
        (world.root / "manifests/more.yaml").unlink()
        (world.root / "manifests/all.yaml").unlink()
        world.put("manifests/all.yaml", manifest("Directory", "contracts"))
        live = _live(world)
        assert len(live.parents_read) == 2
        assert len(list(live.all("directory-files"))) == 3


def test_binding_of_a_directory_that_is_gone_is_not_listed(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        client, project = open_project(world.client())
        lost = Binding(
            address=Address("FileSet", "a", "1.md"),
            collection="directory-files",
            id="dfl-1",
            key=("1.md",),
            parent_id="dir-0",
        )
        state = State(bindings={lost.address: lost}, project_id=project.id)
        live = read_live(client, project, DesiredState(), state, world.digests)
        assert live.parents_read == frozenset()
        assert list(live.all("directory-files")) == []


# -- bytes


def test_digests_that_were_learned_are_not_learned_again(tmp_path: Path) -> None:
    with _world(tmp_path) as world:
        world.apply()
        world.store = type(world.store)()
        world.digests.clear()
        for expected in (3, 0):
            world.emulator.clear_requests()
            assert _digests(_live(world)) == EXPECTED
            assert _downloads(world) == expected


def test_visible_fingerprint_spares_the_download(tmp_path: Path) -> None:
    with _world(tmp_path) as world:
        world.put(
            "manifests/all.yaml", [DRAFT[0], {**DRAFT[1], "spec": {**DRAFT[1]["spec"], "fingerprint": "metadata"}}]
        )
        world.apply()
        world.store = type(world.store)()
        world.digests.clear()
        world.emulator.clear_requests()
        assert _digests(_live(world)) == EXPECTED
        assert _downloads(world) == 0


def test_visible_fingerprint_is_not_believed_unless_the_manifest_says_so(tmp_path: Path) -> None:
    with _world(tmp_path) as world:
        world.put("manifests/all.yaml", DRAFT)
        directory = world.emulator.control.add_directory("contracts")
        claims = {"llamasync_sha256": next(iter(EXPECTED))}
        world.emulator.control.add_file(directory, "a.md", content=b"others'", metadata=claims)
        assert hashlib.sha256(b"others'").hexdigest() in _digests(_live(world))


@pytest.mark.parametrize("fingerprint", ["state", "metadata"])
def test_bytes_that_somebody_replaced_are_seen(tmp_path: Path, fingerprint: str) -> None:
    with _world(tmp_path) as world:
        spec = {**DRAFT[1]["spec"], "fingerprint": fingerprint}
        world.put("manifests/all.yaml", [DRAFT[0], {**DRAFT[1], "spec": spec}])
        world.apply()
        one = next(iter(world.emulator.control.snapshot()["directories"][0]["files"]))
        world.emulator.control.replace_content(one["id"], b"theirs")
        assert actions(world.plan()) == {"FileSet/contracts[a.md]": "replace"}


def test_damage_under_the_same_id_is_seen_only_when_content_is_verified(tmp_path: Path) -> None:
    with _world(tmp_path) as world:
        world.apply()
        one = next(iter(world.emulator.control.snapshot()["directories"][0]["files"]))
        world.emulator.control.damage(one["file_id"])
        assert actions(world.plan()) == {}
        assert actions(world.plan(verify_content=True)) == {"FileSet/contracts[a.md]": "replace"}


def test_bytes_come_from_the_file_itself_where_the_directory_shows_no_link(tmp_path: Path) -> None:
    with _world(tmp_path, switches=Switches(download_url="null")) as world:
        world.apply()
        live = _live(world, verify_content=True)
        assert _digests(live) == EXPECTED
        assert any("/api/v1/beta/files/" in one.path for one in world.emulator.requests)


def test_file_without_any_download_is_of_unknown_content(tmp_path: Path) -> None:
    with _world(tmp_path) as world:
        world.apply()
        directory = world.emulator.control.snapshot()["directories"][0]["id"]
        files = list_objects(world.client(), FILES, directory)
        nowhere = {
            ("GET", f"/api/v1/beta/directories/{directory}/files/{files[0].id}"): {"download_url": None},
            ("GET", f"/api/v1/beta/files/{files[0].file_id}/content"): {"url": ""},
            ("GET", f"/api/v1/beta/directories/{directory}/files/{files[1].id}"): [],
            ("GET", f"/api/v1/beta/files/{files[1].file_id}/content"): [],
        }
        client = _client(answering(nowhere, world.app), world.emulator.default_project_id)
        for live in files[:2]:
            with pytest.raises(Exception, match="offers no download"):
                digest_of(client, FILES, live)
        digests = MemoryDigests()
        learned = learn_digests(client, FILES, files, digests, 2)
        assert learned.keys() == {files[2].id}
        assert digests == {files[2].file_id: (learned[files[2].id], len("content of c"))}
        assert learn_digests(client, FILES, [], digests, 2) == {}


# -- all that there is


def test_everything_is_read_whether_or_not_a_manifest_speaks_of_it(tmp_path: Path) -> None:
    with _world(tmp_path) as world:
        world.apply()
        control = world.emulator.control
        theirs = control.add_file(control.add_directory("theirs"), "theirs.md")
        hidden = control.add_directory("hidden", connector_subscription_id="0b6a1bb5-3d0b-4a7e-9d3e-0f4a3a2f1c11")
        control.add_file(hidden, "hidden.md")
        client, project = open_project(world.client())
        world.emulator.clear_requests()
        live = read_everything(client, project, ["directory-files", "directories"])
        assert {one.key[0] for one in live.all("directories")} == {"contracts", "theirs", "hidden"}
        assert {one.key[0] for one in live.all("directory-files")} == {"a.md", "b.md", "c.md", "theirs.md"}
        assert theirs in {one.id for one in live.all("directory-files")}
        assert hidden not in live.parents_read
        assert live.read_calls == len(world.emulator.requests) == 3
        assert _digests(live) == {""}, "no bytes are read"


def test_children_are_left_out_where_their_parents_are(tmp_path: Path) -> None:
    with _world(tmp_path) as world:
        world.apply()
        client, project = open_project(world.client())
        assert list(read_everything(client, project, ["directory-files"]).all("directory-files")) == []
        assert list(read_everything(client, project, ["directories"]).objects) == ["directories"]
