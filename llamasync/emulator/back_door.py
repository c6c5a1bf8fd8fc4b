"""For tests over a port: what Control does, as requests below `/emulator/`. Not part of the contract, and not logged.

Anybody who has a key may use it: the emulator is for one machine, and holds no data that matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from llamasync.emulator.calls import Reply, error_reply, to_json
from llamasync.emulator.control import Control
from llamasync.emulator.errors import Refusal, invalid
from llamasync.emulator.fault_rules import parse_fault
from llamasync.emulator.faults import FaultPlan
from llamasync.emulator.incoming import Incoming
from llamasync.emulator.jobs.records import KINDS

PREFIX = "/emulator/"
Body = Mapping[str, Any]


class BackDoor:
    """Answers the requests below `/emulator/`: POST takes a JSON object, GET shows the snapshot."""

    def __init__(self, control: Control, faults: FaultPlan) -> None:
        self._control = control
        self._faults = faults
        self._actions: dict[str, Callable[[Body], Any]] = {
            "clock": self._move_clock,
            "fail": self._fail,
            "finish": self._finish,
            "damage": self._damage,
            "faults": self._set_faults,
        }

    def answer(self, request: Incoming) -> Reply:
        """Do what is asked, and answer 200 with an object; else 404, 405 or 422."""
        name = request.path.removeprefix(PREFIX)
        try:
            if (request.method, name) == ("GET", "snapshot"):
                return Reply(200, to_json(self._control.snapshot()))
            if name not in self._actions:
                raise Refusal(404, f"there are snapshot, {', '.join(self._actions)}; not {name!r}")
            if request.method != "POST":
                raise Refusal(405, "Method Not Allowed", [("Allow", "POST")])
            body = request.json(required=False) or {}
            if not isinstance(body, Mapping):
                raise invalid(["body"], "Input should be an object", "object_type")
            return Reply(200, to_json(self._actions[name](body) or {}))
        except LookupError as unknown:
            return error_reply(Refusal(404, str(unknown)))
        except Refusal as refusal:
            return error_reply(refusal)

    def _move_clock(self, body: Body) -> Body:
        return {"now": self._control.move_clock(_number(body, "seconds"))}

    def _fail(self, body: Body) -> None:
        what, target = _text(body, "next"), _text(body, "target", "")
        message = _text(body, "message", "failed on demand")
        if what == "sync":
            self._control.fail_next_sync(target, message)
        elif what == "chat":
            self._control.fail_next_chat(target, message)
        elif what in KINDS:
            self._control.jobs.fail_next(what, message)
        else:
            raise invalid(["body", "next"], f"Input should be one of sync, chat, {', '.join(KINDS)}", "enum")

    def _finish(self, _: Body) -> None:
        self._control.finish_syncs()
        self._control.jobs.finish_all()

    def _damage(self, body: Body) -> None:
        self._control.damage(_text(body, "file_id"), _text(body, "content", "damaged").encode())

    def _set_faults(self, body: Body) -> None:
        rules = body.get("rules", [])
        try:
            self._faults.set(parse_fault(str(each)) for each in rules)
        except (TypeError, ValueError) as wrong:
            raise invalid(["body", "rules"], str(wrong)) from wrong


def _text(body: Body, name: str, default: str | None = None) -> str:
    value = body.get(name, default)
    if not isinstance(value, str):
        raise invalid(["body", name], "Input should be a valid string", "string_type")
    return value


def _number(body: Body, name: str) -> float:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 10**9:
        raise invalid(["body", name], "Input should be a number from 0", "float_type")
    return float(value)
