"""The trash, in the words of those who put bytes into it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from llamasync.core.address import Address

if TYPE_CHECKING:
    from llamasync.apply.trash import Trash


class Bin:
    """Keeps bytes that are about to go away (see apply.tools.TrashBin) in a Trash."""

    def __init__(self, trash: Trash) -> None:
        self._trash = trash

    def save(
        self, chunks: Iterable[bytes], *, address: Address, unique_id: str, directory: str, reason: str, at: str
    ) -> str:
        """Keep the bytes; return their SHA-256 (hex)."""
        return self._trash.save(
            chunks, address=address, unique_id=unique_id, directory_name_or_id=directory, reason=reason, at=at
        )
