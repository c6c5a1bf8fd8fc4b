from __future__ import annotations

import pytest

from llamasync.cli.console import Console
from llamasync.cli.options import Globals


@pytest.mark.parametrize(
    "words",
    [
        ["plam"],
        ["plan", "--nonsense"],
        ["plan", "--target", "nonsense"],
        ["plan", "-l", "nonsense"],
        ["plan", "--format", "nonsense"],
        ["plan", "--report", "plan.doc"],
        ["plan", "--refresh-only", "--out", "p.llamaplan"],
        ["apply", "--parallelism", "0"],
        ["apply", "--allow-deletes", "many"],
        ["--local", "--endpoint", "http://127.0.0.1:1", "plan"],
        ["state"],
        ["state", "show"],
        ["emulator", "serve", "--set", "nonsense=1"],
        ["emulator", "serve", "--fault", "nonsense"],
        ["adopt", "Directory/docs"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_64_and_says_where_to_look(run, words) -> None:
    result = run(*words, expect=64)
    assert result.stdout == "" or words == ["state"]
    if words != ["state"]:
        assert "error[LS602]: " in result.stderr
        assert "--help`." in result.stderr


def test_a_misspelt_command_gets_a_suggestion(run) -> None:
    assert "Did you mean drift?" in run("drfit", expect=64).stderr
    assert "lists them" in run("zzz", expect=64).stderr


def test_a_folder_that_is_not_there_is_wrong_usage(run, tmp_path) -> None:
    run("version", folder=tmp_path / "none", expect=64)


def test_a_bug_says_so_and_shows_its_traceback_only_when_asked(run, monkeypatch) -> None:
    import llamasync.cli.commands.version as module

    def broken(*_: object, **__: object) -> None:
        raise KeyError("oops")

    monkeypatch.setattr(module.click, "echo", broken)
    result = run("version", expect=1)
    assert "error[LS699]: bug in llamasync" in result.stderr
    assert "KeyError: 'oops'" in result.stderr
    assert "Traceback" not in result.stderr
    assert "Traceback" in run("version", "-v", expect=1).stderr


def test_a_full_disk_is_no_bug(run, monkeypatch) -> None:
    import llamasync.cli.commands.version as module

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.click, "echo", full)
    assert "error[LS606]" in run("version", expect=1).stderr


def test_an_interrupt_is_130(run, monkeypatch) -> None:
    import llamasync.cli.commands.version as module

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module.click, "echo", interrupted)
    assert "Interrupted." in run("version", expect=130).stderr


def test_other_messages_of_click_are_errors(run) -> None:
    result = run("--local", "state", "push", "no-such-file", expect=64)
    assert "no-such-file" in result.stderr


def test_colours_are_for_terminals_that_want_them(monkeypatch) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

    def coloured(**said: bool) -> bool:
        monkeypatch.setattr("sys.stdout", Terminal())
        try:
            return Console(Globals(**said)).style.colour
        finally:
            monkeypatch.undo()

    monkeypatch.setenv("TERM", "xterm")
    assert coloured() is True
    assert coloured(no_color=True) is False


def test_no_color_and_dumb_terminals_are_respected(monkeypatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert Console(Globals()).error_style.colour
    monkeypatch.setenv("NO_COLOR", "1")
    assert not Console(Globals()).error_style.colour
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not Console(Globals()).error_style.colour


def test_a_question_is_asked_on_stderr(monkeypatch, capsys) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    console = Console(Globals())
    assert not console.can_ask
    assert console.ask("Sure?") == "yes"
    assert capsys.readouterr().err == "Sure? "
