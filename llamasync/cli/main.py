"""Where the process starts."""

from __future__ import annotations

import gc

import click

from llamasync.cli.options import global_options
from llamasync.cli.root import Root, settle_streams

_HELP = """Declarative sync for LlamaCloud projects: manifests in, a reviewed plan, a converged project out.

\b
  llamasync init          a workspace to start from
  llamasync plan          what would happen, and why
  llamasync apply         make it so

Try everything without a key or a network: llamasync --local apply"""

cli = Root(
    name="llamasync",
    help=_HELP,
    params=[*global_options(hidden=False), *click.Command("").params],
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Exit codes: 0 done, 1 error, 2 differences (plan --detailed-exitcode, drift), 3 stopped part-way, "
    "4 check failed, 64 wrong usage, 130 interrupted.",
)


def main() -> None:
    """Run the command line and exit."""
    gc.set_threshold(50_000)  # starting makes a lot that stays, and looking through it again and again takes 6 % of it
    settle_streams()
    cli.main()
