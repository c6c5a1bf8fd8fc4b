"""What people give wrong, each with its own code and exit code, and nothing changed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from llamasync.emulator import Emulator


@contextmanager
def answering(body: bytes, content_type: str, status: int = 200) -> Iterator[str]:
    """Serve the same answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_HEAD = do_GET

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


COMMANDS = [["plan"], ["apply", "--auto-approve"], ["drift"], ["destroy", "--auto-approve"]]


@pytest.fixture(params=COMMANDS, ids=" ".join)
def command(request: pytest.FixtureRequest) -> list[str]:
    words: list[str] = request.param
    return words


def nothing_was_changed(run) -> None:
    assert json.loads(run("state", "pull").stdout)["bindings"] == []


def check(run, code: str, *words: str, said: str = "") -> None:
    result = run(*words, expect=1)
    assert f"error[{code}]" in result.stderr
    assert said in result.stderr
    assert "hint: " in result.stderr or code == "LS601", "how to mend it is not told"
    assert "LS699" not in result.stderr


def test_no_key(run, command) -> None:
    check(run, "LS401", *command)
    nothing_was_changed(run)


def test_wrong_key(run, served, command) -> None:
    check(run, "LS402", *served(api_keys=frozenset({"right"})), *command)
    nothing_was_changed(run)


def test_no_network(run, monkeypatch, command) -> None:
    monkeypatch.setenv("LLAMA_CLOUD_API_KEY", "key")
    check(run, "LS403", "--endpoint", "http://127.0.0.1:1", *command, said="GET http://127.0.0.1:1/api/v1/")
    nothing_was_changed(run)


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b'{"hello": "world"}', "application/json", "LS404"),
        (b"hello", "text/plain", "LS404"),
        (b"<!doctype html><html><title>Log in</title></html>", "text/html", "LS405"),
    ],
    ids=["other json", "text", "html"],
)
def test_an_endpoint_that_is_not_llamacloud(run, monkeypatch, command, body, kind, code) -> None:
    monkeypatch.setenv("LLAMA_CLOUD_API_KEY", "key")
    with answering(body, kind) as url:
        check(run, code, "--endpoint", url, *command, said=f"GET {url}/api/v1/")
    nothing_was_changed(run)


def test_an_address_that_is_none(run, monkeypatch, command) -> None:
    monkeypatch.setenv("LLAMA_CLOUD_API_KEY", "key")
    check(run, "LS416", "--endpoint", "api.example", *command)
    check(run, "LS417", "--endpoint", "http://api.example", *command)


def test_state_of_another_project(applied, command) -> None:
    check(applied, "LS501", "--project", "prj-another", *command)
    assert len(json.loads(applied("state", "pull").stdout)["bindings"]) == 5


@pytest.mark.parametrize("words", [["state", "rebuild"], ["adopt", "Directory/docs", "dir-x"]], ids=" ".join)
def test_state_of_another_project_is_not_taken_over(applied, words) -> None:
    check(applied, "LS501", "--project", "prj-another", *words)
    assert len(json.loads(applied("state", "pull").stdout)["bindings"]) == 5


def test_damaged_state(applied, workspace, command) -> None:
    damage_state(workspace)
    check(applied, "LS502", *command)
    check(applied, "LS502", "state", "list")


def damage_state(workspace) -> None:
    for path in (workspace / ".llamasync").glob("local-state.db-*"):
        path.unlink()
    (workspace / ".llamasync" / "local-state.db").write_bytes(b"not a database, but long enough to be one" * 100)


@pytest.mark.parametrize(
    "words", [["apply", "--auto-approve"], ["destroy", "--auto-approve"], ["state", "rebuild"]], ids=" ".join
)
def test_locked_state(local, workspace, words) -> None:
    from llamasync.state.backends import open_store

    store = open_store("sqlite:.llamasync/local-state.db", workspace)
    with store.lock("apply"):
        check(local, "LS504", *words)
        local("plan")  # looking needs no lock
    store.close()
    nothing_was_changed(local)


def test_unknown_backend(local, command) -> None:
    check(local, "LS508", "--state", "mysql://x", *command)


def test_unknown_environment(local, command) -> None:
    check(local, "LS118", "-e", "nonsense", *command)


