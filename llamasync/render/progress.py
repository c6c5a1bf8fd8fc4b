"""What is shown while apply works: lines for logs, JSON for programs, a live region on a terminal."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from llamasync.apply.events import Event, EventType
from llamasync.core.address import Address
from llamasync.plan.model import Plan
from llamasync.render.event_json import render_event_json
from llamasync.render.event_line import event_line, running_line
from llamasync.render.style import Style
from llamasync.render.units import human_bytes, human_seconds

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

ENDS = (EventType.DONE, EventType.FAILED, EventType.SKIPPED)
# What was skipped is told at the end, together with whom it was because of.
_TOLD = (EventType.DONE, EventType.FAILED)
_RUNNING_SHOWN = 10
Write = Callable[[str], None]


class Progress(Protocol):
    """Takes events, from any thread, between `with` and its end."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def handle(self, event: Event) -> None: ...


class _Plain:
    """A progress that writes whole lines only, one at a time."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


class JsonProgress(_Plain):
    """One JSON object a line for every event."""

    def handle(self, event: Event) -> None:
        with self._lock:
            self._write(render_event_json(event))


class LineProgress(_Plain):
    """One line for every change that was done or failed."""

    def __init__(self, write: Write, style: Style, total: int) -> None:
        super().__init__(write)
        self._style = style
        self._total = total
        self._ended = 0

    def handle(self, event: Event) -> None:
        if event.type not in ENDS:
            return
        with self._lock:
            self._ended += 1
            if event.type not in _TOLD:
                return
            count = f"{self._ended:>{len(str(self._total))}}/{self._total}"
            self._write(event_line(event, self._style, count) + "\n")


class LiveProgress:
    """A live region below the lines of what ended: a bar, what runs now, bytes sent. Needs a terminal and rich."""

    def __init__(
        self,
        plan: Plan,
        style: Style,
        console: Console,
        *,
        is_stopping: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._is_stopping = is_stopping
        self._plan = plan
        self._style = style
        self._console = console
        self._clock = clock
        self._lock = threading.Lock()
        self._started = clock()
        self._running: dict[Address, tuple[Event, float]] = {}
        self._sent: dict[Address, int] = {}
        self._sizes = {change.address: change.estimate.bytes for change in plan.changes if change.estimate.bytes}
        self._ended = 0
        self._live: Live | None = None

    def __enter__(self) -> Self:
        from rich.live import Live

        self._live = Live(console=self._console, get_renderable=self._draw, refresh_per_second=8, transient=True)
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.__exit__(kind, error, trace)
            self._live = None

    def handle(self, event: Event) -> None:
        with self._lock:
            self._note(event)
        if event.type in _TOLD and self._live:
            from rich.text import Text

            line = event_line(event, self._style, width=self._console.width)
            self._live.console.print(Text.from_ansi(line), soft_wrap=True)

    def _note(self, event: Event) -> None:
        if event.address is None:
            return
        if event.type is EventType.START:
            self._running[event.address] = (event, self._clock())
        elif event.type is EventType.PROGRESS:
            begun = self._running.get(event.address, (event, self._clock()))[1]
            self._running[event.address] = (event, begun)
            self._sent[event.address] = event.bytes_done
        else:
            self._running.pop(event.address, None)
            self._ended += 1
            if event.type is EventType.DONE and event.address in self._sizes:
                self._sent[event.address] = self._sizes[event.address]

    def _draw(self) -> RenderableType:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        with self._lock:
            now = self._clock()
            running = [(event, now - begun) for event, begun in self._running.values()]
            ended, sent = self._ended, sum(self._sent.values())
        bold, dim = ("bold", "dim") if self._style.colour else ("", "")  # without colours nothing is painted at all
        total, size = len(self._plan.changes), sum(self._sizes.values())
        numbers = f"{ended}/{total}" + (f"  {human_bytes(sent)} of {human_bytes(size)}" if size else "")
        head = Table.grid(padding=(0, 1))
        head.add_row(
            Text(" stopping" if self._is_stopping() else " applying", style=bold),
            ProgressBar(total=max(total, 1), completed=ended, width=30),
            Text(f"{numbers}  {human_seconds(now - self._started)}"),
        )
        rows: list[RenderableType] = [head]
        for event, elapsed in running[:_RUNNING_SHOWN]:
            rows.append(Text(f"   {running_line(event, elapsed)}", style=dim, no_wrap=True, overflow="ellipsis"))
        if len(running) > _RUNNING_SHOWN:
            rows.append(Text(f"   ... and {len(running) - _RUNNING_SHOWN} more", style=dim))
        return Group(*rows)
