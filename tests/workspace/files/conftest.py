from __future__ import annotations

import builtins
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.workspace.files.support import Workspace


@pytest.fixture
def work(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def opened(work: Workspace, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """What this process opened for reading below `docs` since the last call.

    Not by an audit hook, which cannot be taken out again: where there is one, Python 3.11 fails to start a thread now
    and then while coverage is measured.
    """
    folder, seen = str(work.root / "docs"), list[str]()

    def watch(module: Any) -> None:
        original = module.open

        def open_(path: Any, how: Any = "r", *arguments: Any, **options: Any) -> Any:
            is_read = how & os.O_ACCMODE == os.O_RDONLY if isinstance(how, int) else not {*"wax+"} & {*how}
            if is_read and str(path).startswith(folder):
                seen.append(os.path.relpath(str(path), folder))
            return original(path, how, *arguments, **options)

        monkeypatch.setattr(module, "open", open_)

    for module in (builtins, io, os):
        watch(module)

    def since() -> list[str]:
        result = sorted(seen)
        seen.clear()
        return result

    return since
