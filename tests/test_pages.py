"""The pages tell the truth: links lead somewhere, commands work, manifests are valid, output is what is printed."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from llamasync.cli.local import open_local
from llamasync.cli.main import cli
from llamasync.cli.table import COMMANDS

HOME = Path(__file__).resolve().parent.parent
EXAMPLES = sorted(path.parent for path in (HOME / "examples").glob("*/llamasync.yaml"))
WRITTEN = [*(HOME / "docs").glob("*.md")]
PAGES = sorted(
    [HOME / "README.md", HOME / "CONTRIBUTING.md", *WRITTEN, *HOME.glob("docs/*/*.md"), *HOME.glob("examples/*/*.md")]
)
TOLD = [page for page in PAGES if page.parent.name not in ("decisions", "reference")]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def named(page: Path) -> str:
    return page.relative_to(HOME).as_posix()


def blocks(page: Path, language: str) -> list[str]:
    return [text for found, text in BLOCK.findall(page.read_text("utf-8")) if found == language]


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = BLOCK.sub("", page.read_text("utf-8"))
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


def test_the_readme_names_every_page_and_every_example() -> None:
    linked = set(re.findall(r"\]\(([^)#\s]+)", (HOME / "README.md").read_text("utf-8")))
    assert {named(page) for page in WRITTEN} - linked == set()
    assert {named(folder) for folder in EXAMPLES} - linked == set()
    assert all((folder / "README.md").is_file() for folder in EXAMPLES)


def commands(page: Path) -> list[list[str]]:
    """Return every command line of ours on a page: in blocks and within the text."""
    text = page.read_text("utf-8")
    code = "\n".join(block for _, block in BLOCK.findall(text)) + "\n".join(re.findall("^ {4}.*$", text, re.MULTILINE))
    lines = re.findall(r"^(?: {4})?(?:\$ )?(llamasync [^\n]+)$", code, re.MULTILINE)
    lines += [part for line in text.splitlines() for part in re.findall(r"&& (llamasync [^&`]+)", line)]
    within = re.findall(r"`([^`\n]+)`", BLOCK.sub("", text))
    lines += [part for part in within if part.startswith("llamasync ")]
    lines += [f"llamasync {part}" for part in within if part.partition(" --")[0] in COMMANDS and " --" in part]
    return [shlex.split(line.partition(" && ")[0], comments=True)[1:] for line in lines]


def take(words: list[str]) -> None:
    """Parse a command line as `llamasync` does. Raises click.UsageError."""
    with cli.make_context("llamasync", [word for word in words if word]) as context:
        command: click.Command = cli
        rest = [*context._protected_args, *context.args]
        while isinstance(command, click.Group):
            name, found, rest = command.resolve_command(context, rest)
            assert found is not None
            command = found
            context = command.make_context(name, rest, parent=context)
            rest = [*context._protected_args, *context.args]


_MEANT = {"ADDR": "Kind/name", "ADDRESS": "Kind/name"}


@pytest.mark.parametrize("page", TOLD, ids=named)
def test_every_command_on_a_page_is_one(page: Path) -> None:
    for words in commands(page):
        line = " ".join(words)
        if "[-C DIR]" in line or "|" in line or words[0] == "COMMAND":
            continue  # the forms of commands, not commands
        try:
            take([_MEANT.get(word, word) for word in words if not re.fullmatch(r"\[\w+\]|\.\.\.", word)])
        except click.exceptions.Exit:
            pass  # --help
        except click.UsageError as wrong:
            if "Missing argument" not in wrong.format_message() and "does not exist" not in wrong.format_message():
                pytest.fail(f"{line}: {wrong.format_message()}")


def options(name: str, command: click.Command) -> Iterator[tuple[str, list[str]]]:
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            yield name, [one for one in parameter.opts if one.startswith("--")] or parameter.opts
    for below, found in getattr(command, "commands", {}).items():
        yield from options(f"{name} {below}", found)


def test_every_option_is_on_a_page() -> None:
    text = "".join(page.read_text("utf-8") for page in WRITTEN)
    commands = {name: import_module(entry.module).command for name, entry in COMMANDS.items()}
    found = [option for name, command in commands.items() for option in options(name, command)]
    assert [(name, flags) for name, flags in found if not any(flag in text for flag in flags)] == []


# What a manifest that stands on a page alone, without the workspace around it, may lack.
LACKS = {"LS104", "LS110", "LS201", "LS213", "LS216", "LS703"}


@pytest.mark.parametrize("page", [page for page in TOLD if "apiVersion" in page.read_text("utf-8")], ids=named)
def test_every_manifest_on_a_page_is_valid(page: Path, tmp_path: Path) -> None:
    whole = [block for block in blocks(page, "yaml") if "kind:" in block and "spec:" in block]
    assert whole
    for number, block in enumerate(whole):
        root = tmp_path / str(number)
        (root / "manifests").mkdir(parents=True)
        (root / "llamasync.yaml").write_text("apiVersion: llamasync/v1\nkind: Workspace\nspec: {}\n")
        (root / "manifests" / "page.yaml").write_text(block)
        told = CliRunner().invoke(cli, ["-C", str(root), "validate"]).stderr
        assert set(re.findall(r"error\[(LS\d+)\]", told)) <= LACKS, told


Run = Callable[..., Result]


def runner(root: Path) -> Run:
    def run(*words: str, expect: int = 0) -> Result:
        result = CliRunner().invoke(cli, ["-C", str(root), *words])
        assert result.exit_code == expect, f"{words}\n{result.output}"
        return result

    return run


def test_getting_started_shows_what_is_printed(tmp_path: Path) -> None:
    page = HOME / "docs" / "getting-started.md"
    written, plan = blocks(page, "")
    made = runner(tmp_path)("init", "my-workspace").stdout
    assert [line.split()[0] for line in written.splitlines()] == re.findall(r"wrote my-workspace/(\S+)", made)
    run = runner(tmp_path / "my-workspace")
    run("validate")
    shown = run("--local", "plan").stdout
    assert shown == plan
    run("--local", "apply", "--auto-approve")
    assert "No changes." in run("--local", "plan").stdout
    assert "No drift." in run("--local", "drift").stdout


def test_getting_started_explains_every_symbol() -> None:
    from llamasync.plan.model import Action
    from llamasync.render.actions import LOOKS

    rows = re.findall(r"^\| `(\S+)` \| (\w+)", (HOME / "docs" / "getting-started.md").read_text("utf-8"), re.MULTILINE)
    told = dict(rows)
    assert told.keys() == {look.symbol for action, look in LOOKS.items() if action is not Action.NOOP}
    assert all(word in (look.verb, "rename") for look in LOOKS.values() for word in [told.get(look.symbol, look.verb)])


def test_the_readme_shows_what_is_printed(tmp_path: Path) -> None:
    """Apply its manifests to documents of the quickstart; then edit one, rename one, and change one in the service."""
    readme = HOME / "README.md"
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "contracts.yaml").write_text(blocks(readme, "yaml")[0].partition("\n")[2])
    documents = tmp_path / "documents" / "contracts"
    shutil.copytree(HOME / "examples" / "quickstart" / "documents" / "contracts", documents)
    (documents / "green-coffee-supply.pdf.meta.yaml").unlink()
    (documents / "green-coffee-supply.pdf").rename(documents / "green-coffee.pdf")
    run = runner(tmp_path)
    run("--local", "apply", "--auto-approve")
    _edit_in_the_service(tmp_path)
    with (documents / "roaster-maintenance.pdf").open("ab") as file:
        file.write(b"\n%%EOF\n")
    (documents / "green-coffee.pdf").rename(documents / "green-coffee-2026.pdf")
    expected = _shown_in(blocks(readme, ""))
    assert _comparable(run("--local", "plan").stdout) == _comparable(expected)


def test_the_page_of_checks_shows_what_is_printed(tmp_path: Path) -> None:
    """Damage a document of the example, as its README says."""
    root = tmp_path / "checks"
    shutil.copytree(HOME / "examples" / "checks", root)
    run = runner(root)
    run("--local", "apply", "--auto-approve")
    (root / "documents" / "leave-policy.md").write_text("# Leave\n")
    printed = [_untimed(line) for line in run("--local", "apply", "--auto-approve", expect=4).stdout.splitlines()]
    (shown,) = (block for block in blocks(HOME / "docs" / "checks.md", "") if "FAILED" in block)
    told = [_untimed(line) for line in shown.splitlines()]
    start = printed.index(told[0])
    assert all(line.startswith(part) for part, line in zip(told, printed[start:], strict=False)), printed[start:]


def _untimed(line: str) -> str:
    """Leave out times, and where a text is cut off."""
    return re.sub(r"in [\d.]+ s$", "in", line).removesuffix('…"')


def _edit_in_the_service(root: Path) -> None:
    import httpx

    emulator, _ = open_local(root, "")
    with emulator, httpx.Client(transport=httpx.WSGITransport(app=emulator), base_url="http://emulator") as client:
        client.headers["Authorization"] = "Bearer key"
        [directory] = (
            one for one in client.get("/api/v1/beta/directories").json()["items"] if one["name"] == "contracts"
        )
        folder = f"/api/v1/beta/directories/{directory['id']}/files"
        [file] = (one for one in client.get(folder).json()["items"] if one["unique_id"] == "courier-services.pdf")
        changed = {"metadata": {"team": "sales", "source": "courier-services.pdf"}}
        assert client.patch(f"{folder}/{file['id']}", json=changed).status_code == 200


def _shown_in(found: list[str]) -> str:
    return next(block for block in found if block.startswith("$ llamasync plan\n")).partition("\n")[2]


def _comparable(text: str) -> str:
    """Leave out the header, which is that of another project, and what digests the documents have."""
    return re.sub(r"[0-9a-f]{12}", "DIGEST", text.partition("\n\n")[2])
