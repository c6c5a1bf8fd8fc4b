"""Loads a workspace: files become manifests, manifests become what should exist. Reads files, changes nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from llamasync.core.address import Address, parse_address
from llamasync.core.diagnostic import Diagnostic, has_errors
from llamasync.core.lean import lean_dataclass
from llamasync.core.source import Source
from llamasync.kinds.facts import ContentSource, Role
from llamasync.kinds.registry import find_kind, kind_named
from llamasync.manifest.discovery import find_root
from llamasync.manifest.document import find
from llamasync.manifest.expressions import Scope
from llamasync.manifest.manifest import Manifest
from llamasync.manifest.settings import FILE_NAME, Settings
from llamasync.manifest.settings_file import load_settings
from llamasync.manifest.yaml_events import collector_paused
from llamasync.workspace.claims import check_claims, check_places
from llamasync.workspace.desired import Desired, DesiredCheck, DesiredRun, DesiredState, FileGroup
from llamasync.workspace.draft import Draft, lay_over
from llamasync.workspace.gather import Gathered, gather, missing_paths, no_manifest_in
from llamasync.workspace.model import Workspace
from llamasync.workspace.objects import build_group, build_object, read_list, read_objects
from llamasync.workspace.references import Closed, check_circles, close_references
from llamasync.workspace.runs import build_run, check_runs
from llamasync.workspace.schema_check import check_draft, drop_placeholder_echoes, find_flaws

if TYPE_CHECKING:
    from llamasync.workspace.files.cache import FileCache
    from llamasync.workspace.files.model import Fetch
    from llamasync.workspace.items.lot import Lot


def load_workspace(  # noqa: PLR0913 (each is a way to load less, or from elsewhere)
    start: Path,
    *,
    paths: Sequence[Path] = (),
    environment: str | None = None,
    require_env: bool = True,
    variables_env: Mapping[str, str] | None = None,
    cache: FileCache | None = None,
    read_content: bool = True,
    fetch: Fetch | None = None,
    lot_bytes: int | None = None,
) -> Workspace:
    """Load the workspace that `start` (a file or folder) lies in.

    `paths` select manifests by file or folder (see Workspace). `variables_env` are the environment variables, the
    process's own when None; without `require_env` those that are not set are warnings. Without `read_content` no file
    but manifests is read, and `desired` lacks the objects that are files. `fetch` brings the bytes behind a URL to a
    file; without it files with a `url` are checked but have no content, so no plan can be made of them. Items from
    files of at least `lot_bytes` are in lots, so that `desired` lacks them (see `DesiredState.whole`).
    Never raises for what users wrote: it is in `diagnostics`.
    """
    with collector_paused():
        root = find_root(start)
        loading = _Loading(root, [Path(os.path.abspath(path)) for path in paths], cache, read_content, fetch, lot_bytes)
        env = os.environ if variables_env is None else variables_env
        return loading.run(environment, env, require_env)


@lean_dataclass(slots=True)
class _Loading:
    """One run of loading, stage by stage. Each stage adds its problems; none stops the next."""

    root: Path
    paths: list[Path]
    cache: FileCache | None
    read_content: bool
    fetch: Fetch | None
    lot_bytes: int | None
    problems: list[Diagnostic] = field(default_factory=list)
    known: dict[Address, Source] = field(default_factory=dict)
    manifests: dict[Address, Manifest] = field(default_factory=dict)
    unnamed: set[str] = field(default_factory=set)

    def run(self, environment: str | None, env: Mapping[str, str], require_env: bool) -> Workspace:
        settings, self.problems = load_settings(self.root, environment, env, require_env=require_env)
        settings_fail = has_errors(self.problems)
        self.problems += missing_paths(self.root, self.paths)
        scope = Scope(env=env, variables=settings.vars, require_env=require_env)
        gathered = gather(self.root, settings, self.paths, scope)
        self.problems += gathered.problems
        if settings.document is None and not gathered.drafts and not self.problems:
            detail = f"{self.root} holds neither a llamasync.yaml nor a manifest"
            self.problems.append(Diagnostic("LS604", detail, hint="start with `llamasync init`"))
        self._check_drafts(gathered)
        selected = self._select()
        closed = self._close()
        moved = self._moved(settings)
        desired = self._desired(closed, selected, moved)
        told = self._told(gathered, selected, settings_fail=settings_fail)
        if self.paths and not selected and not has_errors(told):
            told = (no_manifest_in(self.paths), *told)
        return Workspace(
            root=self.root,
            settings=settings,
            manifests={address: self.manifests[address] for address in sorted(self.manifests)},
            selected=selected,
            desired=desired,
            diagnostics=told,
        )

    def _check_drafts(self, gathered: Gathered) -> None:
        used: set[Address] = set()
        for draft in gathered.drafts:
            if draft.address in gathered.overlays:
                used.add(draft.address)
                draft = lay_over(draft, gathered.overlays[draft.address])
            manifest, problems = check_draft(draft)
            self.problems += problems
            if draft.address is None or find_kind(draft.address.kind) is None:
                self._note_unnamed(draft)
                continue
            if draft.address in self.known:
                hint = f"the other one is at {self.known[draft.address]}"
                self.problems.append(Diagnostic("LS103", str(draft.address), draft.source, draft.address, hint=hint))
                continue
            self.known[draft.address] = draft.source
            if manifest is not None:
                self.manifests[draft.address] = manifest
        for address, overlays in gathered.overlays.items():
            if address not in used:
                detail = f"no manifest declares {address}"
                self.problems += [Diagnostic("LS114", detail, one.source, address) for one in overlays]

    def _note_unnamed(self, draft: Draft) -> None:
        name = find(draft.data, ("metadata", "name"))
        if isinstance(name, str):
            self.unnamed.add(name)

    def _select(self) -> frozenset[Address] | None:
        if not self.paths:
            return None
        return frozenset(address for address, source in self.known.items() if self._is_selected(source))

    def _is_selected(self, source: Source) -> bool:
        if not self.paths:
            return True
        file = self.root / source.file
        return any(path == file or path in file.parents for path in self.paths)

    def _close(self) -> dict[Address, Closed]:
        closed: dict[Address, Closed] = {}
        for address, manifest in self.manifests.items():
            closed[address], problems = close_references(manifest, self.known)
            self.problems += problems
        self.problems += check_circles({address: one.needs for address, one in closed.items()})
        return closed

    def _moved(self, settings: Settings) -> dict[Address, Address]:
        """Return where each old address leads, over later records where those go on. Problems: LS120."""
        records: dict[Address, tuple[int, Address]] = {}
        for number, move in enumerate(settings.moved):
            old, new = parse_address(move.from_), parse_address(move.to)
            if old is None or new is None or "${" in old.name + new.name:  # a variable is not set, which is told
                continue
            if old in self.known:
                self._note_move(settings, number, "from", f"{old} is declared still, at {self.known[old]}")
            elif old in records:
                self._note_move(settings, number, "from", f"another record moves {old} to {records[old][1]}")
            else:
                records[old] = number, new
        moved: dict[Address, Address] = {}
        for old, (number, new) in records.items():
            last, passed = new, {old}
            while last in records and last not in passed:
                passed.add(last)
                last = records[last][1]
            if last in passed:
                self._note_move(settings, number, "to", f"the records lead from {old} back to {last}")
            elif last not in self.known:
                self._note_move(settings, number, "to", f"no manifest declares {last}")
            elif last.kind != old.kind:
                self._note_move(settings, number, "to", f"{old.kind} and {last.kind} are two kinds")
            else:
                moved[old] = last
        return moved

    def _note_move(self, settings: Settings, number: int, key: str, detail: str) -> None:
        source = settings.place(("spec", "moved", number, key))
        self.problems.append(Diagnostic("LS120", detail, source, field=f"spec.moved[{number}].{key}"))

    def _desired(
        self, closed: Mapping[Address, Closed], selected: frozenset[Address] | None, moved: Mapping[Address, Address]
    ) -> DesiredState:
        made: list[Sequence[Desired]] = []
        runs: dict[Address, DesiredRun] = {}
        groups: list[FileGroup] = []
        lots: list[Lot] = []
        checks: dict[Address, DesiredCheck] = {}
        wanted = self.known.keys() if selected is None else selected
        for address in sorted(self.manifests.keys() & wanted):
            manifest, kind = self.manifests[address], kind_named(address.kind)
            found = find_flaws(manifest)
            if kind.role is Role.CHECK:
                from llamasync.workspace.checks import build_check

                checks[address] = build_check(manifest, closed[address], self.root, found)
            elif kind.role is Role.RUN:
                run = build_run(manifest, closed[address], self.root, found)
                if run is not None:
                    runs[address] = run
            elif kind.content is ContentSource.NONE:
                made.append((build_object(manifest, closed[address]),))
            else:
                if self.read_content and kind.content is ContentSource.ITEMS:
                    listed, lot = read_list(manifest, closed[address], self.root, found, self.lot_bytes)
                    made.append(listed)
                    lots += [lot] if lot is not None else []
                elif self.read_content:
                    made.append(read_objects(manifest, closed[address], self.root, found, self.cache, self.fetch))
                group = build_group(manifest, closed[address])
                if group is not None:
                    groups.append(group)
            self.problems += drop_placeholder_echoes(found, manifest.placeholders)
        objects = {one.address: one for listed in made for one in listed}
        self.problems += check_claims(made)
        self.problems += check_places(groups)
        elsewhere = self.known.keys() - wanted
        told = {problem.address for problem in self.problems}
        read = wanted if self.read_content else frozenset()
        self.problems += check_runs(runs.values(), self.manifests, objects, read, told)
        return DesiredState(
            objects={address: objects[address] for address in sorted(objects)},
            groups=tuple(groups),
            checks=checks,
            runs=runs,
            manifests={address: self.known[address] for address in sorted(wanted)},
            moved=moved,
            lots=tuple(lots),
            places={(address, to): place for address, one in closed.items() for to, place in one.places.items()},
            elsewhere=frozenset(elsewhere),
            shared=frozenset(parent for one in elsewhere if one in closed and (parent := closed[one].parent)),
        )

    def _told(
        self, gathered: Gathered, selected: frozenset[Address] | None, *, settings_fail: bool
    ) -> tuple[Diagnostic, ...]:
        """Return the problems in order, without those of files not asked for, and without echoes of others."""
        unread = [file for file in gathered.unread if self._is_selected(Source(file))]
        told = []
        for problem in dict.fromkeys(self.problems):
            # A file that a manifest which was asked for names is asked for, too.
            is_asked_for = problem.address is not None and problem.address.manifest in (selected or ())
            file = problem.source.file if problem.source and not is_asked_for else ""
            if file not in ("", FILE_NAME) and not self._is_selected(Source(file)):
                continue
            if problem.code in ("LS104", "LS114", "LS120") and (unread or self._lost(problem)):
                continue
            if problem.code == "LS111" and settings_fail and file != FILE_NAME:
                continue
            told.append(problem)
        return tuple(sorted(told, key=lambda problem: problem.sort_key))

    def _lost(self, problem: Diagnostic) -> bool:
        """Say whether the missing manifest is probably there, but cannot be recognised."""
        return problem.detail.rpartition("/")[2] in self.unnamed
