"""`llamasync version`."""

from __future__ import annotations

import click

import llamasync
from llamasync.cli.options import Command


@click.command("version", cls=Command)
def command() -> None:
    """Print the version."""
    import platform

    click.echo(f"llamasync {llamasync.__version__} (Python {platform.python_version()}, {platform.system()})")
