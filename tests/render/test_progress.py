from __future__ import annotations

import io
import json

from rich.console import Console

from llamasync.apply.events import Event, EventType
from llamasync.plan.model import Action
from llamasync.render.progress import JsonProgress, LineProgress, LiveProgress
from llamasync.render.style import PLAIN, Style
from tests.render.plans import many_files

AT = "2026-01-02T03:04:05Z"


def tell(plan_size: int) -> list[Event]:
    events = [Event(type=EventType.PLAN, at=AT, total=plan_size)]
    for change in many_files(plan_size).changes[:plan_size]:
        facts = {"at": AT, "address": change.address, "action": change.action}
        events.append(Event(type=EventType.START, **facts))  # type: ignore[arg-type]
        events.append(Event(type=EventType.PROGRESS, bytes_done=500, bytes_total=1000, **facts))  # type: ignore[arg-type]
        events.append(Event(type=EventType.DONE, **facts))  # type: ignore[arg-type]
    return [*events, Event(type=EventType.SUMMARY, at=AT, total=plan_size, done=plan_size)]


def test_a_log_has_one_line_for_every_change_that_ended() -> None:
    written: list[str] = []
    with LineProgress(written.append, PLAIN, 12) as progress:
        for event in tell(12):
            progress.handle(event)
    assert len(written) == 12
    assert written[0].startswith("[ 1/12]   + FileSet/contracts[new/0000.pdf]  created")


def test_what_was_skipped_is_counted_and_told_later() -> None:
    written: list[str] = []
    progress = LineProgress(written.append, PLAIN, 2)
    change = many_files(1).changes[0]
    progress.handle(Event(type=EventType.SKIPPED, at=AT, address=change.address))
    progress.handle(Event(type=EventType.DONE, at=AT, address=change.address, action=change.action))
    assert [line[:5] for line in written] == ["[2/2]"]


def test_json_has_one_line_for_every_event() -> None:
    written: list[str] = []
    with JsonProgress(written.append) as progress:
        for event in tell(2):
            progress.handle(event)
    assert [json.loads(line)["type"] for line in written] == [
        "plan", "start", "progress", "done", "start", "progress", "done", "summary",
    ]  # fmt: skip


def terminal() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=100, highlight=False, markup=False)


def shown(progress: LiveProgress) -> str:
    console = terminal()
    console.print(progress._draw())
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def test_a_terminal_shows_what_runs_and_lines_of_what_ended() -> None:
    console = terminal()
    events = tell(20)
    with LiveProgress(many_files(20), Style(colour=True), console) as progress:
        for event in events:
            progress.handle(event)
        assert "20/30" in shown(progress)
    written = console.file.getvalue()  # type: ignore[attr-defined]
    assert written.count("created") == 20
    assert "\x1b[?25h" in written  # the cursor is back


def test_a_terminal_shows_at_most_ten_running_changes_and_bytes_sent() -> None:
    now = [0.0]
    progress = LiveProgress(many_files(20), PLAIN, terminal(), clock=lambda: now[0])
    for change in many_files(20).changes[:12]:
        progress.handle(Event(type=EventType.START, at=AT, address=change.address, action=Action.CREATE))
    change = many_files(20).changes[0]
    progress.handle(Event(type=EventType.PROGRESS, at=AT, address=change.address, action=Action.CREATE, bytes_done=400))
    now[0] = 5.0
    text = shown(progress)
    assert text.count("creating FileSet") == 10
    assert "... and 2 more" in text
    assert "400 B of 20.0 kB" in text
    assert "5.0 s" in text
    assert "applying" in text
    assert "stopping" in shown(LiveProgress(many_files(1), PLAIN, terminal(), is_stopping=lambda: True))


def test_leaving_what_was_never_entered_is_harmless() -> None:
    LiveProgress(many_files(1), PLAIN, terminal()).__exit__(None, None, None)
