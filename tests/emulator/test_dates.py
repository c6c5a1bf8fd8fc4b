"""Answers over a socket carry the server's time, so that clients can compare clocks."""

from __future__ import annotations

import urllib.request
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from llamasync.emulator import Emulator, Options
from llamasync.emulator.server import start_in_thread


def test_answer_carries_the_date() -> None:
    with Emulator(Options()) as emulator, start_in_thread(emulator) as url:
        request = urllib.request.Request(f"{url}/api/v1/projects", headers={"Authorization": "Bearer key"})
        with urllib.request.urlopen(request) as answer:
            told = parsedate_to_datetime(answer.headers["Date"])
    assert abs((datetime.now(UTC) - told).total_seconds()) < 60
