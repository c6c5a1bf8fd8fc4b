"""Checks data against a JSON Schema: jsonschema-rs says whether, and where something failed jsonschema says what."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Container, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.core.lean import lean_dataclass
from llamasync.core.source import Source
from llamasync.manifest.document import field_text, near
from llamasync.manifest.schema_files import load_schema
from llamasync.manifest.wording import describe, explain_limit, join_or, name_types, retype

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

DataPath = tuple[str | int, ...]
Place = Callable[[DataPath, str | None], Source]


@lean_dataclass(frozen=True, slots=True)
class Failure:
    """One thing that a schema does not allow. `key`: the unknown or missing field of the map at `path`; `meant`: its
    likely name. `of_type`: no text would do there, whatever it says.
    """

    code: str
    path: DataPath
    detail: str
    hint: str = ""
    key: str | None = None
    meant: str = ""
    of_type: bool = False

    @property
    def field(self) -> DataPath:
        """The path of the field that is to blame."""
        return self.path if self.key is None else (*self.path, self.key)


def check(
    data: Any, schema: str, place: Place, *, open_below: DataPath = (), unknown: Container[DataPath] = ()
) -> list[Diagnostic]:
    """Check `data` against the schema of that name; an empty list when all is well. Never raises for bad data.

    Unknown fields below `open_below` are warnings: that part is the service's, which may have learnt new ones since.
    Texts at `unknown` are placeholders for ones that are not known, so only their being texts can be wrong.
    """
    if _validator(schema).is_valid(data):
        return []
    return [
        _diagnostic(failure, place, open_below, schema)
        for failure in failures(data, schema)
        if failure.of_type or failure.field not in unknown
    ]


def check_silently(data: Any, schema: str, place: Place, only: Container[DataPath]) -> list[Diagnostic]:
    """Check the values at the paths `only`, which are secret: what is wrong is said, the value is not."""
    if _validator(schema).is_valid(data):
        return []
    return [
        Diagnostic("LS107", _silent(failure.detail), place(failure.path, None), field=field_text(failure.path))
        for failure in failures(data, schema)
        if failure.path in only
    ]


def _silent(detail: str) -> str:
    expected, got, _ = detail.partition(", got ")
    return f"{expected}; the value of the expression is another" if got else "the value has another form than it must"


def explain(error: ValidationError) -> Iterator[Failure]:
    """Say what an error of jsonschema means, in people's words."""
    yield from _explain(error)


def failures(data: Any, schema: str) -> list[Failure]:
    """List what is wrong with `data`, without the noise of alternatives that were not meant and of echoes."""
    found = {failure: None for error in _errors(data, schema) for failure in _explain(error)}
    meant = {(*failure.path, failure.meant) for failure in found if failure.meant}
    kept = [failure for failure in found if failure.code != "LS108" or failure.field not in meant]
    return kept or [_odd(error) for error in _validator(schema).iter_errors(data)]


@cache
def _validator(schema: str) -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(_require(schema))


def _errors(data: Any, schema: str) -> Iterator[ValidationError]:
    from jsonschema import Draft202012Validator

    errors: Iterator[ValidationError] = Draft202012Validator(_require(schema)).iter_errors(data)
    return errors


def _require(schema: str) -> dict[str, Any]:
    found = load_schema(schema)
    if found is None:
        raise LookupError(f"the schema {schema} is not there; run python -m llamasync.codegen")
    return found


def _diagnostic(failure: Failure, place: Place, open_below: DataPath, schema: str) -> Diagnostic:
    if failure.code == "LS108":
        return _missing(failure, place, schema)
    is_unknown = failure.code == "LS106"
    is_open = bool(open_below) and is_unknown and failure.path[: len(open_below)] == open_below
    return Diagnostic(
        failure.code,
        failure.detail + (" (the service would ignore it)" if is_open else ""),
        place(failure.path, failure.key if is_unknown else None),
        field=field_text(failure.field),
        hint=failure.hint,
        severity=Severity.WARNING if is_open else Severity.ERROR,
    )


