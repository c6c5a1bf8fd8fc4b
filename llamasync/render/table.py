"""Aligned columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from llamasync.render.columns import columns, padded
from llamasync.render.values import safe_text


def render_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Align columns by their widest cell; the last one is left ragged. Empty without rows.

    >>> print(render_table(["NAME", "ID"], [["a", "1"], ["long", "2"]]), end="")
    NAME  ID
    a     1
    long  2
    """
    cells = [list(head), *([safe_text(cell) for cell in row] for row in rows)]
    if len(cells) == 1:
        return ""
    widths = [max(columns(row[column]) for row in cells) for column in range(len(head))]
    return "".join(
        "  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in cells
    )
