"""Which files of a tree are taken, and what is said of those that cannot be."""

from __future__ import annotations

import os
import socket
import subprocess
import unicodedata
import warnings
from pathlib import Path

import pytest

from llamasync.core.address import Address
from llamasync.kinds.directory_files import MAX_FILE_BYTES
from tests.support.nobody import without_power_of_root
from tests.workspace.files.support import Workspace, place


def test_patterns_choose_files_and_exclude_wins(work: Workspace) -> None:
    for path in ("a.pdf", "b.md", "sub/c.pdf", "sub/d.txt", "drafts/e.pdf"):
        work.write(f"docs/{path}")
    assert work.paths(include=("*.pdf", "sub/")) == ["a.pdf", "drafts/e.pdf", "sub/c.pdf", "sub/d.txt"]
    assert work.paths(include=("*.pdf",), exclude=("drafts/",)) == ["a.pdf", "sub/c.pdf"]
    assert work.paths(exclude=("*.pdf", "!drafts/*.pdf")) == ["b.md", "drafts/e.pdf", "sub/d.txt"]
    assert work.paths(include=("**", "!*.pdf")) == ["b.md", "sub/d.txt"]
    assert work.paths(include=()) == []
    assert work.problems == []


def test_malformed_patterns_are_reported_at_their_place(work: Workspace) -> None:
    work.write("docs/a")
    work.read_set(include=("**", "!"), exclude=("[", "a/[z-a]", "# a comment", "", "ok", "[[:upper:]]*"))
    assert [(p.code, p.source) for p in work.problems] == [
        ("LS107", place(("spec", "include", 1))),
        ("LS107", place(("spec", "exclude", 0))),
        ("LS107", place(("spec", "exclude", 1))),
        ("LS107", place(("spec", "exclude", 5))),
    ]
    assert "write a range" in work.problems[-1].detail


def test_bracket_within_brackets_is_a_character_and_nothing_is_said_about_it(work: Workspace) -> None:
    for path in ("[b", "ab", "cb"):
        work.write(f"docs/{path}")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert work.paths(exclude=("[[a]b",)) == ["cb"]
        assert work.paths(exclude=("[[a]b", "!ab")) == ["ab", "cb"]


def test_folder_that_is_excluded_is_not_opened_for_a_pattern_that_takes_a_file_back(work: Workspace) -> None:
    for path in ("drafts/keep.md", "drafts/deep/keep.md", "keep.md", "x.md"):
        work.write(f"docs/{path}")
    assert work.paths(exclude=("drafts/", "!keep.md")) == ["keep.md", "x.md"]
    assert work.paths(exclude=("drafts/*", "!keep.md")) == ["drafts/keep.md", "keep.md", "x.md"]


def test_hidden_files_are_taken_only_when_a_pattern_names_them(work: Workspace) -> None:
    for path in (".env", ".github/a.md", ".github/.b", "sub/.notes.md", "sub/c.md"):
        work.write(f"docs/{path}")
    assert work.paths() == ["sub/c.md"]
    assert work.paths(include=("*.md",)) == ["sub/c.md"]
    assert work.paths(include=("**", ".github/")) == [".github/.b", ".github/a.md", "sub/c.md"]
    assert work.paths(include=("**", ".github/"), exclude=(".b",)) == [".github/a.md", "sub/c.md"]
    assert work.paths(include=(".*",)) == [".env", ".github/.b", ".github/a.md", "sub/.notes.md"]
    assert work.paths(include=(".*", "!.env")) == [".github/.b", ".github/a.md", "sub/.notes.md"]
    assert work.problems == []


@pytest.mark.parametrize("include", [("**",), (".*", "*"), ("**", ".git/", ".svn/", "Thumbs.db")])
def test_version_control_and_litter_are_never_taken(work: Workspace, include: tuple[str, ...]) -> None:
    for path in (".git/config", "a/.hg/x", ".svn/x", ".llamasync/cache.db", "a/.git", "Thumbs.db", "a/desktop.ini"):
        work.write(f"docs/{path}")
    work.write("docs/~$report.docx")
    work.write("docs/a/good.txt")
    assert work.paths(include=include) == ["a/good.txt"]


