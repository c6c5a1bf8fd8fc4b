"""Updates, moves and deletes: twice is as good as once, and a lost answer is looked into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from llamasync.api.errors import ApiError, NotLlamaCloud, OutcomeUnknown, Refused
from llamasync.apply.changing import delete_object, update_object
from llamasync.core.address import Address
from llamasync.core.reference import Reference
from llamasync.core.secret import Secret
from llamasync.live.model import LiveObject
from tests.apply.tooling import DIRECTORIES, FILES, find_file, set_faults, tools_of
from tests.support.answering import answering
from tests.support.world import World

PLACE = Address("File", "a")


@dataclass
class Scene:
    """One file `a.md` in the directory `here`, and an empty directory `there`."""

    world: World
    here: str
    there: str
    file: LiveObject

    @property
    def path(self) -> str:
        return f"/api/v1/beta/directories/{self.here}/files/{self.file.id}"

    @property
    def held(self) -> dict[str, list[str]]:
        return {name: sorted(files) for name, files in self.world.documents().items()}


@pytest.fixture(params=["current", "reference"])
def scene(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Scene]:
    with World(tmp_path, dialect=request.param) as world:
        control = world.emulator.control
        here, there = control.add_directory("here"), control.add_directory("there")
        control.add_file(here, "a.md", content=b"precious", metadata={"n": 1})
        yield Scene(world, here, there, find_file(world, here, "a.md"))


def _move(scene: Scene, fields: dict[str, Any] | None = None) -> LiveObject:
    return update_object(tools_of(scene.world), FILES, scene.file, fields or {}, scene.there)


def test_update_returns_the_object_as_it_is_then(scene: Scene) -> None:
    changed = update_object(tools_of(scene.world), FILES, scene.file, {"unique_id": "b.md"}, scene.here)
    assert (changed.key, changed.parent_id, changed.id) == (("b.md",), scene.here, scene.file.id)
    assert scene.world.emulator.requests[-1].body == {"unique_id": "b.md"}


def test_move_speaks_both_dialects_and_may_rename(scene: Scene) -> None:
    changed = _move(scene, {"unique_id": "b.md"})
    assert (changed.key, changed.parent_id) == (("b.md",), scene.there)
    assert scene.held == {"here": [], "there": ["b.md"]}
    assert scene.world.emulator.requests[-1].body == {
        "unique_id": "b.md",
        "directory_id": scene.there,
        "target_directory_id": scene.there,
    }


@pytest.mark.parametrize("lost", ["cut", "status=503"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_move_whose_answer_is_lost_is_found_where_it_went(scene: Scene, lost: str, when: str) -> None:
    set_faults(scene.world, f"PATCH * {lost} when={when} nth=1")
    assert _move(scene, {"unique_id": "b.md"}).parent_id == scene.there
    assert scene.held == {"here": [], "there": ["b.md"]}


def test_move_that_another_run_made_already_is_done(scene: Scene) -> None:
    _move(scene)
    set_faults(scene.world)
    assert _move(scene).parent_id == scene.there


def test_move_whose_every_answer_is_lost_is_not_known_to_be_done(scene: Scene) -> None:
    set_faults(scene.world, "PATCH * cut when=before")
    with pytest.raises(OutcomeUnknown):
        _move(scene)
    set_faults(scene.world)
    assert scene.held == {"here": ["a.md"], "there": []}


def test_move_that_took_effect_although_every_answer_was_lost_is_done(scene: Scene) -> None:
    set_faults(scene.world, "PATCH * cut when=after")
    assert _move(scene, {"unique_id": "b.md"}).key == ("b.md",)


@pytest.mark.parametrize("status", [400, 403, 409, 422])
def test_refused_move_is_refused(scene: Scene, status: int) -> None:
    set_faults(scene.world, f"PATCH * status={status}")
    with pytest.raises(Refused) as caught:
        _move(scene)
    assert caught.value.status == status


def test_update_of_what_is_gone_is_refused_and_not_looked_for(scene: Scene) -> None:
    scene.world.emulator.control.delete_file(scene.file.id)
    scene.world.emulator.clear_requests()
    with pytest.raises(Refused) as caught:
        update_object(tools_of(scene.world), FILES, scene.file, {"unique_id": "b.md"}, scene.here)
    assert caught.value.status == 404
    assert len(scene.world.emulator.requests) == 1


def test_move_of_what_is_gone_is_refused(scene: Scene) -> None:
    scene.world.emulator.control.delete_file(scene.file.id)
    with pytest.raises(Refused) as caught:
        _move(scene)
    assert caught.value.status == 404


@pytest.mark.parametrize(
    "shown", [404, [], {"id": "x", "unique_id": "other.md"}], ids=["gone", "no object", "other name"]
)
def test_lost_update_that_is_not_seen_to_have_worked_is_unknown(scene: Scene, shown: Any) -> None:
    answers = {("PATCH", scene.path): 503, ("GET", scene.path): shown}
    scene.world.app = answering(answers, scene.world.emulator)
    with pytest.raises(OutcomeUnknown):
        update_object(tools_of(scene.world), FILES, scene.file, {"unique_id": "b.md"}, scene.here)


def test_move_that_the_service_does_not_make_is_a_failure(scene: Scene) -> None:
    still = {"id": scene.file.id, "unique_id": "a.md", "directory_id": scene.here}
    scene.world.app = answering({("PATCH", scene.path): still}, scene.world.emulator)
    with pytest.raises(Refused) as caught:
        _move(scene)
    assert caught.value.code == "LS408"


def test_update_that_is_answered_with_nothing_is_not_the_services(scene: Scene) -> None:
    scene.world.app = answering({("PATCH", scene.path): 204}, scene.world.emulator)
    with pytest.raises(NotLlamaCloud):
        update_object(tools_of(scene.world), FILES, scene.file, {"unique_id": "b.md"})


# -- deletes


class Bin:
    """A trash that keeps what it is given, or is full."""

    def __init__(self, full: bool = False) -> None:
        self.full = full
        self.kept: list[tuple[bytes, dict[str, Any]]] = []

    def save(self, chunks: Any, **facts: Any) -> str:
        if self.full:
            raise OSError(28, "No space left on device")
        self.kept.append((b"".join(chunks), facts))
        return ""


def _delete(scene: Scene, trash: Bin | None, *, save: bool = True) -> None:
    delete_object(tools_of(scene.world, trash=trash), FILES, scene.file, PLACE, save_bytes=save, reason="gone")


def test_bytes_are_in_the_trash_before_the_file_is_deleted(scene: Scene) -> None:
    trash = Bin()
    _delete(scene, trash)
    assert scene.held == {"here": [], "there": []}
    content, facts = trash.kept[0]
    assert content == b"precious"
    assert facts == {
        "address": PLACE,
        "unique_id": "a.md",
        "directory": scene.here,
        "reason": "gone",
        "at": scene.world.clock.now().isoformat(),
    }
    methods = [one.method for one in scene.world.emulator.requests]
    assert methods[-1] == "DELETE"


@pytest.mark.parametrize("save", [True, False])
def test_bytes_are_not_fetched_without_need_or_trash(scene: Scene, save: bool) -> None:
    trash = None if save else Bin()
    _delete(scene, trash, save=save)
    assert scene.held["here"] == []
    assert not any("/downloads/" in one.path for one in scene.world.emulator.requests)


def test_file_whose_bytes_cannot_be_fetched_is_not_deleted(scene: Scene) -> None:
    set_faults(scene.world, "GET /downloads/* status=403")
    with pytest.raises(Refused) as caught:
        _delete(scene, Bin())
    assert (caught.value.code, caught.value.hint) == ("LS415", "to delete it all the same: --no-trash")
    assert "a.md" in caught.value.detail
    assert scene.held["here"] == ["a.md"]


def test_file_is_not_deleted_when_the_trash_is_full(scene: Scene) -> None:
    with pytest.raises((OSError, ApiError)):
        _delete(scene, Bin(full=True))
    assert scene.held["here"] == ["a.md"]


def test_file_that_is_gone_already_is_deleted(scene: Scene) -> None:
    scene.world.emulator.control.delete_file(scene.file.id)
    for save in (True, False):
        _delete(scene, Bin(), save=save)
    assert scene.held["here"] == []


@pytest.mark.parametrize("status", [403, 409])
def test_refused_delete_is_refused(scene: Scene, status: int) -> None:
    set_faults(scene.world, f"DELETE * status={status}")
    with pytest.raises(Refused) as caught:
        _delete(scene, None)
    assert caught.value.status == status


@pytest.mark.parametrize("when", ["before", "after"])
def test_delete_whose_answer_is_lost_is_done(scene: Scene, when: str) -> None:
    set_faults(scene.world, f"DELETE * cut when={when} nth=1")
    _delete(scene, None)
    assert scene.held["here"] == []


def test_objects_without_parents_are_changed_and_deleted_too(scene: Scene) -> None:
    tools = tools_of(scene.world)
    live = LiveObject(collection="directories", id=scene.there, key=("there",), fields={"name": "there"})
    assert update_object(tools, DIRECTORIES, live, {"name": "elsewhere"}).key == ("elsewhere",)
    delete_object(tools, DIRECTORIES, live, PLACE, save_bytes=False, reason="")
    assert list(scene.held) == ["here"]


# -- what goes into a request


def test_ids_are_filled_in_and_secrets_are_left_to_the_client(scene: Scene) -> None:
    tools = tools_of(scene.world, ids={PLACE: "dfl-1"})
    value = {"a": [Reference("File", PLACE), (Secret("s"),)], "b": 1}
    assert tools.resolve(value) == {"a": ["dfl-1", [Secret("s")]], "b": 1}


@pytest.mark.parametrize("reference", [Reference("File", name="x"), Reference("File", Address("File", "unmade"))])
def test_reference_that_nobody_made_is_a_bug(scene: Scene, reference: Reference) -> None:
    with pytest.raises(KeyError):
        tools_of(scene.world).resolve(reference)
