"""Dependency graphs over anything hashable and sortable: circles, order, and how urgent each node is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeVar

Node = TypeVar("Node")


def find_cycle(needs: Mapping[Node, Iterable[Node]]) -> tuple[Node, ...]:
    """Return one circle as the nodes along it, first node not repeated; empty when there is none.

    >>> find_cycle({"a": ["b"], "b": ["a"]}) in (("a", "b"), ("b", "a"))
    True
    >>> find_cycle({"a": ["b"], "b": []})
    ()
    """
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        circle: list[Node] = error.args[1]
        return tuple(reversed(circle[1:]))
    return ()


def order(needs: Mapping[Any, Iterable[Any]]) -> list[Any]:
    """Return all nodes so that each comes after what it needs; ties in sorted order. Raises CycleError on a circle.

    >>> order({"b": ["a"], "a": [], "c": []})
    ['a', 'c', 'b']
    """
    sorter = TopologicalSorter({node: needs[node] for node in sorted(needs)})
    sorter.prepare()
    result: list[Any] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        result.extend(ready)
        sorter.done(*ready)
    return result


def depths(needs: Mapping[Node, Iterable[Node]]) -> dict[Node, int]:
    """Return for each node how many nodes the longest chain that waits for it has: 0 for one nobody waits for.

    The executor starts the deepest first, since the critical path goes through them. Raises CycleError on a circle.

    >>> depths({"b": ["a"], "a": [], "c": ["b"]})
    {'a': 2, 'b': 1, 'c': 0}
    """
    result: dict[Node, int] = {}
    for node in reversed(list(TopologicalSorter(needs).static_order())):
        own = result.setdefault(node, 0)
        for need in needs.get(node, ()):
            result[need] = max(result.get(need, 0), own + 1)
    return {node: result[node] for node in sorted(result, key=lambda n: (-result[n], str(n)))}
