"""The options that every command takes, before its name or after it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import click

from llamasync.core.lean import lean_dataclass


@lean_dataclass(slots=True)
class Globals:
    """What was said for all commands. None or "" is: not said. `folder` is that of -C, and `here` where
    the user stands then. `root` is noted once the workspace is found."""

    folder: str = ""
    here: Path | None = None
    environment: str | None = None
    endpoint: str = ""
    local: bool = False
    project: str = ""
    state: str = ""
    verbose: bool = False
    no_color: bool = False
    root: Path | None = None


# Keeps these parameters apart from a command's own of the same name.
_PREFIX = "global_"


def globals_of(context: click.Context) -> Globals:
    """Return the options for all commands as they were said so far."""
    return context.ensure_object(Globals)


def checked_text(text: str, name: str) -> str:
    """Return `text`, which is to be sent or kept. Raises UsageError, saying what it is, when it is not UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError as wrong:
        raise click.UsageError(f"{name} is not UTF-8 text: {text!r}.") from wrong
    return text


def _store(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value and parameter.name:
        setattr(globals_of(context), parameter.name.removeprefix(_PREFIX), value)


def _change_directory(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value:
        said = globals_of(context)
        said.folder = os.path.join(said.folder, value)
        said.here = said.here or Path.cwd()
        context.find_root().with_resource(contextlib.chdir(value))


def global_options(*, hidden: bool) -> list[click.Parameter]:
    """Make the options anew; `hidden` ones work without standing in a command's own help."""

    def option(name: str, *flags: str, **settings: Any) -> click.Option:
        names = (_PREFIX + name, *flags)
        return click.Option(names, expose_value=False, hidden=hidden, **{"callback": _store, **settings})

    folder = click.Path(exists=True, file_okay=False)
    return [
        option(
            "directory",
            "-C",
            metavar="DIR",
            type=folder,
            is_eager=True,
            callback=_change_directory,
            help="Work in DIR, as if started there.",
        ),
        option("environment", "-e", "--environment", metavar="ENV", help="An environment of llamasync.yaml."),
        option("endpoint", "--endpoint", metavar="URL", help="The service's address (else LLAMA_CLOUD_BASE_URL)."),
        option("local", "--local", is_flag=True, help="Use the embedded emulator; its data is in .llamasync/local.db."),
        option(
            "project", "--project", metavar="ID", help="The project (else llamasync.yaml's, LLAMA_CLOUD_PROJECT_ID)."
        ),
        option("state", "--state", metavar="URL", help="Where the state is (else llamasync.yaml's)."),
        option("verbose", "-v", "--verbose", is_flag=True, help="Say more; show a bug's traceback."),
        option("no_color", "--no-color", is_flag=True, help="Plain text, also on a terminal (as NO_COLOR does)."),
    ]


_EPILOG = "Options for all commands (-C, -e, --local, -v ...) may stand here as well: see `llamasync --help`."


class Command(click.Command):
    """A command that takes the options for all commands too."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        settings.setdefault("epilog", _EPILOG)
        super().__init__(*args, **settings)
        self.params.extend(global_options(hidden=True))


class Group(click.Group):
    """A group of such commands."""

    command_class = Command

    def __init__(self, *args: Any, **settings: Any) -> None:
        settings.setdefault("epilog", _EPILOG)
        super().__init__(*args, **settings)
        self.params.extend(global_options(hidden=True))
