"""JSON as items need it: one value at a place of a text, duplicate keys and what is no JSON refused."""

from __future__ import annotations

import json
import math
import re
from json import JSONDecodeError
from typing import Any

_NO_NUMBER = re.compile(r"-?(?:NaN|Infinity)|-?\d+(?:\.\d+)?[eE]\+?\d{3,}")


class Unreadable(ValueError):
    """The text at `offset` (in characters) is no JSON value that can be sent. `code` is that of the problem."""

    def __init__(self, detail: str, offset: int, code: str = "LS216") -> None:
        super().__init__(detail)
        self.detail, self.offset, self.code = detail, offset, code


class _Refusal(Exception):
    def __init__(self, detail: str, code: str = "LS216") -> None:
        self.detail, self.code = detail, code


def decode(text: str, start: int = 0) -> tuple[Any, int]:
    """Read the value that starts at `start` exactly; return it and where it ends. Raises Unreadable."""
    try:
        value, end = _DECODER.raw_decode(text, start)
        if "\\u" in text:
            _check_surrogates(value)
    except JSONDecodeError as error:
        raise Unreadable(f"no JSON: {error.msg}", error.pos) from None
    except _Refusal as refusal:
        found = _NO_NUMBER.search(text, start) if refusal.code == "LS219" else None
        raise Unreadable(refusal.detail, found.start() if found else start, refusal.code) from None
    except RecursionError:
        raise Unreadable("it is nested too deep", start) from None
    except ValueError:  # a whole number of more digits than Python reads
        raise Unreadable("a number has too many digits", start) from None
    return value, end


def check_text(value: Any) -> str:
    """Say why JSON cannot hold a value that was not read from JSON, "" when it can.

    >>> check_text({"a": float("nan")}), check_text({"a": "x"})
    ('NaN and infinity are no JSON', '')
    """
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return "a text holds half of a surrogate pair"
    except ValueError:
        return "NaN and infinity are no JSON"
    return ""


def _check_surrogates(value: Any) -> None:
    if why := check_text(value):
        raise _Refusal(why, "LS219")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _Refusal(f"the field {twice!r} is there twice")
    return found


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _Refusal(f"{text} is too large a number", "LS219")
    return value


def _constant(text: str) -> Any:
    raise _Refusal(f"{text} is no JSON", "LS219")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_constant=_constant)
