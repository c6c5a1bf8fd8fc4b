"""The generated JSON Schemas, as files: in `schemas/` of a checkout, in the package itself once installed."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent.parent
FOLDERS = (_PACKAGE.parent / "schemas", _PACKAGE / "schemas")


@cache
def load_schema(name: str) -> dict[str, Any] | None:
    """Return the JSON Schema called `name` (a kind, `Workspace`, or `manifest`: any kind), None when there is none."""
    for folder in FOLDERS:
        path = folder / f"{name}.json"
        if path.is_file():
            schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return schema
    return None
