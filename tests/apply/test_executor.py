"""How an apply goes on, stops and ends."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llamasync.api.bodies import CHUNK_BYTES
from llamasync.apply.events import EventType
from llamasync.apply.executor import execute
from llamasync.apply.performing import _PERFORMERS
from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.core.staging import staged_key
from llamasync.plan.model import Action
from llamasync.state.memory import MemoryStore
from llamasync.state.model import Binding, Intent
from tests.apply.tooling import set_faults, tools_of
from tests.support.answering import answering
from tests.support.runs import split, write_documents, write_runs
from tests.support.world import World, actions, manifest

DRAFT = [
    manifest("Directory", "a"),
    manifest("Directory", "b"),
    manifest("File", "in-a", {"directory": "a", "content": "one"}),
    manifest("File", "in-b", {"directory": "b", "content": "two"}),
]
POST_DIRECTORY = "POST /api/v1/beta/directories"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        world.put("manifests/all.yaml", DRAFT)
        yield world


def _events(world: World) -> list[tuple[str, str]]:
    return [(one.type.value, str(one.address or "")) for one in world.events if one.type is not EventType.PROGRESS]


def test_events_tell_the_whole_story_in_order(world: World) -> None:
    result = world.apply(parallelism=1)
    assert result.is_complete
    assert _events(world) == [
        ("plan", ""),
        ("start", "Directory/a"),
        ("done", "Directory/a"),
        ("start", "Directory/b"),
        ("done", "Directory/b"),
        ("start", "File/in-a"),
        ("done", "File/in-a"),
        ("start", "File/in-b"),
        ("done", "File/in-b"),
        ("summary", ""),
    ]
    first, last = world.events[0], world.events[-1]
    assert (first.total, last.total, last.done, last.failed, last.skipped) == (4, 4, 4, 0, 0)
    done = [one for one in world.events if one.type is EventType.DONE]
    assert all(one.id and one.action is Action.CREATE and one.detail == "new in the manifests" for one in done)
    assert not [one for one in world.events if one.type is EventType.PROGRESS]  # each went in one piece


def test_progress_is_told_of_a_file_that_goes_in_several_pieces(world: World) -> None:
    large = CHUNK_BYTES + 1
    world.put("manifests/all.yaml", [DRAFT[0], manifest("File", "in-a", {"directory": "a", "content": "x" * large})])
    world.apply()
    progress = [one for one in world.events if one.type is EventType.PROGRESS]
    assert [(str(one.address), one.bytes_done, one.bytes_total) for one in progress] == [
        ("File/in-a", CHUNK_BYTES, large),
        ("File/in-a", large, large),
    ]


def test_failure_skips_its_dependents_and_the_rest_is_done(world: World) -> None:
    set_faults(world, f"{POST_DIRECTORY} status=422 nth=1")
    result = world.apply(parallelism=1)
    assert [(str(address), problem.code) for address, problem in result.failed] == [("Directory/a", "LS406")]
    assert [tuple(map(str, pair)) for pair in result.skipped] == [("File/in-a", "Directory/a")]
    assert (result.done, result.is_complete, result.interrupted) == (2, False, False)
    failed = next(one for one in world.events if one.type is EventType.FAILED)
    assert failed.diagnostic is not None
    assert failed.diagnostic.address == Address("Directory", "a")
    assert failed.diagnostic.source is not None
    set_faults(world)
    assert actions(world.plan()) == {"Directory/a": "create", "File/in-a": "create"}


@pytest.mark.parametrize(("status", "code"), [(401, "LS402"), (402, "LS410")])
def test_failure_after_which_nothing_can_succeed_stops_everything(world: World, status: int, code: str) -> None:
    set_faults(world, f"{POST_DIRECTORY} status={status} nth=1")
    result = world.apply(parallelism=1)
    assert [problem.code for _, problem in result.failed] == [code]
    assert [tuple(map(str, pair)) for pair in result.skipped] == [
        (one, "Directory/a") for one in ("Directory/b", "File/in-a", "File/in-b")
    ]
    assert not result.interrupted
    assert sum(one.method == "POST" for one in world.emulator.requests) == 1


def test_lost_lock_stops_everything_and_nothing_more_is_recorded(world: World) -> None:
    plan = world.plan()

    def hook(record: Any, moment: str) -> None:
        if moment == "after" and record.method == "POST":
            world.store.force_unlock()

    world.emulator.on_request = hook
    result = world.execute(plan, parallelism=1)
    assert [problem.code for _, problem in result.failed] == ["LS504"]
    assert len(result.skipped) == 3
    assert world.store.load().bindings == {}


def test_stop_lets_what_is_in_flight_finish_and_starts_nothing_more(world: World) -> None:
    stop = threading.Event()
    plan = world.plan()
    world.emulator.on_request = lambda record, moment: stop.set() if record.method == "POST" else None
    result = world.execute(plan, parallelism=1, stop=stop)
    assert (result.done, len(result.skipped), result.interrupted, result.is_complete) == (1, 3, True, False)
    assert all(because is None for _, because in result.skipped)
    assert list(world.store.load().bindings) == [Address("Directory", "a")]
    world.emulator.on_request = None
    assert actions(world.converge()) == {}


def test_stop_that_comes_when_all_is_done_interrupts_nothing(world: World) -> None:
    stop = threading.Event()
    plan = world.plan()
    posts = []

    def hook(record: Any, moment: str) -> None:
        posts.append(record.method == "POST" and moment == "after")
        if sum(posts) == 4:
            stop.set()

    world.emulator.on_request = hook
    result = world.execute(plan, parallelism=1, stop=stop)
    assert (result.done, result.interrupted, result.is_complete) == (4, False, True)


class Bug(BaseException):
    """No failed call."""


def test_bug_is_raised_again_once_what_is_in_flight_is_recorded(world: World) -> None:
    """`Directory/a` comes upon a bug while `Directory/b` is under way."""
    plan = world.plan()
    under_way, raised = threading.Event(), threading.Event()

    def hook(record: Any, moment: str) -> None:
        if moment == "before" and record.body == {"name": "a"}:
            assert under_way.wait(10)
            raised.set()
            raise Bug
        if moment == "before" and record.body == {"name": "b"}:
            under_way.set()
            assert raised.wait(10)

    world.emulator.on_request = hook
    with pytest.raises(Bug):
        world.execute(plan, parallelism=2)
    assert list(world.store.load().bindings) == [Address("Directory", "b")]
    assert not any(one.type is EventType.SUMMARY for one in world.events)
    skipped = [str(one.address) for one in world.events if one.type is EventType.SKIPPED]
    assert all(one.action is not None for one in world.events if one.type is EventType.SKIPPED)
    assert skipped == ["File/in-a", "File/in-b"]


def test_sink_that_fails_is_a_bug_too(world: World) -> None:
    plan = world.plan()

    def sink(event: Any) -> None:
        if event.type is EventType.DONE:
            raise Bug

    with world.store.lock("apply"), pytest.raises(Bug):
        execute(plan, tools_of(world), sink, parallelism=2)
    assert Address("Directory", "a") in world.store.load().bindings


@pytest.mark.parametrize("action", [Action.CREATE, Action.UPDATE, Action.DELETE, Action.REPLACE])
def test_change_without_what_it_is_about_is_a_bug(world: World, action: Action) -> None:
    plan = world.plan()
    change = next(one for one in plan.changes if one.address.kind == "Directory")
    bare = replace(change, action=action, live=None, desired=None)
    with pytest.raises(TypeError, match=r"Directory/a: \w+ of no"):
        world.execute(replace(plan, changes=(bare,)))


def test_what_the_plan_found_is_recorded_before_any_call(world: World) -> None:
    world.apply()
    world.put("llamasync.yaml", {
        "apiVersion": "llamasync/v1",
        "kind": "Workspace",
        "spec": {"moved": [{"from": "Directory/a", "to": "Directory/z"}]},
    })  # fmt: skip
    world.put("manifests/all.yaml", [
        manifest("Directory", "z", {"name": "a"}),
        DRAFT[1],
        manifest("File", "in-a", {"directory": "z", "content": "one"}),
        DRAFT[3],
    ])  # fmt: skip
    world.emulator.clear_requests()
    plan = world.plan()
    assert plan.is_empty
    assert plan.renamed == ((Address("Directory", "a"), Address("Directory", "z")),)
    assert world.execute(plan).is_complete
    bindings = world.store.load().bindings
    assert Address("Directory", "a") not in bindings
    assert bindings[Address("File", "in-a")].needs == (Address("Directory", "z"),)
    assert {one.method for one in world.emulator.requests} == {"GET"}
    after = world.plan()
    assert (after.renamed, after.remembered) == ((), ())


def test_intents_are_settled_only_when_all_is_done(world: World) -> None:
    set_faults(world, f"{POST_DIRECTORY} cut when=after nth=1", "GET /api/v1/beta/directories status=403 from=2")
    world.apply(parallelism=1)
    assert len(world.store.load().intents) == 1
    set_faults(world, "POST */upload status=422")
    assert not world.apply(parallelism=1).is_complete
    set_faults(world)
    assert len(world.store.load().intents) == 1
    assert world.apply(parallelism=1).is_complete
    assert world.store.load().intents == ()


@pytest.mark.parametrize("parallelism", [1, 2, 16])
def test_any_number_of_workers_does_it_all(world: World, parallelism: int) -> None:
    assert world.execute(world.plan(), parallelism=parallelism).is_complete
    assert actions(world.plan()) == {}


def test_empty_plan_is_complete_and_tells_so(world: World) -> None:
    world.apply()
    world.events.clear()
    assert world.execute(world.plan()).is_complete
    assert _events(world) == [("plan", ""), ("summary", "")]


# -- what the service does not keep


def test_field_that_the_service_does_not_keep_is_a_failure_now_and_recorded(tmp_path: Path) -> None:
    kept = {"id": "dir-1", "name": "a", "description": "something else", "type": "user"}
    create = {("POST", "/api/v1/beta/directories"): kept}
    with World(tmp_path, app_wrapper=lambda app: answering(create, app)) as world:
        world.put("manifests/all.yaml", manifest("Directory", "a", {"description": "What we signed"}))
        result = world.apply()
        assert [(problem.code, problem.field, problem.detail) for _, problem in result.failed] == [
            (
                "LS408",
                "spec.description",
                "spec.description was sent as 'What we signed' and is shown as 'something else'",
            )
        ]
        assert world.store.load().bindings[Address("Directory", "a")].id == "dir-1"


# -- replacing what has no bytes


def _configuration(product: str, name: str = "reader", **parameters: Any) -> dict[str, Any]:
    return manifest("Configuration", "reader", {"name": name, "productType": product, "parameters": parameters})


def test_object_that_keeps_its_name_is_deleted_before_it_is_made_anew(tmp_path: Path) -> None:
    """No kind of today replaces under one key; the plan is told to."""
    with World(tmp_path) as world:
        world.put("manifests/all.yaml", _configuration("parse_v2", tier="fast", version="latest"))
        world.apply()
        world.put("manifests/all.yaml", _configuration("parse_v2", tier="agentic", version="latest"))
        plan = world.plan()
        change = plan.changes[0]
        assert change.desired is not None
        world.emulator.clear_requests()
        again = replace(change, action=Action.REPLACE, send=change.desired.fields)
        assert world.execute(replace(plan, changes=(again,))).is_complete
        assert [one.method for one in world.emulator.requests if one.method != "GET"] == ["DELETE", "POST"]
        assert actions(world.plan()) == {}


def test_object_that_gets_another_name_is_made_before_the_old_one_is_deleted(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.put("manifests/all.yaml", _configuration("parse_v2", tier="fast", version="latest"))
        world.apply()
        world.put("manifests/all.yaml", _configuration("extract_v2", data_schema={"type": "object"}))
        world.emulator.clear_requests()
        world.apply()
        writes = [one.method for one in world.emulator.requests if one.method != "GET"]
        assert writes == ["POST", "DELETE"]
        assert [one["product_type"] for one in world.snapshot()["configurations"]] == ["extract_v2"]


def test_staged_bytes_that_are_the_live_object_itself_are_renamed_and_not_deleted(tmp_path: Path) -> None:
    """Somebody adopted what an interrupted run had left under its temporary name."""
    with World(tmp_path) as world:
        world.put("manifests/all.yaml", [manifest("Directory", "a"), manifest("File", "in-a", DRAFT[2]["spec"])])
        directory = world.emulator.control.add_directory("a")
        name = staged_key("in-a", hashlib.sha256(b"one").hexdigest())
        identity = world.emulator.control.add_file(directory, name, content=b"one")
        with world.store.lock("adopt"):
            world.store.record(
                Binding(
                    address=Address("File", "in-a"),
                    collection="directory-files",
                    id=identity,
                    key=(name,),
                    parent_id=directory,
                )
            )
        assert actions(world.plan()) == {"Directory/a": "adopt", "File/in-a": "move"}
        world.emulator.clear_requests()
        assert actions(world.converge()) == {}
        assert [one.method for one in world.emulator.requests if one.method != "GET"] == ["PATCH"]
        assert list(world.documents()["a"]) == ["in-a"]


def test_every_action_of_today_has_a_performer() -> None:
    assert set(Action) - _PERFORMERS.keys() == {Action.RUN, Action.NOOP}


def test_interrupt_of_the_main_thread_is_raised_once_what_is_in_flight_is_recorded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = world.plan()
    join, interrupts = threading.Thread.join, [KeyboardInterrupt()]

    def interrupted(thread: threading.Thread, timeout: float | None = None) -> None:
        if interrupts and thread.name.startswith("apply-"):
            raise interrupts.pop()
        join(thread, timeout)

    monkeypatch.setattr(threading.Thread, "join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        world.execute(plan, parallelism=2)
    recorded = set(world.store.load().bindings)
    assert recorded == {one.address for one in world.events if one.type is EventType.DONE}
    assert not any(one.type is EventType.SUMMARY for one in world.events)
    monkeypatch.undo()
    assert actions(world.converge()) == {}


def test_thread_that_cannot_be_started_is_raised_and_what_ran_is_recorded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = world.plan()
    start = threading.Thread.start

    def failing(thread: threading.Thread) -> None:
        if thread.name == "apply-1":
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", failing)
    with pytest.raises(RuntimeError, match="can't start"):
        world.execute(plan, parallelism=4)
    assert set(world.store.load().bindings) == {one.address for one in world.events if one.type is EventType.DONE}


@pytest.mark.parametrize("wait", [True, False])
def test_a_run_that_is_not_waited_for_is_said_to_go_on(tmp_path: Path, wait: bool) -> None:
    with World(tmp_path) as world:
        write_documents(world)
        write_runs(world, split(wait=wait))
        assert world.apply().is_complete
        assert [str(one.address) for one in world.events if one.goes_on] == ([] if wait else ["SplitJob/split"])


class ForgetfulStore(MemoryStore):
    """A store whose disk is full when what was applied is to be written."""

    def record_later(self, binding: Binding, intent: Intent) -> None:
        pass

    def flush(self) -> None:
        raise DiagnosticError(Diagnostic("LS507", "the disk is full"))


def test_state_that_could_not_be_written_is_told_and_the_next_run_makes_no_twins(tmp_path: Path) -> None:
    store = ForgetfulStore()
    with World(tmp_path, store=store) as world:
        world.put("manifests/all.yaml", DRAFT)
        with pytest.raises(DiagnosticError, match="the disk is full"):
            world.apply()
        assert len(store.load().intents) == len(DRAFT)
        world.store = MemoryStore(store)
        assert world.apply().is_complete
        assert {name: list(files) for name, files in world.documents().items()} == {"a": ["in-a"], "b": ["in-b"]}
        assert actions(world.plan()) == {}
