"""Asks what one assertion asks, and has the answer judged."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from llamasync.api.errors import ApiError
from llamasync.checks.answers import Names, Passage
from llamasync.checks.chatting import Note, ask_chat
from llamasync.checks.judging import (
    Ids,
    absent_file,
    judge_chat,
    judge_find,
    judge_grep,
    judge_read,
    judge_recall,
    judge_retrieve,
    unknown,
)
from llamasync.checks.matching import TakesTooLong
from llamasync.checks.model import Verdict
from llamasync.checks.opening import OpenIndex
from llamasync.checks.wording import Finds, counted
from llamasync.core.clock import Clock
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.lean import lean_dataclass
from llamasync.kinds.check_assertions import Assertion, Chat, Find, Grep, Read, Retrieve, assertion_of, texts_of

_FILTERS = ("custom_filters", "static_filters", "rerank", "score_threshold", "num_candidates")
_WEIGHTS = ("vector_pipeline_weight", "full_text_pipeline_weight")
NOT_READY = 409


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What the assertions about one index work with. `note` is told of what was left behind; `finds` searches a text
    for a pattern."""

    index: OpenIndex
    stop: threading.Event
    note: Note
    finds: Finds
    clock: Clock

    def verdict(self, assertion: Assertion) -> Verdict:
        """Ask and judge. A failed call is the verdict UNKNOWN; raises Stopped when the user wants to end."""
        asked = assertion_of(assertion)
        try:
            return _ASK[type(asked)](self, asked)
        except ApiError as error:
            if error.status == NOT_READY:
                return unknown(Diagnostic("LS702", str(error)))
            return unknown(error.diagnostic())
        except TakesTooLong as error:
            return unknown(Diagnostic("LS712", str(error)))

    def _ids(self, wanted: Iterable[str]) -> Ids:
        return {one: self.index.files.ids_of(one) for one in wanted}

    def _retrieve(self, asked: Retrieve) -> Verdict:
        names = self.index.files.names()
        if asked.recall is None:
            passages = self._passages(asked, asked.query or "")
            files = (*texts_of(asked.expect.files), *texts_of(asked.expect.not_files)) if asked.expect else ()
            return judge_retrieve(asked, passages, self._ids(files), names, self.finds)
        found = [self._passages(asked, question.query) for question in asked.recall.questions]
        ids = self._ids(file for question in asked.recall.questions for file in texts_of(question.files))
        return judge_recall(asked, found, ids, names, self.finds)

    def _passages(self, asked: Retrieve, query: str) -> tuple[Passage, ...]:
        from llamasync.checks.chatting import Stopped

        if self.stop.is_set():
            raise Stopped
        body: dict[str, Any] = {"query": query, "top_k": asked.top_k}
        for name in (*_FILTERS, *_WEIGHTS):
            value = getattr(asked, name)
            if value is not None:
                body[name] = value
        return self.index.service.retrieve(body)

    def _find(self, asked: Find) -> Verdict:
        if asked.name is None and asked.contains is None:
            found = self.index.files.all()
        else:
            found = self.index.service.find(name=asked.name or "", contains=asked.contains or "")
        return judge_find(asked, found, self._ids(texts_of(asked.expect.files) if asked.expect else ()))

    def _grep(self, asked: Grep) -> Verdict:
        return self._in_file(
            asked.file,
            lambda file_id, name: judge_grep(
                asked, self.index.service.grep(file_id, asked.pattern, asked.context_chars), name, self.finds
            ),
        )

    def _read(self, asked: Read) -> Verdict:
        return self._in_file(
            asked.file,
            lambda file_id, name: judge_read(
                asked, self.index.service.read(file_id, asked.offset, asked.max_length), name, self.finds
            ),
        )

    def _in_file(self, wanted: str, ask: Callable[[str, str], Verdict]) -> Verdict:
        ids = sorted(self.index.files.ids_of(wanted))
        if not ids:
            return absent_file(wanted, f"{wanted} in the index", self.index.files.near(wanted))
        if len(ids) > 1:
            return unknown(Diagnostic("LS708", f"{counted(len(ids), 'file')} of the index are called {wanted}"))
        names: Names = self.index.files.names()
        return ask(ids[0], names.get(ids[0], wanted))

    def _chat(self, asked: Chat) -> Verdict:
        expected = asked.expect
        cites = texts_of(expected.cites) if expected else ()
        needs_names = bool(cites) or (expected is not None and expected.cites_any)
        names: Names = self.index.files.names() if needs_names else {}
        ids = self._ids(cites)
        answer = ask_chat(self.index.service, asked.prompt, self.stop, self.note, self.clock)
        return judge_chat(asked, answer, ids, names, self.finds)


_ASK: dict[type, Callable[[Asking, Any], Verdict]] = {
    Retrieve: Asking._retrieve,
    Find: Asking._find,
    Grep: Asking._grep,
    Read: Asking._read,
    Chat: Asking._chat,
}
