"""How runs without success are told of, in a few words."""

from __future__ import annotations

from typing import Any

import pytest

from llamasync.kinds.run_facts import RunItem, RunShown, RunStatus
from llamasync.plan.runs import how_it_ended


@pytest.mark.parametrize(
    ("status", "shown", "told"),
    [
        (RunStatus.CANCELLED, {}, "was cancelled"),
        (RunStatus.PARTIAL, {"failed": 1, "total": 3}, "failed for 1 of 3 files"),
        (RunStatus.PARTIAL, {"failed": 1, "total": 1}, "failed for 1 of 1 file"),
        (RunStatus.PARTIAL, {"failed": 2}, "failed for 2 files"),
        (RunStatus.PARTIAL, {}, "failed in part"),
        (RunStatus.FAILED, {"errors": ("no memory",), "failed": 3, "total": 3}, "failed: no memory"),
        (RunStatus.FAILED, {"failed": 3, "total": 3}, "failed for all of 3 files"),
        (RunStatus.FAILED, {"failed": 1, "total": 1}, "failed for its only file"),
        (RunStatus.FAILED, {"items": (RunItem(id="1", name="a.md", error="broken"),)}, "failed: a.md: broken"),
        (RunStatus.FAILED, {"items": (RunItem(id="1", name="a.md", error="a.md: broken"),)}, "failed: a.md: broken"),
        (RunStatus.FAILED, {}, "failed"),
    ],
)
def test_a_run_without_success(status: RunStatus, shown: dict[str, Any], told: str) -> None:
    assert how_it_ended(RunShown(id="r", status=status, **shown)) == told
