"""A world with an index over a few documents, and checks that ask it as `llamasync check` does."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from llamasync.api.client import Client
from llamasync.checks.locating import locate
from llamasync.checks.model import AssertionResult, Outcome, Report
from llamasync.checks.running import run_checks
from llamasync.live.project import open_project
from llamasync.workspace.desired import DesiredCheck
from tests.support.world import World, manifest

LEAVE = "# Leave\n\nA full-time employee has 25 days of\npaid leave a year. Up to five days may be carried over.\n"
TRAVEL = "# Travel\n\nThe limit for a hotel in London is 165 pounds. Trains are booked in standard class.\n"
README = "# Read me\n\nThis folder is about {}.\n"
DOCUMENTS = {
    "people/leave.md": LEAVE,
    "people/readme.md": README.format("people"),
    "money/travel.md": TRAVEL,
    "money/readme.md": README.format("money"),
}


class CheckWorld(World):
    """An index `docs` over DOCUMENTS; the unique id of a file is its path, its name in the index the last part."""

    def __init__(self, root: Path, **options: Any) -> None:
        super().__init__(root, **options)
        for path, text in DOCUMENTS.items():
            self.put(f"documents/{path}", text)
        meta = {"area": "{stem}"}
        self.put(
            "all.yaml",
            [
                manifest("Directory", "docs"),
                manifest("FileSet", "docs", {"directory": "docs", "source": "documents", "metadata": meta}),
                manifest("Index", "docs", {"directory": "docs"}, lifecycle={"protect": False}),
            ],
        )

    def ask(self, *assertions: dict[str, Any], index: Any = "docs", client: Client | None = None, **how: Any) -> Report:
        """Write a check of these assertions and run it."""
        self.put("check.yaml", manifest("Check", "docs", {"index": index, "assertions": list(assertions)}))
        return run_desired_checks(self, list(self.load().desired.checks.values()), client, **how)

    def only(self, assertion: dict[str, Any], **how: Any) -> AssertionResult:
        """Run a check of one assertion, and return what came of it."""
        report = self.ask(assertion, **how)
        assert report.checks[0].problem is None, report.checks[0].problem
        return report.checks[0].assertions[0]

    def holds(self, assertion: dict[str, Any], **how: Any) -> bool:
        """Say whether an assertion holds; fails the test when it could not be checked."""
        verdict = self.only(assertion, **how).verdict
        assert verdict.outcome is not Outcome.UNKNOWN, verdict.problem
        return verdict.outcome is Outcome.OK

    def sessions(self) -> list[Any]:
        """Return the chat sessions that the service shows."""
        answer = self.client().get("/api/v1/chat")
        assert isinstance(answer, dict)
        return list(answer["items"])


def run_desired_checks(
    world: World, checks: Sequence[DesiredCheck], client: Client | None = None, **how: Any
) -> Report:
    """Run checks of a world's workspace, as `llamasync check` does."""
    opened, project = open_project(client or world.client())
    references = [one.references[0] for one in checks]
    found = locate(opened, project, world.load().desired, world.store.load(), world.digests, references)
    return run_checks(checks, found, opened, world.clock, **how)


class StopAfter(threading.Event):
    """An event that is set from the n-th look on."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.looks = looks

    def is_set(self) -> bool:
        self.looks -= 1
        return self.looks < 0
