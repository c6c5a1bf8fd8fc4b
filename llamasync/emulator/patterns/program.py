"""A pattern as a program of small steps: Python's own parser reads it, and what cannot run in bounded time is refused.

Look-around, references back and atomic groups are refused; groups capture nothing. `^` and `$` stand at lines.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from llamasync.emulator.patterns.characters import Taker, make_taker

MAX_PATTERN = 1000
MAX_STEPS = 4000
# Without repeats, and with few branches, a pattern is safe for the standard library's engine.
MAX_SIMPLE_BRANCHES = 3
# What the marks of a line mean where a group turns lines off.
WITHOUT_LINES = {"AT_BEGINNING": "AT_BEGINNING_STRING", "AT_END": "AT_LAST_END"}


class PatternRefused(Exception):
    """The pattern does not compile, is not supported, or costs too much; the message says which."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: take a character, go on at one or two places, hold only here, or done."""

    kind: str
    taker: Taker | None = None
    next: tuple[int, ...] = ()
    place: str = ""


@dataclass(slots=True)
class Program:
    """The steps, the first one at 0; the last one is done. `simple`: has neither repeats nor many branches."""

    steps: list[Step] = field(default_factory=list)
    branches: int = 0
    repeats: int = 0

    @property
    def simple(self) -> bool:
        return not self.repeats and self.branches <= MAX_SIMPLE_BRANCHES

    def add(self, step: Step) -> int:
        if len(self.steps) >= MAX_STEPS:
            raise PatternRefused("the pattern is too large")
        self.steps.append(step)
        return len(self.steps) - 1


def compile_program(pattern: str) -> Program:
    """Compile a pattern. Raises PatternRefused."""
    if len(pattern) > MAX_PATTERN:
        raise PatternRefused(f"the pattern is longer than {MAX_PATTERN} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree: Any = import_module("re._parser").parse(pattern, re.MULTILINE)
        program = Program()
        _sequence(program, tree, tree.state.flags)
    except (re.error, OverflowError, ValueError) as wrong:
        raise PatternRefused(f"the pattern does not compile: {wrong}") from None
    except RecursionError:
        raise PatternRefused("the pattern is nested too deeply") from None
    program.add(Step("done"))
    return program


def _sequence(program: Program, items: Iterable[Any], flags: int) -> None:
    for operation, argument in items:
        _item(program, str(operation), argument, flags)


def _item(program: Program, operation: str, argument: Any, flags: int) -> None:
    if operation == "SUBPATTERN":
        _, more, less, inner = argument
        _sequence(program, inner, (flags | more) & ~less)
    elif operation == "BRANCH":
        _branches(program, argument[1], flags)
    elif operation in ("MAX_REPEAT", "MIN_REPEAT"):
        _repeat(program, argument, flags, greedy=operation == "MAX_REPEAT")
    elif operation == "AT":
        place = str(argument)
        place = place if flags & re.MULTILINE else WITHOUT_LINES.get(place, place)
        program.add(Step("place", place=place, next=(len(program.steps) + 1,)))
    else:
        try:
            taker = make_taker(operation, argument, flags)
        except KeyError:
            raise PatternRefused("look-around, back references and atomic groups are not supported") from None
        program.add(Step("take", taker=taker, next=(len(program.steps) + 1,)))


def _branches(program: Program, alternatives: list[Any], flags: int) -> None:
    program.branches += len(alternatives) - 1
    ends = []
    for i, alternative in enumerate(alternatives):
        last = i == len(alternatives) - 1
        fork = None if last else program.add(Step("go"))
        _sequence(program, alternative, flags)
        if fork is not None:
            ends.append(program.add(Step("go")))
            program.steps[fork] = Step("go", next=(fork + 1, len(program.steps)))
    for end in ends:
        program.steps[end] = Step("go", next=(len(program.steps),))


def _repeat(program: Program, argument: Any, flags: int, *, greedy: bool) -> None:
    least, most, inner = argument
    program.repeats += 1
    for _ in range(least):
        before = len(program.steps)
        _sequence(program, inner, flags)
        if len(program.steps) == before:
            # What takes nothing may be asked for a billion times.
            break
    if str(most) == "MAXREPEAT":
        fork = program.add(Step("go"))
        _sequence(program, inner, flags)
        program.add(Step("go", next=(fork,)))
        program.steps[fork] = _fork(fork + 1, len(program.steps), greedy)
        return
    forks = []
    for _ in range(most - least):
        forks.append(program.add(Step("go")))
        _sequence(program, inner, flags)
    for fork in forks:
        program.steps[fork] = _fork(fork + 1, len(program.steps), greedy)


def _fork(inside: int, outside: int, greedy: bool) -> Step:
    return Step("go", next=(inside, outside) if greedy else (outside, inside))
