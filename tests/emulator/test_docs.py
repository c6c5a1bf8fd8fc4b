"""docs/emulator.md says what is there: every switch, the form of faults, every request of the back door.

`LLAMASYNC_UPDATE=1` writes the table of switches anew instead of comparing.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from llamasync.emulator import Switches, parse_fault
from llamasync.emulator.back_door import PREFIX
from llamasync.emulator.fault_rules import GRAMMAR
from tests.emulator.support import World

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "emulator.md"
BETWEEN = re.compile(r"(?<=<!-- switches -->\n).*?(?=<!-- end -->)", re.DOTALL)


def table() -> str:
    rows = ["| switch | values | about |", "|---|---|---|"]
    for name, values in Switches.space().items():
        shown = ", ".join(f"`{value}`" for value in values)
        rows.append(f"| `{name}` | {shown} | {Switches.documentation()[name].replace('|', chr(92) + '|')} |")
    return "\n".join(rows) + "\n"


def test_the_table_of_switches_is_up_to_date() -> None:
    text = PAGE.read_text("utf-8")
    if os.environ.get("LLAMASYNC_UPDATE"):
        PAGE.write_text(BETWEEN.sub(lambda _: table(), text), "utf-8")
    found = BETWEEN.search(PAGE.read_text("utf-8"))
    assert found is not None
    assert found[0] == table()


def test_the_form_of_faults_and_its_examples_are_right() -> None:
    text = PAGE.read_text("utf-8")
    assert GRAMMAR in text
    examples = re.findall(r"^((?:GET|POST) .+?)\s+#", text, re.MULTILINE)
    assert len(examples) == 4
    assert all(parse_fault(each) for each in examples)


def test_every_request_of_the_back_door_is_named(world: World) -> None:
    text = PAGE.read_text("utf-8")
    listed = world.client.post(f"{PREFIX}nothing").json()["detail"]
    names = re.findall(r"\w+", listed.removeprefix("there are ").partition(";")[0])
    assert [name for name in names if f"{PREFIX}{name}" not in text] == []
    for method, path in set(re.findall(r"(GET|POST) (/emulator/\w+)", text)):
        assert world.status(method, path) in {200, 422}
