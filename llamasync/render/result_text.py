"""How an apply ended, as text: what was done, what was not and because of whom, and how to go on."""

from __future__ import annotations

from collections.abc import Iterable

from llamasync.apply.events import Result
from llamasync.render.style import Style
from llamasync.render.units import counted, human_seconds
from llamasync.render.values import safe_text

_SKIPPED_LISTED = 50
_INTERRUPTED = "LS419"  # what the service goes on with by itself: nothing to mend


def render_result_text(result: Result, elapsed_s: float, style: Style, *, verb: str = "Applied") -> str:
    """Show the end of an apply, but for the diagnostics of what failed."""
    if result.is_complete:
        return style.paint("green", f"{verb}: {counted(result.done, 'change')} in {human_seconds(elapsed_s)}.") + "\n"
    lines = list(_skipped(result, style))
    counts = f"{result.done} done, {len(result.failed)} failed, {len(result.skipped)} skipped"
    head = "Interrupted" if result.interrupted else "Stopped part-way"
    lines.append(
        style.paint("yellow" if result.interrupted else "red", f"{head} after {human_seconds(elapsed_s)}: {counts}.")
    )
    lines.append(_advice(result))
    return "\n".join(lines) + "\n"


def _skipped(result: Result, style: Style) -> Iterable[str]:
    # What an interrupt left over is no news; what somebody's failure left over is.
    caused = [(address, because) for address, because in result.skipped if because]
    for address, because in caused[:_SKIPPED_LISTED]:
        painted = style.paint("yellow", f"  . {safe_text(str(address))}")
        yield f"{painted}  skipped because of {safe_text(str(because))}"
    if len(caused) > _SKIPPED_LISTED:
        yield f"    ... and {len(caused) - _SKIPPED_LISTED} more"


def _advice(result: Result) -> str:
    again = "`llamasync apply` again"
    if any(problem.code != _INTERRUPTED for _, problem in result.failed):
        return f"What was done is recorded. Mend what failed, then run {again}: it continues with the rest."
    return f"What was in flight is finished and recorded. Run {again} to continue."
