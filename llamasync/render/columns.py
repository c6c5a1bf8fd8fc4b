"""How many columns of a terminal a text takes, and how long lines are broken there."""

from __future__ import annotations

import textwrap
import unicodedata


def columns(text: str) -> int:
    """Return how many columns of a terminal the text takes.

    >>> columns("abc"), columns("名前"), columns("e\N{COMBINING ACUTE ACCENT}")
    (3, 4, 1)
    """
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(one) in "WF" for one in text)
    return len(text) + wide - sum(unicodedata.combining(one) != 0 for one in text)


def padded(text: str, width: int) -> str:
    """Fill up with blanks to so many columns; what is wider stays as it is.

    >>> padded("名", 4) + "|"
    '名  |'
    """
    return text + " " * (width - columns(text))


def folded(text: str, width: int, *, indent: int = 0) -> list[str]:
    """Indent a text, and break it between words where it is wider than `width`; 0 breaks nowhere.

    What follows the first line is indented by two more; no line is broken before its twentieth column. A word that is
    wider than the line is never cut, so that it can be copied.

    >>> folded("one two three four five six", 22, indent=2)
    ['  one two three four', '    five six']
    >>> folded("one two three", 0, indent=2)
    ['  one two three']
    """
    blanks = " " * indent
    if not width or columns(text) + indent <= width:
        return [blanks + text]
    spare = columns(text) - len(text)  # wide characters: break a little too early rather than too late
    return textwrap.wrap(
        text,
        max(width - spare, indent + 20),
        initial_indent=blanks,
        subsequent_indent=f"{blanks}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
