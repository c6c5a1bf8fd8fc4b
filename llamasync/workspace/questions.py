"""Reads the questions of a recall from a file: YAML, JSON, JSON lines or CSV. Each problem is told at its line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from llamasync.core.diagnostic import Diagnostic
from llamasync.core.source import Source
from llamasync.kinds.check import question_flaws
from llamasync.kinds.check_assertions import Question
from llamasync.manifest.document import near
from llamasync.manifest.read import read_documents, relative
from llamasync.workspace.items.entry import Entry, Flaw, Found, no_map

FIELDS = ("query", "files", "contains", "matches")
SUFFIXES = (".yaml", ".yml", ".jsonl", ".json", ".csv")
PARTING = "|"  # between several files, or several texts, in one cell of a CSV file
CODE = "LS707"


def read_questions(path: Path, root: Path, problems: list[Diagnostic]) -> tuple[Question, ...]:
    """Return the questions of the file at `path` (absolute). What is wrong with it is added to `problems`."""
    file = relative(path, root)
    real, inside = os.path.realpath(path), os.path.realpath(root)
    if not real.startswith(inside.rstrip(os.sep) + os.sep):
        problems.append(Diagnostic(CODE, f"{file} leads out of the workspace", Source(file)))
        return ()
    before = len(problems)
    questions = []
    try:
        for found in _entries(path, file, problems):
            question = _question(found, file, problems)
            questions += [] if question is None else [question]
    except OSError as error:
        problems.append(Diagnostic(CODE, f"{file}: {error.strerror or error}", Source(file)))
    except UnicodeDecodeError:
        problems.append(Diagnostic(CODE, f"{file} is not UTF-8", Source(file), hint="save the file as UTF-8"))
    if not questions and len(problems) == before:
        problems.append(Diagnostic(CODE, f"{file} holds no question", Source(file)))
    return tuple(questions)


def _entries(path: Path, file: str, problems: list[Diagnostic]) -> Found:
    """Iterate over what the file holds, by its suffix. Raises OSError and UnicodeDecodeError."""
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml"):
        yield from _yaml(path, file, problems)
    elif suffix not in SUFFIXES:
        yield Flaw(CODE, f"{file} is none of {', '.join(SUFFIXES)}")
    else:
        with open(path, encoding="utf-8-sig", newline="") as opened:
            if suffix == ".jsonl":
                from llamasync.workspace.items.lines import read_lines

                yield from read_lines(opened)
            elif suffix == ".json":
                from llamasync.workspace.items.json_list import read_json

                yield from read_json(opened.read())
            else:
                yield from _csv(opened)


def _yaml(path: Path, file: str, problems: list[Diagnostic]) -> Found:
    documents, wrong = read_documents(path, file)
    problems += wrong
    for document in documents:
        if not isinstance(document.data, list):
            place = document.place()
            yield Flaw(CODE, "a list of questions was expected", place.line, place.column)
            continue
        for number, data in enumerate(document.data):
            place = document.place((number,))
            found = Entry(data, place.line, place.column) if isinstance(data, dict) else None
            yield found or no_map(data, place.line, place.column)


def _csv(lines: Iterator[str]) -> Found:
    from llamasync.workspace.items.table import Table

    for found in Table(None).read(lines):
        if isinstance(found, Flaw):
            yield found
            continue
        data: dict[str, Any] = {name: cell for name, cell in found.data.items() if cell.strip()}
        for name in ("files", "contains"):
            if name in data:
                data[name] = [part.strip() for part in data[name].split(PARTING) if part.strip()]
        yield found._replace(data=data)


def _question(found: Entry | Flaw, file: str, problems: list[Diagnostic]) -> Question | None:
    source = Source(file, found.line, found.column)
    if isinstance(found, Flaw):
        problems.append(Diagnostic(CODE, found.detail, source))
        return None
    value = found.data
    wrong = [
        Diagnostic(CODE, f"`{name}` is not a field here", source, hint=_meant(name))
        for name in value
        if name not in FIELDS
    ]
    if not isinstance(value.get("query"), str) or not value["query"].strip():
        wrong.append(Diagnostic(CODE, "`query` is missing", source))
    wrong += [
        Diagnostic(CODE, f"`{name}` is neither a text nor a list of texts", source)
        for name in FIELDS[1:]
        if not _is_texts(value.get(name, []))
    ]
    problems += wrong
    if wrong:
        return None
    told = {name: _frozen(value[name]) for name in FIELDS if name in value}
    question = Question(**told)
    flaws = [Diagnostic(flaw.code, flaw.detail, source, hint=flaw.hint) for flaw in question_flaws(question, ())]
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
