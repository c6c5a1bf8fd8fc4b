"""Many items of one file: read again one by one, they are what they are when all of them are kept."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamasync.core.diagnostic import DiagnosticError
from llamasync.workspace.desired import DesiredState
from llamasync.workspace.load import load_workspace
from tests.support.world import manifest

SCHEMA = {"properties": {"n": {"type": ["integer", "null"]}, "ok": {"type": "boolean"}}}
CELLS = st.text(alphabet=st.sampled_from('a7,";\n\r ü漢\ufeff\u2028'), max_size=6)
ROWS = st.lists(st.tuples(CELLS, st.sampled_from(("", "7", "-1", "0")), st.sampled_from(("", "true", "false"))))


def load(root: Path, lot_bytes: int | None) -> DesiredState:
    workspace = load_workspace(root, variables_env={}, lot_bytes=lot_bytes)
    assert workspace.diagnostics == ()
    return workspace.desired


def write(root: Path, data: bytes) -> None:
    spec = {"deploymentName": "_public", "key": "id", "itemsFrom": "items.csv", "itemSchema": SCHEMA}
    (root / "llamasync.yaml").write_text("")
    (root / "a.yaml").write_text(json.dumps(manifest("AgentDataCollection", "c", spec)))
    (root / "items.csv").write_bytes(data)


@given(
    rows=ROWS,
    line_end=st.sampled_from(("\n", "\r\n", "\r")),
    empty_lines=st.integers(0, 2),
    mark=st.sampled_from((b"", b"\xef\xbb\xbf")),
)
def test_rows_that_are_read_again_are_those_that_were_read_at_once(
    rows: list[tuple[Any, ...]], line_end: str, empty_lines: int, mark: bytes
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator=line_end * (1 + empty_lines))
    writer.writerows([("id", "Größe\n2", "n", "ok"), *((f"k{number}", *row) for number, row in enumerate(rows))])
    with TemporaryDirectory() as folder:
        write(Path(folder), mark + text.getvalue().encode())
        at_once, streamed = load(Path(folder), None), load(Path(folder), 0)
        assert [len(lot) for lot in streamed.lots] == [len(rows)]
        assert streamed.objects == {}
        found = streamed.lots[0].make_all()
    assert {address: (one.fields, one.source.line) for address, one in found.items()} == {
        address: (one.fields, one.source.line) for address, one in at_once.objects.items()
    }


@pytest.mark.parametrize("changed", [b"", b"id,n\na,8\n", b"id,n\na\n", b'id,n\n"a,7\n', b"id,n\n\xff,7\n"], ids=repr)
def test_a_table_that_changes_after_it_was_checked_is_told(tmp_path: Path, changed: bytes) -> None:
    write(tmp_path, b"id,n\na,7\n")
    (lot,) = load(tmp_path, 0).lots
    (tmp_path / "items.csv").write_bytes(changed)
    with pytest.raises(DiagnosticError) as caught:
        lot.make("a")
    assert [(one.code, str(one.source)) for one in caught.value.diagnostics] == [("LS211", "items.csv:2:1")]


def test_a_table_below_the_size_is_kept_as_it_is(tmp_path: Path) -> None:
    write(tmp_path, b"id,n\na,7\n")
    assert load(tmp_path, 10).lots == ()
    assert [len(lot) for lot in load(tmp_path, 9).lots] == [1]
