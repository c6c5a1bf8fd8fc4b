"""The options of planning that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from llamasync.cli.options import checked_text
from llamasync.core.address import Address, parse_address

if TYPE_CHECKING:
    from llamasync.plan.model import Selection

    AddressBase = click.ParamType[Address]
    LabelBase = click.ParamType[dict[str, str]]
else:
    AddressBase = LabelBase = click.ParamType

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class AddressType(AddressBase):
    """An address, `Kind/name` or `Kind/name[item]`; completed from what the state remembers."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        if isinstance(value, Address):
            return value
        address = parse_address(checked_text(value, "The address"))
        if address is None:
            self.fail(f"{value!r} is no address; write Kind/name, or Kind/name[item].", param, ctx)
        return address

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from llamasync.cli.options import globals_of
        from llamasync.cli.session import Session

        try:
            with Session(globals_of(ctx)) as session:
                known = sorted(str(address) for address in session.store.load().bindings)
        except Exception:  # noqa: BLE001 - completion says nothing rather than something wrong
            return []
        return [CompletionItem(address) for address in known if address.startswith(incomplete)]


ADDRESS = AddressType()


class LabelType(LabelBase):
    """Labels, `name=value`, several parted by commas."""

    name = "labels"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, str]:
        if isinstance(value, dict):
            return value
        pairs = [part.partition("=") for part in value.split(",")]
        if not all(name.strip() and equals for name, equals, _ in pairs):
            self.fail(f"{value!r} is not of the form name=value[,name=value...].", param, ctx)
        return {name.strip(): text.strip() for name, _, text in pairs}


def selection_options(function: Decorated) -> Decorated:
    """Add --target, --exclude and -l."""
    options = (
        click.option(
            "--target", "targets", metavar="ADDR", type=ADDRESS, multiple=True, help="Only this, and its needs."
        ),
        click.option("--exclude", "excludes", metavar="ADDR", type=ADDRESS, multiple=True, help="All but this."),
        click.option(
            "-l", "labels", metavar="LABELS", type=LabelType(), multiple=True, help="Only with name=value,..."
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


GUARDS = ("allow_deletes", "allow_pages", "allow_credits")


def guard_options(function: Decorated) -> Decorated:
    """Add --allow-deletes, --allow-pages and --allow-credits."""
    options = (
        click.option("--allow-deletes", metavar="N", type=click.IntRange(0), help="So many deletes are meant."),
        click.option("--allow-pages", metavar="N", type=click.IntRange(0), help="So many pages to process are meant."),
        click.option("--allow-credits", metavar="N", type=click.FloatRange(0), help="So many credits are meant."),
    )
    for option in reversed(options):
        function = option(function)
    return function


def selection_of(
    targets: Sequence[Address], excludes: Sequence[Address], labels: Sequence[dict[str, str]]
) -> Selection:
    """Make the selection of what the options said."""
    from llamasync.plan.model import Selection

    merged: dict[str, str] = {}
    for each in labels:
        merged |= each
    return Selection(targets=tuple(targets), excludes=tuple(excludes), labels=merged)
