"""A File: from a path, from inline text, from a URL."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from llamasync.api.errors import ApiError
from llamasync.core.address import Address
from llamasync.kinds.directory_files import FINGERPRINT_KEY, MAX_FILE_BYTES
from llamasync.kinds.file import FileSpec
from llamasync.workspace.desired import Content
from tests.workspace.files.support import PARENT, Workspace, place


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def serving(content: bytes) -> Callable[[str, Path], None]:
    return lambda _, path: path.write_bytes(content) and None


def test_a_path_gives_its_name_and_bytes(work: Workspace) -> None:
    file = work.write("docs/a{1}.pdf", b"x")
    found = work.read_file(path="docs/a{1}.pdf")
    assert found is not None
    assert found.address == Address("File", "it")
    assert (found.kind, found.parent, found.source) == ("File", PARENT, place(("spec", "path")))
    assert found.fields == {"unique_id": "docs/a{1}.pdf", "display_name": "a{1}.pdf", "metadata": {}}
    assert found.key == ("docs/a{1}.pdf",)
    assert found.content == Content(sha(b"x"), 1, "a{1}.pdf", str(file))


def test_templates_see_the_path_as_written(work: Workspace) -> None:
    work.write("docs/a.pdf")
    work.write("m/m.yaml")
    spec = FileSpec(
        directory="c",
        path="../docs/a.pdf",
        unique_id="{stem}-1{suffix}",
        display_name="{name}",
        metadata={"p": "{path}"},
        fingerprint="metadata",
    )
    (found,) = work.read(spec, folder=work.root / "m")
    assert found.content is not None
    assert found.fields == {
        "unique_id": "a-1.pdf",
        "display_name": "a.pdf",
        "metadata": {"p": "../docs/a.pdf", FINGERPRINT_KEY: found.content.sha256},
    }


def test_a_files_sidecar_adds_to_its_metadata(work: Workspace) -> None:
    work.write("docs/a.pdf")
    work.write("docs/a.pdf.meta.yaml", "k: v")
    found = work.read_file(path="docs/a.pdf", metadata={"a": "b"})
    assert found is not None
    assert found.fields["metadata"] == {"a": "b", "k": "v"}
    work.write("docs/a.pdf.meta.yaml", "k: {}")
    assert work.read_file(path="docs/a.pdf") is None
    assert work.only_problem().code == "LS207"
    assert work.only_problem().address == Address("File", "it")


def test_a_sidecar_that_leads_out_of_the_workspace_is_refused(work: Workspace) -> None:
    inner = Workspace(work.root / "inner")
    inner.write("a.pdf")
    work.write("secret.yaml", "k: v")
    (inner.root / "a.pdf.meta.yaml").symlink_to("../secret.yaml")
    assert inner.read_file(path="a.pdf") is None
    assert inner.only_problem().code == "LS210"


def test_an_unchanged_file_is_not_opened(work: Workspace, opened: Callable[[], list[str]]) -> None:
    work.write("docs/a.pdf")
    work.write("docs/a.pdf.meta.yaml", "k: v")
    with work.settled_cache() as cache:
        first = work.read_file(path="docs/a.pdf", cache=cache)
        opened()
        assert work.read_file(path="docs/a.pdf", cache=cache) == first
        assert opened() == []
        assert work.read_set(cache)[0].content == first.content if first else False
        assert opened() == []


@pytest.mark.parametrize(("size", "code"), [(0, "LS204"), (MAX_FILE_BYTES + 1, "LS205")])
def test_a_file_of_the_wrong_size_is_reported(work: Workspace, size: int, code: str) -> None:
    with work.write("a.pdf").open("wb") as file:
        file.truncate(size)
    assert work.read_file(path="a.pdf") is None
    assert work.only_problem().code == code
    assert work.only_problem().source == place(("spec", "path"))


def test_inline_text_is_utf8_and_named_after_the_manifest(work: Workspace) -> None:
    found = work.read_file(content="äb")
    assert found is not None
    inline = "äb".encode()
    assert found.content == Content(sha(inline), 3, "it.txt", inline=inline)
    assert found.fields == {"unique_id": "it", "display_name": "it", "metadata": {}}
    found = work.read_file(content="x", unique_id="notes/{name}.md")
    assert found is not None
    assert found.content is not None
    assert found.content.filename == "it.md"
    assert found.fields["display_name"] == "notes/it.md"


def test_text_that_cannot_be_sent_is_reported(work: Workspace) -> None:
    assert work.read_file(content="\ud800") is None
    assert work.codes() == ["LS213"]
    assert work.read_file(content="") is None
    assert work.codes() == ["LS204"]
    assert work.read_file(content="x", unique_id="\ud800") is None
    assert work.codes() == ["LS213"]
    assert work.read_file(content="x", display_name="{suffix}") is None
    assert work.only_problem().source == place(("spec", "displayName"))


def test_a_url_is_fetched_to_a_place_named_by_its_content(work: Workspace) -> None:
    asked = []

    def fetch(url: str, path: Path) -> None:
        asked.append(url)
        path.write_bytes(b"from afar")

    url = "https://example.org/x/a%20b.pdf?v=1"
    found = work.read_file(fetch, url=url)
    assert asked == [url]
    assert found is not None
    kept = work.root / ".llamasync/fetched" / sha(b"from afar")
    assert found.content == Content(sha(b"from afar"), 9, "a b.pdf", str(kept))
    assert kept.read_bytes() == b"from afar"
    assert found.fields == {"unique_id": "it", "display_name": "a b.pdf", "metadata": {}}
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


def test_an_address_without_a_name_takes_the_manifests(work: Workspace) -> None:
    found = work.read_file(serving(b"x"), url="https://example.org")
    assert found is not None
    assert found.content is not None
    assert (found.fields["display_name"], found.content.filename) == ("it", "it")


def test_without_a_network_an_address_is_checked_and_has_no_content(work: Workspace) -> None:
    found = work.read_file(url="s3://bucket/a.pdf", fingerprint="metadata")
    assert found is not None
    assert found.content is None
    assert found.fields["metadata"] == {}
    assert work.problems == []
    assert not (work.root / ".llamasync").exists()


@pytest.mark.parametrize("url", ["http://example.org/a", "a.pdf", "https://", "ftp://x/y", "https://[::1/a"])
def test_other_addresses_are_refused(work: Workspace, url: str) -> None:
    assert work.read_file(url=url) is None
    assert work.only_problem().code == "LS212"
    assert work.only_problem().source == place(("spec", "url"))


@pytest.mark.parametrize(
    ("error", "code", "detail"),
    [
        (ConnectionError("no route"), "LS212", "https://example.org/a?...: no route"),
        (ValueError("odd"), "LS212", "https://example.org/a?...: odd"),
        (ApiError("not there", code="LS212", status=404), "LS212", "404 not there"),
        (ApiError("too large", code="LS205"), "LS205", "too large"),
        (ApiError("unknown"), "LS212", "unknown"),
    ],
)
def test_what_cannot_be_fetched_is_reported_without_secrets(
    work: Workspace, error: Exception, code: str, detail: str
) -> None:
    def fetch(_: str, path: Path) -> None:
        path.write_bytes(b"half")
        raise error

    assert work.read_file(fetch, url="https://me:secret@example.org/a?token=secret") is None
    assert (work.only_problem().code, work.only_problem().detail) == (code, detail)
    assert list((work.root / ".llamasync/fetched").iterdir()) == []


def test_a_file_where_fetched_content_is_kept_is_reported(work: Workspace) -> None:
    (work.root / ".llamasync").write_text("mine\n")
    assert work.read_file(serving(b"x"), url="https://example.org/a") is None
    assert work.only_problem().code == "LS212"
    assert ".llamasync" in work.only_problem().detail


def test_fetched_content_of_the_wrong_size_is_reported(work: Workspace) -> None:
    assert work.read_file(serving(b""), url="https://example.org/a") is None
    assert work.only_problem().code == "LS204"
    assert list((work.root / ".llamasync/fetched").iterdir()) == []


def test_exactly_one_origin_is_needed(work: Workspace) -> None:
    work.write("a")
    assert work.read_file() is None
    assert work.codes() == ["LS107"]
    assert work.read_file(path="a", content="x") is None
    assert work.codes() == ["LS107"]


def test_all_problems_of_a_file_are_reported_at_once(work: Workspace) -> None:
    assert work.read_file(path="gone", unique_id="{x}", metadata={"a": {}}) is None
    assert sorted(work.codes()) == ["LS201", "LS207", "LS208"]


def test_document_that_is_called_like_a_sidecar_is_a_document(work: Workspace) -> None:
    work.write("docs/a.md", "the document")
    work.write("docs/a.md.meta.yaml", "team: legal\n")
    work.write("docs/a.md.meta.yaml.meta.yaml", "about: a sidecar\n")
    work.write("docs/list.meta.yaml", "- no map\n")
    with work.settled_cache() as cache:
        for _ in range(2):  # the second time the cache has them
            found = work.read_file(path="docs/a.md.meta.yaml", cache=cache)
            assert found is not None
            assert found.content is not None
            assert (found.content.filename, found.content.size_bytes) == ("a.md.meta.yaml", 12)
            assert found.content.sha256 == hashlib.sha256(b"team: legal\n").hexdigest()
            assert found.fields["metadata"] == {"about": "a sidecar"}
            (document,) = (one for one in work.read_set(cache) if one.address.item == "a.md")
            assert document.fields["metadata"] == {"team": "legal"}
        assert work.read_file(path="docs/list.meta.yaml", cache=cache) is not None
    assert work.codes() == []
