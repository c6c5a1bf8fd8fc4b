"""Makes checks of manifests: what they ask, with the questions of the files that they name."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from llamasync.core.diagnostic import Diagnostic
from llamasync.kinds.check_assertions import Assertion
from llamasync.manifest.document import field_text
from llamasync.manifest.manifest import Manifest
from llamasync.workspace.desired import DesiredCheck
from llamasync.workspace.questions import read_questions
from llamasync.workspace.references import Closed
from llamasync.workspace.schema_check import build_spec


def build_check(manifest: Manifest, closed: Closed, root: Path, problems: list[Diagnostic]) -> DesiredCheck:
    """Build the check of a manifest. Problems of files of questions are added to `problems`."""
    spec: Any = build_spec(manifest)
    assertions = tuple(
        _with_questions(one, manifest, number, root, problems) for number, one in enumerate(spec.assertions)
    )
    return DesiredCheck(
        address=manifest.address,
        kind=manifest.kind,
        spec=replace(spec, assertions=assertions),
        source=manifest.source,
        references=closed.references,
        needs=tuple(closed.needs),
        labels=manifest.labels,
        places=tuple(manifest.place(("spec", "assertions", number)) for number in range(len(assertions))),
    )


def _with_questions(
    assertion: Assertion, manifest: Manifest, number: int, root: Path, problems: list[Diagnostic]
) -> Assertion:
    asked = assertion.retrieve
    if asked is None or asked.recall is None or asked.recall.questions_from is None:
        return assertion
    where = ("spec", "assertions", number, "retrieve", "recall", "questionsFrom")
    found: list[Diagnostic] = []
    path = Path(os.path.normpath(manifest.folder / asked.recall.questions_from))
    more = read_questions(path, root, found)
    for problem in found:
        # What is said of the whole file is said where the manifest names it.
        source = problem.source if problem.source and problem.source.line else manifest.place(where)
        told = replace(problem, source=source, address=manifest.address, field=field_text(where))
        problems.append(told)
    recall = replace(asked.recall, questions=(*asked.recall.questions, *more))
    return replace(assertion, retrieve=replace(asked, recall=recall))
