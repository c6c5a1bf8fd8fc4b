"""Options from the words of a command line, for whoever parses it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from llamasync.emulator.fault_rules import GRAMMAR, parse_fault
from llamasync.emulator.limits import UPLOADS
from llamasync.emulator.options import DIALECTS, Dialect, Options
from llamasync.emulator.switches import Switches, describe_switches

SQLITE_HEAD = b"SQLite format 3\0"


def options_from_texts(  # noqa: PLR0913 - one for each option of the command line
    *,
    data: str | Path | None = None,
    dialect: str = "current",
    settings: Iterable[str] = (),
    faults: Iterable[str] = (),
    api_keys: Iterable[str] = (),
    latency_ms: float = 0.0,
    seed: int = 0,
    rate_limited: bool = False,
    deployments: Iterable[str] = (),
) -> Options:
    """Make options of texts as users write them. Raises ValueError with a text that is fit to show.

    No `api_keys` takes any key. `settings` are `NAME=VALUE`, `faults` are rules of `parse_fault`. `rate_limited` turns
    the service's own limit on uploads on. No `deployments` takes agent data of any.
    """
    keys = frozenset(api_keys)
    return Options(
        path=None if data is None else _data_path(Path(data)),
        dialect=_dialect(dialect),
        switches=Switches().with_settings(settings),
        faults=tuple(parse_fault(text) for text in faults),
        api_keys=keys or None,
        latency_s=latency_ms / 1000,
        seed=seed,
        rate_limits=(UPLOADS,) if rate_limited else (),
        deployments=frozenset(deployments) or None,
    )


def make_parser() -> argparse.ArgumentParser:
    """Make the parser, its help listing every switch."""
    parser = argparse.ArgumentParser(
        prog="python -m llamasync.emulator",
        description="A model of the LlamaCloud API, on a local port; docs/emulator.md describes it.",
        epilog=f"Switches (the first value is the default):\n{describe_switches()}\n\nRules of --fault:\n  {GRAMMAR}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--data", metavar="FILE", help="keep the data in this file; without, it is gone at the end")
    parser.add_argument("--dialect", choices=DIALECTS, default="current")
    parser.add_argument("--set", dest="settings", metavar="SWITCH=VALUE", action="append", default=[])
    parser.add_argument("--fault", dest="faults", metavar="RULE", action="append", default=[])
    parser.add_argument("--api-key", dest="api_keys", metavar="KEY", action="append", default=[], help="default: any")
    parser.add_argument(
        "--deployment", dest="deployments", metavar="NAME", action="append", default=[], help="default: any"
    )
    parser.add_argument("--latency-ms", type=float, default=0.0, help="every answer takes at least so long")
    parser.add_argument("--seed", type=int, default=0, help="decides the ids of new data")
    parser.add_argument("--rate-limited", action="store_true", help="at most 50 uploads in 5 s, as the service")
    return parser


def options_from_args(words: Sequence[str] | None = None) -> tuple[Options, str, int]:
    """Parse a command line to options, host and port. Raises SystemExit 2, after saying what is wrong."""
    parser = make_parser()
    found = parser.parse_args(words)
    try:
        options = options_from_texts(
            data=found.data,
            dialect=found.dialect,
            settings=found.settings,
            faults=found.faults,
            api_keys=found.api_keys,
            latency_ms=found.latency_ms,
            seed=found.seed,
            rate_limited=found.rate_limited,
            deployments=found.deployments,
        )
    except ValueError as wrong:
        parser.error(str(wrong))
    return options, found.host, found.port


def _data_path(path: Path) -> Path:
    """Make the folder of a data file. Raises ValueError where it cannot be one: better now than in the middle."""
    if os.path.isdir(path):  # which says no, where Path.is_dir raises, to a name that is too long
        raise ValueError(f"--data takes a file; {path} is a folder")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        head = b""
        if path.exists():
            with path.open("rb") as file:
                head = file.read(len(SQLITE_HEAD))
    except OSError as why:
        raise ValueError(f"cannot keep data in {path}: {why.strerror or why}") from why
    if head not in (b"", SQLITE_HEAD):
        raise ValueError(f"{path} is no data of an emulator")
    return path


def _dialect(name: str) -> Dialect:
    for each in DIALECTS:
        if each == name:
            return each
    raise ValueError(f"dialect is one of {', '.join(DIALECTS)}; not {name!r}")
