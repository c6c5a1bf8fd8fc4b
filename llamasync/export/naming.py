"""Names of manifests for live objects: short, plain, and no two the same."""

from __future__ import annotations

import re
from collections.abc import Iterable
from unicodedata import normalize

MAX_LENGTH = 63  # a DNS label, so that the name can be one wherever it is used again

_OTHER = re.compile(r"[^a-z0-9]+")
_SCHEME = re.compile(r"^https?://", re.IGNORECASE)


def slug(text: str, *, otherwise: str, max_length: int = MAX_LENGTH) -> str:
    """Return letters, digits and hyphens that people recognise `text` by (of a URL not the `https://`, which all have);
    `otherwise` when nothing of it is left.

    >>> slug("Verträge 2024/Q1", otherwise="x"), slug("契約", otherwise="directory")
    ('vertrage-2024-q1', 'directory')
    """
    plain = normalize("NFKD", _SCHEME.sub("", text)).lower().encode("ascii", "ignore").decode()
    return _OTHER.sub("-", plain).strip("-")[:max_length].rstrip("-") or otherwise


class Names:
    """Gives out slugs, each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, text: str, otherwise: str) -> str:
        """Return the slug of `text`, with a number after it when it is taken.

        >>> names = Names()
        >>> names.take("A b", "x"), names.take("a/b", "x")
        ('a-b', 'a-b-2')
        """
        first = name = slug(text, otherwise=otherwise)
        number = 1
        while name in self._taken:
            number += 1
            ending = f"-{number}"
            name = first[: MAX_LENGTH - len(ending)].rstrip("-") + ending
        self._taken.add(name)
        return name

    def take_all(self, texts: Iterable[str], otherwise: str) -> list[str]:
        """Return a slug for each text. Those that are slugs already keep them, whatever comes before.

        >>> Names().take_all(["A b", "a-b"], "x")
        ['a-b-2', 'a-b']
        """
        wanted = list(texts)
        found = {index: self.take(text, otherwise) for index, text in _exact_first(wanted)}
        return [found[index] for index in range(len(wanted))]


def _exact_first(texts: list[str]) -> list[tuple[int, str]]:
    return sorted(enumerate(texts), key=lambda pair: slug(pair[1], otherwise="") != pair[1])
