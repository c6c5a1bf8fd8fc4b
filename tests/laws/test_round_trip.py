"""Export loads back as an empty plan, whatever is live, under every setting of the unknowns."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llamasync.core.diagnostic import Diagnostic
from llamasync.emulator import Switches
from llamasync.export.disk import Disk
from llamasync.export.export import Bytes, Export, export_live
from llamasync.export.saving import save
from llamasync.kinds.facts import FINGERPRINT_KEY
from llamasync.kinds.registry import all_kinds
from llamasync.live.project import open_project
from llamasync.plan.model import Action
from llamasync.state.memory import MemoryStore
from tests.support.strategies import Before, Draft, befores, dialects, drafts, switches
from tests.support.world import MemoryDigests, World, errors

READS = {"GET", "HEAD"}
SEARCHES = {":search"}  # a POST that changes nothing
CONTENTS = ("one", "two", "- yaml: [\n", "{path}", "${env:HOME}", "\0\r\n")
ODD = (
    "../escape.md",
    "../../escape.md",
    "/absolute.md",
    "a/../b.md",
    "a//b.md",
    "./a.md",
    "a/",
    ".",
    "..",
    "back\\slash.md",
    "..\\up.md",
    "nul\0.md",
    "line\nbreak.md",
    "n" * 300 + ".pdf",
    "d/" * 300 + "deep.md",
    "\u00e9.md",
    "e\u0301.md",
    "A.md",
    "a.md",
    "A.md/inside",
    "Sub/a.md",
    "sub/b.md",
    "sub",
    "\ufb01.md",
    "fi.md",
    "a.md.meta.yaml",
    "a.md.META.YAML",
    "manifest.yaml",
    "llamasync.yaml",
    ".env",
    ".git/config",
    ".llamasync/state.db",
    "~$lock.docx",
    "~tilde.md",
    "Thumbs.db",
    "{path}",
    "${env:HOME}.md",
    "$${x}",
    "{",
    "}}{{",
    "trailing ",
    "dot.",
    "on",
    "007",
    "#x",
    "- x",
    "*.md",
    "!x",
    "[a]",
    "\u5951\u7d04.md",
    "\U0001f600.md",
    "\u2028.md",
    "\ufeff.md",
)
letters = st.text(st.sampled_from("aA\u00e9e\u0301/\\.{}$ ~#\n\0-y"), min_size=1, max_size=8)
texts = st.one_of(st.sampled_from(ODD), letters)
values = st.one_of(
    texts,
    st.sampled_from((None, True, False, 0, 1, -1, 1.5, 1e22, 1.0, 2**70, 10**300, "", "${var:x}", "{name}", "a\nb\n")),
    st.lists(texts, max_size=2),
)
metadata = st.dictionaries(
    st.one_of(st.sampled_from(("team", "<<", "on", "", "a.b", "k" * 1100)), texts), values, max_size=3
)


@dataclass(frozen=True, slots=True)
class Odd:
    """A service as other people fill it, past all of our own rules."""

    directories: tuple[tuple[str, str | None], ...] = ()
    files: tuple[tuple[int, str, str, str, dict[str, Any]], ...] = ()
    configurations: tuple[tuple[str, dict[str, Any]], ...] = ()
    fingerprints: bool = False

    def create(self, world: World) -> None:
        import hashlib

        control = world.emulator.control
        ids = [control.add_directory(name, description=description) for name, description in self.directories]
        for index, unique_id, display_name, content, extra in self.files:
            if self.fingerprints:
                extra = {**extra, FINGERPRINT_KEY: hashlib.sha256(content.encode()).hexdigest()}
            control.add_file(ids[index], unique_id, content=content.encode(), display_name=display_name, metadata=extra)
        client = world.client()
        for name, parameters in self.configurations:
            client.create("/api/v1/beta/configurations", {"name": name, "parameters": parameters})


@st.composite
def odds(draw: st.DrawFn) -> Odd:
    """Draw directories under any names, files under any unique ids, and configurations of two products."""
    directories = draw(st.lists(st.tuples(texts, st.one_of(st.none(), texts)), max_size=3))
    files = []
    for index in range(len(directories)):
        for unique_id in draw(st.lists(texts, max_size=5, unique=True)):
            last = unique_id.rpartition("/")[2] or unique_id
            display = draw(st.sampled_from((last, last, unique_id, "Other {name}")))
            files.append((index, unique_id, display, draw(st.sampled_from(CONTENTS)), draw(metadata)))
    configurations = []
    for name in draw(
        st.lists(st.one_of(st.sampled_from(("parse-fast", "a b", "A B")), texts), max_size=2, unique=True)
    ):
        parse = {"product_type": "parse_v2", "tier": "fast", "version": "latest"}
        split = {"product_type": "split_v1", "categories": [{"name": draw(texts)[:100], "description": "${x}\n{y}"}]}
        configurations.append((name[:255], draw(st.sampled_from((parse, split)))))
    return Odd(tuple(directories), tuple(files), tuple(configurations), draw(st.booleans()))


def export(world: World, out: Path) -> Export:
    """Export all that is live, with content, into a new workspace."""
    disk = Disk(out)
    client, project = open_project(world.client())
    found = export_live(client, project, all_kinds().values(), Bytes(disk=disk, digests=MemoryDigests()))
    save(found, disk, [f"Exported from {project.id}"])
    return found


def move_to(world: World, out: Path) -> None:
    """Go on in another folder, with nothing remembered."""
    world.root, world.store, world.digests = out, MemoryStore(), MemoryDigests()


def files_below(folder: Path) -> set[str]:
    return {os.path.relpath(os.path.join(top, name), folder) for top, _, names in os.walk(folder) for name in names}


def check_round_trip(world: World, top: Path) -> tuple[Counter[str], tuple[Diagnostic, ...]]:
    """Export what is live, and hold the law; return how many of each kind are managed, and what the export noted."""
    before, calls = world.emulator.control.snapshot(), len(world.emulator.requests)
    there = files_below(top)
    exported = export(world, top / "out" / "new")
    assert {path for path in files_below(top) - there if not path.startswith("out/new/")} == set()
    move_to(world, top / "out" / "new")
    workspace = world.load()
    assert workspace.diagnostics == ()
    plan = world.plan()
    assert errors(plan) == []
    for change in plan.changes:
        assert (change.action, change.fields, change.uploads) == (Action.ADOPT, (), False), change
    result = world.execute(plan)
    assert result.is_complete
    sent = [one for one in world.emulator.requests[calls:] if one.method not in READS]
    assert {one.path.rpartition("/")[2] for one in sent} <= SEARCHES
    assert world.emulator.control.snapshot() == before
    after = world.plan()
    assert after.is_empty
    assert after.noop == len(plan.changes)
    managed = Counter(one.kind.replace("FileSet", "File") for one in workspace.desired.objects.values())
    return managed, tuple(exported.notes)


@given(odd=odds(), setting=switches(), dialect=dialects)
def test_export_of_whatever_is_live_loads_back_as_an_empty_plan(odd: Odd, setting: Switches, dialect: str) -> None:
    with TemporaryDirectory() as folder, World(Path(folder, "old"), switches=setting, dialect=dialect) as world:
        odd.create(world)
        managed, notes = check_round_trip(world, Path(folder))
        names = Counter(name for name, _ in odd.directories)
        assert managed["Directory"] == sum(count == 1 for count in names.values()), notes
        assert managed["File"] == len(odd.files), notes
        assert managed["Configuration"] == len(odd.configurations), notes


@given(draft=drafts(indexes=False), before=befores(), setting=switches(), dialect=dialects)
def test_export_after_an_apply_is_the_same_service(
    draft: Draft, before: Before, setting: Switches, dialect: str
) -> None:
    with TemporaryDirectory() as folder, World(Path(folder, "old"), switches=setting, dialect=dialect) as world:
        before.create(world)
        draft.write(world)
        world.execute(world.plan())
        check_round_trip(world, Path(folder))
