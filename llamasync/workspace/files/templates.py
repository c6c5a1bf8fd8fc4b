"""Templates: `{path}`, `{name}`, `{stem}` and `{suffix}` in names and metadata, parsed once a manifest."""

from __future__ import annotations

import os
from string import Formatter

from llamasync.core.lean import lean_dataclass
from llamasync.workspace.files.report import Report

PLACEHOLDERS = ("path", "name", "stem", "suffix")


@lean_dataclass(frozen=True, slots=True)
class Template:
    """A text with placeholders. `plain` is the text itself when it has none, else None."""

    text: str
    plain: str | None

    def expand(self, path: str, name: str) -> str:
        """Return the text for the file at `path`, whose last part is `name`. Never raises.

        >>> parse_template("{stem} ({path}) {{draft}}{suffix}").expand("a/b.pdf", "b.pdf")
        'b (a/b.pdf) {draft}.pdf'
        """
        if self.plain is not None:
            return self.plain
        if self.text == "{path}":
            return path
        if self.text == "{name}":
            return name
        stem, suffix = os.path.splitext(name)
        return self.text.format(path=path, name=name, stem=stem, suffix=suffix)


def parse_template(text: str) -> Template:
    """Parse a template. Raises ValueError, with a text for people, when a placeholder is unknown or a brace is alone.

    >>> parse_template("{{x}}").plain
    '{x}'
    """
    if "{" not in text and "}" not in text:
        return Template(text, text)
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        raise ValueError(f"a brace in {text!r} is alone") from None
    for _, name, form, conversion in parts:
        if name is not None and (name not in PLACEHOLDERS or form or conversion):
            written = name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
            raise ValueError(f"{{{written}}} in {text!r} is not known")
    if any(name is not None for _, name, _, _ in parts):
        return Template(text, None)
    return Template(text, "".join(literal for literal, _, _, _ in parts))


def read_template(text: str, report: Report, where: tuple[str | int, ...]) -> Template:
    """Parse a template of the manifest; what is wrong is reported, and the text then stands for itself."""
    try:
        return parse_template(text)
    except ValueError as error:
        report.add("LS208", str(error), where=where, hint="write {{ and }} for literal braces")
        return Template(text, text)
