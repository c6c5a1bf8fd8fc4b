from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from llamasync.core.address import Address
from llamasync.core.codes import CODES
from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.core.source import Source
from llamasync.render.diagnostic_formats import FORMATS, render_format
from llamasync.render.diagnostics import count_line, in_order, render_diagnostics
from llamasync.render.style import Style

TEXT = "kind: Index\nspec:\n  directory: handbok\n"
REFERENCE = Diagnostic(
    "LS104",
    "no manifest declares Directory/handbok",
    Source("manifests/rag.yaml", 3, 14),
    Address("Index", "handbook"),
    "spec.directory",
    "did you mean handbook?",
)
WARNING = Diagnostic("LS110", "X is not set", Source("manifests/rag.yaml", 1, 7), severity=Severity.WARNING)
WHOLE = Diagnostic("LS117", "Permission denied", Source("a,b: c.yaml"))
NOWHERE = Diagnostic("LS604", "100% empty")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "rag.yaml").write_text(TEXT)
    return tmp_path


def render(root: Path, *problems: Diagnostic, **given: Any) -> str:
    return render_diagnostics(problems, root=root, **{"cwd": root, **given})


def test_a_problem_is_shown_with_its_line_and_a_caret_under_the_column(root: Path) -> None:
    assert render(root, REFERENCE) == (
        "error[LS104]: unknown reference\n"
        "  manifests/rag.yaml:3:14  Index/handbook  spec.directory\n"
        "  2 | spec:\n"
        "  3 |   directory: handbok\n"
        "    |              ^ no manifest declares Directory/handbok\n"
        "  hint: did you mean handbook?\n"
        "\n"
        "1 error (`llamasync explain LS104` says why it matters)\n"
    )


def test_paths_are_relative_to_where_the_user_stands(root: Path) -> None:
    assert "\n  rag.yaml:3:14  " in render(root, REFERENCE, cwd=root / "manifests")
    assert "\n  ../manifests/rag.yaml:3:14  " in render(root, REFERENCE, cwd=root / "other")
    assert f"\n  {root}/manifests/rag.yaml:3:14  " in render(root, REFERENCE, cwd=root / "a" / "b" / "c" / "d")


