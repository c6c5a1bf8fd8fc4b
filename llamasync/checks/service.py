"""The questions to one index, in whichever dialect and by whichever id the service takes them.

A service that lacks an operation (404, 405, 501) is asked in the other dialect's way; which one was right is remembered
for the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from llamasync.api.client import Client
from llamasync.api.errors import ApiError, NotLlamaCloud, Refused
from llamasync.checks.answers import IndexFile, Listed, Passage, Place, passages_of
from llamasync.core.lean import lean_dataclass
from llamasync.kinds.facts import Collection
from llamasync.live.by_id import with_either_id

RETRIEVE = "/api/v1/retrieval/retrieve"
FIND = "/api/v1/retrieval/files/find"
SEARCH = "/api/v1/retrieval/files/search"
GREP = "/api/v1/retrieval/files/grep"
READ = "/api/v1/retrieval/files/read"

LACKING = (404, 405, 501)
OLDER = "retrieval: the older dialect"
LIMITS = (1000, 500, 100, None)  # None is the service's own
MOST = 10_000
ROUND = 100  # a limit of the service's own is most likely a multiple of this

Result = TypeVar("Result")


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class IndexService:
    """Asks one index. Every method raises ApiError; safe for many threads."""

    client: Client
    collection: Collection
    id: str
    other_id: str = ""

    def by_id(self, call: Callable[[str], Result]) -> Result:
        """Return what `call` returns for the id that the service takes."""
        return with_either_id(self.client, self.collection, self.id, self.other_id, call)

    def retrieve(self, body: Mapping[str, Any]) -> tuple[Passage, ...]:
        """Return the hits of a query, in the service's order; `body` is what is asked beside the index."""
        answer = self.by_id(lambda index_id: self.client.search(RETRIEVE, {"index_id": index_id, **body}))
        return passages_of(answer, RETRIEVE)

    def find(self, *, name: str = "", contains: str = "") -> Listed:
        """Return the files (IndexFile) of that name, or with that part in it; all without either, but at most MOST."""
        named = {"file_name": name, "file_name_contains": contains}
        asked = {key: value for key, value in named.items() if value}

        def newer(index_id: str) -> Listed:
            body = {"index_id": index_id, **asked}
            return self._all(self.client.search_pages(FIND, body, id_field="file_id"), _file)

        def older(index_id: str) -> Listed:
            return self._limited(SEARCH, {"index_id": index_id, **asked}, "files", _file)

        return self.by_id(lambda index_id: self._either(lambda: newer(index_id), lambda: older(index_id)))

    def grep(self, file_id: str, pattern: str, context_chars: int | None = None) -> Listed:
        """Return the places (Place) in a file that match, at most MOST."""
        asked: dict[str, Any] = {"file_id": file_id, "pattern": pattern}
        if context_chars is not None:
            asked["context_chars"] = context_chars

        def newer(index_id: str) -> Listed:
            return self._all(self.client.search_pages(GREP, {"index_id": index_id, **asked}, id_field=""), _place)

        def older(index_id: str) -> Listed:
            return self._limited(GREP, {"index_id": index_id, **asked}, "matches", _place)

        # One path in both dialects: finding the file has shown already which one is spoken.
        ask = older if OLDER in self.client.learnt else newer
        return self.by_id(ask)

    def read(self, file_id: str, offset: int, max_length: int | None) -> str:
        """Return the text of a file, or a part of it."""
        asked = {"file_id": file_id, "offset": offset}
        if max_length is not None:
            asked["max_length"] = max_length
        answer = self.by_id(lambda index_id: self.client.search(READ, {"index_id": index_id, **asked}))
        if not isinstance(answer, Mapping) or not isinstance(answer.get("content"), str):
            raise NotLlamaCloud("a text was expected, under `content`", method="POST", path=READ)
        return str(answer["content"])

    def _either(self, newer: Callable[[], Listed], older: Callable[[], Listed]) -> Listed:
        learnt = self.client.learnt
        calls = (older, newer) if OLDER in learnt else (newer, older)
        try:
            return calls[0]()
        except ApiError as error:
            if error.status not in LACKING:
                raise
            first = error
        try:
            result = calls[1]()
        except ApiError as error:
            # A 404 of an operation that is there speaks of the index; it is the one to go by.
            if error.status in LACKING and isinstance(first, Refused) and first.status == 404:
                raise first from error
            raise
        (learnt.add if calls[1] is older else learnt.discard)(OLDER)
        return result

    def _limited(
        self, path: str, body: Mapping[str, Any], field: str, make: Callable[[Mapping[str, Any]], Any]
    ) -> Listed:
        for limit in LIMITS:
            try:
                answer = self.client.search(path, body if limit is None else {**body, "limit": limit})
            except Refused as refused:
                if refused.status == 422 and limit is not None:
                    continue
                raise
            found = answer.get(field) if isinstance(answer, Mapping) else None
            if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
                raise NotLlamaCloud(f"a list was expected, under `{field}`", method="POST", path=path)
            may_be_cut = bool(found) and (limit is None or len(found) % ROUND == 0)
            return Listed(tuple(make(one) for one in found), may_be_cut)
        raise AssertionError("unreachable")

    @staticmethod
    def _all(pages: Iterator[list[dict[str, Any]]], make: Callable[[Mapping[str, Any]], Any]) -> Listed:
        items: list[Any] = []
        for page in pages:
            items += [make(one) for one in page]
            if len(items) >= MOST:
                return Listed(tuple(items[:MOST]), may_be_cut=True)
        return Listed(tuple(items))


def _file(raw: Mapping[str, Any]) -> IndexFile:
    return IndexFile(str(raw.get("file_id") or ""), str(raw.get("file_name") or ""))


def _place(raw: Mapping[str, Any]) -> Place:
    return Place(str(raw.get("content") or ""), int(raw.get("start_char") or 0))
