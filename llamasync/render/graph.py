"""The manifests and what they need, as a drawing: mermaid, DOT, or indented text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llamasync.core.address import Address

Needs = Mapping[Address, Sequence[Address]]


def render_mermaid(needs: Needs) -> str:
    """Draw the graph as a mermaid flowchart; arrows point from what is needed to what needs it."""
    names = {address: f"n{number}" for number, address in enumerate(sorted(needs))}
    lines = ["flowchart LR"]
    lines += [f'    {name}["{_mermaid(address)}"]' for address, name in names.items()]
    lines += [f"    {names[need]} --> {names[address]}" for address, need in _edges(needs)]
    return "\n".join(lines) + "\n"


def render_dot(needs: Needs) -> str:
    """Draw the graph in Graphviz's language; arrows point from what is needed to what needs it."""
    lines = ["digraph llamasync {", "  rankdir=LR;", "  node [shape=box];"]
    lines += [f"  {_dot(address)};" for address in sorted(needs)]
    lines += [f"  {_dot(need)} -> {_dot(address)};" for address, need in _edges(needs)]
    return "\n".join([*lines, "}"]) + "\n"


def render_graph_text(needs: Needs) -> str:
    """List every manifest with what it needs below it, in sorted order.

    >>> print(render_graph_text({Address("File", "a"): [Address("Directory", "d")]}), end="")
    File/a
      needs Directory/d
    """
    lines: list[str] = []
    for address in sorted(needs):
        lines.append(str(address))
        lines += [f"  needs {need}" for need in sorted(needs[address])]
    return "".join(f"{line}\n" for line in lines)


def _edges(needs: Needs) -> list[tuple[Address, Address]]:
    return [(address, need) for address in sorted(needs) for need in sorted(needs[address]) if need in needs]


def _mermaid(address: Address) -> str:
    return str(address).replace('"', "#quot;")


def _dot(address: Address) -> str:
    text = str(address).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
