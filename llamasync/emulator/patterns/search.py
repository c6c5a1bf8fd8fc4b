"""All matches of a pattern in a text, by following every way through the program at once (Pike, Thompson).

Time grows with text times pattern, never faster, and is bounded by a budget on top.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llamasync.emulator.patterns.program import PatternRefused as PatternRefused
from llamasync.emulator.patterns.program import Program, Step, compile_program

BUDGET = 2_000_000
Thread = tuple[int, int]  # the step, and where the match began


def find_all(pattern: str, text: str, limit: int) -> list[tuple[int, int]]:
    """Return start and end of the first matches, at most `limit`, in order, without the empty ones.

    The leftmost match comes first and alternatives count in their order, as with the module `re`. Raises
    PatternRefused, also where the search would take too long.

    >>> find_all("a+|b", "xaab", 10)
    [(1, 3), (3, 4)]
    """
    program = compile_program(pattern)
    found: Iterator[tuple[int, int]]
    if program.simple:
        found = (each.span() for each in re.finditer(pattern, text, re.MULTILINE))
    else:
        found = _Search(program, text).run()
    matches: list[tuple[int, int]] = []
    for start, end in found:
        if len(matches) >= limit:
            break
        if end > start:
            matches.append((start, end))
    return matches


class _Search:
    def __init__(self, program: Program, text: str) -> None:
        self._steps = program.steps
        self._text = text
        self._left = BUDGET
        self._leap = _first_characters(program)

    def run(self) -> Iterator[tuple[int, int]]:
        position = 0
        while position <= len(self._text):
            found = self._next(position)
            if found is None:
                return
            yield found
            position = max(found[1], found[0] + 1)

    def _next(self, position: int) -> tuple[int, int] | None:
        """Find the leftmost match from a position on."""
        text, size = self._text, len(self._text)
        threads: list[Thread] = []
        seen: set[int] = set()
        found: tuple[int, int] | None = None
        while position <= size:
            if found is None:
                if not threads and self._leap is not None:
                    hit = self._leap.search(text, position)
                    if hit is None:
                        return None
                    position = hit.start()
                self._follow(threads, seen, (0, position), position)
            elif not threads:
                break
            character = text[position] if position < size else ""
            self._spend(1 + len(threads))
            after: list[Thread] = []
            seen = set()
            for number, start in threads:
                step = self._steps[number]
                if step.taker is None:
                    found = (start, position)
                    break
                if character and step.taker.takes(character):
                    self._follow(after, seen, (step.next[0], start), position + 1)
            threads, position = after, position + 1
        return found

    def _follow(self, threads: list[Thread], seen: set[int], thread: Thread, position: int) -> None:
        """Add a thread, and all that it forks into before the next character, in the order of preference."""
        waiting, start = [thread[0]], thread[1]
        while waiting:
            number = waiting.pop()
            if number in seen:
                continue
            seen.add(number)
            self._left -= 1
            step = self._steps[number]
            if step.kind in ("take", "done"):
                threads.append((number, start))
            elif step.kind == "go" or _holds(step, self._text, position):
                waiting.extend(reversed(step.next))

    def _spend(self, work: int) -> None:
        self._left -= work
        if self._left < 0:
            raise PatternRefused("the search takes too long; make the pattern more specific")


def _holds(step: Step, text: str, position: int) -> bool:
    """Tell whether a place of the pattern, such as a word boundary, is at a position of the text."""
    before, after = text[position - 1 : position] if position else "", text[position : position + 1]
    if step.place == "AT_BEGINNING":
        return not before or before == "\n"
    if step.place == "AT_END":
        return not after or after == "\n"
    if step.place == "AT_LAST_END":
        return not after or (after == "\n" and position == len(text) - 1)
    if step.place == "AT_BEGINNING_STRING":
        return not before
    if step.place == "AT_END_STRING":
        return not after
    boundary = _is_word(before) != _is_word(after)
    return boundary == (step.place == "AT_BOUNDARY")


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _first_characters(program: Program) -> re.Pattern[str] | None:
    """Compile what a match can begin with, to leap to; None where that is anything, or nothing."""
    waiting, seen, first = [0], set[int](), set[str]()
    while waiting:
        number = waiting.pop()
        if number in seen:
            continue
        seen.add(number)
        step = program.steps[number]
        if step.kind == "done" or (step.taker is not None and step.taker.only is None):
            return None
        if step.taker is not None:
            first |= step.taker.only or frozenset()
        else:
            waiting.extend(step.next)
    return re.compile("|".join(map(re.escape, sorted(first)))) if first else None
