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


LONG = "x" * 300
IN_THE_WAY = {
    "below a file": (["init", "llamasync.yaml/x"], "LS606", "llamasync.yaml/x: Not a directory"),
    "a long name": (["init", LONG], "LS606", f"{LONG}/.gitignore: File name too long"),
    "a long name for an export": (
        ["--local", "export", "--out", LONG],
        "LS606",
        f"{LONG}/llamasync.yaml: File name too long",
    ),
    "below a loop": (["init", "loop/x"], "LS606", "loop/x: Too many levels of symbolic links"),
    "a loop": (["init", "loop"], "LS606", "loop: a folder is needed, and something else is there"),
    "validate": (["validate", LONG], "LS119", f"there is no {LONG}"),
    "plan": (["--local", "plan", LONG], "LS119", f"there is no {LONG}"),
    "apply": (["--local", "apply", LONG], "LS119", f"there is no {LONG}"),
}


@pytest.mark.parametrize(("words", "code", "said"), IN_THE_WAY.values(), ids=IN_THE_WAY)
def test_what_is_in_the_way_of_a_path_is_no_bug(run, workspace, words, code, said) -> None:
    (workspace / "loop").symlink_to("loop")
    told = run(*words, expect=1).stderr
    assert f"error[{code}]" in told
    assert f"  {said}\n" in told


def test_a_file_in_the_place_of_the_folder_for_what_is_remembered_is_named(local, run, workspace) -> None:
    (workspace / ".llamasync").write_text("mine\n")
    said = f"{workspace / '.llamasync'}: a folder is needed, and something else is there"
    for words in (["plan"], ["drift"], ["export"], ["status"]):
        assert f"error[LS606]: file cannot be written\n  {said}\n" in local(*words, expect=1).stderr
    assert f"fail  emulator   LS606 file cannot be written: {said}" in local("doctor", expect=1).stdout
    assert "fail  state      LS510" in run("doctor", expect=1).stdout


def test_an_error_of_files_that_names_none_is_a_bug(run, monkeypatch) -> None:
    import llamasync.cli.commands.version as module

    def missing(*_: object, **__: object) -> None:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(module.click, "echo", missing)
    assert "error[LS699]" in run("version", expect=1).stderr


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


def test_a_failed_call_that_nobody_caught_is_told_as_what_it_is(run, monkeypatch) -> None:
    import llamasync.cli.commands.version as module
    from llamasync.api.errors import Refused

    def refused(*_: object, **__: object) -> None:
        raise Refused("no credits", method="GET", path="/x", status=402)

    monkeypatch.setattr(module.click, "echo", refused)
    assert "error[LS410]" in run("version", expect=1).stderr


def test_what_click_says_beside_usage_is_an_error(run, monkeypatch) -> None:
    import click

    import llamasync.cli.commands.version as module

    def unreadable(*_: object, **__: object) -> None:
        raise click.FileError("x", "is gone")

    monkeypatch.setattr(module.click, "echo", unreadable)
    assert "is gone" in run("version", expect=1).stderr


def test_parsed_values_pass_through_their_types() -> None:
    from llamasync.cli.selection import ADDRESS, LabelType
    from llamasync.core.address import Address

    address = Address("File", "a")
    assert ADDRESS.convert(address, None, None) is address
    assert LabelType().convert({"a": "b"}, None, None) == {"a": "b"}
    assert LabelType().convert("a=b, c = d", None, None) == {"a": "b", "c": "d"}


def test_signals_are_seen_once_then_twice(monkeypatch) -> None:
    import os
    import signal

    from llamasync.cli.interrupts import stop_on_signals

    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    monkeypatch.setattr(os, "write", lambda *_: (_ for _ in ()).throw(OSError))  # nobody reads
    with stop_on_signals() as stop:
        signal.raise_signal(signal.SIGTERM)
        assert stop.is_set()
        assert ended == []
        signal.raise_signal(signal.SIGINT)
    assert ended == [130]


def test_another_thread_sees_no_signals() -> None:
    import threading

    from llamasync.cli.interrupts import stop_on_signals

    seen: list[bool] = []

    def work() -> None:
        with stop_on_signals() as stop:
            seen.append(stop.is_set())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False]
