"""Rows of bindings: plain values only, and the collector is left as it was."""

from __future__ import annotations

import doctest
import gc
from enum import IntEnum, StrEnum

import pytest

from llamasync.state import codec, problems
from llamasync.state.codec import binding_row, plain, read_bindings
from tests.state.samples import DIRECTORY, a_binding, a_file


class Removal(StrEnum):
    DELETE = "delete"


class Level(IntEnum):
    HIGH = 3


def test_text_of_an_enumeration_is_kept_as_text() -> None:
    row = binding_row(a_binding(on_remove=Removal.DELETE, fields={Removal.DELETE: Removal.DELETE}))
    binding = read_bindings([row])[DIRECTORY]
    assert type(binding.on_remove) is str
    assert binding == a_binding(on_remove="delete", fields={"delete": "delete"})


def test_number_of_an_enumeration_is_refused_rather_than_changed() -> None:
    with pytest.raises(TypeError, match="Level"):
        plain({"level": Level.HIGH})


@pytest.mark.parametrize("is_on", [True, False])
def test_reading_leaves_the_collector_as_it_was(is_on: bool) -> None:
    was_on = gc.isenabled()
    try:
        gc.enable() if is_on else gc.disable()
        read_bindings([binding_row(a_file())])
        assert gc.isenabled() is is_on
    finally:
        gc.enable() if was_on else gc.disable()


def test_examples_in_the_docs_are_true() -> None:
    for module in (codec, problems):
        assert doctest.testmod(module).failed == 0
