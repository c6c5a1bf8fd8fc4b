"""How text is coloured: a value that says whether to, passed to every renderer, so that they stay pure."""

from __future__ import annotations

from llamasync.core.lean import lean_dataclass

_CODES = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "magenta": 35, "cyan": 36, "dim": 2, "bold": 1}


@lean_dataclass(frozen=True, slots=True)
class Style:
    """Paints text with ANSI codes when `colour` is set, and leaves it alone when it is not.

    >>> Style(colour=False).paint("red", "gone")
    'gone'
    """

    colour: bool = False

    def paint(self, name: str, text: str) -> str:
        """Return `text` in the colour or weight `name`; an empty name or text stays as it is."""
        if not self.colour or not name or not text:
            return text
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m"


PLAIN = Style()