def test_the_process_folder_is_where_the_user_stands_by_default(root: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(root)
    assert render_diagnostics([REFERENCE], root=root) == render(root, REFERENCE)
    assert render_format("json", [REFERENCE], root=root) == render_format("json", [REFERENCE], root=root, cwd=root)


def test_colour_is_used_only_when_asked_for(root: Path) -> None:
    plain, coloured = render(root, REFERENCE), render(root, REFERENCE, style=Style(colour=True))
    assert "\x1b" not in plain
    assert coloured.startswith("\x1b[31merror[LS104]\x1b[0m")


def test_problems_are_sorted_by_place_and_counted(root: Path) -> None:
    text = render(root, REFERENCE, WARNING, NOWHERE)
    assert [line.split("]")[0] for line in text.splitlines() if line.startswith(("error", "warning"))] == [
        "error[LS604", "warning[LS110", "error[LS104",
    ]  # fmt: skip
    assert text.endswith("\n2 errors, 1 warning (`llamasync explain LS604` says why it matters)\n")
    assert in_order([REFERENCE, WARNING]) == [WARNING, REFERENCE]


def test_a_problem_without_a_hint_gets_that_of_its_code_once(root: Path) -> None:
    fix = CODES["LS604"].fix
    assert render(root, NOWHERE).splitlines()[2] == f"  hint: {fix}"
    both = render(root, NOWHERE, Diagnostic("LS604", "also empty"), REFERENCE)
    assert both.count(f"  hint: {fix}\n") == 1
    assert "  hint: did you mean handbook?\n" in both
    document = json.loads(render_format("json", [NOWHERE, NOWHERE], root=root))
    assert [problem["hint"] for problem in document["problems"]] == [fix, fix]


def test_what_the_service_and_files_say_cannot_steer_the_terminal(root: Path) -> None:
    evil = "a\x1b[2Jb\u202ec\x9b31m"
    text = render(
        root,
        Diagnostic("LS107", evil, Source("manifests/rag.yaml", 3, 14), hint=evil),
        Diagnostic("LS107", evil, Source(f"{evil}.yaml"), Address("File", evil)),
    )
    assert not set(text) & {"\x1b", "\u202e", "\x9b"}
    assert text.count("a\\x1b[2Jb\\u202ec\\x9b31m") == 5


def test_a_detail_that_is_the_address_is_not_said_twice(root: Path) -> None:
    address = Address("Directory", "zz")
    assert render(root, Diagnostic("LS505", str(address), address=address)).count("Directory/zz") == 1


def test_nothing_is_shown_for_nothing(root: Path) -> None:
    assert render(root) == ""
    assert count_line([]) == "no problems"


def test_without_a_line_the_detail_stands_alone(root: Path) -> None:
    assert render(root, NOWHERE).splitlines()[:2] == ["error[LS604]: no workspace here", "  100% empty"]
    assert render(root, WHOLE).splitlines()[1:3] == ["  a,b: c.yaml", "  Permission denied"]


@pytest.mark.parametrize("source", [Source("gone.yaml", 3, 1), Source("manifests/rag.yaml", 99, 1)])
def test_a_file_that_is_gone_or_shorter_is_shown_without_excerpt(root: Path, source: Source) -> None:
    text = render(root, Diagnostic("LS107", "expected a text", source))
    assert "|" not in text
    assert "\n  expected a text\n" in text


@pytest.mark.parametrize(
    ("line", "column", "caret"),
    [("\tname: x", 8, 10), ("名前: x", 5, 6), ("e\u0301: x", 5, 3), ("a\x1b[2Jb: x", 9, 8), ("name: x", 7, 6)],
)
def test_the_caret_stands_under_its_character_whatever_is_before_it(
    tmp_path: Path, line: str, column: int, caret: int
) -> None:
    (tmp_path / "a.yaml").write_text(line + "\r\n")
    shown = render(tmp_path, Diagnostic("LS107", "!", Source("a.yaml", 1, column))).splitlines()
    assert shown[3] == "    | " + " " * caret + "^ !"
    assert "\x1b" not in shown[2]
    assert "\r" not in shown[2]


def test_a_very_long_line_is_cut_and_has_no_caret_beyond_the_cut(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("x" * 5000)
    text = render(tmp_path, Diagnostic("LS107", "too long", Source("a.yaml", 1, 4000)))
    assert max(map(len, text.splitlines())) < 200
    assert "\n  too long\n" in text


def test_a_detail_of_several_lines_is_kept_below_the_caret(root: Path) -> None:
    text = render(root, Diagnostic("LS107", "one\ntwo", Source("manifests/rag.yaml", 1, 1)))
    assert "    | ^ one\n    |   two\n" in text


def test_json_has_every_part(root: Path) -> None:
    document = json.loads(render_format("json", [REFERENCE, NOWHERE, WARNING], root=root, cwd=root))
    assert document["summary"] == {"error": 2, "warning": 1, "note": 0}
    assert document["problems"][2] == {
        "code": "LS104",
        "severity": "error",
        "summary": "unknown reference",
        "detail": "no manifest declares Directory/handbok",
        "file": "manifests/rag.yaml",
        "line": 3,
        "column": 14,
        "address": "Index/handbook",
        "field": "spec.directory",
        "hint": "did you mean handbook?",
    }
    assert document["problems"][0]["file"] is None


def test_github_commands_are_escaped(root: Path) -> None:
    text = render_format("github", [REFERENCE, WHOLE, NOWHERE, WARNING], root=root, cwd=root)
    assert text.splitlines() == [
        f"::error title=LS604 no workspace here::100%25 empty%0Ahint: {CODES['LS604'].fix}",
        (
            "::error file=a%2Cb%3A c.yaml,title=LS117 file cannot be read::Permission denied"
            f"%0Ahint: {CODES['LS117'].fix}"
        ),
        (
            "::warning file=manifests/rag.yaml,line=1,col=7,title=LS110 missing environment variable::X is not set"
            f"%0Ahint: {CODES['LS110'].fix}"
        ),
        (
            "::error file=manifests/rag.yaml,line=3,col=14,title=LS104 unknown reference::Index/handbook spec.directory"
            "%0Ano manifest declares Directory/handbok%0Ahint: did you mean handbook?"
        ),
    ]


def test_sarif_names_rules_and_places(root: Path) -> None:
    document = json.loads(render_format("sarif", [REFERENCE, WHOLE, NOWHERE], root=root, cwd=root))
    assert document["version"] == "2.1.0"
    [run] = document["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["LS104", "LS117", "LS604"]
    nowhere, whole, reference = run["results"]
    assert "locations" not in nowhere
    assert whole["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": "a%2Cb%3A%20c.yaml"}}
    place = reference["locations"][0]
    assert place["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 14}
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "Index/handbook spec.directory"
    assert (reference["ruleId"], reference["ruleIndex"], reference["level"]) == ("LS104", 0, "error")
    assert reference["message"]["text"].endswith("\ndid you mean handbook?")
    assert json.loads(render_format("sarif", [], root=root))["runs"][0]["results"] == []
    bare = json.loads(render_format("sarif", [Diagnostic("LS604")], root=root))["runs"][0]["results"][0]
    assert bare["message"]["text"] == "no workspace here"


def test_junit_counts_errors_as_failures_and_is_xml(root: Path) -> None:
    odd = Diagnostic("LS107", 'got <"a&\x00b">', Source("a.yaml"), field="spec.x")
    document = ET.fromstring(render_format("junit", [REFERENCE, WARNING, odd], root=root, cwd=root))
    assert document.attrib == {"name": "llamasync", "tests": "3", "failures": "2", "errors": "0"}
    cases = document.findall("./testsuite/testcase")
    failure = cases[0].find("failure")
    assert failure is not None
    assert failure.text == f'a.yaml\ngot <"a&\ufffdb">\nhint: {CODES["LS107"].fix}'
    assert cases[1].find("failure") is None
    assert cases[2].attrib["name"] == "LS104 manifests/rag.yaml:3:14 spec.directory"


def test_junit_of_nothing_is_one_case_that_passed(root: Path) -> None:
    document = ET.fromstring(render_format("junit", [], root=root))
    assert document.attrib["tests"] == "1"
    assert document.attrib["failures"] == "0"


def test_an_unknown_format_is_an_error(root: Path) -> None:
    assert set(FORMATS) == {"json", "github", "sarif", "junit"}
    with pytest.raises(KeyError):
        render_format("yaml", [], root=root)


def test_line_with_a_secret_is_shown_up_to_it_also_where_it_is_the_line_before(root: Path) -> None:
    (root / "s.yaml").write_text("spec:\n  signingSecret: hunter2\n  other: x\n")
    secret = Diagnostic("LS115", "a secret stands here", Source("s.yaml", 2, 18))
    next_line = Diagnostic("LS107", "no", Source("s.yaml", 3, 10))
    text = render(root, secret, next_line)
    assert "hunter2" not in text
    assert text.count("2 |   signingSecret: ...") == 2
