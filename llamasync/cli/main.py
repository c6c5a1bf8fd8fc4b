"""Where the process starts."""

from __future__ import annotations

import gc
import signal
import sys

import click

from llamasync.cli.options import global_options
from llamasync.cli.root import Root, settle_streams

_HELP = """Declarative sync for LlamaCloud projects: manifests in, a reviewed plan, a converged project out.

\b
  llamasync init          a workspace to start from
  llamasync plan          what would happen, and why
  llamasync apply         make it so

Try everything without a key or a network: llamasync --local apply"""

MANY_OBJECTS = 200_000


def _print_version(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        from llamasync.cli.commands.version import command

        context.invoke(command)
        context.exit()


_VERSION = click.Option(
    ["--version"],
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="As `llamasync version`.",
)

cli = Root(
    name="llamasync",
    help=_HELP,
    params=[*global_options(hidden=False), _VERSION],
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Exit codes: 0 done, 1 error, 2 differences (plan --detailed-exitcode, drift), 3 stopped part-way, "
    "4 check failed, 64 wrong usage, 130 interrupted.",
)


def main() -> None:
    """Run the command line and exit."""
    # Starting makes a lot that stays, and so does loading: looking through it takes a tenth of a small plan's time.
    gc.set_threshold(MANY_OBJECTS)
    # A thread that has an answer to read waits as long for one that computes, and does so for each piece of it.
    sys.setswitchinterval(0.0005)
    settle_streams()
    # As Ctrl-C: locks are given back. While something is changed both stop in good order (`interrupts`).
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        cli.main()
    finally:
        gc.freeze()  # the process ends: nothing is worth looking for any more
