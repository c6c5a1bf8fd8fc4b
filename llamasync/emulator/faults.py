"""Faults: rules that make chosen requests fail, before or after their effect. Deterministic for a seed."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Place = Literal["before", "during", "after"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule. `path` is a glob: `*` is anything, `{name}` one segment. Without `status` and `cut` it only delays.

    `when` is before the effect, after it, or during the answer: the effect is made, and half of the answer is sent.
    Of the matching requests it strikes the `nth` only, or those `from_` to `to` (counted from 1, both included),
    at most `times`, each with probability `p`.
    """

    method: str = "*"
    path: str = "*"
    status: int | None = None
    cut: bool = False
    when: Place = "before"
    latency_s: float = 0.0
    retry_after: str | None = None
    body: Literal["json", "html", "empty"] = "json"
    nth: int | None = None
    from_: int | None = None
    to: int | None = None
    times: int | None = None
    p: float = 1.0
    seed: int = 0

    def matches(self, method: str, path: str) -> bool:
        named = self.method == "*" or method in self.method.upper().split(",")
        return named and re.fullmatch(path_pattern(self.path), path) is not None

    def covers(self, count: int) -> bool:
        """Tell whether the `count`-th matching request is one that may be struck."""
        if self.nth is not None and count != self.nth:
            return False
        return (self.from_ or 1) <= count and (self.to is None or count <= self.to)


def path_pattern(glob: str) -> str:
    """Translate a path glob to a regular expression.

    >>> path_pattern("/a/{id}/*")
    '/a/[^/]+/.*'
    """
    pieces = re.split(r"(\{[^}/]*\}|\*|\?)", glob)
    return "".join({"*": ".*", "?": "[^/]"}.get(p, "[^/]+" if p.startswith("{") else re.escape(p)) for p in pieces)


@dataclass(frozen=True, slots=True)
class Strike:
    """What the rules decided for one request."""

    latency_s: float = 0.0
    fault: Fault | None = None

    def at(self, *places: Place) -> Fault | None:
        return self.fault if self.fault is not None and self.fault.when in places else None


class FaultPlan:
    """The rules in force, and how often each has matched and struck. Safe for many threads."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self.set(faults)

    def set(self, faults: Iterable[Fault]) -> None:
        rules = tuple(faults)
        with self._lock:
            self._rules = rules
            self._matched = [0] * len(rules)
            self._struck = [0] * len(rules)
            self._random = [random.Random(rule.seed) for rule in rules]

    def strike(self, method: str, path: str) -> Strike:
        """Decide for one request. Delays add up; of the rules that answer or cut, the first wins."""
        if not self._rules:
            return Strike()
        latency_s, chosen = 0.0, None
        with self._lock:
            for i, rule in enumerate(self._rules):
                breaks = rule.cut or rule.status is not None
                if not rule.matches(method, path) or (breaks and chosen is not None):
                    continue
                self._matched[i] += 1
                if not self._strikes(i, rule):
                    continue
                self._struck[i] += 1
                latency_s += rule.latency_s
                chosen = rule if breaks else chosen
        return Strike(latency_s, chosen)

    def _strikes(self, i: int, rule: Fault) -> bool:
        if not rule.covers(self._matched[i]) or (rule.times is not None and self._struck[i] >= rule.times):
            return False
        return rule.p >= 1.0 or self._random[i].random() < rule.p
