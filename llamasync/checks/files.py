"""Which files of an index a check means: it names them by unique id or by name, the service by ids of its own."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import field

from llamasync.api.client import Client
from llamasync.api.errors import Refused
from llamasync.api.paths import path_for
from llamasync.checks.answers import IndexFile, Listed
from llamasync.checks.service import IndexService
from llamasync.core.lean import lean_dataclass

FILES = "/api/v1/beta/directories/{directory_id}/files"


@lean_dataclass(slots=True)
class IndexFiles:
    """The files of one index. Asked once for all of them, once more for each name that is not among these.

    `source_id` and `output_id` are the directories that the index is made of, and that its parsed files are in; ""
    where the service does not say. Safe for many threads; every method raises ApiError.
    """

    service: IndexService
    source_id: str = ""
    output_id: str = ""
    _all: Listed | None = None
    _found: dict[str, frozenset[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def all(self) -> Listed:
        """Return all files, or as many as the service shows."""
        with self._lock:
            if self._all is None:
                self._all = self.service.find()
            return self._all

    def names(self) -> Mapping[str, str]:
        """Return the names of files by their ids in the index."""
        return {file.id: file.name for file in self.all().items}

    def ids_of(self, wanted: str) -> frozenset[str]:
        """Return the ids, in the index, of the file called `wanted`: its name there, else its unique id. Several files
        may have one name; none is an empty set."""
        with self._lock:
            if wanted in self._found:
                return self._found[wanted]
        ids = self._named(wanted) or self._of_unique_id(wanted)
        with self._lock:
            self._found[wanted] = ids
        return ids

    def near(self, wanted: str) -> str:
        """Return the name of the file that was probably meant, or ""."""
        from llamasync.manifest.document import near

        return near(wanted, [file.name for file in self.all().items])

    def _named(self, name: str) -> frozenset[str]:
        known = self.all()
        files: tuple[IndexFile, ...] = known.items
        if known.may_be_cut:
            files = self.service.find(name=name).items
        return frozenset(file.id for file in files if file.name == name)

    def _of_unique_id(self, unique_id: str) -> frozenset[str]:
        """Look the unique id up among the files that the index is made of, for the name that it has in the index.

        Where several files have that name, the output directory tells them apart: a parsed file keeps the unique id of
        its source there, as far as is known.
        """
        names = {str(one.get("display_name") or "") for one in self._listed(self.source_id, unique_id)}
        ids: frozenset[str] = frozenset().union(*(self._named(name) for name in sorted(names) if name))
        if len(ids) > 1:
            exact = ids & {str(one["id"]) for one in self._listed(self.output_id, unique_id)}
            ids = exact or ids
        return ids

    def _listed(self, directory_id: str, unique_id: str) -> list[dict[str, object]]:
        if not directory_id:
            return []
        client: Client = self.service.client
        try:
            pages = client.pages(path_for(FILES, directory_id=directory_id), {"unique_id": unique_id})
            return [one for page in pages for one in page if one.get("unique_id") == unique_id]
        except Refused as refused:
            if refused.status == 404:
                return []
            raise
