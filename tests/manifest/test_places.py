from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from llamasync.manifest.construct import construct
from llamasync.manifest.document import Document, find
from llamasync.manifest.manifest import place_in
from llamasync.manifest.overlays import merge
from llamasync.manifest.schema_files import load_schema
from llamasync.manifest.yaml_events import load_documents


def document(text: str, file: str) -> Document:
    return load_documents(text, file)[0][0]


BASE = document("spec:\n  a: 1\n  m: {x: 1, y: null}\n  l: [1, 2]\n", "base.yaml")
OVER = document("spec:\n  m: {x: 2}\n  l: [3]\n  n: null\n", "over.yaml")
LAYERS = (BASE, OVER)


def test_the_place_of_a_value_is_the_layer_it_came_from() -> None:
    assert str(place_in(LAYERS, ("spec", "a"))) == "base.yaml:2:6"
    assert str(place_in(LAYERS, ("spec", "m", "x"))) == "over.yaml:2:10"
    assert str(place_in(LAYERS, ("spec", "m", "y"))) == "base.yaml:3:16"
    assert str(place_in(LAYERS, ("spec", "l"))) == "over.yaml:3:6"
    assert str(place_in(LAYERS, ("spec", "n"))) == "over.yaml:4:6"


def test_the_place_of_a_map_that_both_have_is_the_first() -> None:
    assert str(place_in(LAYERS, ("spec", "m"))) == "base.yaml:3:6"
    assert str(place_in(LAYERS, ("spec",), "m")) == "over.yaml:2:3"


def test_the_place_of_what_nobody_has_is_the_nearest_above_in_the_first() -> None:
    assert str(place_in(LAYERS, ("spec", "a", "b"))) == "base.yaml:2:6"
    assert str(place_in(LAYERS, ("spec", "l", 7))) == "base.yaml:4:6"
    assert str(place_in(LAYERS, ("zzz", "y"))) == "base.yaml:1:1"


def test_find_gives_none_for_what_is_not_there() -> None:
    assert find({"a": [1]}, ("a", 0)) == 1
    assert find({"a": [1]}, ("a", 1)) is None
    assert find(None, ("a",)) is None
    assert find({"a": 5}, ("a", "b")) is None


def test_merging_changes_neither_side() -> None:
    base, over = {"a": {"b": 1}}, {"a": {"c": {"d": None, "e": 1}}, "f": {"g": None}}
    assert merge(base, over) == {"a": {"b": 1, "c": {"e": 1}}, "f": {}}
    assert base == {"a": {"b": 1}}
    assert merge(base, "text") == "text"


@dataclass(frozen=True)
class Inner:
    max_size: int | None = None


@dataclass(frozen=True)
class Outer:
    inner: Inner
    many: tuple[Inner, ...] = ()
    by_name: Mapping[str, Inner] = field(default_factory=dict)
    plain: Mapping[str, int | str] = field(default_factory=dict)
    mode: Literal["a", "b"] | None = None
    either: str | dict[str, str] | None = None
    share: float = 0


def test_nested_dataclasses_are_built_wherever_they_stand() -> None:
    values = {
        "inner": {"maxSize": 5.0},
        "many": [{}, {"maxSize": None}],
        "byName": {"x": {"maxSize": 1}},
        "plain": {"k": "v"},
        "mode": "a",
        "either": {"id": "d"},
        "share": 1,
    }
    built = construct(Outer, values)
    assert built == Outer(
        Inner(5), (Inner(), Inner()), {"x": Inner(1)}, {"k": "v"}, mode="a", either={"id": "d"}, share=1.0
    )
    assert type(built.inner.max_size) is int
    assert type(built.share) is float


def test_there_is_no_schema_of_an_unknown_kind() -> None:
    assert load_schema("Nonesuch") is None
