"""Reads the text of a file of the user's."""

from __future__ import annotations

from pathlib import Path

from llamasync.core.diagnostic import Diagnostic
from llamasync.core.source import Source
from llamasync.manifest.document import Document
from llamasync.manifest.yaml_events import load_documents

_READABLE = "Make the folder readable, or name in spec.manifests of llamasync.yaml the folders that hold manifests."


def read_documents(path: Path, file: str) -> tuple[list[Document], list[Diagnostic]]:
    """Read the YAML documents of the file at `path`, called `file` in what is told. Never raises.

    A file that cannot be read (or a folder, see `manifest_files`), or is not UTF-8, is one problem (LS117) and no
    documents. A byte order mark is skipped.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        hint = _READABLE if path.is_dir() else ""
        return [], [Diagnostic("LS117", error.strerror or str(error), Source(file), hint=hint)]
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line = before.count(b"\n") + 1
        detail = f"line {line} holds the byte 0x{error.object[error.start]:02x}, which is not UTF-8"
        return [], [Diagnostic("LS117", detail, Source(file), hint="save the file as UTF-8")]
    return load_documents(text, file)


def relative(path: Path, root: Path) -> str:
    """Name `path` as seen from `root`, with forward slashes; as it is when it lies outside."""
    text, folder = path.as_posix(), root.as_posix().rstrip("/") + "/"
    return text.removeprefix(folder)
