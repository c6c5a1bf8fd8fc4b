"""Server-sent events out of the bytes of an answer, as they come. Source: WHATWG HTML, "Server-sent events". Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from llamasync.core.lean import lean_dataclass

MAX_LINE_BYTES = 16 * 1024 * 1024


@lean_dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event: its `data` (lines joined by line feeds) and its `type`, "message" where the stream names none."""

    data: str
    type: str = "message"


class LineTooLong(Exception):
    """A line that no sane service sends; reading on would fill the memory."""


def read_events(chunks: Iterable[bytes]) -> Iterator[ServerEvent]:
    r"""Yield each event as soon as the empty line after it has come; one without it is dropped, as the standard says.

    Raises LineTooLong, and whatever `chunks` raises.

    >>> [event.data for event in read_events([b'data: {"a"', b': 1}\r\n\r', b"\n: still here\n\ndata: b\ndata: c\n\n"])]
    ['{"a": 1}', 'b\nc']
    """
    data: list[str] = []
    kind = ""
    for line in _lines(chunks):
        if not line:
            if data:
                yield ServerEvent("\n".join(data), kind or "message")
            data, kind = [], ""
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            data.append(value)
        elif name == "event":
            kind = value


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield whole lines without their ends, which are CR, LF or both. A byte order mark at the start is skipped."""
    rest, after_cr, first = b"", False, True
    for chunk in chunks:
        if after_cr and chunk:
            chunk = chunk.removeprefix(b"\n")  # the other half of an end that came in two pieces
        after_cr = chunk.endswith(b"\r") or (after_cr and not chunk)
        *whole, rest = (rest + chunk).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for line in whole:
            yield line.removeprefix(b"\xef\xbb\xbf" if first else b"").decode(errors="replace")
            first = False
        if len(rest) > MAX_LINE_BYTES:
            raise LineTooLong(f"a line of more than {MAX_LINE_BYTES} bytes")
