"""One run: workspace, state, service and plan, each opened when it is first needed and closed at the end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

import click

from llamasync.cli.console import Console
from llamasync.cli.local import FOLDER, LOCAL_URL, app_of, open_local
from llamasync.cli.options import Globals, checked_text
from llamasync.core.diagnostic import DiagnosticError, has_errors
from llamasync.core.lean import lean_dataclass

if TYPE_CHECKING:
    from llamasync.api.client import Client
    from llamasync.api.endpoint import Endpoint
    from llamasync.api.limiter import Limiter
    from llamasync.api.wire import Transport
    from llamasync.apply.trash import Trash
    from llamasync.core.address import Address
    from llamasync.live.model import LiveState, Project
    from llamasync.manifest.settings import Settings
    from llamasync.plan.model import Guards
    from llamasync.state.digests import DigestCache
    from llamasync.state.model import State
    from llamasync.state.store import Store
    from llamasync.workspace.desired import DesiredCheck
    from llamasync.workspace.files.cache import FileCache
    from llamasync.workspace.model import Workspace


LOT_BYTES = 200_000  # files of items from this size on are compared as a stream


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The service that is meant and the way to it; `transport` None is the network."""

    endpoint: Endpoint
    transport: Transport | None
    limiter: Limiter


class Session:
    """Opens what a command needs, lazily. `paths` narrow the workspace to a part of it; `whole`: all of it is read.

    Every step raises DiagnosticError with all that is wrong with it.
    """

    def __init__(
        self,
        said: Globals,
        paths: tuple[str, ...] = (),
        *,
        whole: bool = False,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        if said.local and said.endpoint:
            raise click.UsageError("--local and --endpoint exclude each other.")
        self.said = said
        self._whole = whole
        self._given_paths = tuple(Path(os.path.abspath(path)) for path in paths)
        self.environ = os.environ if environ is None else environ
        self.console = Console.of(said)
        self._closing = ExitStack()

    @classmethod
    def of(cls, context: click.Context, paths: tuple[str, ...] = (), *, whole: bool = False) -> Session:
        """Open a session that is closed with the command."""
        from llamasync.cli.options import globals_of

        return context.with_resource(cls(globals_of(context), paths, whole=whole))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def at_end(self, close: Callable[[], object]) -> None:
        """Have `close` called at the end, before what was opened until now is closed."""
        self._closing.callback(close)

    # -- files

    @cached_property
    def root(self) -> Path:
        """The workspace's folder: that of the nearest llamasync.yaml, else the current one."""
        from llamasync.manifest.discovery import find_root

        root = find_root(self._given_paths[0] if self._given_paths else Path.cwd())
        self.said.root = root
        return root

    @property
    def paths(self) -> tuple[Path, ...]:
        """The parts of the workspace that are meant; empty for all of it."""
        return () if self.root in self._given_paths else self._given_paths

    @cached_property
    def settings(self) -> Settings:
        """The settings for the chosen environment; the manifests are not read for them."""
        from llamasync.manifest.settings_file import load_settings

        settings, problems = load_settings(self.root, self.said.environment, self.environ)
        if has_errors(problems):
            raise DiagnosticError(*problems)
        return settings

    @cached_property
    def file_cache(self) -> FileCache:
        """What is known of the workspace's files from earlier."""
        from llamasync.workspace.files.cache import FileCache

        cache = FileCache(self.root)
        self._closing.callback(cache.close)
        return cache

    @cached_property
    def workspace(self) -> Workspace:
        """The manifests and the files they name. Warnings are shown, errors raised."""
        from llamasync.workspace.load import load_workspace

        workspace = load_workspace(
            self.root,
            paths=() if self._whole else self.paths,
            environment=self.said.environment,
            require_env=True,
            variables_env=self.environ,
            cache=self.file_cache,
            fetch=_fetch,
            lot_bytes=LOT_BYTES,
        )
        if has_errors(workspace.diagnostics):
            raise DiagnosticError(*workspace.diagnostics)
        if workspace.diagnostics:
            self.console.problems(workspace.diagnostics)
        return workspace

    @property
    def checks_in_paths(self) -> dict[Address, DesiredCheck]:
        """The checks of the parts that are meant. What they are about may be elsewhere in the workspace."""
        from llamasync.workspace.gather import missing_paths

        problems = missing_paths(self.root, self.paths)
        if problems:
            raise DiagnosticError(*problems)
        checks = self.workspace.desired.checks
        files = {address: self.root / check.source.file for address, check in checks.items()}
        return {
            address: check
            for address, check in checks.items()
            if not self.paths or any(path in (files[address], *files[address].parents) for path in self.paths)
        }

    # -- state

    @cached_property
    def state_spec(self) -> str:
        """Where the state is: each environment, and the embedded emulator, has one of its own."""
        spec = self.said.state or ("" if self.said.local else self.settings.state or "")
        if spec not in ("", "sqlite"):
            return spec
        name = "local-state" if self.said.local else "state"
        suffix = f".{self.said.environment}" if self.said.environment else ""
        return f"sqlite:{FOLDER}/{name}{suffix}.db"

    @cached_property
    def store(self) -> Store:
        from llamasync.state.backends import open_store

        store = open_store(self.state_spec, self.root)
        self._closing.callback(store.close)
        return store

    @contextmanager
    def lock(self, command: str) -> Iterator[None]:
        """Hold the state's lock for a `with`; say so when it had to be taken over from a run that died."""
        with self.store.lock(command) as owner:
            dead = owner.took_over
            if dead:
                who = f"{dead.who} (process {dead.pid}, `llamasync {dead.command}`, since {dead.since})"
                self.console.err(f"Took the lock over from a run that ended without its goodbye: {who}.\n")
            yield

    @cached_property
    def state_location(self) -> str:
        """Where the state is, as a person would name it."""
        return self.store.location.removeprefix(f"{self.root}/")

    @cached_property
    def digests(self) -> DigestCache:
        from llamasync.state.digests import DigestCache

        digests = DigestCache(self.root / FOLDER / "digests.db")
        self._closing.callback(digests.close)
        return digests

    @cached_property
    def trash(self) -> Trash:
        from llamasync.apply.trash import Trash

        return Trash(self.root / FOLDER / "trash")

    # -- the service

    @property
    def project_id(self) -> str:
        """The project that was named: --project, the environment's or the workspace's, the variable; or ""."""
        project = self.said.project or self.settings.project or self.environ.get("LLAMA_CLOUD_PROJECT_ID", "").strip()
        return checked_text(project, "The project (--project, spec.project or LLAMA_CLOUD_PROJECT_ID)")

    @cached_property
    def target(self) -> Target:
        from llamasync.api.limiter import Limiter, UploadRate

        if self.said.local:
            return self._local_target()
        from llamasync.api.endpoint import endpoint_from

        checked_text(self.environ.get("LLAMA_CLOUD_ORGANIZATION_ID", ""), "LLAMA_CLOUD_ORGANIZATION_ID")
        endpoint = endpoint_from(self.environ, base_url=self.said.endpoint or None, project_id=self.project_id or None)
        limits = self.settings.limits
        rate = UploadRate(max(1, int(limits.uploads_per_5s)), 5.0)
        return Target(endpoint=endpoint, transport=None, limiter=Limiter(limits.requests_in_flight, uploads=rate))

    def _local_target(self) -> Target:
        emulator, project_id = open_local(self.root, self.project_id)
        self._closing.callback(emulator.close)
        from llamasync.api.endpoint import Endpoint
        from llamasync.api.limiter import Limiter
        from llamasync.api.wsgi import WsgiTransport
        from llamasync.core.secret import Secret

        return Target(
            endpoint=Endpoint(LOCAL_URL, Secret("local"), project_id),
            transport=WsgiTransport(app_of(emulator)),
            limiter=Limiter(uploads=None),
        )

    @property
    def endpoint_name(self) -> str:
        """The service's address as plans show it."""
        return "embedded emulator (--local)" if self.said.local else self.target.endpoint.base_url

    @cached_property
    def _opened(self) -> tuple[Client, Project]:
        from llamasync.api.client import Client
        from llamasync.live.project import open_project

        target = self.target
        client = Client(target.endpoint, transport=target.transport, limiter=target.limiter)
        self._closing.callback(client.close)
        return open_project(client)

    @property
    def client(self) -> Client:
        """The client; it names its project in every call."""
        return self._opened[0]

    @property
    def project(self) -> Project:
        """The project that is spoken to."""
        return self._opened[1]

    def read_live(self, state: State) -> LiveState:
        """Read what the service holds of what the manifests and `state` speak of."""
        from llamasync.live.reader import read_live

        return read_live(self.client, self.project, self.workspace.desired.whole(), state, self.digests)

    def guards(
        self, *, allow_deletes: int | None = None, allow_pages: int | None = None, allow_credits: float | None = None
    ) -> Guards:
        """Return the brakes that llamasync.yaml and the command line set."""
        from llamasync.plan.model import Guards

        told = self.settings.guards
        return Guards(
            max_delete_share=told.max_delete_share,
            max_deletes=told.max_deletes,
            max_pages=told.max_pages,
            max_credits=told.max_credits,
            allow_deletes=allow_deletes,
            allow_pages=allow_pages,
            allow_credits=allow_credits,
        )


def _fetch(url: str, destination: Path) -> int:
    from llamasync.api.fetch import fetch

    return fetch(url, destination)
