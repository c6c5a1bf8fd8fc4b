"""Dataclasses of which there is one for each file, or each manifest, of a workspace.

They are frozen for the type checker, which is strict about it, and not at run time, where `frozen` makes an instance
cost three times as much: with thousands of files that is a tenth of what a plan takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["one_of_many"]

if TYPE_CHECKING:
    from dataclasses import dataclass as one_of_many
else:
    from dataclasses import dataclass

    def one_of_many(**options):
        """Make a dataclass, unfrozen whatever `options` say."""
        return dataclass(**{**options, "frozen": False})
