"""Diagnostic codes mean something: each is raised somewhere, and has a page."""

from __future__ import annotations

from pathlib import Path

from llamasync.core.codes import CODES

PACKAGE = Path(__file__).parents[1] / "llamasync"


def test_every_code_is_used_somewhere() -> None:
    sources = "\n".join(
        path.read_text() for path in PACKAGE.rglob("*.py") if PACKAGE / "core" / "codes" not in path.parents
    )
    assert [code for code in CODES if code not in sources] == []


def test_every_page_says_why_and_how_to_mend_it() -> None:
    for code, page in CODES.items():
        assert page.summary == page.summary.strip(". "), code
        assert page.why.endswith("."), code
        assert page.fix, code
