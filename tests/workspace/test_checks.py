"""Checks as they are written: what is wrong with them is found offline, at its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llamasync.core.address import Address
from llamasync.core.diagnostic import Severity
from llamasync.workspace.load import load_workspace
from llamasync.workspace.model import Workspace

HEAD = "apiVersion: llamasync/v1\nkind: Check\nmetadata: {name: x}\nspec:\n  index: {id: idx-1}\n  assertions:\n"
CHECK = Address("Check", "x")


def load(root: Path, assertion: str, *, paths: tuple[Path, ...] = (), **files: str | bytes) -> Workspace:
    (root / "llamasync.yaml").write_text("apiVersion: llamasync/v1\nkind: Workspace\nspec: {manifests: [m/]}\n")
    (root / "m").mkdir(exist_ok=True)
    (root / "m" / "a.yaml").write_text(f"{HEAD}    - {assertion}\n")
    for name, content in files.items():
        path = root / name.replace("__", ".")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load_workspace(root, paths=paths, variables_env={})


def told(workspace: Workspace) -> list[str]:
    return [
        f"{one.code} {one.source} {one.field.removeprefix('spec.assertions[0].')}: {one.detail}"
        for one in workspace.diagnostics
    ]


def test_a_check_is_no_object_and_says_what_it_is_about(tmp_path: Path) -> None:
    workspace = load(tmp_path, "read: {file: a.md}")
    assert workspace.diagnostics == ()
    assert workspace.desired.objects == {}
    check = workspace.desired.checks[CHECK]
    assert [str(reference) for reference in check.references] == ["idx-1"]
    assert [str(place) for place in check.places] == ["m/a.yaml:7:7"]
    assert check.spec.assertions[0].read.file == "a.md"


ASKS = "an assertion asks one of retrieve, find, grep, read, chat; this one asks"
EITHER = "`retrieve` needs either a `query` or `recall` with questions"
UNENDED = "`(`: missing ), unterminated subpattern, at its character 1"


@pytest.mark.parametrize(
    ("assertion", "where", "detail"),
    [
        ("{}", "7 spec.assertions[0]", f"{ASKS} nothing"),
        ("{find: {}, read: {file: a}}", "7 spec.assertions[0]", f"{ASKS} find and read"),
        ("retrieve: {}", "17 retrieve", "`retrieve` needs either a `query` or `recall` with questions"),
        (
            "retrieve: {query: a, recall: {}}",
            "17 retrieve",
            "`retrieve` needs either a `query` or `recall` with questions",
        ),
        ("retrieve: {recall: {}}", "26 retrieve.recall", "`recall` needs `questions`, or `questionsFrom` a file"),
        (
            "retrieve: {recall: {questions: [{query: why}]}}",
            "39 retrieve.recall.questions[0]",
            "the question 'why' expects nothing: give it `files`, `contains` or `matches`",
        ),
        (
            "retrieve: {recall: {questions: [{query: why, matches: ['(']}]}}",
            "62 retrieve.recall.questions[0].matches[0]",
            UNENDED,
        ),
        ("retrieve: {query: a, expect: {matches: '('}}", "46 retrieve.expect.matches", UNENDED),
        ("read: {file: a, expect: {notMatches: ['(']}}", "45 read.expect.notMatches[0]", UNENDED),
        ("find: {name: a, contains: b}", "13 find", "files are found by `name` or by `contains`, not by both"),
        (
            "find: {expect: {count: 1, min: 1}}",
            "30 find.expect.count",
            "`count` is exact; leave `min` and `max` out, or it",
        ),
        ("find: {expect: {min: 2, max: 1}}", "28 find.expect.min", "`min` is 2 and `max` is 1: nothing is both"),
        ("grep: {file: a, pattern: 'a**'}", "32 grep.pattern", "`a**`: multiple repeat, at its character 3"),
    ],
)
def test_an_assertion_that_says_nothing_is_found_at_its_place(
    tmp_path: Path, assertion: str, where: str, detail: str
) -> None:
    code = "LS705" if "character" in detail else "LS706"
    column, field = where.split()
    assert told(load(tmp_path, assertion)) == [f"{code} m/a.yaml:7:{column} {field}: {detail}"]


def test_expect_and_recall_exclude_each_other(tmp_path: Path) -> None:
    questions = "questions: [{query: why, files: a}]"
    workspace = load(tmp_path, f"retrieve: {{expect: {{}}, recall: {{{questions}}}}}")
    assert [one.code for one in workspace.diagnostics] == ["LS706"]
    assert "each question says what it expects" in workspace.diagnostics[0].detail


def test_an_escape_that_only_the_service_may_know_is_a_warning_in_a_pattern_of_its_own(tmp_path: Path) -> None:
    (found,) = load(tmp_path, r"grep: {file: a, pattern: '\p{L}'}").diagnostics
    assert (found.code, found.severity) == ("LS705", Severity.WARNING)
    (found,) = load(tmp_path, r"read: {file: a, expect: {matches: '\p{L}'}}").diagnostics
    assert found.severity is Severity.ERROR


@pytest.mark.parametrize("pattern", ["a{99999999999999999999}", "(" * 9000 + ")" * 9000])
def test_a_pattern_that_is_beyond_what_can_be_compiled_is_told(tmp_path: Path, pattern: str) -> None:
    (found,) = load(tmp_path, f"read: {{file: a, expect: {{matches: '{pattern}'}}}}").diagnostics
    assert (found.code, found.severity) == ("LS705", Severity.ERROR)
    assert len(found.detail) < 200


def test_a_pattern_that_python_wonders_at_is_no_noise(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    assert load(tmp_path, "read: {file: a, expect: {matches: '[[a]'}}").diagnostics == ()
    assert [one for one in recwarn if issubclass(one.category, FutureWarning)] == []


@pytest.mark.parametrize(
    ("assertion", "code"),
    [
        ("retrieve: {query: a, topK: 501}", "LS107"),
        ("retrieve: {query: a, topK: 0}", "LS107"),
        ("retrieve: {query: ''}", "LS107"),
        ("retrieve: {query: a, customFilters: {team: {operator: like, value: x}}}", "LS107"),
        ("retrieve: {query: a, customFilters: {team: {operator: eq}}}", "LS108"),
        ("retrieve: {query: a, staticFilters: {file: {operator: eq, value: x}}}", "LS106"),
        ("retrieve: {query: a, rerank: {enabled: 1}}", "LS107"),
        ("retrieve: {recall: {questions: [], atLeast: 1.1}}", "LS107"),
        (f"chat: {{prompt: {'x' * 1001}}}", "LS107"),
        ("chat: {prompt: ''}", "LS107"),
        ("read: {file: a, offset: -1}", "LS107"),
        ("read: {file: a, maxLength: 0}", "LS107"),
        ("grep: {file: a}", "LS108"),
        ("look: {file: a}", "LS106"),
    ],
)
def test_what_the_service_would_refuse_is_found_offline(tmp_path: Path, assertion: str, code: str) -> None:
    assert [one.code for one in load(tmp_path, assertion).diagnostics] == [code]


def test_filters_of_every_form_that_the_service_takes_are_taken(tmp_path: Path) -> None:
    custom = "{a: {operator: in, value: [x, 1, true]}, b: [{operator: gte, value: 1}, {operator: lt, value: 2.5}]}"
    more = "staticFilters: {parsed_directory_file_id: {operator: eq, value: dfl-1}}, rerank: {enabled: true, top_n: 3}"
    assert load(tmp_path, f"retrieve: {{query: a, customFilters: {custom}, {more}}}").diagnostics == ()


FROM = "retrieve: {{recall: {{questionsFrom: {}}}}}"


def questions(workspace: Workspace) -> list[Any]:
    assert workspace.diagnostics == ()
    (one,) = workspace.desired.checks[CHECK].spec.assertions
    return [(each.query, each.files, each.contains, each.matches) for each in one.retrieve.recall.questions]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("q.yaml", "- {query: a, files: x.md}\n- query: b\n  contains: [c, d]\n  matches: e+\n"),
        ("q.jsonl", '{"query": "a", "files": "x.md"}\n\n{"query": "b", "contains": ["c", "d"], "matches": "e+"}\n'),
        ("q.json", '[{"query": "a", "files": "x.md"}, {"query": "b", "contains": ["c", "d"], "matches": "e+"}]'),
    ],
)
def test_questions_are_read_from_files_of_every_form(tmp_path: Path, name: str, text: str) -> None:
    found = questions(load(tmp_path, FROM.format(f"../{name}"), **{name.replace(".", "__"): text}))
    assert found == [("a", "x.md", (), ()), ("b", (), ("c", "d"), "e+")]


def test_a_cell_of_a_table_may_hold_several_files(tmp_path: Path) -> None:
    text = "query,files,contains,matches\r\na,x.md | y.md,,\r\nb,,c|d,e|f\r\n"
    found = questions(load(tmp_path, FROM.format("../q.csv"), q__csv=text))
    assert found == [("a", ("x.md", "y.md"), (), ()), ("b", (), ("c", "d"), "e|f")]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("q.yaml", "- {query: a, file: b}", "q.yaml:1:3: `file` is not a field here"),
        ("q.yaml", "- {files: b}", "q.yaml:1:3: `query` is missing"),
        ("q.yaml", "- {query: a, files: [1]}", "q.yaml:1:3: `files` is neither a text nor a list of texts"),
        ("q.yaml", "- {query: a, matches: '('}", f"q.yaml:1:3: {UNENDED}"),
        ("q.yaml", "- a", 'q.yaml:1:3: an item is a map of fields, not the text "a"'),
        ("q.yaml", "{query: a}", "q.yaml:1:1: a list of questions was expected"),
        ("q.yaml", "- {query: a", "q.yaml:2:1"),
        ("q.yaml", "[]", "m/a.yaml:7:42: q.yaml holds no question"),
        ("q.jsonl", '{"query": "a", "files": "b"}\n{oops}', "q.jsonl:2:2: no JSON"),
        ("q.csv", "query,files\na", "q.csv:2:1: 1 cell, and 2 in the header"),
        ("q.txt", "a", "m/a.yaml:7:42: q.txt is none of .yaml, .yml, .jsonl, .json, .csv"),
        ("q.csv", b"query,files\n\xff", "m/a.yaml:7:42: q.csv is not UTF-8"),
        ("gone.csv", None, "m/a.yaml:7:42: gone.csv: No such file or directory"),
    ],
)
def test_what_is_wrong_with_a_file_of_questions_is_told_at_its_line(
    tmp_path: Path, name: str, text: str | bytes | None, expected: str
) -> None:
    files = {} if text is None else {name.replace(".", "__"): text}
    root = tmp_path / "w"
    root.mkdir()
    for paths in ((), (root / "m" / "a.yaml",)):
        (found, *_) = load(root, FROM.format(f"../{name}"), paths=paths, **files).diagnostics
        assert found.address == CHECK
        assert f"{found.source}: {found.detail}".startswith(expected)


def test_questions_from_outside_of_the_workspace_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("query,files\na,b\n")
    root = tmp_path / "w"
    root.mkdir()
    (found,) = load(root, FROM.format("../../q.csv")).diagnostics
    assert (found.code, str(found.source)) == ("LS707", "m/a.yaml:7:42")
    assert found.detail.endswith("q.csv leads out of the workspace")


def test_an_index_that_no_manifest_declares_is_an_unknown_reference(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(HEAD.replace("{id: idx-1}", "handbok") + "    - read: {file: a}\n")
    (found,) = load_workspace(tmp_path, variables_env={}).diagnostics
    assert (found.code, str(found.source)) == ("LS104", "a.yaml:5:10")
