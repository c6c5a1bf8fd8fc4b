"""Being nobody: to root no file is closed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def without_power_of_root(folder: Path) -> Iterator[None]:
    """Be nobody for a while where the tests run as root, to whom no file is closed; else change nothing. Everybody may
    look into `folder` and those above it from then on."""
    if os.geteuid() != 0:
        yield
        return
    for parent in (folder, *folder.parents):
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o055)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
