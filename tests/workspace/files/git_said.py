"""What git says of exclude patterns: asked where there is a git, else what it said when it was recorded.

`python -m tests.workspace.files.git_said` records it anew.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

HAS_GIT = shutil.which("git") is not None
_FILE = Path(__file__).with_name("git_said.json")
_RECORDS = 150


class Said(NamedTuple):
    """The paths of a tree, the lines of its `.gitignore`, and the files that git does not ignore, sorted."""

    tree: tuple[str, ...]
    exclude: tuple[str, ...]
    kept: tuple[str, ...]


def recorded() -> list[Said]:
    return [Said(*map(tuple, one)) for one in json.loads(_FILE.read_text())]


def kept_by_git(docs: Path, files: list[str], exclude: tuple[str, ...]) -> list[str]:
    """Return which of the files of the tree at `docs` git does not ignore."""
    (docs / ".gitignore").write_text("\n".join(exclude) + "\n")
    git = ["git", "-c", "core.quotePath=false", "-C", str(docs)]
    subprocess.run([*git, "init", "-q"], check=True)
    listed = subprocess.run([*git, "ls-files", "-oz", "--exclude-standard"], check=True, capture_output=True)
    return sorted(path for path in listed.stdout.decode().split("\0") if path in files)


def _record() -> None:
    from hypothesis import Phase, given, settings

    from tests.workspace.files.test_laws import excludes, trees, workspace

    said: dict[Said, None] = {}

    @settings(max_examples=_RECORDS, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
    @given(trees, excludes)
    def ask(tree: set[str], exclude: tuple[str, ...]) -> None:
        with workspace(tree) as (work, files):
            kept = kept_by_git(work.root / "docs", files, exclude)
            said[Said(tuple(files), exclude, tuple(kept))] = None

    ask()
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in said)
    _FILE.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    _record()
