"""Random collections of agent data: what manifests ask for, and what others put there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.support.world import World, manifest

KEYS = ("a", "b", "c/d", "7", "ключ [x]", "e.f")
VALUES = st.sampled_from((1, 2, 1.0, 1.5, True, None, "", "one", "two", [], [1, {"x": None}], {"y": {"z": 1}}, {}))
FIELDS = st.dictionaries(st.sampled_from(("n", "status", "a.b", "nested", "")), VALUES, max_size=3)
PLACES = (("_public", "default"), ("_public", "other"), ("agent/one%2F", "default"))


@dataclass(frozen=True, slots=True)
class Collected:
    """The items of one collection as a manifest has them."""

    name: str
    place: tuple[str, str]
    items: tuple[dict[str, Any], ...]
    ownership: str = "item"
    prune: str = "owned"
    form: str = "jsonl"

    def write(self, world: World) -> None:
        spec: dict[str, Any] = {
            "deploymentName": self.place[0],
            "collection": self.place[1],
            "key": "id",
            "ownership": self.ownership,
            "prune": self.prune,
        }
        if self.form == "inline":
            spec["items"] = list(self.items)
        else:
            spec["itemsFrom"] = f"{self.name}-items.{self.form}"
            lines = [json.dumps(one, ensure_ascii=False) for one in self.items]
            text = "\n".join(lines) if self.form == "jsonl" else "[" + ",\n".join(lines) + "]"
            world.put(f"manifests/{spec['itemsFrom']}", text)
        world.put(f"manifests/{self.name}.yaml", manifest("AgentDataCollection", self.name, spec))


@dataclass(frozen=True, slots=True)
class Collections:
    """The agent data of a workspace: no place twice."""

    all: tuple[Collected, ...]

    def write(self, world: World) -> None:
        """Write it in place of what is there."""
        import shutil

        shutil.rmtree(world.root / "manifests", ignore_errors=True)
        for one in self.all:
            one.write(world)


def items() -> st.SearchStrategy[tuple[dict[str, Any], ...]]:
    """Draw items with keys of their own, some of which are numbers."""
    keys = st.lists(st.sampled_from(KEYS), max_size=4, unique=True)
    return keys.flatmap(
        lambda chosen: st.tuples(
            *(
                st.builds(
                    lambda fields, key, is_number: {**fields, "id": int(key) if is_number and key == "7" else key},
                    FIELDS,
                    st.just(key),
                    st.booleans(),
                )
                for key in chosen
            )
        )
    )


@st.composite
def collections(draw: st.DrawFn) -> Collections:
    """Draw up to two collections."""
    places = draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=2, unique=True))
    return Collections(
        tuple(
            Collected(
                name=f"collection{number}",
                place=place,
                items=draw(items()),
                ownership=draw(st.sampled_from(("item", "fields"))),
                prune=draw(st.sampled_from(("owned", "all", "never"))),
                form=draw(st.sampled_from(("inline", "jsonl", "json", "yaml"))),
            )
            for number, place in enumerate(places)
        )
    )


@dataclass(frozen=True, slots=True)
class Others:
    """What agents wrote before: items of any shape, some with keys of ours, some twice."""

    items: tuple[tuple[tuple[str, str], dict[str, Any]], ...]

    def create(self, world: World) -> None:
        for (deployment, collection), data in self.items:
            world.emulator.control.agent_data.add([data], deployment=deployment, collection=collection)


def others() -> st.SearchStrategy[Others]:
    """Draw up to five items of others."""
    data = st.builds(
        lambda fields, key: fields if key is None else {**fields, "id": key},
        FIELDS,
        st.sampled_from((*KEYS, 7, None, True, "theirs")),
    )
    found = st.lists(st.tuples(st.sampled_from(PLACES), data), max_size=5)
    return found.map(lambda listed: Others(tuple(listed)))
