"""Everything that is generated, as texts by path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from llamasync.codegen.operations import operations_page
from llamasync.codegen.reference import codes_page, kinds_page
from llamasync.codegen.schemas import any_schema, kind_schema, workspace_schema
from llamasync.kinds.registry import all_kinds
from llamasync.manifest.settings import KIND

ROOT = Path(__file__).resolve().parent.parent.parent


def outputs() -> dict[str, str]:
    """Return the text of every generated file by its path, relative to the root of the repository."""
    schemas = {name: kind_schema(kind) for name, kind in all_kinds().items()}
    schemas[KIND] = workspace_schema()
    texts = {f"schemas/{name}.json": _json(schema) for name, schema in schemas.items()}
    texts["schemas/manifest.json"] = _json(any_schema(schemas))
    texts["docs/reference/kinds.md"] = kinds_page(schemas)
    texts["docs/reference/codes.md"] = codes_page()
    texts["docs/reference/operations.md"] = operations_page(all_kinds())
    return texts


def differences(root: Path = ROOT) -> list[str]:
    """List the paths of generated files that are missing, are not as they should be, or should not be there."""
    wanted = outputs()
    wrong = [path for path, text in wanted.items() if not _is(root / path, text)]
    stray = [f"schemas/{path.name}" for path in (root / "schemas").glob("*.json")]
    return sorted({*wrong, *(path for path in stray if path not in wanted)})


def write(root: Path = ROOT) -> list[str]:
    """Write what differs and remove what should not be there; return the paths."""
    changed, wanted = differences(root), outputs()
    for path in changed:
        if path in wanted:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(wanted[path], encoding="utf-8")
        else:
            (root / path).unlink()
    return changed


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
