"""What is left out of planning: the files of directories in which everything is as recorded, and nothing more.

That the plan of what is left is the plan of everything, `World.plan` asserts in every test that plans."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llamasync.core.address import Address
from llamasync.core.digest import digest
from llamasync.core.reference import Reference
from llamasync.core.source import Source
from llamasync.kinds.facts import Sync
from llamasync.kinds.registry import all_kinds
from llamasync.kinds.run_facts import RunOptions
from llamasync.live.model import LiveObject
from llamasync.plan.model import PlanOptions, Selection
from llamasync.plan.settled import Rest, leave_out_settled
from llamasync.state.model import Binding, Intent, State
from llamasync.workspace.desired import Desired, DesiredRun, DesiredState
from tests.support.world import World, manifest

FILE = Address("FileSet", "docs", "a.md")
SINGLE = Address("File", "single", "")
HOLDER = Address("Directory", "docs", "")
OTHERS = Address("FileSet", "others", "b.md")
PLACE = Source("all.yaml", 1, 1)


class Scene:
    """Two directories with files, applied: what the manifests, the state and the service say of them."""

    def __init__(self, root: Path) -> None:
        with World(root) as world:
            world.put(
                "all.yaml",
                [
                    manifest("Directory", "docs", {"description": "Documents"}),
                    manifest("FileSet", "docs", {"directory": "docs", "source": "docs", "metadata": {"team": "x"}}),
                    manifest("File", "single", {"directory": "docs", "path": "single.md"}),
                    manifest("Directory", "others"),
                    manifest("FileSet", "others", {"directory": "others", "source": "others"}),
                ],
            )
            world.put("docs/a.md", "a")
            world.put("single.md", "one")
            world.put("others/b.md", "b")
            world.apply()
            workspace = world.load()
            self.desired: DesiredState = workspace.desired
            self.state: State = world.store.load()
            live = world.live(workspace, world.client())
        self.live = {one.id: one for objects in live.objects.values() for one in objects}
        self.options = PlanOptions()

    def bind(self, address: Address, **changed: Any) -> None:
        binding = self.state.bindings[address]
        self.state = replace(self.state, bindings={**self.state.bindings, address: replace(binding, **changed)})

    def want(self, address: Address, **changed: Any) -> None:
        one = self.desired.objects[address]
        self.desired = replace(self.desired, objects={**self.desired.objects, address: replace(one, **changed)})

    def show(self, address: Address, **changed: Any) -> None:
        object_id = self.state.bindings[address].id
        self.live[object_id] = replace(self.live[object_id], **changed)

    def listed(self, collection: str, parent_id: str) -> dict[str, LiveObject]:
        return {one.id: one for one in self.live.values() if (one.collection, one.parent_id) == (collection, parent_id)}

    def rest(self) -> Rest:
        return leave_out_settled(self.desired, self.state, self.listed, all_kinds(), self.options)

    def left(self) -> set[str]:
        """The addresses of the files that are left, which manifests and state must agree on where both have them."""
        rest = self.rest()
        wanted = {str(address) for address, one in rest.desired.objects.items() if one.content is not None}
        bound = {str(address) for address in rest.state.bindings if address.kind != "Directory"}
        assert wanted & {str(address) for address in self.state.bindings} == bound & wanted
        return wanted


IN_DOCS = {str(FILE), str(SINGLE)}
ALL = {*IN_DOCS, str(OTHERS)}


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_of_what_is_as_recorded_only_the_directories_are_left(scene: Scene) -> None:
    rest = scene.rest()
    assert {str(one) for one in rest.desired.objects} == {"Directory/docs", "Directory/others"}
    assert {str(one) for one in rest.state.bindings} == {"Directory/docs", "Directory/others"}
    assert rest.settled == {scene.state.bindings[HOLDER].id, scene.state.bindings[OTHERS].parent_id}
    assert rest.desired.unchanged == 3
    contents = (one.content for one in scene.desired.objects.values())
    assert rest.desired.bytes_unchanged == {one.sha256 for one in contents if one}


def test_the_files_of_a_directory_stay_together(scene: Scene) -> None:
    scene.want(FILE, fields={"unique_id": "a.md", "display_name": "A", "metadata": {"team": "x"}})
    assert scene.left() == IN_DOCS
    assert scene.rest().desired.unchanged == 1


CHANGES: dict[str, Callable[[Scene], None]] = {
    "other bytes are wanted": lambda s: s.bind(FILE, sha256="0" * 64),
    "other bytes are live": lambda s: s.show(FILE, file_id="other"),
    "it has another size": lambda s: s.bind(FILE, size_bytes=7),
    "it is called otherwise there": lambda s: s.show(FILE, key=("b.md",)),
    "its metadata was changed there": lambda s: s.show(FILE, fields={"metadata": {}}),
    "true is not one": lambda s: (
        s.want(FILE, fields={**s.desired.objects[FILE].fields, "metadata": {"team": True}}),
        s.bind(FILE, fields={**s.state.bindings[FILE].fields, "metadata": {"team": 1}}),
        s.show(FILE, fields={**s.desired.objects[FILE].fields, "metadata": {"team": 1}}),
    )[0],
    "it is protected from now on": lambda s: s.bind(FILE, protect=True),
    "what it needs is another thing": lambda s: s.bind(FILE, needs=()),
    "it is not bound": lambda s: _unbind(s, FILE),
    "what it is bound to is gone": lambda s: _lose(s, FILE),
    "what it is bound to was deleted": lambda s: s.show(FILE, foreign="deleted"),
    "it is in another directory": lambda s: s.show(FILE, parent_id="dir-other"),
    "it was in another directory": lambda s: s.bind(FILE, parent_id="dir-other"),
    "two are bound to one": lambda s: _bind_two_to_one(s),
    "a binding is left over": lambda s: _bind_one_more(s),
    "a stranger is there": lambda s: _add_stranger(s, ""),
    "something is observed": lambda s: s.bind(FILE, observed={"metadata": {}}),
    "the directory was changed there": lambda s: s.show(HOLDER, fields={"name": "docs", "description": "others'"}),
    "the directory was changed here": lambda s: s.bind(HOLDER, fields={"name": "docs", "description": "old"}),
    "the directory was deleted": lambda s: s.show(HOLDER, foreign="deleted"),
    "the directory is gone": lambda s: _lose(s, HOLDER),
    "the directory is not bound": lambda s: _unbind(s, HOLDER),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_directory_is_left_as_it_is_when(scene: Scene, change: str) -> None:
    CHANGES[change](scene)
    assert scene.left() == IN_DOCS


def test_bytes_in_a_settled_directory_need_not_be_saved_from_another(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        for name in ("docs", "others"):
            sets = {"directory": name, "source": f"../{name}"}
            world.put(f"manifests/{name}.yaml", [manifest("Directory", name), manifest("FileSet", name, sets)])
            world.put(f"{name}/a.md", "the same")
        world.put("others/b.md", "only here")
        world.apply()
        for name in ("a.md", "b.md"):
            (tmp_path / "others" / name).unlink()
        saved = {str(one.address): one.saves_bytes for one in world.plan().changes}
        assert saved == {"FileSet/others[a.md]": False, "FileSet/others[b.md]": True}


def test_a_stranger_that_is_deleted_already_does_not_matter(scene: Scene) -> None:
    _add_stranger(scene, "deleted")
    assert scene.left() == set()


def test_a_directory_that_was_not_listed_is_left_as_it_is(scene: Scene) -> None:
    listed = scene.listed
    docs = scene.state.bindings[HOLDER].id
    scene.listed = lambda collection, parent: None if parent == docs else listed(collection, parent)  # type: ignore[method-assign]
    assert scene.left() == IN_DOCS
    scene.listed = lambda collection, parent: None  # type: ignore[method-assign]
    assert scene.left() == ALL


MADE_OF_FILES: dict[str, Callable[[Scene], None]] = {
    "a run of the directory": lambda s: _run(s, directory=Reference("Directory", address=HOLDER)),
    "a run of one of them": lambda s: _run(s, file=SINGLE),
    "an index": lambda s: _index(s),
}


@pytest.mark.parametrize("what", MADE_OF_FILES)
def test_a_directory_is_left_as_it_is_when_something_is_made_of_its_files(scene: Scene, what: str) -> None:
    MADE_OF_FILES[what](scene)
    assert scene.left() == IN_DOCS


WHERE_ALL_IS_ASKED_FOR: dict[str, Callable[[Scene], None]] = {
    "something moves": lambda s: _desire(s, moved={Address("FileSet", "old", ""): Address("FileSet", "docs", "")}),
    "a run is made of a directory of others": lambda s: _run(s, directory=Reference("Directory", id="dir-others")),
    "a run is made of files with these ids": lambda s: _run(s, ids=("dfl-some",)),
    "an index is made of a directory of others": lambda s: s.want(
        HOLDER, sync=Sync(), parent=Reference("Directory", name="others")
    ),
    "a create was interrupted": lambda s: _interrupt(s),
    "all is destroyed": lambda s: setattr(s, "options", PlanOptions(destroy=True)),
    "some is selected": lambda s: setattr(s, "options", PlanOptions(selection=Selection(targets=(FILE,)))),
}


@pytest.mark.parametrize("why", WHERE_ALL_IS_ASKED_FOR)
def test_nothing_is_left_out_where(scene: Scene, why: str) -> None:
    WHERE_ALL_IS_ASKED_FOR[why](scene)
    rest = scene.rest()
    assert rest == Rest(desired=scene.desired, state=scene.state)


def _run(scene: Scene, **source: Any) -> None:
    address = Address("Batch", "b", "")
    run = DesiredRun(address=address, kind="Batch", configuration={}, source=PLACE, options=RunOptions(), **source)
    _desire(scene, runs={address: run})


def _index(scene: Scene) -> None:
    parent, address = Reference("Directory", address=HOLDER), Address("Index", "i", "")
    index = Desired(address=address, kind="Index", fields={}, key=("i",), source=PLACE, parent=parent, sync=Sync())
    _desire(scene, objects={**scene.desired.objects, address: index})


def _unbind(scene: Scene, address: Address) -> None:
    bindings: dict[Address, Binding] = dict(scene.state.bindings)
    del bindings[address]
    scene.state = replace(scene.state, bindings=bindings)


def _lose(scene: Scene, address: Address) -> None:
    del scene.live[scene.state.bindings[address].id]


def _bind_two_to_one(scene: Scene) -> None:
    """As if manifests could ask for one file twice."""
    one, binding = scene.desired.objects[FILE], scene.state.bindings[FILE]
    scene.want(SINGLE, fields=one.fields, key=one.key, content=one.content)
    scene.bind(
        SINGLE, **{name: getattr(binding, name) for name in ("id", "key", "fields", "sha256", "size_bytes", "file_id")}
    )


def _bind_one_more(scene: Scene) -> None:
    address = FILE._replace(item="gone.md")
    more = replace(scene.state.bindings[FILE], address=address, id="dfl-gone")
    scene.state = replace(scene.state, bindings={**scene.state.bindings, address: more})


def _add_stranger(scene: Scene, foreign: str) -> None:
    one = scene.live[scene.state.bindings[FILE].id]
    scene.live["dfl-new"] = replace(one, id="dfl-new", key=("new.md",), foreign=foreign)


def _desire(scene: Scene, **changed: Any) -> None:
    scene.desired = replace(scene.desired, **changed)


def _interrupt(scene: Scene) -> None:
    intent = Intent(number=1, address=FILE, collection="directory-files", key=("a.md",), digest=digest({}))
    scene.state = replace(scene.state, intents=(intent,))
