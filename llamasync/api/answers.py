"""What an answer says: its JSON, or which error it is. Pure."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from llamasync.api.errors import ApiError, NotLlamaCloud, Refused
from llamasync.core.lean import lean_dataclass

MAX_DETAIL = 1000
_SECONDS = re.compile(r"\d+(\.\d+)?")
_HTML_START = re.compile(rb"\s*(<!doctype html|<html)", re.IGNORECASE)
_EMPTY_IS_FINE = (202, 204, 205)


@lean_dataclass(frozen=True, slots=True)
class Answer:
    """What the service said. `body` is decoded (no gzip); texts are "" when the header was absent."""

    status: int
    content_type: str = ""
    body: bytes = b""
    retry_after: str = ""
    location: str = ""

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_html(self) -> bool:
        return "html" in self.content_type or _HTML_START.match(self.body) is not None

    @property
    def is_json(self) -> bool:
        """Say whether it claims to be JSON, or claims nothing and does not look like a page."""
        return "json" in self.content_type or (not self.content_type and not self.is_html)


class CutShort(Exception):
    """JSON was announced, and what came is none: the rest of it was lost on the way."""


def read_json(answer: Answer, method: str, path: str) -> Any:
    """Return the JSON value of a success; None for an answer that is rightly empty.

    Raises CutShort for JSON that breaks off, NotLlamaCloud for anything but JSON.
    """
    if not answer.body and (answer.status in _EMPTY_IS_FINE or method == "DELETE"):
        return None
    if not answer.is_json:
        raise not_llamacloud(answer, method, path)
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as broken:
        raise CutShort(f"the JSON of the answer breaks off ({len(answer.body)} bytes)") from broken


def refusal(answer: Answer, method: str, path: str, *, retry_after_s: float | None = None) -> ApiError:
    """Return the error that an unsuccessful answer means, when it is certain that nothing was done."""
    gateway = answer.status < 500 and answer.status not in (408, 429)
    if answer.status < 400 or (gateway and answer.is_html) or (answer.status in (404, 405) and not _has_json(answer)):
        return not_llamacloud(answer, method, path)
    return Refused(detail_of(answer), method=method, path=path, status=answer.status, retry_after_s=retry_after_s)


def not_llamacloud(answer: Answer, method: str, path: str) -> NotLlamaCloud:
    """Return the error for an answer that the LlamaCloud API does not give."""
    if answer.location and 300 <= answer.status < 400:
        return _redirect(answer, method, path)
    code = "LS405" if answer.is_html else ""
    return NotLlamaCloud(detail_of(answer), method=method, path=path, status=answer.status, code=code)


def _redirect(answer: Answer, method: str, path: str) -> NotLlamaCloud:
    parts = urlsplit(answer.location)
    place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else "another path"
    hint = f"use --endpoint {place}" if parts.netloc and parts.path.startswith(path) else ""
    detail = f"redirects to {place}, which is not followed, for the key would go along"
    return NotLlamaCloud(detail, method=method, path=path, status=answer.status, hint=hint)


def detail_of(answer: Answer) -> str:
    """Return what an unsuccessful answer says, in one line for people.

    >>> detail_of(Answer(422, "application/json", b'{"detail":[{"loc":["body","name"],"msg":"too long"}]}'))
    'body.name: too long'
    >>> detail_of(Answer(502, "text/html", b"<html><title>Bad Gateway</title>"))
    'a web page: Bad Gateway'
    """
    if answer.is_html:
        title = re.search(rb"<title[^>]*>(.*?)</title>", answer.body[:65536], re.IGNORECASE | re.DOTALL)
        return one_line("a web page" + (f": {title[1].decode(errors='replace')}" if title else ""))
    text = answer.body[: 8 * MAX_DETAIL].decode(errors="replace")
    if answer.is_json:
        with contextlib.suppress(ValueError, RecursionError):
            text = _told(json.loads(answer.body))
    return one_line(text) or "an answer without content"


def one_line(text: str) -> str:
    r"""Return `text` as one printable line of bounded length.

    >>> one_line(" a\n\x1b[31mb  c ")
    'a [31mb c'
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= MAX_DETAIL else line[: MAX_DETAIL - 1] + "…"


def _told(value: Any) -> str:
    """Flatten the forms of an error body that are documented or seen: a text, a list of places, an object."""
    if isinstance(value, Mapping):
        for name in ("detail", "message", "msg", "error"):
            if value.get(name):
                return _told(value[name])
    if isinstance(value, list):
        return "; ".join(_told_place(each) for each in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _told_place(value: Any) -> str:
    if isinstance(value, Mapping) and isinstance(value.get("loc"), list):
        return f"{'.'.join(map(str, value['loc']))}: {_told(value.get('msg', 'wrong'))}"
    return _told(value)


def _has_json(answer: Answer) -> bool:
    if not answer.is_json:
        return False
    try:
        json.loads(answer.body)
    except (ValueError, RecursionError):
        return False
    return True


def read_retry_after(text: str, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, never negative; None when there is none that makes sense.

    >>> read_retry_after("2", datetime(2026, 1, 1, tzinfo=UTC))
    2.0
    >>> read_retry_after("Thu, 01 Jan 2026 00:00:09 GMT", datetime(2026, 1, 1, tzinfo=UTC))
    9.0
    """
    if _SECONDS.fullmatch(text.strip()):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
