"""Reads runs: those that are remembered, by id, and those that may be what a manifest asks for, by their input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from llamasync.api.client import Client
from llamasync.api.errors import ApiError, NotLlamaCloud, Refused
from llamasync.api.paths import path_for
from llamasync.core.address import Address
from llamasync.core.moments import moment
from llamasync.kinds.registry import all_kinds, run_kinds
from llamasync.kinds.run_facts import RunFact, RunItem, RunShown, RunStatus
from llamasync.live.failures import as_diagnostics
from llamasync.live.model import LiveState, RunQuery
from llamasync.state.model import State

WORKERS = 8
CANDIDATES = 5
_PAGE = 1000
_ABSENT = (404, 405)


def read_runs(client: Client, state: State) -> dict[tuple[str, str], RunShown]:
    """Return the remembered runs that are still there, by collection and id. One call each. Raises ApiError."""
    kinds = run_kinds()
    bound = sorted({(one.collection, one.id) for one in state.bindings.values() if one.collection in kinds})
    if not bound:
        return {}

    def get(place: tuple[str, str]) -> RunShown | None:
        return get_run(client, _fact(kinds[place[0]].run), place[1])

    with ThreadPoolExecutor(min(WORKERS, len(bound))) as pool:
        return {place: run for place, run in zip(bound, pool.map(get, bound), strict=True) if run is not None}


@as_diagnostics
def with_candidates(client: Client, live: LiveState, queries: Iterable[RunQuery]) -> LiveState:
    """Return `live` with what was found for the queries. Raises DiagnosticError LS4xx when a call fails for good."""
    before = client.calls.read
    found: dict[Address, tuple[RunShown, ...]] = {}
    listings: dict[tuple[str, str, str], list[RunShown]] = {}
    for query in queries:
        fact = _fact(all_kinds()[query.kind].run)
        place = (fact.collection, query.input if fact.input_query else "", query.since)
        if place not in listings:
            listings[place] = list_runs(client, fact, place[1], query.since)
        found[query.address] = tuple(candidates(client, fact, query, listings[place]))
    return replace(live, candidates=found, read_calls=live.read_calls + client.calls.read - before)


def list_runs(client: Client, fact: RunFact, input_id: str, since: str) -> list[RunShown]:
    """Return the runs over an input, as far as the service filters by it, from the collection that it has.

    Raises ApiError, the last one when the service has none of the collections.
    """
    query: dict[str, Any] = {}
    if fact.input_query and input_id:
        query[fact.input_query] = input_id
    if fact.since_query and since:
        query[fact.since_query] = since
    lost: ApiError | None = None
    for each in fact.paths:
        try:
            pages = _by_offset(client, each.path, query) if fact.by_offset else client.pages(each.path, query)
            return [replace(fact.read(raw), path=each.path) for page in pages for raw in page]
        except Refused as error:
            if error.status not in _ABSENT:
                raise
            lost = error
    assert lost is not None, "a kind of run has a path"
    raise lost


def get_run(client: Client, fact: RunFact, run_id: str, path: str = "") -> RunShown | None:
    """Return a run by its id, with the errors of its files; None when it is gone. Raises ApiError."""
    raw, found = get_raw(client, fact, run_id, path)
    if raw is None:
        return None
    shown = replace(fact.read(raw), path=found)
    if shown.status in (RunStatus.PARTIAL, RunStatus.FAILED) and shown.items is None and fact.items:
        failed = tuple(read_items(client, fact, shown, fact.failed_query))
        shown = replace(shown, items=failed)
    return shown


def get_raw(client: Client, fact: RunFact, run_id: str, path: str = "") -> tuple[dict[str, Any] | None, str]:
    """Return a run as the service shows it, and the collection it was found in; None when it is in none of them."""
    paths = [path] if path else [each.path for each in fact.paths]
    for each in paths:
        try:
            raw = client.get(path_for(each + "/{id}", id=run_id), fact.detail_query)
        except Refused as error:
            if error.status not in _ABSENT:
                raise
            continue
        inner = raw.get(fact.unwrap) if fact.unwrap and isinstance(raw, dict) else raw
        if not isinstance(inner, dict):
            raise NotLlamaCloud("a run was expected", method="GET", path=each)
        return inner, each
    return None, ""


def read_items(client: Client, fact: RunFact, run: RunShown, query: Mapping[str, Any]) -> Iterator[RunItem]:
    """Iterate over the files of a run, where they have a list of their own. Raises ApiError."""
    assert fact.read_item is not None, "whoever lists items reads them"
    for page in _by_offset(client, path_for(run.path + "/{id}", id=run.id) + fact.items, query):
        yield from map(fact.read_item, page)


def candidates(client: Client, fact: RunFact, query: RunQuery, listed: Iterable[RunShown]) -> list[RunShown]:
    """Return the newest few of the listed runs that are what the query asks for, the oldest of them first.

    What the list does not show is looked up: the files of a run, and the configuration that made its results. What is
    not shown anywhere counts as the same. Raises ApiError.
    """
    found: list[RunShown] = []
    since = moment(query.since)
    for shown in sorted(listed, key=lambda run: (moment(run.created_at), run.id), reverse=True):
        if shown.input != query.input or moment(shown.created_at) < since:
            continue
        if shown.configuration is not None and not fact.same(query.configuration, shown.configuration):
            continue
        whole = _whole(client, fact, shown)
        if whole is None or not _has_items(whole, query) or not _is_confirmed(client, fact, query, whole):
            continue
        found.append(whole)
        if len(found) == CANDIDATES:
            break
    return found[::-1]


def _whole(client: Client, fact: RunFact, shown: RunShown) -> RunShown | None:
    if fact.items:
        return replace(shown, items=tuple(read_items(client, fact, shown, {})))
    return get_run(client, fact, shown.id, shown.path) if shown.status.is_over else shown


def _has_items(shown: RunShown, query: RunQuery) -> bool:
    if query.items is None or shown.items is None:
        return True
    return {one.id for one in shown.items} == query.items


def _is_confirmed(client: Client, fact: RunFact, query: RunQuery, shown: RunShown) -> bool:
    """Compare with the configuration that made the results, where only they show it."""
    if fact.configuration_of is None or not shown.status.is_over:
        return True
    for one in shown.items or ():
        if one.error:
            continue
        try:
            raw = client.get(path_for(fact.item_results, id=one.id))
        except Refused as error:
            if error.status == 404:
                continue
            raise
        made_with = fact.configuration_of(raw if isinstance(raw, dict) else {}, shown)
        return made_with is None or fact.same(query.configuration, made_with)
    return True


def _by_offset(client: Client, path: str, query: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
    offset = 0
    while True:
        answer = client.get(path, {**query, "limit": _PAGE, "offset": offset})
        items = answer.get("items") if isinstance(answer, dict) else None
        if not isinstance(items, list):
            raise NotLlamaCloud("a list was expected, under `items`", method="GET", path=path)
        if not items:
            return
        yield items
        offset += len(items)


def _fact(fact: RunFact | None) -> RunFact:
    assert fact is not None, "a kind of run has its facts"
    return fact
