"""A file that is named by its URL is fetched when a plan is to be made, and only checked otherwise."""

from __future__ import annotations

from pathlib import Path

from llamasync.core.address import Address
from llamasync.workspace.load import load_workspace

MANIFEST = """
apiVersion: llamasync/v1
kind: Directory
metadata: {name: papers}
spec: {}
---
apiVersion: llamasync/v1
kind: File
metadata: {name: paper}
spec: {directory: papers, url: "https://example.com/papers/a.txt"}
"""


def test_file_by_url_has_the_fetched_bytes_as_content(tmp_path: Path) -> None:
    (tmp_path / "papers.yaml").write_text(MANIFEST)

    def fetch(url: str, destination: Path) -> None:
        assert url == "https://example.com/papers/a.txt"
        destination.write_text("fetched")

    workspace = load_workspace(tmp_path, fetch=fetch)
    content = workspace.desired.objects[Address("File", "paper")].content
    assert not workspace.diagnostics
    assert content is not None
    assert Path(content.path).read_text() == "fetched"


def test_file_by_url_is_only_checked_when_nothing_can_be_fetched(tmp_path: Path) -> None:
    (tmp_path / "papers.yaml").write_text(MANIFEST)
    workspace = load_workspace(tmp_path)
    assert not workspace.diagnostics
    assert workspace.desired.objects[Address("File", "paper")].content is None
