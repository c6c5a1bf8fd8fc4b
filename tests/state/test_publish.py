"""A finished file is put in place whole, and never over another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from llamasync.state.publish import publish


@pytest.fixture(params=["hard links", "no hard links"])
def finished(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def refuse(*_: object) -> None:
        raise PermissionError("no hard links on this file system")

    if request.param == "no hard links":
        monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "finished"
    path.write_text("new")
    return path


def test_finished_file_is_moved(finished: Path, tmp_path: Path) -> None:
    assert publish(finished, tmp_path / "place")
    assert [entry.name for entry in tmp_path.iterdir()] == ["place"]
    assert (tmp_path / "place").read_text() == "new"


def test_what_is_there_stays(finished: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.write_text("old")
    assert not publish(finished, place)
    assert place.read_text() == "old"
    assert finished.exists()


def test_link_that_leads_nowhere_stays(finished: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.symlink_to("nowhere")
    assert not publish(finished, place)
    assert place.is_symlink()
