"""A service that answers as a test says, where the emulator cannot be made to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

App = Callable[..., Iterable[bytes]]


def answering(answers: dict[tuple[str, str], Any], otherwise: App | None = None) -> App:
    """Return a WSGI app that answers (method, path) with a JSON value, or an int as a status; else as `otherwise`."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        call = (environ["REQUEST_METHOD"], environ["PATH_INFO"])
        if call not in answers:
            assert otherwise is not None, call
            return otherwise(environ, start_response)
        answer = answers[call]
        status, body = (answer, {"detail": "as the test says"}) if isinstance(answer, int) else (200, answer)
        start_response(f"{status} X", [("Content-Type", "application/json")])
        return [b"" if status == 204 else json.dumps(body).encode()]

    return app
