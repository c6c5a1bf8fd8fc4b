"""What a shell offers for names that are the same everywhere: kinds, and codes of problems."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem


def complete_kinds(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the kinds that begin like that, whatever the case."""
    return _beginning(_kinds(), incomplete)


def complete_schemas(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer what has a schema: the kinds, the settings, and any of them."""
    return _beginning([*_kinds(), "Workspace", "manifest"], incomplete)


def complete_topics(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer what can be explained: kinds, the settings, and codes once one is begun."""
    from llamasync.core.codes import CODES

    return _beginning([*_kinds(), "Workspace", *(CODES if incomplete else ())], incomplete)


def _kinds() -> list[str]:
    from llamasync.kinds.registry import all_kinds

    return list(all_kinds())


def _beginning(names: list[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.lower().startswith(incomplete.lower())]