def test_no_workspace(run, tmp_path, command) -> None:
    (tmp_path / "empty").mkdir()
    result = run("--local", *command, folder=tmp_path / "empty", expect=1)
    assert "error[LS604]" in result.stderr
    assert "empty holds neither a llamasync.yaml nor a manifest\n" in result.stderr
    assert "llamasync init" in result.stderr


def test_manifests_that_are_wrong_are_told_all_at_once(local, workspace, command) -> None:
    (workspace / "manifests" / "one.yaml").write_text("kind: [\n")
    (workspace / "manifests" / "two.yaml").write_text(
        "apiVersion: llamasync/v1\nkind: Nonsense\nmetadata: {name: a}\nspec: {}\n"
    )
    result = local(*command, expect=1)
    assert "error[LS101]" in result.stderr
    assert "error[LS105]" in result.stderr
    nothing_was_changed(local)


def test_settings_that_are_wrong(local, workspace, command) -> None:
    (workspace / "llamasync.yaml").write_text("apiVersion: llamasync/v1\nkind: Workspace\nspec: {projct: x}\n")
    check(local, "LS106", *command)


def test_no_emulator(run, monkeypatch, command) -> None:
    hide_emulator(monkeypatch)
    result = run("--local", *command, expect=1)
    assert result.stderr == "error[LS601]: the emulator is not installed: pip install 'llamasync[emulator]'\n"


def hide_emulator(monkeypatch) -> None:
    import builtins

    real = builtins.__import__

    def without(name: str, *rest: object, **more: object) -> object:
        if name.startswith("llamasync.emulator"):
            raise ImportError("no werkzeug")
        return real(name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)


@pytest.mark.parametrize("words", [["serve"], ["switches"]], ids=" ".join)
def test_no_emulator_to_serve(run, monkeypatch, words) -> None:
    hide_emulator(monkeypatch)
    check(run, "LS601", "emulator", *words)


def test_an_empty_workspace_deletes_nothing(applied, workspace) -> None:
    for path in (workspace / "manifests").iterdir():
        path.unlink()
    check(applied, "LS304", "apply", "--auto-approve")
    assert len(json.loads(applied("state", "pull").stdout)["bindings"]) == 5


@pytest.mark.parametrize(
    "kept", [0, 5000, 120_000, None], ids=["other bytes", "cut short", "cut in the middle", "folder"]
)
def test_data_of_the_emulator_that_is_damaged_is_told_with_its_file(local, workspace, command, kept) -> None:
    local("plan")
    data = workspace / ".llamasync" / "local.db"
    bytes_kept = data.read_bytes()[:kept]
    data.unlink()
    if kept is None:
        data.mkdir()
    else:
        data.write_bytes(bytes_kept or b"no database, but long enough to be one" * 100)
    check(local, "LS612", *command, said=str(data))
    told = local("doctor", expect=1).stdout
    assert "fail  emulator   LS612 the emulator's data cannot be used" in told
    assert "  key " not in told


def test_data_of_the_emulator_may_be_damaged_half_way(applied, workspace, monkeypatch) -> None:
    import sqlite3

    def damaged(*_: object) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    monkeypatch.setattr(Emulator, "wsgi", damaged)
    check(applied, "LS612", "plan", said="local.db* away")


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("database is locked", "another command uses it"),
        ("attempt to write a readonly database", "make the folder writable"),
        ("unable to open database file", "make the folder writable"),
        ("no such column: id", "x.db* away"),
    ],
)
def test_data_that_cannot_be_served_says_what_to_do(run, tmp_path, monkeypatch, said, hint) -> None:
    import sqlite3

    def refuse(*_: object) -> None:
        raise sqlite3.OperationalError(said)

    monkeypatch.setattr(Emulator, "__init__", refuse)
    check(run, "LS612", "emulator", "serve", "--data", str(tmp_path / "x.db"), said=hint)


def test_an_error_of_the_emulators_memory_is_a_bug(run, monkeypatch) -> None:
    import sqlite3

    def refuse(*_: object) -> None:
        raise sqlite3.OperationalError("no such table: files")

    monkeypatch.setattr(Emulator, "__init__", refuse)
    assert "error[LS699]" in run("emulator", "serve", expect=1).stderr
