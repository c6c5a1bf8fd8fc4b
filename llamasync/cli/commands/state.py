"""`llamasync state`: see and mend what is remembered. It never touches the service, but for rebuild, which reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TextIO

import click

from llamasync.cli.options import Command, Group
from llamasync.cli.selection import ADDRESS
from llamasync.cli.session import Session
from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.render.units import counted
from llamasync.state.model import Binding, State
from llamasync.state.problems import known_address

_FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.group("state", cls=Group)
def command() -> None:
    """See and mend what llamasync remembers."""


@command.command("list", cls=Command)
@click.argument("addresses", metavar="[ADDR]...", nargs=-1, type=ADDRESS)
@_FORMAT
@click.pass_context
def list_command(context: click.Context, /, addresses: tuple[Address, ...], form: str) -> None:
    """List what is remembered: all of it, or what the addresses stand for."""
    from llamasync.render.state_text import render_bindings_json, render_state_list

    session = Session.of(context)
    state = session.store.load()
    found = [binding for address in addresses for binding in _matching(state, address)]
    bindings = found if addresses else [state.bindings[address] for address in sorted(state.bindings)]
    if form == "json":
        session.console.out(render_bindings_json(bindings, state))
        return
    session.console.out(render_state_list(bindings))
    intents = f", {counted(len(state.intents), 'unfinished create')}" if state.intents else ""
    session.console.err(f"{counted(len(bindings), 'object')}{intents} in {session.state_location}.\n")


@command.command("show", cls=Command)
@click.argument("address", metavar="ADDR", type=ADDRESS)
@_FORMAT
@click.pass_context
def show_command(context: click.Context, /, address: Address, form: str) -> None:
    """Show everything that is remembered of an address."""
    from llamasync.render.state_text import render_binding, render_bindings_json

    session = Session.of(context)
    state = session.store.load()
    bindings = _matching(state, address)
    if form == "json":
        session.console.out(render_bindings_json(bindings, state))
        return
    session.console.out("\n".join(render_binding(binding) for binding in bindings))


@command.command("mv", cls=Command)
@click.argument("old", metavar="OLD", type=ADDRESS)
@click.argument("new", metavar="NEW", type=ADDRESS)
@click.pass_context
def mv_command(context: click.Context, /, old: Address, new: Address) -> None:
    """Give what OLD stands for the address NEW; of a file set, all its files."""
    session = Session.of(context)
    with session.lock("state mv"):
        state = session.store.load()
        bindings = _matching(state, old)
        renamed = {one.address: Address(new.kind, new.name, new.item or one.address.item) for one in bindings}
        _check_move(old, new, renamed, state)
        for address, another in renamed.items():
            session.store.rename(address, another)
    session.console.err(f"Moved {counted(len(bindings), 'object')} from {old} to {new}.\n")


def _check_move(old: Address, new: Address, renamed: Mapping[Address, Address], state: State) -> None:
    """See that all can be moved before any is. Raises UsageError, DiagnosticError (LS506)."""
    if new.kind != old.kind:
        raise click.UsageError(f"{old} cannot become {new}: {old.kind} and {new.kind} are two kinds.")
    if len(set(renamed.values())) < len(renamed):
        raise click.UsageError(f"{old} stands for {counted(len(renamed), 'object')}, {new} for one.")
    taken = sorted(another for another in renamed.values() if another in state.bindings)
    if taken:
        raise known_address(taken[0])


@command.command("rm", cls=Command)
@click.argument("addresses", metavar="ADDR...", nargs=-1, required=True, type=ADDRESS)
@click.pass_context
def rm_command(context: click.Context, /, addresses: tuple[Address, ...]) -> None:
    """Forget addresses, and creates of them that were not finished. The live objects stay as they are."""
    from llamasync.cli.adopting import close_intents

    session = Session.of(context)
    with session.lock("state rm"):
        state = session.store.load()
        unfinished = {intent.address for intent in state.intents}
        known = [address for address in addresses if address not in unfinished or address in state.bindings]
        bindings = [binding for address in known for binding in _matching(state, address)]
        for address in addresses:
            close_intents(session.store, state, address)
        for binding in bindings:
            session.store.forget(binding.address)
    session.console.err(f"Forgot {counted(len(bindings), 'object')}; in the service nothing was changed.\n")


@command.command("pull", cls=Command)
@click.pass_context
def pull_command(context: click.Context, /) -> None:
    """Print the state as JSON, as a backup."""
    from llamasync.state.export import state_to_json

    session = Session.of(context)
    session.console.out(state_to_json(session.store.load()))


@command.command("push", cls=Command)
@click.argument("file", metavar="FILE", type=click.File(encoding="utf-8"))
@click.option("--force", is_flag=True, help="Also over a newer state, or one of another origin.")
@click.pass_context
def push_command(context: click.Context, /, file: TextIO, force: bool) -> None:
    """Put a state from `state pull` in place of what is remembered; - is standard input."""
    from llamasync.state.export import state_from_json

    session = Session.of(context)
    try:
        state = state_from_json(file.read())
    except UnicodeDecodeError as error:
        raise DiagnosticError(Diagnostic("LS502", detail=f"{file.name}: {error}")) from error
    except DiagnosticError as error:  # it is about this file, not about the state that is there
        raise DiagnosticError(
            *(replace(one, detail=f"{file.name}: {one.detail}") for one in error.diagnostics)
        ) from error
    with session.lock("state push"):
        known = session.store.load()
        if not force:
            _check_push(known, state)
        session.store.replace_all(state)
    session.console.err(f"Pushed {counted(len(state.bindings), 'object')}; before there were {len(known.bindings)}.\n")


@command.command("rebuild", cls=Command)
@click.pass_context
def rebuild_command(context: click.Context, /) -> None:
    """Forget everything, and find our objects again in the service by name, unique id and content.

    Reads only. What differs from the manifests is for the next plan to show.
    """
    from llamasync.cli.adopting import rebuild_state

    session = Session.of(context)
    _ = session.workspace
    before, found = rebuild_state(session)
    number = counted(len(found.bindings), "object")
    session.console.err(f"Remembered {number}; before there were {len(before.bindings)}.\n")
    for address in sorted(before.bindings.keys() - found.bindings.keys()):
        session.console.err(f"  not found again: {address} ({before.bindings[address].id})\n")


@command.command("force-unlock", cls=Command)
@click.pass_context
def force_unlock_command(context: click.Context, /) -> None:
    """Remove the lock of a run that is dead for certain."""
    session = Session.of(context)
    owner = session.store.force_unlock()
    if owner is None:
        session.console.err("The state is not locked.\n")
        return
    who = f"{owner.who} (process {owner.pid}, `llamasync {owner.command}`, since {owner.since})"
    session.console.err(f"Removed the lock of {who}.\n")


def _matching(state: State, address: Address) -> list[Binding]:
    """Return what the address stands for: itself, or all files of the set. Raises DiagnosticError LS505 for nothing."""
    exact = state.bindings.get(address)
    if exact is not None:
        return [exact]
    items: Iterable[Address] = (each for each in sorted(state.bindings) if each.manifest == address)
    found = [state.bindings[each] for each in items]
    if not found:
        raise DiagnosticError(Diagnostic("LS505", detail=str(address), address=address, hint="llamasync state list"))
    return found


def _check_push(known: State, pushed: State) -> None:
    if not known.lineage:
        return
    if pushed.lineage and pushed.lineage != known.lineage:
        raise DiagnosticError(Diagnostic("LS610", detail="it has another origin than the state that is there"))
    if pushed.serial < known.serial:
        detail = f"its serial is {pushed.serial}, that of the state that is there {known.serial}"
        raise DiagnosticError(Diagnostic("LS610", detail=detail))
