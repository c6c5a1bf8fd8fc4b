from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from llamasync.cli.exits import Exit
from llamasync.cli.main import cli
from llamasync.cli.table import COMMANDS
from tests.cli.conftest import unmeasured


def command_of(name: str) -> click.Command:
    command: click.Command = import_module(COMMANDS[name].module).command
    return command


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_what_the_command_says(name: str) -> None:
    command = command_of(name)
    assert command.name == name
    assert (command.help or "").partition("\n")[0] == COMMANDS[name].help


def test_every_command_has_one_file_and_every_file_is_in_the_table() -> None:
    import pkgutil

    import llamasync.cli.commands

    found = {module.name for module in pkgutil.iter_modules(llamasync.cli.commands.__path__)}
    assert found == {entry.module.rpartition(".")[2] for entry in COMMANDS.values()}


def test_the_page_of_the_command_line_names_every_command_and_exit_code() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "cli.md").read_text("utf-8")
    for name in COMMANDS:
        assert f"`{name}" in page, name
    for code in Exit:
        assert f"\n| {int(code)} |" in page


@pytest.mark.parametrize("words", [[name] for name in COMMANDS] + [["state", "list"], ["emulator", "serve"]])
def test_every_command_has_help(words: list[str]) -> None:
    result = CliRunner().invoke(cli, [*words, "--help"])
    assert result.exit_code == 0
    assert "Options for all commands" in result.output


def test_help_lists_all_commands_and_imports_none() -> None:
    code = (
        "import sys\nfrom llamasync.cli.main import cli\n"
        "try: cli.main(['--help'])\nexcept SystemExit: pass\n"
        "slow = ('llamasync.cli.commands.', 'httpx', 'pydantic', 'rich', 'yaml')\n"
        "bad = [m for m in sys.modules if m.startswith(slow)]\n"
        "assert not bad, bad"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=unmeasured())
    assert done.returncode == 0, done.stderr
    for name in COMMANDS:
        assert f"\n  {name} " in done.stdout


def test_without_words_help_is_shown() -> None:
    result = CliRunner().invoke(cli, [])
    assert "Commands:" in result.output
    assert result.exit_code == 64


def test_options_for_all_commands_stand_before_or_after() -> None:
    from llamasync.cli.options import Globals

    before, after = Globals(), Globals()
    CliRunner().invoke(cli, ["--no-color", "-v", "--project", "p", "version"], obj=before)
    CliRunner().invoke(cli, ["version", "--no-color", "-v", "--project", "p"], obj=after)
    assert before == after == Globals(no_color=True, verbose=True, project="p")


def test_version_names_python() -> None:
    result = CliRunner().invoke(cli, ["version"])
    assert result.output.startswith("llamasync 0.")


def test_completion_knows_commands_and_addresses_of_the_state(applied, workspace, monkeypatch) -> None:
    from click.shell_completion import BashComplete

    def complete(*words: str, incomplete: str) -> list[str]:
        completion = BashComplete(cli, {}, "llamasync", "_LLAMASYNC_COMPLETE")
        return [item.value for item in completion.get_completions(list(words), incomplete)]

    monkeypatch.chdir(workspace)
    assert "drift" in complete(incomplete="dr")
    assert complete("--local", "state", "show", incomplete="Directory/") == ["Directory/docs", "Directory/other"]
    assert complete("--state", "nonsense:", "state", "show", incomplete="D") == []
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("words", "incomplete", "offered"),
    [
        (["explain"], "filE", ["File", "FileSet"]),
        (["explain"], "ls10", [f"LS10{number}" for number in range(1, 10)]),
        (["schema"], "ma", ["manifest"]),
        (["export", "--kind"], "Ba", ["Batch", "BatchJob"]),
    ],
)
def test_completion_knows_kinds_and_codes(words: list[str], incomplete: str, offered: list[str]) -> None:
    from click.shell_completion import BashComplete

    completion = BashComplete(cli, {}, "llamasync", "_LLAMASYNC_COMPLETE")
    assert [item.value for item in completion.get_completions(words, incomplete)] == offered
