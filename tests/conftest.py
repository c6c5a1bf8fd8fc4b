"""What all tests share: how thorough hypothesis is, and that no test sees the user's own environment."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "laws",
    deadline=None,
    max_examples=int(os.environ.get("LLAMASYNC_EXAMPLES", "200")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
    derandomize="CI" in os.environ,
)
settings.load_profile("laws")


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("LLAMA_CLOUD_", "LLAMA_PARSE_", "LLAMASYNC_STATE")):
            monkeypatch.delenv(name)
