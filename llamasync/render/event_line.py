"""Events as lines: one for each change that ended, for CI logs and above the progress on a terminal."""

from __future__ import annotations

from llamasync.apply.events import Event, EventType
from llamasync.plan.model import Action
from llamasync.render.actions import LOOKS
from llamasync.render.columns import columns
from llamasync.render.style import Style
from llamasync.render.units import human_seconds
from llamasync.render.values import safe_text


def event_line(event: Event, style: Style, count: str = "", *, width: int = 0) -> str:
    """Say on one line, without its end, how a change ended; "" for other events.

    `count`: such as `3/12`. The id is left out where the line would be wider than `width`, unless that is 0.
    """
    look = LOOKS[event.action or Action.NOOP]
    address = safe_text(str(event.address))
    head = style.paint("dim", f"[{count}] ") if count else ""
    if event.type is EventType.DONE:
        took = f"in {human_seconds(event.elapsed_s)}"
        told = f"{event.id} {took}" if event.id else took
        done = look.done
        if event.goes_on:
            done = "begun" if event.action in (Action.RUN, Action.SYNC) else look.done
            done += ", not waited for"
        if width and columns(f"{look.symbol:>3} {address}  {done}  {told}") + len(count) > width:
            told = took
        symbol = style.paint(look.colour, f"{look.symbol:>3}")
        return f"{head}{symbol} {address}  {done}  {style.paint('dim', told)}"
    if event.type is EventType.FAILED:
        return f"{head}{style.paint('red', f'  x {address}')}  {look.undone}: {_problem(event)}"
    if event.type is EventType.SKIPPED:
        because = f" because of {safe_text(str(event.because_of))}" if event.because_of else ""
        detail = f": {safe_text(event.detail)}" if event.detail and not because else ""
        return f"{head}{style.paint('yellow', f'  . {address}')}  skipped{because}{detail}"
    return ""


def running_line(event: Event, elapsed_s: float) -> str:
    """Say on one line, without its end, what is being done to one object right now.

    >>> from llamasync.core.address import Address
    >>> running_line(Event(type=EventType.START, at="", address=Address("File", "a"), action=Action.CREATE), 2)
    'creating File/a  2.0 s'
    """
    detail = f"  {safe_text(event.detail)}" if event.detail else ""
    doing = LOOKS[event.action or Action.NOOP].doing
    return (
        f"{doing} {safe_text(str(event.address))}  {human_seconds(elapsed_s)}{detail}"  # a narrow terminal cuts the end
    )


def _problem(event: Event) -> str:
    if event.diagnostic is None:
        return safe_text(event.detail)
    found = event.diagnostic
    return safe_text(f"{found.code} {found.summary}" + (f": {found.detail}" if found.detail else ""))
