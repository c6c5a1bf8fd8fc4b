from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.workspace.files.support import Workspace

_watched: list[tuple[str, list[str]]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _watched and arguments[2] & os.O_ACCMODE == os.O_RDONLY:
        for folder, seen in _watched:
            if str(arguments[0]).startswith(folder):
                seen.append(os.path.relpath(str(arguments[0]), folder))


sys.addaudithook(_hook)


@pytest.fixture
def work(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def opened(work: Workspace) -> Iterator[Callable[[], list[str]]]:
    """What this process opened for reading below `docs` since the last call."""
    seen: list[str] = []
    _watched.append((str(work.root / "docs"), seen))

    def since() -> list[str]:
        result = sorted(seen)
        seen.clear()
        return result

    yield since
    _watched.pop()
