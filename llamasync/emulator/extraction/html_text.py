"""Reader of HTML, in one pass whose time grows with the document and no faster: the standard parser's does not.

What is broken is read as browsers do: an unclosed comment, script or tag hides what follows it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import suppress

from llamasync.emulator.extraction.plain import CELL_BAR, decode

_BLOCKS = (
    "address article aside blockquote body dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header"
    " hr li main nav ol p pre section table tbody thead tfoot tr ul title br"
)
BLOCKS = frozenset(_BLOCKS.split())
SILENT = frozenset({"script", "style", "template", "noscript"})
# Of these nothing is markup but their own end.
RAW = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style")}
CELLS = frozenset({"td", "th"})
# The rest of a tag after its name. Nothing is taken back once it was taken: that is what keeps it quick.
_VALUE = r""""[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+"""
REST = re.compile(rf"""(?:[\s/]++|[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:{_VALUE}))?+)*+>""")
NAME = re.compile(r"</?([A-Za-z][^\s/>]*+)")
CHARSET = re.compile(rb"""<meta[^<>]{1,200}?charset\s*=\s*["']?([\w.:-]{2,40})""", re.IGNORECASE)
HEAD_BYTES = 2048


def read_html(content: bytes) -> list[str]:
    """Read what a browser shows, roughly: blocks on lines of their own, cells parted by bars, no scripts."""
    collector = _Collector()
    for kind, text in _pieces(_decoded(content)):
        if kind == "text":
            collector.add(html.unescape(text))
        elif kind == "start":
            collector.start(text)
        else:
            collector.end(text)
    lines = "".join(collector.parts).split("\n")
    return [re.sub(r"\n{3,}", "\n\n", "\n".join(" ".join(line.split()) for line in lines))]


def _decoded(content: bytes) -> str:
    """Decode as the page says, where it is not UTF-8 anyway. Raises Unreadable for what is no text."""
    named = CHARSET.search(content[:HEAD_BYTES])
    if named and b"\0" not in content[:8192]:
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            # The name may be that of no encoding, or of one that is not for text.
            with suppress(LookupError, ValueError):
                return content.decode(named[1].decode("ascii", "replace"), "replace")
    return decode(content)


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Part a page into texts, and the names of tags that start and end."""
    position = 0
    while (begin := text.find("<", position)) >= 0:
        yield "text", text[position:begin]
        follows = text[begin + 1 : begin + 2]
        tag = NAME.match(text, begin)
        if tag is not None:
            name, rest = tag[1].lower(), REST.match(text, tag.end())
            if rest is None:
                return
            position = rest.end()
            yield ("end" if follows == "/" else "start"), name
            if follows != "/" and name in RAW:
                closing = RAW[name].search(text, position)
                if closing is None:
                    return
                position = closing.start()
        elif follows in ("!", "?", "/"):
            comment = text.startswith("<!--", begin)
            end = text.find("-->", begin + 2) if comment else text.find(">", begin)
            if end < 0:
                return
            position = end + (3 if comment else 1)
        else:
            yield "text", "<"
            position = begin + 1
    yield "text", text[position:]


class _Collector:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self._silent = 0
        self._verbatim = 0

    def start(self, tag: str) -> None:
        if tag in SILENT:
            self._silent += 1
        elif tag in BLOCKS:
            self._verbatim += tag == "pre"
            self.parts.append("\n")
        elif tag in CELLS and self.parts and not self.parts[-1].endswith("\n"):
            self.parts.append(CELL_BAR)

    def end(self, tag: str) -> None:
        if tag in SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in BLOCKS:
            self._verbatim = max(0, self._verbatim - (tag == "pre"))
            self.parts.append("\n")

    def add(self, text: str) -> None:
        if self._silent or not text:
            return
        if self._verbatim:
            self.parts.append(text)
        elif text.strip():
            self.parts.append(re.sub(r"\s+", " ", text))
        elif self.parts and not self.parts[-1].endswith(("\n", " ")):
            self.parts.append(" ")
