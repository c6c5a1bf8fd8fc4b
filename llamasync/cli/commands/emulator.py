"""`llamasync emulator`: the model of the service behind a port."""

from __future__ import annotations

from typing import Any

import click

from llamasync.cli.console import Console
from llamasync.cli.local import explained_data, import_emulator, missing_emulator
from llamasync.cli.options import Command, Group, globals_of
from llamasync.core.diagnostic import Diagnostic, DiagnosticError


@click.group("emulator", cls=Group)
def command() -> None:
    """Run a model of the service on this machine."""


@command.command("serve", cls=Command)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="The port; without, a free one is taken.")
@click.option("--data", metavar="FILE", help="Keep the data in FILE; without, it is gone at the end.")
@click.option(
    "--dialect", default="current", show_default=True, type=click.Choice(["reference", "current"]), help="Which API."
)
@click.option("--set", "settings", metavar="SWITCH=VALUE", multiple=True, help="One of `emulator switches`.")
@click.option("--fault", "faults", metavar="RULE", multiple=True, help="Make requests fail; see `emulator switches`.")
@click.option("--api-key", "api_keys", metavar="KEY", multiple=True, help="The keys that are taken; default: any.")
@click.option(
    "--deployment", "deployments", metavar="NAME", multiple=True, help="The agent deployments there are; default: any."
)
@click.option("--latency-ms", default=0.0, type=click.FloatRange(0), help="Every answer takes at least so long.")
@click.option("--seed", default=0, type=int, help="Decides the ids of new data.")
@click.option("--rate-limited", is_flag=True, help="At most 50 uploads in 5 s, as the service.")
@click.pass_context
def serve_command(context: click.Context, /, host: str, port: int, **texts: Any) -> None:
    """Serve until stopped; prints the address when it is ready.

    Point any command at it: llamasync --endpoint http://127.0.0.1:PORT plan (any text is a good enough key). Failures,
    time that passes and damage are asked for with requests below /emulator/; docs/emulator.md lists them.
    """
    emulator_class = import_emulator()
    from llamasync.emulator.arguments import options_from_texts
    from llamasync.emulator.server import serve

    try:
        options = options_from_texts(**texts)
    except ValueError as wrong:
        raise click.UsageError(str(wrong), context) from wrong
    console = Console.of(globals_of(context))
    with explained_data(options.path):
        made = emulator_class(options)
    with made as emulator:
        try:
            serve(emulator, host, port, on_ready=lambda url: console.out(f"{url}\n"))
        except OSError as refused:
            raise DiagnosticError(
                Diagnostic("LS607", detail=f"{host}:{port}: {refused.strerror or refused}")
            ) from refused


@command.command("switches", cls=Command)
@click.pass_context
def switches_command(context: click.Context, /) -> None:
    """List the switches of --set and the rules of --fault."""
    try:
        from llamasync.emulator.fault_rules import GRAMMAR
        from llamasync.emulator.switches import describe_switches
    except ImportError as error:
        raise missing_emulator(error) from error
    Console.of(globals_of(context)).out(f"{describe_switches()}\n\nRules of --fault:\n  {GRAMMAR}\n")
