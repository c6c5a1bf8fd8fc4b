"""The command line as a process: signals, pipes, the emulator on a port."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import shlex
import signal
import struct
import subprocess
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.conftest import environment

LLAMASYNC = [sys.executable, "-m", "llamasync"]


def start(*words: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*LLAMASYNC, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        env=env or environment(LLAMA_CLOUD_API_KEY="key"),
    )


def recorded(workspace: Path, *more: str) -> int:
    done = subprocess.run(
        [*LLAMASYNC, "-C", str(workspace), *more, "state", "pull"], capture_output=True, text=True, check=True
    )
    return len(json.loads(done.stdout)["bindings"])


def first_done(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    for line in process.stdout:
        if '"type": "done"' in line:
            return
    raise AssertionError("the apply ended before anything was done")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_the_first_signal_finishes_what_is_in_flight_and_the_next_run_the_rest(workspace, served, run, number) -> None:
    for n in range(20):
        (workspace / "documents" / f"n{n}.md").write_text(f"{n}\n")
    service = served(latency_s=0.15)
    words = ["-C", str(workspace), *service, "apply", "--auto-approve", "--json-events", "--parallelism", "2"]
    process = start(*words)
    first_done(process)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Stopping: what is in flight is finished and recorded." in err
    assert "Interrupted after" in err
    summary = json.loads(out.splitlines()[-1])
    assert summary["failed"] == 0
    assert summary["skipped"] > 0
    assert recorded(workspace) == summary["done"]
    run(*service, "apply", "--auto-approve")
    run(*service, "plan", "--detailed-exitcode")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_before_anything_is_changed_gives_the_lock_back(workspace, served, run, number) -> None:
    service = served("GET * latency=3000ms")
    process = start("-C", str(workspace), *service, "apply", "--auto-approve")
    lock = workspace / ".llamasync" / "state.db"
    until = time.monotonic() + 20
    while not lock.exists() and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert "Took the lock over" not in run(*served(), "apply", "--auto-approve").stderr


def test_the_second_signal_aborts_and_the_next_run_makes_no_twins(workspace, served, run) -> None:
    service = served("POST /api/v1/beta/directories latency=3000ms times=1")
    process = start("-C", str(workspace), *service, "apply", "--auto-approve", "--json-events")
    assert process.stdout
    for line in process.stdout:
        if '"type": "start"' in line:
            break
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=5)
    assert process.returncode == 130
    assert "Aborted." in err
    time.sleep(3)  # what was sent arrives in the meantime
    run(*service, "apply", "--auto-approve")
    assert "5 objects" in run(*service, "plan", "--detailed-exitcode").stdout
    assert "not managed here" not in run(*service, "plan").stdout


def test_a_reader_that_goes_away_is_no_error(workspace) -> None:
    for n in range(1000):
        (workspace / "documents" / f"n{n}.md").write_text(f"{n}\n")
    process = start("-C", str(workspace), "--local", "plan", "-v")
    assert process.stdout
    assert process.stderr
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=30) == 0, err
    assert err == ""


def test_an_apply_goes_on_when_nobody_reads_any_more(workspace, run) -> None:
    read, write = os.pipe()
    os.close(read)
    words = [*LLAMASYNC, "-C", str(workspace), "--local", "apply", "--auto-approve"]
    done = subprocess.run(words, stdout=write, stderr=subprocess.PIPE, env=environment(), check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")
    run("--local", "plan", "--detailed-exitcode")


def test_the_emulator_serves_until_it_is_told_to_stop(workspace, run, monkeypatch, tmp_path) -> None:
    words = [
        "emulator",
        "serve",
        "--data",
        str(tmp_path / "data.db"),
        "--dialect",
        "reference",
        "--set",
        "page_size_max=2",
    ]
    process = start(*words)
    assert process.stdout
    url = process.stdout.readline().strip()
    assert url.startswith("http://127.0.0.1:")
    monkeypatch.setenv("LLAMA_CLOUD_API_KEY", "any")
    run("--endpoint", url, "apply", "--auto-approve")
    run("--endpoint", url, "plan", "--detailed-exitcode")
    port = url.rpartition(":")[2]
    assert "error[LS607]" in run("emulator", "serve", "--port", port, expect=1).stderr
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (0, "")


def test_the_emulator_is_served_in_this_process_too(run, monkeypatch) -> None:
    served = []
    monkeypatch.setattr(
        "llamasync.emulator.server.serve",
        lambda emulator, host, port, on_ready: (served.append(host), on_ready("http://x")),
    )
    assert run("emulator", "serve").stdout == "http://x\n"
    assert served == ["127.0.0.1"]


def test_switches_and_fault_rules_are_listed(run) -> None:
    text = run("emulator", "switches").stdout
    assert "page_size_max=1000|100" in text
    assert "METHOD PATH-GLOB" in text


def test_names_that_the_terminal_cannot_show_are_written_out(workspace) -> None:
    (workspace / "documents" / "ü.md").write_text("x\n")
    env = environment(PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    process = start("-C", str(workspace), "--local", "plan", env=env)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "FileSet/docs[\\xfc.md]" in out


def test_a_person_at_a_terminal_is_asked_and_sees_progress(workspace, run) -> None:
    main, side = pty.openpty()
    words = [*LLAMASYNC, "-C", str(workspace), "--local", "apply"]
    env = environment(TERM="xterm-256color", COLUMNS="100", LINES="30")
    process = subprocess.Popen(words, stdin=side, stdout=side, stderr=side, env=env)
    os.close(side)
    seen = b""
    while b"is accepted:" not in seen:
        seen += os.read(main, 4096)
    os.write(main, b"yes\n")
    with suppress(OSError):  # the end of a terminal is an error, on Linux
        while chunk := os.read(main, 4096):
            seen += chunk
    os.close(main)
    assert process.wait(timeout=30) == 0, seen
    text = seen.decode()
    assert "applying" in text
    assert "\x1b[32m" in text
    assert "Applied: 5 changes" in text
    run("--local", "plan", "--detailed-exitcode")


@pytest.mark.parametrize(
    ("env", "flags"),
    [({"NO_COLOR": "1"}, []), ({"TERM": "dumb"}, []), ({}, ["--no-color"])],
    ids=["NO_COLOR", "dumb", "--no-color"],
)
def test_a_terminal_without_colours_gets_none_and_lines_are_broken_at_its_width(workspace, env, flags) -> None:
    name = "-".join(["a-rather-long-name"] * 3)
    (workspace / "documents" / f"{name}.md").write_text("x")
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    words = ["-C", str(workspace), "--local", "apply", "--auto-approve", *flags]
    given = {"TERM": "xterm-256color", **environment(**env), **env}
    process = subprocess.Popen([*LLAMASYNC, *words], stdin=side, stdout=side, stderr=side, env=given)
    os.close(side)
    seen = b""
    with suppress(OSError):
        while chunk := os.read(main, 4096):
            seen += chunk
    os.close(main)
    assert process.wait(timeout=30) == 0, seen
    text = seen.decode().replace("\r", "")
    assert not re.search(r"\x1b\[[0-9;]+m", text)
    assert f"    + FileSet/docs[{name}.md]\n          new in the manifests (1 B)\n" in text
    assert "Applied: 6 changes" in text
    if env.get("TERM") == "dumb":
        assert "\x1b" not in text
        assert "applying" not in text


def test_a_lock_that_a_dead_run_left_is_taken_over_and_said_so(workspace, run) -> None:
    code = (
        "import os, pathlib\n"
        "from llamasync.state.backends import open_store\n"
        f"store = open_store('sqlite:.llamasync/local-state.db', pathlib.Path({str(workspace)!r}))\n"
        "with store.lock('apply'): os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    result = run("--local", "apply", "--auto-approve")
    assert "Took the lock over from a run that ended without its goodbye: " in result.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_a_stream_that_is_closed_is_borne(workspace, closed) -> None:
    words = shlex.join([*LLAMASYNC, "-C", str(workspace), "--local", "apply", "--auto-approve"])
    done = subprocess.run(["sh", "-c", f"{words} {closed}"], env=environment(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert recorded(workspace, "--local") == 5


def test_a_plan_that_cannot_be_written_is_an_error_and_no_traceback(workspace, served, tmp_path) -> None:
    """As on a full disk: no file may grow, neither the one that stdout is nor the caches."""
    words = shlex.join([*LLAMASYNC, "-C", str(workspace), *served(), "plan"])
    told = {name: value for name, value in environment(LLAMA_CLOUD_API_KEY="key").items() if name[:3] != "COV"}
    with open(tmp_path / "plan.txt", "w") as out:  # where coverage is measured, its own data could not be written
        limited = ["sh", "-c", f"ulimit -f 0; exec {words}"]
        plan = subprocess.run(limited, stdout=out, stderr=subprocess.PIPE, text=True, env=told, check=False)
    assert (plan.returncode, "error[LS606]" in plan.stderr) == (1, True), plan.stderr
    assert "Exception ignored" not in plan.stderr
    assert not (workspace / ".llamasync" / "state.db").exists()


def test_events_that_cannot_be_told_stop_nothing() -> None:
    from llamasync.apply.events import Event, EventType
    from llamasync.cli.applying import _unfailing

    def full(event: Event) -> None:
        raise OSError(28, "No space left on device")

    _unfailing(full)(Event(type=EventType.PLAN, at=""))
