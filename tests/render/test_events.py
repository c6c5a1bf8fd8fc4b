from __future__ import annotations

import json

from llamasync.apply.events import Event, EventType, Result
from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.plan.model import Action
from llamasync.render.event_json import event_value, render_event_json
from llamasync.render.event_line import event_line, running_line
from llamasync.render.result_text import render_result_text
from llamasync.render.style import PLAIN, Style

A, B = Address("FileSet", "contracts", "a.pdf"), Address("Directory", "contracts")
AT = "2026-01-02T03:04:05Z"
FAILED = Event(
    type=EventType.FAILED,
    at=AT,
    address=B,
    action=Action.CREATE,
    elapsed_s=1.25,
    diagnostic=Diagnostic("LS406", "409 name is taken", address=B),
)


def event(kind: EventType, **more: object) -> Event:
    facts: dict[str, object] = {"at": AT, "address": A, "action": Action.CREATE, "elapsed_s": 0.5, **more}
    return Event(type=kind, **facts)  # type: ignore[arg-type]


def test_every_event_has_the_keys_that_programs_rely_on() -> None:
    for kind in EventType:
        value = json.loads(render_event_json(event(kind)))
        assert {"type", "address", "action", "at", "elapsed_s"} <= value.keys()


def test_an_event_is_one_line_of_json() -> None:
    text = render_event_json(event(EventType.DONE, detail="a\nb"))
    assert text.count("\n") == 1


def test_a_failure_carries_its_diagnostic_and_a_skip_its_cause() -> None:
    assert event_value(FAILED)["diagnostic"]["code"] == "LS406"
    assert event_value(event(EventType.SKIPPED, because_of=B))["because_of"] == "Directory/contracts"


def test_counts_and_bytes_stand_where_they_belong() -> None:
    assert event_value(event(EventType.PLAN, total=3))["total"] == 3
    assert event_value(event(EventType.PROGRESS, bytes_done=1, bytes_total=2))["bytes_done"] == 1
    summary = event_value(Event(type=EventType.SUMMARY, at=AT, total=3, done=1, failed=1, skipped=1))
    assert (summary["done"], summary["failed"], summary["skipped"], summary["address"]) == (1, 1, 1, None)
    assert event_value(event(EventType.DONE, id="dfl-1"))["id"] == "dfl-1"


def test_a_narrow_terminal_leaves_out_the_id_not_the_time() -> None:
    done = event(EventType.DONE, id="dfl-" + "1" * 26)
    assert event_line(done, PLAIN, width=60) == "  + FileSet/contracts[a.pdf]  created  in 0.5 s"
    assert event_line(done, PLAIN, width=100).endswith(f"created  {done.id} in 0.5 s")
    assert event_line(event(EventType.DONE), PLAIN).endswith("created  in 0.5 s")


def test_an_interrupt_leaves_nothing_to_mend_unless_something_failed_as_well() -> None:
    waiting = (A, Diagnostic("LS419", "bat-1: running"))
    text = render_result_text(Result(done=1, failed=(waiting,), interrupted=True), 1.0, PLAIN)
    assert "Mend" not in text
    assert "Run `llamasync apply` again to continue." in text
    both = Result(done=1, failed=(waiting, (B, Diagnostic("LS406", "no"))), interrupted=True)
    assert "Mend what failed" in render_result_text(both, 1.0, PLAIN)


def test_a_line_says_how_a_change_ended() -> None:
    done = event_line(event(EventType.DONE, id="dfl-1"), PLAIN, "1/3")
    assert done == "[1/3]   + FileSet/contracts[a.pdf]  created  dfl-1 in 0.5 s"
    begun = event(EventType.DONE, action=Action.SYNC, goes_on=True)
    assert "  begun, not waited for  in 0.5 s" in event_line(begun, PLAIN)
    assert event_value(begun)["goes_on"] is True
    assert "goes_on" not in event_value(event(EventType.DONE))
    failed = event_line(FAILED, PLAIN)
    assert failed == "  x Directory/contracts  not created: LS406 the service refused the call: 409 name is taken"
    run = event_line(event(EventType.FAILED, action=Action.RUN, detail="odd"), PLAIN)
    assert run == "  x FileSet/contracts[a.pdf]  did not succeed: odd"
    assert event_line(event(EventType.FAILED, detail="odd"), PLAIN).endswith("not created: odd")
    skipped = event_line(event(EventType.SKIPPED, because_of=B), PLAIN)
    assert skipped == "  . FileSet/contracts[a.pdf]  skipped because of Directory/contracts"
    assert event_line(event(EventType.SKIPPED, detail="stopped"), PLAIN).endswith("skipped: stopped")
    assert event_line(event(EventType.START), PLAIN) == ""


def test_what_runs_is_said_with_its_time() -> None:
    text = running_line(event(EventType.PROGRESS, detail="half"), 3.0)
    assert text == "creating FileSet/contracts[a.pdf]  3.0 s  half"


def test_a_complete_apply_is_one_line() -> None:
    assert render_result_text(Result(done=3), 2.0, PLAIN) == "Applied: 3 changes in 2.0 s.\n"


def test_a_partial_apply_says_who_was_skipped_because_of_whom_and_how_to_go_on() -> None:
    result = Result(done=1, failed=((B, Diagnostic("LS406")),), skipped=((A, B),))
    text = render_result_text(result, 2.0, PLAIN)
    assert "  . FileSet/contracts[a.pdf]  skipped because of Directory/contracts\n" in text
    assert "Stopped part-way after 2.0 s: 1 done, 1 failed, 1 skipped.\n" in text
    assert "run `llamasync apply` again" in text


def test_an_interrupted_apply_is_no_failure_and_lists_nothing() -> None:
    skipped = tuple((Address("File", f"f{n}"), None) for n in range(60))
    text = render_result_text(Result(done=1, skipped=skipped, interrupted=True), 2.0, PLAIN)
    assert text.startswith("Interrupted after 2.0 s: 1 done, 0 failed, 60 skipped.")
    assert "What was in flight is finished and recorded." in text


def test_a_long_list_of_what_was_skipped_ends() -> None:
    skipped = tuple((Address("File", f"f{n}"), B) for n in range(60))
    text = render_result_text(Result(failed=((B, Diagnostic("LS406")),), skipped=skipped), 2.0, Style(colour=True))
    assert "... and 10 more" in text
