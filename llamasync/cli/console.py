"""The two streams: results on stdout, everything else on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from llamasync.cli.options import Globals
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.lean import lean_dataclass
from llamasync.render.style import Style


@lean_dataclass(frozen=True, slots=True)
class Console:
    """Writes text and asks questions. Each stream is coloured only where a person sees it."""

    said: Globals

    @classmethod
    def of(cls, said: Globals) -> Console:
        return cls(said)

    @property
    def style(self) -> Style:
        """How stdout is painted."""
        return self.style_of(sys.stdout)

    @property
    def error_style(self) -> Style:
        """How stderr is painted."""
        return self.style_of(sys.stderr)

    def style_of(self, stream: IO[str]) -> Style:
        """How what goes to this stream is painted."""
        plain = self.said.no_color or bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        return Style(colour=not plain and stream.isatty())

    def out(self, text: str) -> None:
        """Write a result as it stands. When nobody reads any more the run goes on, quietly."""
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            _abandon_stdout()

    def err(self, text: str) -> None:
        """Write everything that is not a result; nobody reading it is no reason to stop."""
        with suppress(BrokenPipeError):
            sys.stderr.write(text)
            sys.stderr.flush()

    def problems(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Write diagnostics on stderr."""
        from llamasync.render.diagnostics import render_diagnostics

        root = self.said.root or Path.cwd()
        self.err(render_diagnostics(diagnostics, root=root, cwd=self.said.here, style=self.error_style))

    def width(self, stream: IO[str]) -> int:
        """Return the width of the terminal that a stream writes to, 0 where it is none."""
        with suppress(OSError, ValueError):  # also of a stream without a number, as in tests
            return os.get_terminal_size(stream.fileno()).columns if stream.isatty() else 0
        return 0

    @property
    def can_ask(self) -> bool:
        """Whether somebody is there to answer."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    def ask(self, question: str) -> str:
        """Ask on stderr and return the answer, "" at the end of input. The caller has looked at `can_ask`."""
        self.err(f"{question} ")
        return sys.stdin.readline().strip()


def _abandon_stdout() -> None:
    # Also what the stream still holds must go somewhere, or the interpreter complains about it at its end.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
