"""What is shown of header values and of credentials in a URL. A mask that comes back stands for what is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, urlsplit, urlunsplit

STARS = "********"
Mask = Callable[[str], str]


def mask_all(secret: str) -> str:
    """Hide all of a secret, its length too.

    >>> mask_all("very secret")
    '********'
    """
    return STARS


def mask_most(secret: str) -> str:
    """Hide all but the last four characters; a short secret is hidden whole.

    >>> mask_most("very secret")
    '****cret'
    """
    return f"****{secret[-4:]}" if len(secret) > 8 else STARS


def masked_headers(headers: Mapping[str, str], mask: Mask) -> dict[str, str]:
    """Mask the values; the names are no secret."""
    return {name: mask(value) for name, value in headers.items()}


def kept_headers(sent: Mapping[str, str], stored: Mapping[str, str], mask: Mask) -> dict[str, str]:
    """Return the headers that were meant: a value that is the mask of the stored one keeps it."""
    return {
        name: stored[name] if name in stored and value == mask(stored[name]) else value for name, value in sent.items()
    }


def masked_url(url: str, mask: Mask) -> str:
    """Mask user and password of a URL.

    >>> masked_url("https://me:secret@example.com/hook", mask_all)
    'https://********:********@example.com/hook'
    """
    parts = urlsplit(url)
    credentials, at, host = parts.netloc.rpartition("@")
    return url if not at else _with_netloc(parts, f"{_masked(credentials, mask)}@{host}")


def kept_url(sent: str, stored: str, mask: Mask) -> str:
    """Return the URL that was meant: credentials that are the mask of the stored ones keep them."""
    parts, known = urlsplit(sent), urlsplit(stored)
    credentials, at, host = parts.netloc.rpartition("@")
    secret, was_at, _ = known.netloc.rpartition("@")
    if not (at and was_at) or credentials != _masked(secret, mask):
        return sent
    return _with_netloc(parts, f"{secret}@{host}")


def _masked(credentials: str, mask: Mask) -> str:
    return ":".join(mask(each) for each in credentials.split(":", 1))


def _with_netloc(parts: SplitResult, netloc: str) -> str:
    return urlunsplit(parts._replace(netloc=netloc))
