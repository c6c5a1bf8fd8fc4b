"""The schedule: which changes may start, deepest first, deletes last; what a failure keeps from starting. No I/O."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable

from llamasync.core.address import Address
from llamasync.core.graph import depths
from llamasync.plan.model import Action, Change


class Schedule:
    """Hands out changes whose needs are done. A need of a whole manifest waits for every change of it."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self._changes = {change.address: change for change in changes}
        needs: dict[Address, set[Address]] = {address: set(one.needs) for address, one in self._changes.items()}
        for address in self._changes:
            if address.item:
                needs.setdefault(address.manifest, set()).add(address)
        self._needs = {node: {need for need in wanted if need in needs} for node, wanted in needs.items()}
        self._waiting: defaultdict[Address, list[Address]] = defaultdict(list)
        for node in sorted(self._needs):
            for need in self._needs[node]:
                self._waiting[need].append(node)
        self._depth = depths(self._needs)
        self._ready: list[tuple[bool, int, Address]] = []
        self._left = set(self._changes)
        for node in [node for node, wanted in self._needs.items() if not wanted]:
            self._open(node)

    def take(self) -> Change | None:
        """Return the most urgent change that may start now, None when there is none (yet)."""
        if not self._ready:
            return None
        address = heapq.heappop(self._ready)[2]
        self._left.discard(address)
        return self._changes[address]

    def finish(self, address: Address) -> None:
        """Note that a change is done."""
        for node in self._waiting[address]:
            self._needs[node].discard(address)
            if not self._needs[node]:
                self._open(node)

    def fail(self, address: Address) -> list[Address]:
        """Note that a change failed; return the changes that will never start because of it, sorted."""
        skipped: set[Address] = set()
        pending = [address]
        while pending:
            for node in self._waiting[pending.pop()]:
                if node not in skipped:
                    skipped.add(node)
                    pending.append(node)
        lost = sorted(skipped & self._left)
        self._left -= skipped
        return lost

    def rest(self) -> list[Address]:
        """Return the changes that were not handed out, sorted, and hand out no more."""
        left = sorted(self._left)
        self._left.clear()
        self._ready.clear()
        return left

    def _open(self, node: Address) -> None:
        if node in self._changes:
            if node in self._left:
                heapq.heappush(
                    self._ready, (self._changes[node].action is Action.DELETE, -self._depth.get(node, 0), node)
                )
        else:
            self.finish(node)
