from __future__ import annotations

from llamasync.core.address import Address
from llamasync.render.graph import render_dot, render_graph_text, render_mermaid

D, F, GONE = Address("Directory", "d"), Address("File", 'f"\\'), Address("Directory", "gone")
NEEDS = {F: [D, GONE], D: []}


def test_mermaid_draws_an_arrow_from_what_is_needed() -> None:
    assert render_mermaid(NEEDS) == ('flowchart LR\n    n0["Directory/d"]\n    n1["File/f#quot;\\"]\n    n0 --> n1\n')


def test_dot_quotes_names() -> None:
    text = render_dot(NEEDS)
    assert '  "Directory/d" -> "File/f\\"\\\\";\n' in text
    assert "gone" not in text


def test_text_lists_needs_below_each() -> None:
    assert render_graph_text({D: []}) == "Directory/d\n"
