from __future__ import annotations

import re
from pathlib import Path

import pytest

import llamasync.emulator
from llamasync.emulator import Switches, describe_switches, parse_switch


def test_a_switch_is_read_from_text() -> None:
    assert parse_switch("unique_id_conflict=upsert") == ("unique_id_conflict", "upsert")
    assert parse_switch(" page_size_max = 7 ") == ("page_size_max", 7)
    switches = Switches().with_settings(["page_size_max=7", "deleted_get=visible"])
    assert (switches.page_size_max, switches.deleted_get) == (7, "visible")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("unique_id_conflic=upsert", "did you mean unique_id_conflict?"),
        ("zzz=1", "there are: directory_name_uniqueness"),
        ("deleted_get", "deleted_get=not_found|visible"),
        ("deleted_get=maybe", "deleted_get takes not_found, visible; not 'maybe'"),
        ("page_size_max=0", "positive whole number"),
        ("page_size_max=x", "positive whole number"),
    ],
)
def test_a_wrong_switch_is_refused_with_what_would_do(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        parse_switch(text)


def test_a_wrong_value_is_refused_in_code_as_well() -> None:
    with pytest.raises(ValueError, match="deleted_get takes"):
        Switches(deleted_get="maybe")


def test_every_switch_has_its_default_first_and_is_documented() -> None:
    default = Switches()
    for name, values in Switches.space().items():
        assert getattr(default, name) == values[0]
        assert len(values) > 1
        assert len(Switches.documentation()[name]) > 20
        assert f"{name}={'|'.join(map(str, values))}" in describe_switches()


def test_every_switch_is_read_by_some_code() -> None:
    folder = Path(llamasync.emulator.__file__).parent
    code = "".join(each.read_text("utf-8") for each in folder.rglob("*.py") if each.name != "switches.py")
    unread = [name for name in Switches.space() if f"switches.{name}" not in code]
    assert unread == []


def test_every_value_of_every_switch_is_named_by_a_test() -> None:
    tests = "".join(each.read_text("utf-8") for each in Path(__file__).parent.glob("test_*.py"))
    unnamed = [
        f"{name}={value}"
        for name, values in Switches.space().items()
        for value in values
        if name not in tests or (isinstance(value, str) and f'"{value}"' not in tests)
    ]
    assert unnamed == []
