"""What the house promises of itself: the commands of the README, how thorough the laws are, which kinds are apart."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from benchmarks.__main__ import NAMES, load
from llamasync.kinds.registry import all_kinds

HOME = Path(__file__).resolve().parent.parent


def test_the_readme_begins_with_the_two_commands() -> None:
    (first, *_) = re.findall(r"^```sh\n(.*?)^```$", (HOME / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert [line.partition("#")[0].strip() for line in first.splitlines()] == ["make demo", "make test"]
    makefile = (HOME / "Makefile").read_text("utf-8")
    rules = dict(re.findall(r"^(demo|test): venv ##[^\n]*\n((?:\t.*\n)+)", makefile, re.MULTILINE))
    assert "examples/demo.py" in rules["demo"]
    assert "--ignore tests/laws --cov" in rules["test"]
    assert "tests/laws $(PYTEST_ARGS)" in rules["test"]


def test_every_kind_is_among_those_that_may_not_import_each_other() -> None:
    contracts = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (apart,) = (one["modules"] for one in contracts if one["id"] == "kinds-apart")
    assert sorted(apart) == sorted({kind.spec.__module__ for kind in all_kinds().values()})


def test_laws_have_two_hundred_examples() -> None:
    code = "import tests.conftest, hypothesis; print(hypothesis.settings().max_examples)"
    env = {name: value for name, value in os.environ.items() if name != "LLAMASYNC_EXAMPLES"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=HOME, env=env)
    assert done.stdout == "200\n"
    for path in (HOME / "tests" / "laws").glob("*.py"):
        assert "max_examples" not in path.read_text("utf-8"), path


def test_the_page_of_figures_has_every_benchmark_and_the_command_that_made_it() -> None:
    page = (HOME / "docs" / "benchmarks.md").read_text("utf-8")
    assert re.search(r"Measured \d{4}-\d\d-\d\d .*`python -m benchmarks`", page)
    for name in NAMES:
        assert f"### {load(name).title}\n" in page


def test_documents_of_the_examples_are_those_that_their_libraries_make() -> None:
    done = subprocess.run(
        [sys.executable, HOME / "examples" / "make_documents.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    documents = HOME / "examples" / "quickstart" / "documents"
    suffixes = {path.suffix for path in documents.rglob("*") if path.is_file()}
    assert suffixes >= {".md", ".pdf", ".docx", ".xlsx", ".csv", ".html"}
