"""The way in: the files of one manifest, read and checked."""

from __future__ import annotations

from llamasync.core.diagnostic import Diagnostic
from llamasync.kinds.file_set import FileSetSpec
from llamasync.workspace.desired import Desired
from llamasync.workspace.files.cache import FileCache
from llamasync.workspace.files.model import Fetch, FileManifest
from llamasync.workspace.files.report import Report


def read_files(
    manifest: FileManifest,
    problems: list[Diagnostic],
    cache: FileCache | None,
    fetch: Fetch | None = None,
) -> tuple[Desired, ...]:
    """Return a Desired for every file that the manifest stands for, sorted by path; add every problem to `problems`.

    FileSet: address `FileSet/name[path]`, `path` relative to the source. File: one, at the manifest's own address.
    Files with problems are left out. `cache` None: every file is read. `fetch` None (offline): a File with a URL is
    checked but has no content, so the result must not be planned. Unique ids are compared inside this manifest only.
    Never raises for what is wrong with the user's files.
    """
    from llamasync.manifest.yaml_events import collector_paused
    from llamasync.workspace.files.single import origin, read_single
    from llamasync.workspace.files.tree import read_tree

    spec = manifest.spec
    with collector_paused():
        if isinstance(spec, FileSetSpec):
            return read_tree(manifest, spec, Report(manifest, problems), cache)
        field = origin(spec)
        report = Report(manifest, problems, ("spec", field) if field else ("spec",))
        if not field:
            report.add("LS107", "a File has exactly one of path, content and url")
            return ()
        return read_single(manifest, spec, report, cache, fetch)
