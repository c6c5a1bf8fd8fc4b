"""What came of checks, as text, JSON and JUnit; built from values, without any call."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

from llamasync.checks.model import AssertionResult, CheckResult, Missed, Outcome, Report, Shown, Verdict
from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.source import Source
from llamasync.render.check_json import render_report_json
from llamasync.render.check_junit import render_report_junit
from llamasync.render.check_text import render_report_text
from llamasync.render.style import PLAIN, Style

ROOT = Path.cwd()
HOSTILE = 'a\x1b[31m<b>&"\x00\ud800'
FAILED = Verdict(
    outcome=Outcome.FAILED,
    expected=("a.md among the best 3",),
    unmet=("a.md is not in the index",),
    came="1 hit from b.md",
    shown=(Shown(file="b.md", pages="1-2", score=0.5, text=f"text {HOSTILE}"), Shown(text="an answer")),
    missed=tuple(Missed(question=f"why {n}?", unmet=("no hit",), shown=(Shown(file="b.md"),)) for n in range(12)),
    numbers={"recall": 0.5},
)
UNKNOWN = Verdict(outcome=Outcome.UNKNOWN, problem=Diagnostic("LS704", "the stream ended", hint="try again"))
OK = Verdict(outcome=Outcome.OK, expected=("any text",), came="7 characters")


def assertion(name: str, verdict: Verdict, line: int = 7) -> AssertionResult:
    return AssertionResult(name=name, asked="read", verdict=verdict, source=Source("m/a.yaml", line, 3), elapsed_s=0.25)


def check(name: str, *assertions: AssertionResult, problem: Diagnostic | None = None) -> CheckResult:
    place = Source("m/a.yaml", 1, 1)
    return CheckResult(
        address=Address("Check", name), source=place, assertions=assertions, problem=problem, elapsed_s=1
    )


NO_INDEX = Diagnostic("LS701", "Index/x is not in the project yet", source=Source("m/a.yaml", 1, 1))
REPORT = Report(
    checks=(
        check("a", assertion("one", OK)),
        check("b", assertion(f"two {HOSTILE}", FAILED), assertion("three", UNKNOWN), assertion("four", OK)),
        check("c", problem=NO_INDEX),
    ),
    notes=(Diagnostic("LS709", "chat-1"),),
    elapsed_s=2.5,
)


def test_text_shows_what_does_not_hold_and_not_what_does() -> None:
    text = render_report_text(REPORT, PLAIN, ROOT)
    assert text.startswith("Check/a  ok  1 assertion in 1.0 s\nCheck/b  FAILED  3 assertions in 1.0 s\n")
    assert "  FAILED   two a" in text
    assert "  ok       four\n" in text
    assert "  UNKNOWN  three  m/a.yaml:7:3\n           LS704 the answer broke off: the stream ended\n" in text
    assert "           hint: try again\n" in text
    assert "             1. b.md, pages 1-2  0.500  " in text
    assert '           missed    "why 0?"\n                     no hit\n' in text
    assert "... and 2 more questions were missed\n" in text
    assert "Check/c  could not be checked\n  LS701 no index to ask: Index/x is not in the project yet\n" in text
    assert text.endswith("\n1 of 3 checks hold, 1 failed, 1 could not be checked (2.5 s).\n")


def test_nothing_of_the_service_can_steer_a_terminal() -> None:
    text = render_report_text(REPORT, PLAIN, ROOT, verbose=True)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]", text)
    assert "\x1b[31mFAILED" in render_report_text(REPORT, Style(colour=True), ROOT)


def test_a_run_that_was_interrupted_says_how_many_are_left() -> None:
    text = render_report_text(Report(checks=REPORT.checks[:1], left=2), PLAIN, ROOT)
    assert text.endswith("1 of 3 checks hold, 2 not run (0.0 s).\n")
    assert render_report_text(Report(), PLAIN, ROOT) == "There are no checks.\n"


def test_json_tells_everything() -> None:
    value = json.loads(render_report_json(REPORT).encode())
    assert value["outcome"] == "failed"
    assert value["summary"] == {"ok": 1, "failed": 1, "unknown": 1, "not_run": 0}
    told = value["checks"][1]["assertions"][0]
    assert told["shown"][0] == {"file": "b.md", "pages": "1-2", "score": 0.5, "text": f"text {HOSTILE}"}
    assert len(told["missed"]) == 12
    assert value["checks"][1]["assertions"][1]["problem"]["code"] == "LS704"
    assert value["checks"][2]["problem"]["code"] == "LS701"
    assert [note["code"] for note in value["notes"]] == ["LS709"]


def test_junit_is_what_its_common_schema_allows() -> None:
    """The elements and attributes of the Jenkins schema (junit-10.xsd), with the counts that readers rely on."""
    needs = ((Address("Check", "later"), Address("Index", "docs")),)
    root = ET.fromstring(render_report_junit(replace(REPORT, left=2, waiting=needs), ROOT))
    assert root.tag == "testsuites"
    assert set(root.attrib) <= {"name", "time", "tests", "failures", "disabled", "errors"}
    for suite in root:
        assert suite.tag == "testsuite"
        assert {"name", "tests"} <= set(suite.attrib) <= {"name", "tests", "failures", "errors", "time", "skipped"}
        cases = list(suite)
        assert int(suite.attrib["tests"]) == len(cases)
        for tag, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(suite.get(count, 0)) == sum(case.find(tag) is not None for case in cases)
        for case in cases:
            assert case.tag == "testcase"
            assert set(case.attrib) == {"name", "classname", "time"}
            assert float(case.attrib["time"]) >= 0
            for inner in case:
                assert inner.tag in ("failure", "error", "skipped")
                assert set(inner.attrib) == ({"message"} if inner.tag == "skipped" else {"type", "message"})
    assert [root.get(name) for name in ("tests", "failures", "errors")] == ["7", "1", "3"]
    assert [one.get("message") for one in root.iter("skipped")] == ["not run because of Index/docs"]
    assert [one.get("message") for one in root.iter("error")][-1] == "interrupted: 2 checks not run"


def test_junit_gives_no_two_cases_one_name() -> None:
    (suite,) = (one for one in REPORT.checks if len(one.assertions) > 1)
    twice = replace(REPORT, checks=(replace(suite, assertions=(*suite.assertions, *suite.assertions)),))
    names = [case.get("name") for case in ET.fromstring(render_report_junit(twice, ROOT)).iter("testcase")]
    assert len(set(names)) == len(names) == 2 * len(suite.assertions)
    assert names[-1] == f"{names[len(suite.assertions) - 1]} (2)"


def test_junit_names_what_is_wrong_in_its_message() -> None:
    root = ET.fromstring(render_report_junit(REPORT, ROOT))
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.attrib == {"type": "LS710", "message": "a.md is not in the index"}
    assert (failure.text or "").startswith("m/a.yaml:7:3\nexpected  a.md among the best 3\n")
    errors = [(error.get("type"), error.get("message")) for error in root.iter("error")]
    assert errors == [("LS704", "the answer broke off"), ("LS701", "no index to ask")]


def test_a_check_is_as_good_as_the_worst_of_it() -> None:
    assert [one.outcome for one in REPORT.checks] == [Outcome.OK, Outcome.FAILED, Outcome.UNKNOWN]
    assert REPORT.outcome is Outcome.FAILED
    assert replace(REPORT, checks=REPORT.checks[::2]).outcome is Outcome.UNKNOWN
    assert REPORT.checks[1].count(Outcome.OK) == 1
