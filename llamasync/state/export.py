"""State as JSON text and back: for `state pull` and `state push`, for backups and golden files. Touches no files.

Everything is sorted, and what has its default is left out, so equal states are equal texts. Reading is strict.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, NoReturn

from llamasync.core.address import Address, parse_address
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.state.codec import binding_row, intent_row, plain
from llamasync.state.model import Binding, Intent, State

FORMAT_VERSION = 1

Read = Callable[[Any], Any]


def state_to_json(state: State) -> str:
    """Return the state as indented JSON, a newline at the end. Raises TypeError or ValueError for what is no JSON."""
    document = {
        "format_version": FORMAT_VERSION,
        "lineage": state.lineage,
        "serial": state.serial,
        "project_id": state.project_id,
        "endpoint": state.endpoint,
        "bindings": [_written(state.bindings[address]) for address in sorted(state.bindings)],
        "intents": [_written(intent) for intent in sorted(state.intents, key=lambda intent: intent.number)],
    }
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
    text.encode()  # a lone surrogate could not be written to a file
    return text


def state_from_json(text: str) -> State:
    """Read what `state_to_json` wrote. Raises DiagnosticError with every problem (LS502), LS503 for a later format."""
    try:
        document = json.loads(text, object_pairs_hook=_no_twins, parse_constant=_no_constant)
    except ValueError as error:
        raise DiagnosticError(_problem(f"it is not JSON: {error}")) from None
    except RecursionError:
        raise DiagnosticError(_problem("it is nested too deep")) from None
    if not isinstance(document, dict):
        raise DiagnosticError(_problem("it is not a JSON object"))
    version = document.get("format_version")
    if type(version) is int and version > FORMAT_VERSION:
        detail = f"it has format {version}; this llamasync knows formats up to {FORMAT_VERSION}"
        raise DiagnosticError(Diagnostic("LS503", detail))
    problems: list[str] = []
    read = _read(document, "", _DOCUMENT, set(_DOCUMENT), problems)
    bindings = [_one(Binding, binding_row, item, f"bindings[{n}]", problems) for n, item in enumerate(read["bindings"])]
    intents = [_one(Intent, intent_row, item, f"intents[{n}]", problems) for n, item in enumerate(read["intents"])]
    problems += _twins("bindings", [str(b.address) for b in bindings if b])
    problems += _twins("intents", [str(i.number) for i in intents if i])
    if problems:
        raise DiagnosticError(*map(_problem, problems))
    return State(
        bindings={b.address: b for b in sorted(filter(None, bindings), key=lambda b: b.address)},
        intents=tuple(sorted(filter(None, intents), key=lambda i: i.number)),
        **{name: read[name] for name in ("project_id", "endpoint", "lineage", "serial")},
    )


def _written(value: Binding | Intent) -> dict[str, Any]:
    result = {}
    for item in fields(value):
        own = getattr(value, item.name)
        default = item.default_factory() if item.default_factory is not MISSING else item.default
        if own != default or type(own) is not type(default):
            result[item.name] = _WRITE.get(item.name, plain)(own)
    return result


def _address_written(address: Address) -> str | list[str]:
    """Return the text of an address, or its three parts where the text would be read as another one."""
    text = str(address)
    return text if parse_address(text) == address else [address.kind, address.name, address.item]


_WRITE: Mapping[str, Callable[[Any], Any]] = {
    "address": _address_written,
    "needs": lambda needs: [_address_written(need) for need in needs],
}


def _one(model: type[Any], row: Callable[[Any], object], item: Any, where: str, problems: list[str]) -> Any:
    """Read one binding or intent; None when it is damaged, with what is wrong added to `problems`."""
    if not isinstance(item, dict):
        problems.append(f"{where} is not an object")
        return None
    known = {field.name: _READ[field.name] for field in fields(model)}
    required = {field.name for field in fields(model) if field.default is field.default_factory is MISSING}
    before = len(problems)
    read = _read(item, f"{where}.", known, required, problems)
    if len(problems) > before:
        return None
    value = model(**read)
    try:
        row(value)  # a lone surrogate, an infinite number
    except ValueError as error:
        problems.append(f"{where}: {error}")
        return None
    return value


def _read(
    item: Mapping[str, Any], where: str, known: Mapping[str, Read], required: set[str], problems: list[str]
) -> dict[str, Any]:
    """Read the known fields; one that is missing or wrong is empty in the result, and named in `problems`."""
    problems += [f"{where}{name} is missing" for name in sorted(required - item.keys())]
    problems += [f"{where}{name} is not known" for name in sorted(item.keys() - known.keys())]
    result: dict[str, Any] = dict.fromkeys(required - item.keys(), ())
    for name in known.keys() & item.keys():
        try:
            result[name] = known[name](item[name])
        except ValueError as error:
            problems.append(f"{where}{name} {error}")
            result[name] = ()
    return result


def _typed(wanted: type, name: str) -> Read:
    def read(value: Any) -> Any:
        if type(value) is not wanted:
            raise ValueError(f"is not {name}")
        return value

    return read


_text = _typed(str, "a text")
_flag = _typed(bool, "true or false")
_list = _typed(list, "a list")
_object = _typed(dict, "an object")


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError("is not a number that counts something")
    return value


def _version(value: Any) -> int:
    if type(value) is not int or value != FORMAT_VERSION:
        raise ValueError(f"is not {FORMAT_VERSION}")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(item) for item in _list(value))


def _address(value: Any) -> Address:
    if isinstance(value, list) and len(value) == 3:
        return Address(*_texts(value))
    found = parse_address(_text(value))
    if found is None:
        raise ValueError("is not an address")
    return found


def _addresses(value: Any) -> tuple[Address, ...]:
    return tuple(_address(item) for item in _list(value))


_DOCUMENT: Mapping[str, Read] = {
    "format_version": _version,
    "lineage": _text,
    "serial": _count,
    "project_id": _text,
    "endpoint": _text,
    "bindings": _list,
    "intents": _list,
}
_READ: Mapping[str, Read] = {
    **dict.fromkeys(("collection", "id", "parent_id", "sha256", "file_id", "on_remove", "applied_at"), _text),
    **dict.fromkeys(("inputs", "other_id"), _text),
    **dict.fromkeys(("digest", "started_at"), _text),
    **dict.fromkeys(("size_bytes", "number"), _count),
    **dict.fromkeys(("fields", "observed", "sent"), _object),
    **dict.fromkeys(("protect", "delete_contents"), _flag),
    "key": _texts,
    "address": _address,
    "needs": _addresses,
}


def _twins(where: str, names: list[str]) -> list[str]:
    return [f"{where}: {name} is there {count} times" for name, count in sorted(Counter(names).items()) if count > 1]


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        name, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"the key {name!r} is there twice")
    return result


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _problem(detail: str) -> Diagnostic:
    return Diagnostic("LS502", detail, hint="use the text that `llamasync state pull` wrote, unchanged")
