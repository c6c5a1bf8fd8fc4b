"""Plans to be shown: one of each action, many files, problems."""

from __future__ import annotations

import os
from pathlib import Path

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.reference import Reference
from llamasync.core.secret import Secret
from llamasync.core.source import Source
from llamasync.live.model import LiveObject, Project
from llamasync.plan.model import Action, Change, Drift, Estimate, FieldChange, Plan
from llamasync.plan.processing import StepCost, Uncounted
from llamasync.state.model import Binding

GOLDEN = Path(__file__).parent / "golden"
DIRECTORY = Address("Directory", "contracts")
OLD, NEW = "ab" * 32, "cd" * 32


def check_golden(name: str, text: str) -> None:
    """Hold `text` against the golden file; LLAMASYNC_UPDATE_GOLDEN=1 writes it instead."""
    path = GOLDEN / name
    if os.environ.get("LLAMASYNC_UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def file_change(name: str, action: Action, reason: str, **more: object) -> Change:
    return Change(
        address=Address("FileSet", "contracts", name),
        kind="FileSet",
        collection="directory-files",
        action=action,
        reason=reason,
        needs=(DIRECTORY,),
        source=Source("manifests/contracts.yaml", 12, 3),
        **more,  # type: ignore[arg-type]
    )


def live(identity: str = "dir-1", *key: str, foreign: str = "", collection: str = "directories") -> LiveObject:
    return LiveObject(collection=collection, id=identity, key=key or ("contracts",), fields={}, foreign=foreign)


def make_plan(*changes: Change, **more: object) -> Plan:
    facts: dict[str, object] = {
        "project": Project(id="prj-1", name="Larkfield"),
        "endpoint": "https://api.example",
        "fingerprint": "sha256:" + "0" * 64,
        "noop": 42,
        **more,
    }
    return Plan(changes=tuple(sorted(changes, key=lambda change: change.address)), **facts)  # type: ignore[arg-type]


def every_action() -> Plan:
    """One change of each action, with fields of every kind of value."""
    return make_plan(
        Change(
            address=DIRECTORY,
            kind="Directory",
            collection="directories",
            action=Action.UPDATE,
            reason="2 fields changed",
            drift=Drift.BOTH,
            live=live(),
            source=Source("manifests/contracts.yaml", 1, 1),
            fields=(
                FieldChange(path="spec.description", before="x" * 100, after=None, drift=Drift.SERVICE),
                FieldChange(path="spec.name", before="a", after="b", drift=Drift.BOTH),
            ),
        ),
        Change(
            address=Address("Directory", "new"),
            kind="Directory",
            collection="directories",
            action=Action.CREATE,
            reason="new in the manifests",
            source=Source("manifests/contracts.yaml", 7, 1),
            fields=(FieldChange(path="spec.name", before=None, after="new"),),
        ),
        Change(
            address=Address("Directory", "old"),
            kind="Directory",
            collection="directories",
            action=Action.FORGET,
            reason="no manifest any more; onRemove: forget",
            live=live("dir-2", "old"),
        ),
        Change(
            address=Address("Index", "handbook"),
            kind="Index",
            collection="indexes",
            action=Action.SYNC,
            reason="2 files changed",
            needs=(DIRECTORY,),
            estimate=Estimate(
                pages=1240,
                credits=6200.5,
                documents=312,
                is_at_most=True,
                steps=(
                    StepCost(product="parse", tier="cost_effective", pages=1240, credits=3720),
                    StepCost(product="index", tier="", pages=1240, credits=2480.5),
                ),
                uncounted=(Uncounted("FileSet/contracts[x.pdf]", "it is encrypted"),),
                because=(Source("manifests/contracts.yaml", 12, 1), Source("manifests/index.yaml", 3, 1)),
                assumptions=("each slide counts as a page (pagesPer.slide)",),
                price=7.75,
                currency="USD",
            ),
            fields=(
                FieldChange(path="spec.directory", before=None, after=Reference("Directory", DIRECTORY)),
                FieldChange(path="spec.key", before=Secret("old"), after=Secret("new"), forces_replace=True),
            ),
        ),
        Change(
            address=Address("Batch", "parse"),
            kind="Batch",
            collection="batches",
            action=Action.RUN,
            reason="never ran",
        ),
        file_change("a.pdf", Action.CREATE, "new in the manifests", uploads=True, estimate=Estimate(bytes=1_200_000)),
        file_change("b.pdf", Action.DELETE, "no longer in the tree", live=live("dfl-2", "b.pdf")),
        file_change(
            "c.pdf",
            Action.REPLACE,
            "content changed",
            uploads=True,
            estimate=Estimate(bytes=800),
            live=live("dfl-3", "c.pdf"),
            fields=(FieldChange(path="content", before=OLD, after=NEW, forces_replace=True),),
        ),
        file_change(
            "d.pdf",
            Action.MOVE,
            "was FileSet/contracts[old/d.pdf]",
            live=live("dfl-4", "old/d.pdf"),
            fields=(FieldChange(path="spec.uniqueId", before="old/d.pdf", after="d.pdf"),),
        ),
        file_change("e\n\x1b[31m.pdf", Action.ADOPT, "exists already as dfl-5", live=live("dfl-5", "e.pdf")),
        environment="prod",
        remembered=(Binding(address=DIRECTORY, collection="directories", id="dir-1", key=("contracts",)),),
        unmanaged=(live("dir-9", "theirs"), live("dir-8", "index", foreign="of type index, made by the service")),
        problems=(
            Diagnostic(
                "LS305", "Directory/old", address=Address("Directory", "old"), hint="set protect: false `first`"
            ),
        ),
        read_calls=7,
    )


def many_files(number: int = 312) -> Plan:
    """So many creates and half as many deletes in one file set."""
    creates = [
        file_change(
            f"new/{n:04}.pdf", Action.CREATE, "new in the manifests", uploads=True, estimate=Estimate(bytes=1000)
        )
        for n in range(number)
    ]
    deletes = [file_change(f"old/{n:04}.pdf", Action.DELETE, "no longer in the tree") for n in range(number // 2)]
    return make_plan(*creates, *deletes)
