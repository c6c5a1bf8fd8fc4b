"""Put a finished file in its place in one step, without ever replacing what is there."""

from __future__ import annotations

import os
from pathlib import Path


def publish(finished: Path, destination: Path) -> bool:
    """Move `finished` to `destination`, durably; False, and nothing moved, when something is there already.

    Raises OSError. Where the file system has no hard links, two processes at the same moment could both succeed.
    """
    try:
        os.link(finished, destination)
    except FileExistsError:
        return False
    except OSError:
        if destination.exists() or destination.is_symlink():
            return False
        os.rename(finished, destination)
    else:
        finished.unlink()
    sync_folder(destination.parent)
    return True


def sync_folder(folder: Path) -> None:
    """Make the entries of a folder durable. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
