"""Every folder here is a scenario. `LLAMASYNC_UPDATE=1` writes the expectations anew instead of comparing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.scenarios.runner import run_scenario

HERE = Path(__file__).parent
SCENARIOS = sorted(path.parent for path in HERE.glob("*/workspace"))
EXPECTATIONS = (
    *("plan.txt", "requests.jsonl", "result.txt"),
    *("again-plan.txt", "again-requests.jsonl", "again-result.txt"),
    *("final.json", "status.txt", "saved.txt", "checks.txt", "again-checks.txt"),
)


@pytest.mark.parametrize("folder", SCENARIOS, ids=lambda folder: folder.name)
def test_scenario_comes_out_as_its_folder_says(folder: Path, tmp_path: Path) -> None:
    told = run_scenario(folder, tmp_path)
    if os.environ.get("LLAMASYNC_UPDATE"):
        for name in EXPECTATIONS:
            (folder / name).unlink(missing_ok=True)
        for name, text in told.items():
            (folder / name).write_text(text, encoding="utf-8")
    assert told == {path.name: path.read_text(encoding="utf-8") for path in _expected(folder)}


def _expected(folder: Path) -> list[Path]:
    return [folder / name for name in EXPECTATIONS if (folder / name).exists()]
