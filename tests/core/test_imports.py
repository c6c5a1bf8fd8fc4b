"""What imports leave out."""

from __future__ import annotations

import sys

import pytest

from llamasync.core.imports import without


def test_a_module_that_is_left_out_cannot_be_imported_and_can_be_found_again_later() -> None:
    with pytest.raises(ImportError, match="halted"), without("this"):
        import this  # noqa: F401
    assert "this" not in sys.modules


def test_a_module_that_is_there_already_stays() -> None:
    with without("json"):
        import json
    assert sys.modules["json"] is json
