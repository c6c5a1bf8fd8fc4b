"""Which store a text means."""

from __future__ import annotations

from pathlib import Path

import pytest

from llamasync.core.diagnostic import DiagnosticError
from llamasync.state.backends import open_store


@pytest.mark.parametrize(
    ("spec", "location"),
    [
        ("sqlite", "/root/.llamasync/state.db"),
        ("sqlite:other/state.db", "/root/other/state.db"),
        ("sqlite:/var/state.db", "/var/state.db"),
    ],
)
def test_sqlite_is_a_file_relative_to_the_root(spec: str, location: str) -> None:
    assert open_store(spec, Path("/root")).location == location


@pytest.mark.parametrize(
    ("spec", "detail", "hint"),
    [
        ("sqlite:", "names no path", "write sqlite"),
        ("agent-data", "only sqlite is there yet", "write sqlite"),
        ("s3://bucket/key", "only sqlite is there yet", "write sqlite"),
        ("postgresql://host/db", "only sqlite is there yet", "write sqlite"),
        ("sqllite:x.db", "is none", "did you mean sqlite?"),
        ("postgres://host/db", "is none", "did you mean postgresql?"),
        ("", "is none", "write sqlite"),
        ("consul", "is none", "write sqlite"),
    ],
)
def test_other_backend_is_refused_with_what_there_is(spec: str, detail: str, hint: str) -> None:
    with pytest.raises(DiagnosticError) as error:
        open_store(spec, Path("/root"))
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == "LS508"
    assert repr(spec) in diagnostic.detail
    assert detail in diagnostic.detail
    assert diagnostic.hint.startswith(hint)
