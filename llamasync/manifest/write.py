"""Plain data becomes YAML text: block style, in the order given, the same bytes every time.

The reverse of `yaml_events`, and more careful than it: a text is quoted as soon as any YAML reader, of version 1.1 or
1.2, could take it for something else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

_PLAIN = re.compile(r"(?:\.{1,2}/)*[A-Za-z0-9_/][A-Za-z0-9_./@%+-]*(?: [A-Za-z0-9_./@%+()-]+)*", re.ASCII)
_NUMBER_LIKE = re.compile(r"[-+.]?[0-9][0-9A-Fa-fxXo_.+-]*")
_LETTERS = frozenset("yYnN")  # booleans in the text of YAML 1.1
_BLOCK = re.compile(r"[^\s][^\n]*(?:\n+[^\n]+)*\n?")
_LONG_KEY = 200  # a key that YAML would not take for one without `?` has 1,024 characters


def render_documents(documents: Iterable[Any], header: Iterable[str] = ()) -> str:
    """Write documents to one text. `header` are comment lines at its top.

    >>> print(render_documents([{"a": "on", "b": [1, {"c": None}], "d": {}}], ["from nowhere"]), end="")
    # from nowhere
    a: "on"
    b:
      - 1
      - c: null
    d: {}
    """
    comment = "".join(f"# {''.join(filter(str.isprintable, line))}\n" for line in header)
    return comment + "---\n".join(render_value(one) for one in documents)


def render_value(value: Any) -> str:
    """Write one document of JSON's values; texts must be encodable (see `is_writable`). Raises TypeError for others."""
    if isinstance(value, Mapping | list | tuple) and value:
        return "\n".join(_lines(value)) + "\n"
    return _scalar(value) + "\n"


def escape_expressions(value: Any) -> Any:
    """Write every `${` in the texts of `value` as `$${`, so that it is read as what it is. Keys are never expressions.

    >>> escape_expressions({"a": ["${env:HOME}", "$5"]})
    {'a': ['$${env:HOME}', '$5']}
    """
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, Mapping):
        return {key: escape_expressions(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [escape_expressions(item) for item in value]
    return value


def in_order(value: Any) -> Any:
    """Sort the keys of every map in `value`; lists stay as they are.

    >>> in_order({"b": [{"d": 1, "c": 2}], "a": 3})
    {'a': 3, 'b': [{'c': 2, 'd': 1}]}
    """
    if isinstance(value, Mapping):
        return {key: in_order(value[key]) for key in sorted(value)}
    return [in_order(item) for item in value] if isinstance(value, list | tuple) else value


def is_writable(value: Any) -> bool:
    r"""Say whether all texts of `value` are Unicode: JSON can bring half of a surrogate pair, which no file can hold.

    >>> is_writable({"a": ["b"]}), is_writable("\ud800")
    (True, False)
    """
    if isinstance(value, str):
        return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, Mapping):
        return all(is_writable(key) and is_writable(item) for key, item in value.items())
    return all(map(is_writable, value)) if isinstance(value, list | tuple) else True


def _lines(value: Any) -> Iterator[str]:
    """Iterate over the lines of a map or list that is not empty."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            text = _key(key)
            if len(text) > _LONG_KEY:
                yield f"? {text}"
                text = ""
            yield from _entry(f"{text}:", item)
        return
    for item in value:
        if isinstance(item, Mapping | list | tuple) and item:
            yield from _indented("- ", _lines(item))
        else:
            yield from _entry("-", item)


def _entry(start: str, item: Any) -> Iterator[str]:
    """Iterate over the lines of an item that stands after `start`, a key with its colon or a dash."""
    if isinstance(item, Mapping | list | tuple) and item:
        yield start
        yield from _indented("  ", _lines(item))
    elif isinstance(item, str) and _is_block(item):
        yield f"{start} {'|' if item.endswith(chr(10)) else '|-'}"
        yield from (f"  {line}" if line else "" for line in item.removesuffix("\n").split("\n"))
    else:
        yield f"{start} {_scalar(item)}"


def _indented(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first + next(lines)
    for line in lines:
        yield f"  {line}" if line else ""


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"{key!r} cannot be a key")
    return _scalar(key)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value if _is_plain(value) else _quoted(value)
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, list | tuple):
        return "[]"
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    if isinstance(value, float):
        text = json.dumps(value, allow_nan=False)
        return text if "." in text else text.replace("e", ".0e")  # YAML 1.1 takes 1e+22 for a text
    raise TypeError(f"{value!r} is not a value of JSON")


def _is_plain(text: str) -> bool:
    if not _PLAIN.fullmatch(text) or _NUMBER_LIKE.fullmatch(text) or text in _LETTERS:
        return False
    return _is_text(text)


@cache
def _resolver() -> Any:
    from yaml.resolver import Resolver

    return Resolver()


def _is_text(text: str) -> bool:
    """Say whether YAML 1.1 leaves the text alone: `on`, `no` and `1e3` are something else."""
    from yaml import ScalarNode

    return str(_resolver().resolve(ScalarNode, text, (True, False))).endswith(":str")


def _is_block(text: str) -> bool:
    """Say whether a text of several lines can stand in a literal block, without indicators that nobody can read."""
    if "\n" not in text.removesuffix("\n") or not _BLOCK.fullmatch(text):
        return False
    return all(line.isprintable() and line == line.rstrip() for line in text.split("\n"))


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted if quoted.isprintable() else "".join(map(_escaped, quoted))


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
