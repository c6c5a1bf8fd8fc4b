"""Checks hold after an apply, and fail after a document was damaged, whatever the service leaves open."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given

from llamasync.checks.model import Outcome, Report
from llamasync.emulator import Switches
from tests.support.checking import DOCUMENTS, CheckWorld
from tests.support.strategies import dialects, switches
from tests.support.world import every_switch

LEAVE = {"query": "How many days of paid leave does an employee have?"}
HOTEL = {"query": "What is the limit for a hotel in London?", "files": "money/travel.md"}
ASSERTIONS: list[dict[str, Any]] = [
    {"retrieve": {**LEAVE, "expect": {"files": "people/leave.md", "contains": "25 days"}}},
    {"retrieve": {"recall": {"questions": [{**LEAVE, "files": "leave.md", "contains": "25 days"}, HOTEL]}}},
    {"find": {"contains": ".md", "expect": {"count": len(DOCUMENTS), "files": ["leave.md", "travel.md"]}}},
    {"grep": {"file": "leave.md", "pattern": r"\d+ days", "expect": {"count": 1}}},
    {"read": {"file": "people/leave.md", "expect": {"contains": "25 days of paid leave"}}},
    {"chat": {"prompt": "How many days of paid leave?", "expect": {"contains": "25 days", "cites": "leave.md"}}},
]


def asked(world: CheckWorld) -> Report:
    assert not world.apply().failed
    report = world.ask(*ASSERTIONS)
    assert world.sessions() == []
    (check,) = report.checks
    assert check.problem is None
    assert all(one.verdict.problem is None for one in check.assertions), check
    return report


def held(world: CheckWorld) -> None:
    """Apply and check, damage a document, apply and check again."""
    report = asked(world)
    assert report.outcome is Outcome.OK, [one.verdict.unmet for one in report.checks[0].assertions]
    world.put("documents/people/leave.md", "# Leave\n\nThis page is empty.\n")
    outcomes = [one.verdict.outcome for one in asked(world).checks[0].assertions]
    assert outcomes == [Outcome.FAILED, Outcome.FAILED, Outcome.OK, *[Outcome.FAILED] * 3]


@pytest.mark.parametrize(("name", "value"), list(every_switch()))
@pytest.mark.parametrize("dialect", ["current", "reference"])
def test_checks_hold_and_notice_damage_under_each_setting_alone(
    tmp_path: Path, name: str, value: Any, dialect: str
) -> None:
    with CheckWorld(tmp_path, switches=Switches(**{name: value}), dialect=dialect) as world:
        held(world)


@given(setting=switches(), dialect=dialects)
def test_checks_hold_and_notice_damage_whatever_the_settings(setting: Switches, dialect: str) -> None:
    with TemporaryDirectory() as folder, CheckWorld(Path(folder), switches=setting, dialect=dialect) as world:
        held(world)
