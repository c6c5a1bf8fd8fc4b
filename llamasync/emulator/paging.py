"""Cursor pages over a table: by key, so that they stay put while rows come and go, or by offset, so that they shift."""

# ruff: noqa: S608 - the SQL is put together from constants; values are always bound

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from llamasync.emulator.calls import Call, Reply, to_json
from llamasync.emulator.errors import Refusal, invalid

RenderRow = Callable[[sqlite3.Row], str]


@dataclass(frozen=True, slots=True)
class Listing:
    """What to list: conditions joined by AND, and the column that orders it. `columns` must include seq and `key`."""

    table: str
    where: tuple[str, ...]
    values: tuple[Any, ...]
    columns: str = "*"
    key: str = "seq"
    descending: bool = False
    order: tuple[str, ...] = ()
    """Terms to order by before seq, instead of `key`; pages are then offsets."""
    offset: int = 0
    counted: bool = False
    """Whether total_size was asked for, whatever the switch says."""
    fleeting: int = 0
    """How many of the first values change from call to call; a token is good for others too."""

    def digest(self) -> str:
        """Name the listing, so that a token of another one is refused."""
        text = repr((self.table, self.where, self.values[self.fleeting :], self.key, self.descending, self.order))
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def default_descending(call: Call) -> bool:
    """Tell in which order lists are that ask for none."""
    return call.switches.list_order == "newest_first"


def page_size_of(call: Call, asked: int | None, loc: tuple[str, ...] = ("query", "page_size")) -> int:
    """Decide how long a page is. Raises Refusal 422."""
    largest = call.switches.page_size_max
    if asked is None:
        return min(call.switches.page_size_default, largest)
    if asked < 1:
        raise invalid(loc, "Input should be greater than or equal to 1", "greater_than_equal")
    if asked > largest and call.switches.page_size_over_max == "reject":
        raise invalid(loc, f"Input should be less than or equal to {largest}", "less_than_equal")
    return min(asked, largest)


def reply_page(call: Call, listing: Listing, render: RenderRow) -> Reply:
    """Answer one page, as the query asks. Raises Refusal 422 for a page size or token that will not do."""
    size = page_size_of(call, call.parameters.get("page_size"))
    return _reply(call, listing, render, size, call.parameters.get("page_token"), ("query", "page_token"))


def reply_page_of_body(call: Call, listing: Listing, render: RenderRow) -> Reply:
    """Like `reply_page`, for operations that carry the page in their body."""
    size = page_size_of(call, call.body.get("page_size"), ("body", "page_size"))
    return _reply(call, listing, render, size, call.body.get("page_token"), ("body", "page_token"))


def _reply(
    call: Call, listing: Listing, render: RenderRow, size: int, token: str | None, loc: tuple[str, ...]
) -> Reply:
    position = _read_token(listing, token, loc) if token else {}
    rows = _rows(call, listing, position, size + 1)
    more = len(rows) > size or (len(rows) == size and call.switches.trailing_page == "empty")
    shown = rows[:size]
    parts = ['{"items":[', ",".join(map(render, shown)), "]"]
    if more:
        parts.append(f',"next_page_token":{to_json(_token(call, listing, position, shown))}')
    else:
        parts.append(LAST_PAGE[call.switches.last_page_token])
    parts.append(f',"total_size":{_total(call, listing)}}}')
    return Reply(call.operation.status, "".join(parts))


LAST_PAGE = {"absent": "", "null": ',"next_page_token":null', "empty": ',"next_page_token":""'}


def _rows(call: Call, listing: Listing, position: dict[str, Any], limit: int) -> list[sqlite3.Row]:
    where, values, offset = list(listing.where), list(listing.values), listing.offset
    sign, direction = ("<", "DESC") if listing.descending else (">", "ASC")
    if "offset" in position:
        offset = position["offset"]
    elif "after" in position:
        offset = 0
        where.append(f"({listing.key}, seq) {sign} (?, ?)" if listing.key != "seq" else f"seq {sign} ?")
        values.extend(position["after"] if listing.key != "seq" else position["after"][1:])
    order = f"{listing.key} {direction}" + (f", seq {direction}" if listing.key != "seq" else "")
    if listing.order:
        order = ", ".join((*listing.order, "seq"))
    sql = f"SELECT {listing.columns} FROM {listing.table} WHERE {' AND '.join(where)} ORDER BY {order} LIMIT ? OFFSET ?"
    return call.db.execute(sql, (*values, limit, offset)).fetchall()


def _total(call: Call, listing: Listing) -> str:
    if call.switches.total_size == "null" and not listing.counted:
        return "null"
    sql = f"SELECT count(*) FROM {listing.table} WHERE {' AND '.join(listing.where)}"
    return str(call.db.execute(sql, listing.values).fetchone()[0])


def _token(call: Call, listing: Listing, position: dict[str, Any], shown: list[sqlite3.Row]) -> str:
    content: dict[str, Any] = {"of": listing.digest()}
    if call.switches.list_consistency == "live" or listing.order:
        content["offset"] = position.get("offset", listing.offset) + len(shown)
    else:
        content["after"] = [shown[-1][listing.key], shown[-1]["seq"]]
    return base64.urlsafe_b64encode(to_json(content).encode()).decode().rstrip("=")


def _read_token(listing: Listing, token: str, loc: tuple[str, ...]) -> dict[str, Any]:
    try:
        content = json.loads(base64.urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4)))
        if content["of"] == listing.digest() and (
            isinstance(content.get("offset"), int) or len(content.get("after", ())) == 2
        ):
            return dict(content)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise _foreign_token(loc)


def _foreign_token(loc: tuple[str, ...]) -> Refusal:
    return invalid(loc, "Invalid page token")