def test_excluded_folders_are_not_read(work: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    work.write("docs/a/b")
    work.write("docs/node_modules/x/y")
    listed: list[str] = []
    scandir = os.scandir

    def watched(path: str) -> object:
        listed.append(os.path.relpath(path, work.root))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", watched)
    assert work.paths(exclude=("node_modules",)) == ["a/b"]
    assert listed == ["docs", "docs/a"]


def test_names_are_normalised_to_nfc(work: Workspace) -> None:
    decomposed = unicodedata.normalize("NFD", "é/ü.pdf")
    file = work.write(f"docs/{decomposed}")
    (found,) = work.read_set(unique_id="{path}|{name}")
    assert found.address.item == "é/ü.pdf"
    assert found.key == ("é/ü.pdf|ü.pdf",)
    assert found.content is not None
    assert found.content.filename == "ü.pdf"
    assert found.content.path == str(file)


def test_names_that_differ_in_their_encoding_of_accents_collide(work: Workspace) -> None:
    work.write("docs/é.pdf")
    work.write("docs/" + unicodedata.normalize("NFD", "é.pdf"))
    found = work.read_set()
    assert len(found) == 1
    assert work.only_problem().code == "LS203"
    assert "accents" in work.only_problem().detail


def test_names_that_are_not_utf8_are_reported_and_shown_as_escapes(work: Workspace) -> None:
    folder = os.fsencode(work.root / "docs")
    for name in (b"caf\xe9.pdf", b"caf\xe9.txt"):
        Path(os.fsdecode(folder)).mkdir(exist_ok=True)
        Path(os.fsdecode(os.path.join(folder, name))).write_text("x")
    (Path(os.fsdecode(folder)) / os.fsdecode(b"d\xe9")).mkdir()
    assert work.read_set(exclude=("*.txt",)) == ()
    assert work.codes() == ["LS213", "LS213"]
    assert r"docs/caf\xe9.pdf" in work.problems[0].detail
    assert work.problems[0].address == Address("FileSet", "it", r"caf\xe9.pdf")
    str(work.problems[0]).encode()


def test_links_inside_the_tree_are_taken_as_files(work: Workspace) -> None:
    work.write("docs/real/a.pdf", b"x")
    (work.root / "docs/link.pdf").symlink_to("real/a.pdf")
    (work.root / "docs/chain.pdf").symlink_to("link.pdf")
    found = work.read_set()
    assert [one.address.item for one in found] == ["chain.pdf", "link.pdf", "real/a.pdf"]
    assert len({one.content.sha256 for one in found if one.content}) == 1
    assert work.problems == []


def test_linked_folders_are_not_followed_so_circles_end(work: Workspace) -> None:
    work.write("docs/a/b.pdf")
    (work.root / "docs/a/up").symlink_to("..")
    assert work.paths() == ["a/b.pdf"]
    assert work.problems == []


def test_links_that_leave_the_tree_are_errors_unless_excluded(work: Workspace) -> None:
    work.write("other/secret.txt")
    work.write("docs/.git/config")
    docs = work.root / "docs"
    (docs / "file.txt").symlink_to("../other/secret.txt")
    (docs / "folder").symlink_to("../other")
    (docs / "config").symlink_to(".git/config")
    assert work.paths() == []
    assert work.codes() == ["LS210"] * 3
    assert "docs/folder leads to other" in work.problems[2].detail
    work.read_set(exclude=("file.txt", "folder/", "config"))
    assert work.problems == []


def test_broken_links_are_reported_unless_they_are_not_wanted(work: Workspace) -> None:
    work.write("docs/a.pdf")
    (work.root / "docs/gone.txt").symlink_to("nothing")
    (work.root / "docs/circle.txt").symlink_to("circle.txt")
    assert work.paths() == ["a.pdf"]
    assert work.codes() == ["LS206", "LS206"]
    work.read_set(include=("*.pdf",))
    assert work.problems == []


def test_pipes_and_sockets_are_reported(work: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    work.write("docs/a.pdf")
    os.mkfifo(work.root / "docs/pipe")
    (work.root / "docs/to-pipe").symlink_to("pipe")
    monkeypatch.chdir(work.root / "docs")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        assert work.paths() == ["a.pdf"]
    assert work.codes() == ["LS206"] * 3
    assert "pipe" in work.problems[0].detail


def test_files_of_the_wrong_size_are_reported_without_being_read(work: Workspace) -> None:
    work.write("docs/empty", b"")
    for name, size in (("huge", MAX_FILE_BYTES + 1), ("largest", 1)):
        with work.write(f"docs/{name}").open("wb") as file:
            file.truncate(size)
    assert work.paths() == ["largest"]
    assert work.codes() == ["LS204", "LS205"]
    assert "512.0 MB" in work.problems[1].detail


def test_files_and_folders_that_may_not_be_read_are_reported(work: Workspace) -> None:
    work.write("docs/a").chmod(0)
    work.write("docs/sub/b").parent.chmod(0)
    try:
        with without_power_of_root(work.root / "docs"):
            assert work.paths() == []
    finally:
        (work.root / "docs/sub").chmod(0o700)
    assert work.codes() == ["LS206", "LS206"]


def test_files_and_folders_that_cannot_be_read_are_reported(work: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    work.write("docs/a")
    work.write("docs/locked/b")
    work.write("docs/z")
    scandir, opening = os.scandir, os.open

    def refusing_scandir(path: str) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    def refusing_open(path: str, *rest: int) -> int:
        if str(path).endswith("docs/a"):
            raise PermissionError(13, "Permission denied")
        return opening(path, *rest)

    monkeypatch.setattr(os, "scandir", refusing_scandir)
    monkeypatch.setattr(os, "open", refusing_open)
    assert work.paths() == ["z"]
    assert sorted((p.code, p.detail) for p in work.problems) == [
        ("LS206", "docs/a: Permission denied"),
        ("LS206", "docs/locked: Permission denied"),
    ]


def test_very_deep_trees_are_read(work: Workspace) -> None:
    parts = "/".join(["d"] * 1500)
    folder = os.open(work.root, os.O_RDONLY)
    (work.root / "docs").mkdir()
    here = os.open("docs", os.O_RDONLY, dir_fd=folder)
    for _ in range(1500):
        os.mkdir("d", dir_fd=here)
        deeper = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(os.open("f", os.O_WRONLY | os.O_CREAT, dir_fd=here))
    os.close(here)
    os.close(folder)
    work.read_set()
    assert work.only_problem().code == "LS204"
    assert work.only_problem().address == Address("FileSet", "it", parts + "/f")
    subprocess.run(["rm", "-rf", str(work.root / "docs")], check=True)  # deeper than Python's own rmtree can go
