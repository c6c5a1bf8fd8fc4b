"""The user's own JSON Schema of an item: jsonschema-rs says whether it holds, jsonschema says what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], list[str]]


class WrongSchema(ValueError):
    """It is no JSON Schema, or refers to one elsewhere."""


def item_check(schema: Mapping[str, Any]) -> Check:
    """Return a function that lists what is wrong with an item, in words. Raises WrongSchema.

    Nothing is fetched: a `$ref` must lead to a place inside of the schema itself.
    """
    import jsonschema_rs

    try:
        validator = jsonschema_rs.validator_for(dict(schema), retriever=_retrieve)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        raise WrongSchema(str(error).partition("\n")[0]) from None

    def check(item: Any) -> list[str]:
        return [] if validator.is_valid(item) else _explain(schema, item)

    return check


def _retrieve(uri: str) -> Any:
    raise ValueError(f"{uri} is not part of the schema, and nothing is fetched")


def _explain(schema: Mapping[str, Any], item: Any) -> list[str]:
    from jsonschema.validators import validator_for
    from referencing import Registry

    from llamasync.manifest.document import field_text
    from llamasync.manifest.validation import explain

    validator = validator_for(schema)(schema, registry=Registry())
    told = []
    for error in validator.iter_errors(item):
        failures = list(explain(error))
        told += [f"{field_text(one.path)}: {one.detail}" if one.path else one.detail for one in failures] or [
            error.message
        ]
    return told or ["it does not satisfy the schema"]
