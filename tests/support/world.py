"""A world to test in: a workspace on disk, an emulator in process, and the engine between them, without a network."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from llamasync.api.client import Client
from llamasync.api.endpoint import Endpoint
from llamasync.api.limiter import Limiter
from llamasync.api.wsgi import WsgiTransport
from llamasync.apply.events import Event, Result
from llamasync.apply.executor import execute
from llamasync.apply.tools import Tools, TrashBin
from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.core.secret import Secret
from llamasync.emulator import Emulator, Options, Switches
from llamasync.kinds.registry import all_collections, all_kinds
from llamasync.live.model import LiveObject, LiveState
from llamasync.live.project import open_project
from llamasync.live.reader import read_live
from llamasync.live.runs import with_candidates
from llamasync.live.thinning import thin
from llamasync.manifest.settings_file import load_settings
from llamasync.plan.build import build_plan, wanted_of
from llamasync.plan.estimating import documents_in, with_estimates
from llamasync.plan.model import Guards, Plan, PlanOptions
from llamasync.plan.rates import rates_of
from llamasync.plan.settled import leave_out_settled
from llamasync.state.memory import MemoryStore
from llamasync.state.model import State
from llamasync.state.store import Store
from llamasync.workspace.desired import DesiredState
from llamasync.workspace.files.measuring import measure
from llamasync.workspace.load import load_workspace
from llamasync.workspace.model import Workspace

URL = "http://emulator.local"
UNGUARDED = PlanOptions(guards=Guards(max_delete_share=None))


@dataclass(slots=True)
class TestClock:
    """A clock that only sleeping moves, and sleeping takes no time."""

    __test__ = False
    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    slept_s: float = 0.0

    def now(self) -> datetime:
        return self.at + timedelta(seconds=self.slept_s)

    def monotonic(self) -> float:
        return self.slept_s

    def sleep(self, seconds: float) -> None:
        self.slept_s += max(0.0, seconds)


class MemoryDigests(dict[str, tuple[str, int]]):
    """Digests of bytes by their id, in memory."""

    def get_many(self, file_ids: list[str]) -> dict[str, tuple[str, int]]:
        return {one: self[one] for one in file_ids if one in self}

    def put_many(self, entries: dict[str, tuple[str, int]]) -> None:
        self.update(entries)


@dataclass(slots=True)
class MemoryTrash:
    """Keeps bytes in a dict by their SHA-256."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def save(self, chunks: Iterable[bytes], **_: object) -> str:
        import hashlib

        content = b"".join(chunks)
        digest = hashlib.sha256(content).hexdigest()
        self.kept[digest] = content
        return digest


