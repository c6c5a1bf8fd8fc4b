"""Names as Python writes them and as manifests do, and how a dataclass of ours becomes a JSON Schema."""

from __future__ import annotations

from typing import Any

from llamasync.core.lean import lean_dataclass


def to_camel(name: str) -> str:
    """Turn a Python name into a manifest's field name.

    >>> to_camel("previous_names"), to_camel("from_")
    ('previousNames', 'from')
    """
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


# Read by pydantic when schemas are generated, never at run time.
FORM_CONFIG: dict[str, Any] = {
    "alias_generator": to_camel,
    "extra": "forbid",
    "strict": True,
    "use_attribute_docstrings": True,
}


@lean_dataclass(frozen=True, slots=True)
class Pattern:
    """The regular expression of a text in a spec: `Annotated[str, Pattern(...)]`. It reaches the schema, and only
    that."""

    text: str

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        schema: dict[str, Any] = handler(core_schema)
        return {**schema, "pattern": self.text}
