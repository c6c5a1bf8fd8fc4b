"""Presigned links: whoever has one may read that file until it expires, without a key."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from urllib.parse import quote

DOWNLOADS = "/downloads/"


@dataclass(frozen=True, slots=True)
class Signer:
    """Makes and checks links. The secret is the store's, so links outlive a restart."""

    secret: str

    def link(self, base_url: str, file_id: str, expires: int) -> str:
        path = f"{DOWNLOADS}{quote(file_id)}"
        return f"{base_url}{path}?expires={expires}&signature={self._sign(path, expires)}"

    def allows(self, path: str, expires: str, signature: str, now: float) -> bool:
        if not (expires.isascii() and expires.isdecimal()) or len(expires) > 15:
            return False
        fits = hmac.compare_digest(self._sign(path, int(expires)).encode(), signature.encode())
        return fits and now < int(expires)

    def _sign(self, path: str, expires: int) -> str:
        return hmac.digest(self.secret.encode(), f"{path}:{expires}".encode(), "sha256").hex()