def _missing(failure: Failure, place: Place, schema: str) -> Diagnostic:
    """Tell of a missing field at the null of the overlay that removes it; else at the key of the map that lacks it, or
    at the start of the document."""
    detail, hint = failure.detail, failure.hint
    source = place(failure.path, failure.key)
    if source != place(failure.path, None):  # so the key is there
        detail += ": the null here removes it"
        hint = "write a value, or leave the key out of the overlay: what the manifest says holds then"
    else:
        last = failure.path[-1] if failure.path else None
        source = place(failure.path[:-1], last) if isinstance(last, str) else place(failure.path, None)
        if failure.field[0] == "spec" and len(failure.field) > 1:
            topic = ".".join(step for step in failure.field[1:] if isinstance(step, str))
            hint = f"add it; `llamasync explain {schema}.{topic}` says what it takes"
    return Diagnostic(failure.code, detail, source, field=field_text(failure.field), hint=hint)


def _explain(error: ValidationError) -> Iterator[Failure]:
    keyword, path = str(error.validator), tuple(error.absolute_path)
    value: Any = error.instance
    limit: Any = error.validator_value
    schema: Any = error.schema
    if keyword in ("anyOf", "oneOf"):
        yield from _alternatives(error)
    elif keyword == "additionalProperties":
        known = schema.get("properties", {})
        for key in value:
            if key not in known:
                yield _unknown(path, key, list(known))
    elif keyword == "required":
        for key in limit:
            if key not in value:
                yield Failure("LS108", path, f"`{key}` is missing", key=key)
    elif keyword == "type":
        types = _as_list(limit)
        if "enum" in schema:
            return  # that says more
        yield _wrong(path, name_types(types), value, retype(value, types), of_type=True)
    elif keyword == "enum":
        yield _not_among(path, value, limit)
    else:
        yield _wrong(path, explain_limit(keyword, limit), value)


def _alternatives(error: ValidationError) -> Iterator[Failure]:
    """Explain the one alternative whose type the value has; when there is none, name the types of all."""
    path = tuple(error.absolute_path)
    branches: dict[Any, list[ValidationError]] = defaultdict(list)
    for inner in error.context or ():
        branches[inner.relative_schema_path[0]].append(inner)
    fitting = [inner for inner in branches.values() if not any(_at_root(one) for one in inner)]
    if fitting:
        for inner_error in min(fitting, key=len):
            yield from _explain(inner_error)
        return
    roots = [one for inner in branches.values() for one in inner if _at_root(one)]
    types = [name for one in roots if one.validator == "type" for name in _as_list(one.validator_value)]
    values = [choice for one in roots if one.validator == "enum" for choice in _as_list(one.validator_value)]
    values += [one.validator_value for one in roots if one.validator == "const"]
    if values and (isinstance(error.instance, str) or not types):
        yield _not_among(path, error.instance, values)
    elif types:
        named = [name for name in types if name != "null"] or types
        yield _wrong(path, name_types(named), error.instance, retype(error.instance, named), of_type=True)
    else:
        yield _wrong(path, "exactly one of the forms it can take", error.instance)


def _odd(error: Any) -> Failure:
    """Explain what only jsonschema-rs refuses: the two differ in details, such as what `$` of a pattern means."""
    return Failure("LS107", tuple(error.instance_path), str(error.message))


def _at_root(error: ValidationError) -> bool:
    return error.validator in ("type", "enum", "const") and not error.relative_path


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _wrong(path: DataPath, expected: str, value: Any, hint: str = "", *, of_type: bool = False) -> Failure:
    return Failure("LS107", path, f"expected {expected}, got {describe(value)}", hint, of_type=of_type)


def _not_among(path: DataPath, value: Any, choices: list[Any]) -> Failure:
    texts = [choice for choice in choices if isinstance(choice, str)]
    meant = near(value, texts) if isinstance(value, str) else ""
    shown = [choice if isinstance(choice, str) else json.dumps(choice) for choice in choices]
    expected = join_or(shown) if len(shown) <= 12 else f"one of {len(shown)} values ({', '.join(shown[:6])}, ...)"
    return _wrong(path, expected, value, f"did you mean {meant}?" if meant else "")


def _unknown(path: DataPath, key: str, known: list[str]) -> Failure:
    meant = near(key, known)
    if meant:
        hint = f"did you mean {meant}?"
    else:
        hint = f"the fields are {', '.join(sorted(known))}" if 0 < len(known) <= 12 else ""
    return Failure("LS106", path, f"`{key}` is not a field here", hint, key, meant)
