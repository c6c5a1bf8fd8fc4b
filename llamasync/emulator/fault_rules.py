"""The text form of a fault: `METHOD PATH-GLOB key=value...`, as `--fault` takes it."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable
from typing import Any

from llamasync.emulator.faults import Fault

METHODS = ("*", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
GRAMMAR = (
    "METHOD PATH-GLOB [status=NNN|cut] [when=before|during|after] [latency=20ms] [retry_after=N] "
    "[nth=K] [from=K] [to=K] [times=N] [p=0.2] [seed=N] [body=json|html|empty]"
)


def parse_fault(text: str) -> Fault:
    """Read one rule. Raises ValueError that quotes the wrong part and says what would do.

    >>> parse_fault("POST /api/v1/beta/directories status=503 when=after nth=2").nth
    2
    """
    words = text.split()
    if len(words) < 2:
        raise ValueError(f"fault {text!r}: expected {GRAMMAR}")
    method, path, settings = words[0].upper(), words[1], words[2:]
    for each in method.split(","):
        if each not in METHODS:
            raise ValueError(f"fault {text!r}: no method {each!r}; there are: {', '.join(METHODS)}")
    if not path.startswith(("/", "*")):
        raise ValueError(f"fault {text!r}: the path {path!r} must start with / or *")
    values: dict[str, Any] = {"method": method, "path": path}
    for word in settings:
        try:
            name, value = _setting(word)
        except ValueError as problem:
            raise ValueError(f"fault {text!r}: {problem}") from None
        if name in values:
            raise ValueError(f"fault {text!r}: {word!r} is given twice")
        values[name] = value
    return _checked(text, Fault(**values))


def _checked(text: str, fault: Fault) -> Fault:
    if fault.cut and fault.status is not None:
        raise ValueError(f"fault {text!r}: either cut or status, not both")
    if not fault.cut and fault.status is None and not fault.latency_s:
        raise ValueError(f"fault {text!r}: does nothing; give status=NNN, cut or latency=20ms")
    if fault.when == "during" and not fault.cut:
        raise ValueError(f"fault {text!r}: when=during needs cut")
    if fault.retry_after is not None and fault.status is None:
        raise ValueError(f"fault {text!r}: retry_after needs a status, such as status=429")
    return fault


def _setting(word: str) -> tuple[str, Any]:
    name, equals, value = word.partition("=")
    if word == "cut":
        return "cut", True
    if re.fullmatch(r"[2-5]\d\d", word):
        return "status", int(word)
    if name not in _READERS:
        near = difflib.get_close_matches(name, [*_READERS, "cut"], n=1)
        raise ValueError(f"no setting {name!r}" + (f"; did you mean {near[0]}?" if near else f"; {GRAMMAR}"))
    if not equals or not value:
        raise ValueError(f"{name} needs a value")
    field, reader = _READERS[name]
    try:
        return field, reader(value)
    except ValueError as problem:
        raise ValueError(f"{word!r}: {problem}") from None


def _count(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise ValueError("expected a whole number from 1")
    return int(value)


def _status(value: str) -> int:
    if not re.fullmatch(r"[2-5]\d\d", value):
        raise ValueError("expected a status from 200 to 599")
    return int(value)


def _seconds(value: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s)", value)
    if not found:
        raise ValueError("expected a time such as 20ms or 1.5s")
    return float(found[1]) / (1000 if found[2] == "ms" else 1)


def _probability(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 <= number <= 1:
        raise ValueError("expected a probability from 0 to 1")
    return number


def _seed(value: str) -> int:
    if not value.isdecimal():
        raise ValueError("expected a whole number")
    return int(value)


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in choices:
            raise ValueError(f"expected {' or '.join(choices)}")
        return value

    return read


_READERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "status": ("status", _status),
    "when": ("when", _one_of("before", "during", "after")),
    "latency": ("latency_s", _seconds),
    "retry_after": ("retry_after", str),
    "nth": ("nth", _count),
    "from": ("from_", _count),
    "to": ("to", _count),
    "times": ("times", _count),
    "p": ("p", _probability),
    "seed": ("seed", _seed),
    "body": ("body", _one_of("json", "html", "empty")),
}
