"""What a shell offers for names that are the same everywhere: kinds, and codes of problems."""

from __future__ import annotations

from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem


def complete_kinds(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the kinds that begin like that, whatever the case."""
    from llamasync.kinds.registry import all_kinds

    return _beginning(all_kinds(), incomplete)


def complete_schemas(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer what has a schema: the kinds, the settings, and any of them."""
    from llamasync.workspace.explain import topics

    return _beginning((*topics(), "manifest"), incomplete)


def complete_topics(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer what can be explained: kinds, the settings, and codes once one is begun."""
    from llamasync.core.codes import CODES
    from llamasync.workspace.explain import topics

    return _beginning([*topics(), *(CODES if incomplete else ())], incomplete)


def _beginning(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.lower().startswith(incomplete.lower())]
