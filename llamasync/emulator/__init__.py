"""A model of the LlamaCloud API, written from its contract alone: nothing here comes from the client it is to test.

Raises ImportError, naming the extra to install, where werkzeug is missing.
"""

import llamasync.emulator.requirements  # isort: skip  # noqa: F401 - first: says what is not installed
from llamasync.emulator.app import Emulator
from llamasync.emulator.errors import ConnectionCut
from llamasync.emulator.fault_rules import parse_fault
from llamasync.emulator.faults import Fault
from llamasync.emulator.limits import RateLimit
from llamasync.emulator.options import Options, Project
from llamasync.emulator.records import RequestRecord
from llamasync.emulator.switches import Switches, describe_switches, parse_switch

__all__ = [
    "ConnectionCut",
    "Emulator",
    "Fault",
    "Options",
    "Project",
    "RateLimit",
    "RequestRecord",
    "Switches",
    "describe_switches",
    "parse_fault",
    "parse_switch",
]
