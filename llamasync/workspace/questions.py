"""Reads the questions of a recall from a file: YAML, JSON lines or CSV. Each problem is told at its line."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llamasync.core.diagnostic import Diagnostic
from llamasync.core.source import Source
from llamasync.kinds.check import question_flaws
from llamasync.kinds.check_assertions import Question
from llamasync.manifest.document import near
from llamasync.manifest.read import read_documents, relative

FIELDS = ("query", "files", "contains", "matches")
PARTING = "|"  # between several files, or several texts, in one cell of a CSV file
CODE = "LS707"


@dataclass(frozen=True, slots=True)
class _Row:
    """A question as it was written, and where."""

    value: Any
    source: Source


def read_questions(path: Path, root: Path, problems: list[Diagnostic]) -> tuple[Question, ...]:
    """Return the questions of the file at `path` (absolute). What is wrong with it is added to `problems`."""
    file = relative(path, root)
    real, inside = os.path.realpath(path), os.path.realpath(root)
    if not real.startswith(inside.rstrip(os.sep) + os.sep):
        problems.append(Diagnostic(CODE, f"{file} leads out of the workspace", Source(file)))
        return ()
    before = len(problems)
    rows = _rows(path, file, problems)
    questions = [question for row in rows if (question := _question(row, problems)) is not None]
    if not questions and len(problems) == before:
        problems.append(Diagnostic(CODE, f"{file} holds no question", Source(file)))
    return tuple(questions)


def _rows(path: Path, file: str, problems: list[Diagnostic]) -> list[_Row]:
    if path.suffix in (".yaml", ".yml"):
        return _yaml_rows(path, file, problems)
    readers = {".jsonl": _json_rows, ".ndjson": _json_rows, ".csv": _csv_rows}
    if path.suffix not in readers:
        detail = f"{file} is neither .yaml, .jsonl nor .csv"
        problems.append(Diagnostic(CODE, detail, Source(file)))
        return []
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        problems.append(Diagnostic(CODE, f"{file}: {error.strerror or error}", Source(file)))
        return []
    except UnicodeDecodeError:
        problems.append(Diagnostic(CODE, f"{file} is not UTF-8", Source(file), hint="save the file as UTF-8"))
        return []
    return list(readers[path.suffix](text, file, problems))


def _yaml_rows(path: Path, file: str, problems: list[Diagnostic]) -> list[_Row]:
    documents, wrong = read_documents(path, file)
    problems += wrong
    rows = []
    for document in documents:
        if isinstance(document.data, list):
            rows += [_Row(value, document.place((number,))) for number, value in enumerate(document.data)]
        elif document.data is not None:
            problems.append(Diagnostic(CODE, "a list of questions was expected", document.place()))
    return rows


def _json_rows(text: str, file: str, problems: list[Diagnostic]) -> Iterator[_Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield _Row(json.loads(line), Source(file, number, 1))
        except (ValueError, RecursionError) as error:
            problems.append(Diagnostic(CODE, f"the line is not JSON: {error}", Source(file, number, 1)))


def _csv_rows(text: str, file: str, problems: list[Diagnostic]) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    head: list[str] | None = None
    begins = 1
    try:
        for cells in reader:
            source, begins = Source(file, begins, 1), reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if head is None:
                head = [cell.strip() for cell in cells]
            elif len(cells) != len(head):
                detail = f"the row has {len(cells)} cells, the header {len(head)}"
                problems.append(Diagnostic(CODE, detail, source))
            else:
                yield _Row(_of_cells(dict(zip(head, cells, strict=True))), source)
    except csv.Error as error:
        problems.append(Diagnostic(CODE, f"not CSV: {error}", Source(file, reader.line_num, 1)))


def _of_cells(cells: dict[str, str]) -> dict[str, Any]:
    value: dict[str, Any] = {name: cell for name, cell in cells.items() if cell.strip()}
    for name in ("files", "contains"):
        if name in value:
            value[name] = [part.strip() for part in value[name].split(PARTING) if part.strip()]
    return value


def _question(row: _Row, problems: list[Diagnostic]) -> Question | None:
    value = row.value
    if not isinstance(value, dict):
        problems.append(Diagnostic(CODE, f"a question is a map with {', '.join(FIELDS)}", row.source))
        return None
    wrong = [
        Diagnostic(CODE, f"`{name}` is not a field here", row.source, hint=_meant(name))
        for name in value
        if name not in FIELDS
    ]
    if not isinstance(value.get("query"), str) or not value["query"].strip():
        wrong.append(Diagnostic(CODE, "`query` is missing", row.source))
    wrong += [
        Diagnostic(CODE, f"`{name}` is neither a text nor a list of texts", row.source)
        for name in FIELDS[1:]
        if not _is_texts(value.get(name, []))
    ]
    problems += wrong
    if wrong:
        return None
    told = {name: _frozen(value[name]) for name in FIELDS if name in value}
    question = Question(**told)
    flaws = [Diagnostic(flaw.code, flaw.detail, row.source, hint=flaw.hint) for flaw in question_flaws(question, ())]
    problems += flaws
    return None if flaws else question


def _is_texts(value: Any) -> bool:
    texts = value if isinstance(value, list) else [value]
    return all(isinstance(text, str) and text for text in texts)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _meant(name: Any) -> str:
    meant = near(str(name), FIELDS)
    return f"did you mean {meant}?" if meant else f"the fields are {', '.join(FIELDS)}"