class World:
    """One workspace and one emulated project. `store`, `digests` and `trash` outlive each apply, as files would."""

    def __init__(
        self,
        root: Path,
        *,
        switches: Switches | None = None,
        dialect: str = "current",
        store: Store | None = None,
        app_wrapper: Callable[[Any], Any] = lambda app: app,
        lot_bytes: int | None = None,
        **options: Any,
    ) -> None:
        self.root = root
        self.lot_bytes = lot_bytes  # from this size on files of items are compared as a stream
        self.clock = TestClock()
        self._ticks = 0
        self.emulator = Emulator(
            Options(path=None, switches=switches or Switches(), dialect=dialect, clock=self._tick, **options)
        )
        self.store: Store = store or MemoryStore()
        self.digests = MemoryDigests()
        self.trash = MemoryTrash()
        self.events: list[Event] = []
        self.env: dict[str, str] = {}
        self.app = app_wrapper(self.emulator)
        self.put("llamasync.yaml", {"apiVersion": "llamasync/v1", "kind": "Workspace", "spec": {}})

    def _tick(self) -> datetime:
        self._ticks += 1
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=self._ticks, seconds=self.clock.slept_s)

    def client(self) -> Client:
        """Return a new client of the emulator, as a new process would have."""
        return Client(
            Endpoint(base_url=URL, api_key=Secret("test")),
            transport=WsgiTransport(self.app),
            limiter=Limiter(clock=self.clock, uploads=None),
            clock=self.clock,
        )

    def put(self, path: str, content: str | bytes | Mapping[str, Any] | list[Mapping[str, Any]]) -> Path:
        """Write a file of the workspace; a mapping, or a list of them, as YAML documents (JSON is YAML)."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            target.write_bytes(content)
        elif isinstance(content, str):
            target.write_text(content)
        else:
            documents = content if isinstance(content, list) else [content]
            target.write_text("---\n".join(json.dumps(one, ensure_ascii=False) + "\n" for one in documents))
        return target

    def load(self, paths: Sequence[Path] = ()) -> Workspace:
        """Load the workspace, or the part of it in `paths`; fails the test when it has errors."""
        workspace = load_workspace(self.root, paths=paths, variables_env=self.env, lot_bytes=self.lot_bytes)
        wrong = [one for one in workspace.diagnostics if one.severity is Severity.ERROR]
        assert not wrong, wrong
        return workspace

    def live(self, workspace: Workspace, client: Client, **options: Any) -> LiveState:
        """Read the live objects that matter to the workspace and the state."""
        client, project = open_project(client)
        return read_live(client, project, workspace.desired, self.store.load(), self.digests, **options)

    def plan(
        self, options: PlanOptions | None = None, *, verify_content: bool = False, paths: Sequence[Path] = ()
    ) -> Plan:
        """Plan as `llamasync plan` does."""
        workspace = self.load(paths)
        wanted = options or PlanOptions()
        wanted = replace(wanted, endpoint=URL, partial=workspace.selected is not None)
        client, project = open_project(self.client())
        desired, thinned = workspace.desired, None
        if desired.lots and not (wanted.destroy or wanted.selection.names_items):
            thinned = thin(client, desired, self.store.load)
            desired, state = thinned.desired, thinned.state
        else:
            desired, state = desired.whole(), self.store.load()
        looked_for = wanted_of(desired, wanted)
        live = read_live(
            client, project, looked_for, state, self.digests, verify_content=verify_content, thinned=thinned
        )
        plan = build_plan(desired, live, state, all_kinds(), wanted)
        if not verify_content:
            assert plan == _planned_of_the_rest(desired, live, state, wanted), "what is left out does not matter"
        if plan.questions:
            plan = build_plan(desired, with_candidates(client, live, plan.questions), state, all_kinds(), wanted)
        rates = rates_of(load_settings(self.root, None, {})[0].estimate)
        return with_estimates(plan, measure(documents_in(plan), None), rates, wanted.guards)

    def execute(
        self,
        plan: Plan,
        *,
        parallelism: int = 4,
        stop: threading.Event | None = None,
        trash: TrashBin | str | None = "kept",
    ) -> Result:
        """Carry out a plan under the lock; the events are in `events`."""
        client = self.client().with_project(plan.project.id)
        tools = Tools(
            client=client,
            store=self.store,
            kinds=all_kinds(),
            collections=all_collections(),
            digests=self.digests,
            clock=self.clock,
            trash=self.trash if trash == "kept" else trash,  # type: ignore[arg-type]
        )
        with self.store.lock("apply"):
            result = execute(plan, tools, self.events.append, parallelism=parallelism, stop=stop)
        paths = {one.path for one in self.emulator.requests if one.method == "POST"}
        assert not any(path.endswith(":delete") for path in paths), "a filter decides there what is lost: never called"
        return result

    def apply(self, options: PlanOptions = UNGUARDED, **how: Any) -> Result:
        """Plan and carry it out; fails the test when the plan has errors."""
        plan = self.plan(options)
        assert not errors(plan), errors(plan)
        return self.execute(plan, **how)

    def converge(self, tries: int = 1) -> Plan:
        """Apply up to `tries` times, and return the plan after that."""
        for _ in range(tries):
            self.apply()
        return self.plan()

    def forget_all(self) -> None:
        """Lose the state."""
        with self.store.lock("test"):
            self.store.replace_all(State())

    def snapshot(self) -> Any:
        """Return what the service holds, without ids and times."""
        return json.loads(json.dumps(self.emulator.control.snapshot(ids=False)))

    def documents(self) -> dict[str, dict[str, str]]:
        """Return what the service holds as {directory name: {unique id: SHA-256}}; fails the test on twins."""
        return self._documents({"user", "index", "ephemeral"})

    def _documents(self, types: set[str]) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for directory in self.snapshot()["directories"]:
            if directory["type"] not in types:
                continue
            assert directory["name"] not in found, f"twin directories {directory['name']}"
            files = found.setdefault(directory["name"], {})
            for one in directory["files"]:
                assert one["unique_id"] not in files, f"twin files {one['unique_id']}"
                files[one["unique_id"]] = one["sha256"]
        return found

    def documents_by_user_directory(self) -> dict[str, dict[str, str]]:
        """Return the same of directories that users made; fails the test on twins among them."""
        return self._documents({"user"})

    def close(self) -> None:
        self.emulator.close()

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def errors(plan: Plan) -> list[Diagnostic]:
    """Return the problems that forbid applying a plan."""
    return [one for one in plan.problems if one.severity is Severity.ERROR]


def actions(plan: Plan) -> dict[str, str]:
    """Return the plan as {address: action}."""
    return {str(change.address): change.action.value for change in plan.changes}


def _planned_of_the_rest(desired: DesiredState, live: LiveState, state: State, options: PlanOptions) -> Plan:
    """Plan without what `leave_out_settled` leaves out, which the command does and is no other plan."""

    def listed(collection: str, parent_id: str) -> dict[str, LiveObject]:
        return {one.id: one for one in live.all(collection) if one.parent_id == parent_id}

    rest = leave_out_settled(desired, state, listed, all_kinds(), options)
    nested = {name for name, collection in all_collections().items() if collection.is_nested}
    left = {
        name: tuple(one for one in objects if name not in nested or one.parent_id not in rest.settled)
        for name, objects in live.objects.items()
    }
    return build_plan(rest.desired, replace(live, objects=left), rest.state, all_kinds(), options)


def manifest(kind: str, name: str, spec: Mapping[str, Any] | None = None, **envelope: Any) -> dict[str, Any]:
    """Return a manifest document."""
    return {
        "apiVersion": "llamasync/v1",
        "kind": kind,
        "metadata": {"name": name, **envelope.pop("metadata", {})},
        "spec": dict(spec or {}),
        **envelope,
    }


def every_switch() -> Iterator[tuple[str, Any]]:
    """Iterate over each value of each switch of the emulator."""
    for name, values in Switches.space().items():
        for value in values:
            yield name, value
