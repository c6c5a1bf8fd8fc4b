"""Objects as the service shows them become LiveObjects, in an order that does not hang on that of the list."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from llamasync.api.errors import NotLlamaCloud
from llamasync.kinds.registry import all_collections
from llamasync.live.model import LiveObject
from llamasync.live.objects import in_order, to_live

FILES = all_collections()["directory-files"]
FILE = {"id": "dfl-1", "directory_id": "dir-1", "unique_id": "a.md", "display_name": "a.md", "metadata": {"x": [1]}}


def test_what_kinds_know_of_is_kept_and_nothing_else() -> None:
    raw = {**FILE, "file_id": "bytes", "created_at": "2026-01-01T00:00:00Z", "updated_at": None, "news": 1}
    expected = LiveObject(
        collection="directory-files",
        id="dfl-1",
        key=("a.md",),
        fields={name: FILE[name] for name in ("unique_id", "display_name", "metadata")},
        parent_id="dir-1",
        file_id="bytes",
        created_at="2026-01-01T00:00:00Z",
    )
    assert to_live(raw, FILES, "dir-2") == expected
    assert to_live({**raw, "directory_id": None}, FILES, "dir-2").parent_id == "dir-2"
    assert to_live({**raw, "deleted_at": "2026-01-02T00:00:00Z"}, FILES).foreign == "deleted"
    assert expected.with_sha256("0" * 64) == to_live(raw, FILES).with_sha256("0" * 64) != expected


@pytest.mark.parametrize("raw", [{**FILE, "id": 7}, {"id": "dfl-1"}, {"unique_id": "a.md"}], ids=str)
def test_an_object_without_identity_is_none_of_llamacloud(raw: dict[str, Any]) -> None:
    with pytest.raises(NotLlamaCloud):
        to_live(raw, FILES)


def live(key: tuple[str, ...], object_id: str, created_at: str = "") -> LiveObject:
    return LiveObject(collection="c", id=object_id, key=key, fields={}, created_at=created_at)


@pytest.mark.parametrize(
    "ordered",
    [
        [live(("a",), "3"), live(("b",), "1"), live(("c",), "2")],
        [live(("a",), "2", "2026-01"), live(("a",), "1", "2026-02"), live(("b",), "0")],
        [live(("a",), "1", "2026-01"), live(("a",), "2", "2026-01"), live(("b",), "0")],
        [live(("a", "x"), "2"), live(("a", "y"), "1"), live(("b",), "0")],
    ],
    ids=["by key", "then by age", "then by id", "keys of several texts"],
)
def test_the_order_is_the_same_however_they_were_listed(ordered: list[LiveObject]) -> None:
    for listed in permutations(ordered):
        assert in_order(listed) == ordered
