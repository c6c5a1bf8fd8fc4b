"""Laws: patterns agree with git and pathspec, order is stable, names are NFC, the cache is never wrong."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from tests.workspace.files.git_said import HAS_GIT, kept_by_git, recorded
from tests.workspace.files.support import Workspace

names = st.sampled_from(["a", "b", "ab", "a.b", "é", "build", "x.pdf", "y.md", "a b", "[a]", "~"])
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
trees = st.sets(paths, min_size=1, max_size=12)
segments = st.sampled_from(
    ["a", "b", "*", "**", "a*", "*.pdf", "?", "[ab]", "build", "é", "*.b", "x.pdf", "***", "\\[a\\]"]
)
patterns = st.builds(
    lambda start, parts, end: start + "/".join(parts) + end,
    st.sampled_from(["", "", "", "/", "!"]),
    st.lists(segments, min_size=1, max_size=3),
    st.sampled_from(["", "", "/"]),
)
pattern_lists = st.lists(patterns, max_size=4).map(tuple)
excludes = st.lists(patterns, min_size=1, max_size=3).map(tuple)


@contextmanager
def workspace(tree: set[str]) -> Iterator[tuple[Workspace, list[str]]]:
    """A workspace with those paths of the tree that can be files: none that is a folder of another."""
    folders = {parent for path in tree for parent in parents(path)}
    files = sorted(path for path in tree if path not in folders)
    with tempfile.TemporaryDirectory() as name:
        work = Workspace(Path(os.path.realpath(name)))
        for path in files:
            work.write(f"docs/{path}", path)
        yield work, files


def parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def left_by(exclude: tuple[str, ...], files: list[str]) -> list[str]:
    """Return the files that pathspec does not match, in folders that it does not match either: git looks into none of
    these."""
    spec = GitIgnoreSpec.from_lines(exclude)
    return [
        path
        for path in files
        if not spec.match_file(path) and not any(spec.match_file(f"{folder}/") for folder in parents(path))
    ]


@settings(deadline=None)
@given(trees, pattern_lists, pattern_lists)
@example({"a/b/x.pdf"}, ("**",), ("a", "!a/b/x.pdf"))
@example({"a/b/x.pdf", "b"}, ("**",), ("!x.pdf", "a/"))
@example({"a/b/x.pdf", "b"}, ("**",), ("*", "!*/", "!x.pdf"))
@example({"a/b"}, ("**",), ("***",))
@example({"a/b", "c"}, ("**",), ())
@example({"a/b", "c"}, ("**",), ("**",))
def test_what_is_taken_is_what_pathspec_matches(
    tree: set[str], include: tuple[str, ...], exclude: tuple[str, ...]
) -> None:
    wanted = GitIgnoreSpec.from_lines(include)
    with workspace(tree) as (work, files):
        expected = [path for path in left_by(exclude, files) if wanted.match_file(path)]
        assert work.paths(include=include, exclude=exclude) == expected


def check_against_git(tree: set[str], exclude: tuple[str, ...], said: tuple[str, ...] | None) -> None:
    with workspace(tree) as (work, files):
        expected = kept_by_git(work.root / "docs", files, exclude) if HAS_GIT else list(said or ())
        assert said is None or expected == list(said)
        # Where pathspec itself reads a pattern otherwise than git, pathspec is followed.
        if expected == left_by(exclude, files):
            assert work.paths(exclude=exclude) == expected


@settings(deadline=None, max_examples=40)
@given(st.tuples(trees, excludes, st.none()) if HAS_GIT else st.sampled_from(recorded()))
def test_exclude_means_what_it_means_to_git(asked: tuple[set[str], tuple[str, ...], tuple[str, ...] | None]) -> None:
    tree, exclude, said = asked
    check_against_git(set(tree), exclude, said)


def test_exclude_means_what_it_meant_to_git_when_it_was_recorded() -> None:
    """The same on a machine without git; with one, that the record is true."""
    for tree, exclude, said in recorded():
        check_against_git(set(tree), exclude, said)
    assert sum(bool(one.kept) and len(one.kept) < len(one.tree) for one in recorded()) > 20


@settings(deadline=None)
@given(
    st.sets(
        st.lists(
            st.text(st.characters(categories=["L", "M", "N"]), min_size=1, max_size=4), min_size=1, max_size=3
        ).map("/".join),
        max_size=8,
    )
)
def test_paths_are_nfc_sorted_and_the_same_each_time(tree: set[str]) -> None:
    with workspace(tree) as (work, files):
        normal = sorted({unicodedata.normalize("NFC", path) for path in files})
        found = work.paths()
        if "LS203" not in work.codes():
            assert found == normal
        assert work.paths() == found
        assert all(unicodedata.is_normalized("NFC", path) for path in found)


edits = st.lists(
    st.tuples(
        st.sampled_from(["write", "write-keeping-mtime", "rename", "replace", "touch", "delete", "scan"]),
        st.integers(0, 3),
        st.integers(0, 3),
        st.sampled_from(["one", "two", "three"]),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=60)
@given(edits, st.booleans())
def test_the_cache_never_gives_a_wrong_digest(steps: list[tuple[str, int, int, str]], settled: bool) -> None:
    """Promised for the real clock, whatever is done; with files taken for settled, for edits a clock tick apart."""
    with workspace({"f0", "f1", "f2", "f3"}) as (work, _):
        docs = work.root / "docs"
        for action, first, second, content in [*steps, ("scan", 0, 0, "")]:
            one, other = docs / f"f{first}", docs / f"f{second}"
            if settled:
                time.sleep(0.012)
            if action == "scan":
                with work.settled_cache() if settled else work.live_cache() as cache:
                    found = {one.address.item: one.content.sha256 for one in work.read_set(cache) if one.content}
                files = {path.name: path for path in docs.iterdir()}
                assert found == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
            else:
                edit(action, one, other, content)


def edit(action: str, one: Path, other: Path, content: str) -> None:
    if action == "write":
        one.write_text(content)
    elif not one.exists():
        return
    elif action == "write-keeping-mtime":
        stat = one.stat()
        one.write_text(content)
        os.utime(one, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    elif action == "rename":
        one.rename(other)
    elif action == "replace":
        new = one.parent.parent / "new"
        new.write_text(content)
        os.utime(new, ns=(one.stat().st_atime_ns, one.stat().st_mtime_ns))
        new.replace(one)
    elif action == "touch":
        os.utime(one)
    else:
        one.unlink()
