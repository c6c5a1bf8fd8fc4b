"""`python -m llamasync.emulator`, its options, and what it needs."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from llamasync.emulator import Fault, Switches
from llamasync.emulator.__main__ import main
from llamasync.emulator.arguments import SQLITE_HEAD, make_parser, options_from_args, options_from_texts
from llamasync.emulator.limits import UPLOADS
from tests.emulator.support import DIRECTORIES

KEY = {"Authorization": "Bearer key"}
MB = 1024 * 1024


@contextmanager
def command(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    started = subprocess.Popen(
        [sys.executable, "-m", "llamasync.emulator", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert started.stdout is not None
        yield started, started.stdout.readline().strip()
    finally:
        started.kill()
        started.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_command_cleanly_and_the_data_stay(tmp_path: Path, number: signal.Signals) -> None:
    data = str(tmp_path / "emulator.db")
    with command("--data", data) as (started, url):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        with httpx.Client(headers=KEY) as client:
            assert client.post(url + DIRECTORIES, json={"name": "kept"}).status_code == 201
            started.send_signal(number)
            out, err = started.communicate(timeout=20)
    assert (started.returncode, out, err) == (0, "", "")
    with command("--data", data, "--dialect", "reference", "--api-key", "secret") as (_, url):
        assert httpx.get(url + DIRECTORIES, headers=KEY).status_code == 401
        answer = httpx.get(url + DIRECTORIES, headers={"Authorization": "Bearer secret"})
        assert [each["name"] for each in answer.json()["items"]] == ["kept"]


def test_a_large_upload_costs_no_memory() -> None:
    with command() as (started, url), httpx.Client(headers=KEY, timeout=60) as client:

        def peak() -> int:
            status = Path(f"/proc/{started.pid}/status")
            if not status.exists():
                pytest.skip("this system does not tell the peak memory of a process")
            return int(re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())[0]) * 1024

        directory = client.post(url + DIRECTORIES, json={"name": "x"}).json()["id"]
        path = f"{url}{DIRECTORIES}/{directory}/files/upload"
        assert client.post(path, files={"upload_file": ("a", b"x")}).status_code == 201
        before = peak()
        sent = client.post(path, files={"upload_file": ("b", b"x" * (64 * MB))})
        assert sent.status_code == 201
        listed = client.get(f"{url}{DIRECTORIES}/{directory}/files", params={"expand": "download_url"}).json()
        with client.stream("GET", listed["items"][0]["download_url"]["url"]) as answer:
            assert sum(map(len, answer.iter_bytes())) == 64 * MB
        assert peak() - before < 8 * MB


def test_the_words_become_options() -> None:
    options, host, port = options_from_args(
        shlex.split(
            "--port 8080 --host ::1 --data x.db --dialect reference --seed 7 --rate-limited --latency-ms 20"
            " --set unique_id_conflict=upsert --set page_size_max=5 --api-key a --api-key b"
            " --fault 'GET * status=500' --fault 'POST * cut'"
        )
    )
    assert (host, port, options.path, options.dialect, options.seed) == ("::1", 8080, Path("x.db"), "reference", 7)
    assert options.switches == Switches(unique_id_conflict="upsert", page_size_max=5)
    assert options.faults == (Fault("GET", status=500), Fault("POST", cut=True))
    assert (options.api_keys, options.latency_s) == (frozenset({"a", "b"}), 0.02)
    assert options.rate_limits == (UPLOADS,)
    assert options_from_texts().api_keys is None


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--set", "deleted_gett=visible"], "did you mean deleted_get?"),
        (["--fault", "GET /x"], "does nothing"),
        (["--dialect", "latin"], "invalid choice"),
    ],
)
def test_wrong_words_are_refused(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        options_from_args(words)
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def test_data_that_cannot_be_kept_are_said_before_anything_is_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"something else")
    for data, says in (
        (tmp_path, "is a folder"),
        (other, "is no data of an emulator"),
        (other / "below.db", "cannot keep data in"),
        (tmp_path / ("x" * 300), "cannot keep data in"),
    ):
        with pytest.raises(SystemExit) as ended:
            options_from_args(["--data", str(data)])
        assert ended.value.code == 2
        assert says in capsys.readouterr().err
    assert other.read_bytes() == b"something else"
    fresh = tmp_path / "new" / "emulator.db"
    assert options_from_args(["--data", str(fresh)])[0].path == fresh
    assert options_from_texts(data=fresh).path == fresh


def test_both_commands_that_serve_have_the_same_options() -> None:
    from llamasync.cli.commands.emulator import serve_command

    ours = {option for action in make_parser()._actions for option in action.option_strings if option.startswith("--")}
    theirs = {option for parameter in serve_command.params for option in parameter.opts if option.startswith("--")}
    assert ours - {"--help"} <= theirs
    assert "--rate-limited" in ours


def test_an_unknown_dialect_is_refused() -> None:
    with pytest.raises(ValueError, match="dialect is one of reference, current"):
        options_from_texts(dialect="latin")


def test_the_help_lists_every_switch(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options_from_args(["--help"])
    shown = capsys.readouterr().out
    assert all(name in shown for name in Switches.space())


def test_a_port_that_is_taken_is_said_in_one_line() -> None:
    with command() as (_, url):
        done = subprocess.run(
            [sys.executable, "-m", "llamasync.emulator", "--port", url.rpartition(":")[2]],
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("cannot listen on 127.0.0.1:")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("missing", ["werkzeug", "jsonschema_rs"])
def test_a_missing_extra_is_an_import_error_that_names_it(missing: str) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None\nimport llamasync.emulator"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert f"ImportError: the emulator needs {missing}: pip install 'llamasync[emulator]'" in done.stderr


def test_the_emulator_imports_nothing_else_of_the_project() -> None:
    code = (
        "import sys, llamasync.emulator.__main__\n"
        "print([m for m in sys.modules if m == 'httpx' or m.startswith('llamasync.') and '.emulator' not in m])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.strip() == "[]"


def test_data_that_are_damaged_are_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damaged = tmp_path / "x.db"
    damaged.write_bytes(SQLITE_HEAD + b"and nothing that fits it" * 100)
    assert main(["--data", str(damaged)]) == 1
    assert capsys.readouterr().err.startswith(f"cannot keep data in {damaged}: ")
