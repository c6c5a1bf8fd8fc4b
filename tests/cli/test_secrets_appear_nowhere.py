"""A secret of a manifest is in no output, state, journal, cache, plan file or report: whatever happens."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from llamasync.cli.main import cli

SECRETS = {
    "HOOK_SECRET": "whsec-5b1f-nobody-may-see-this",
    "HOOK_TOKEN": 'Bearer tok-77aa-"nor"-this',
    "HOOK_PASSWORD": "pw-90cd-nor-this",
}
MANIFEST = """\
apiVersion: llamasync/v1
kind: WebhookConfig
metadata: {name: parsed}
spec:
  url: https://llama:${env:HOOK_PASSWORD}@hooks.example/parse
  events: [parse.success]
  headers:
    Authorization: ${env:HOOK_TOKEN}
    X-Token: Token ${env:HOOK_TOKEN}
    X-Var: ${var:token}
  signingSecret: ${env:HOOK_SECRET}
"""
SETTINGS = """\
apiVersion: llamasync/v1
kind: Workspace
spec:
  vars: {token: "${env:HOOK_TOKEN}"}
"""
COMMANDS = (
    ("validate",),
    ("validate", "--format", "json"),
    ("plan", "--out", "kept.llamaplan", "--report", "plan.md"),
    ("plan", "--report", "plan.html"),
    ("plan", "--format", "json"),
    ("apply", "--auto-approve", "--json-events"),
    ("apply", "--auto-approve"),
    ("drift",),
    ("state", "list"),
    ("state", "show", "WebhookConfig/parsed"),
    ("state", "show", "WebhookConfig/parsed", "--format", "json"),
    ("state", "pull"),
    ("export",),
    ("graph",),
    ("doctor",),
)
Served = Callable[..., list[str]]


@pytest.fixture
def hooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "hooks"
    root.mkdir()
    (root / "llamasync.yaml").write_text(SETTINGS)
    (root / "hooks.yaml").write_text(MANIFEST)
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    return root


def run(root: Path, *words: str) -> str:
    result = CliRunner().invoke(cli, ["-C", str(root), *words])
    return result.stdout + result.stderr + (repr(result.exception) if result.exception else "")


def spellings() -> list[str]:
    return [each for one in SECRETS.values() for each in (one, json.dumps(one)[1:-1])]


def leaks_in(text: str) -> list[str]:
    return [one for one in spellings() if one in text]


def leaks_on_disk(root: Path) -> list[str]:
    files = [path for path in root.rglob("*") if path.is_file()]
    return [str(path) for path in files if any(one.encode() in path.read_bytes() for one in spellings())]


@pytest.mark.parametrize(
    "fault",
    [
        "",
        "POST * status=400",
        "POST * status=500 when=after",
        "POST * cut",
        "GET * status=200 body=html",
        "PUT * status=503",
    ],
)
def test_secrets_appear_nowhere(served: Served, hooks: Path, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    flags = served(*([fault] if fault else []))
    said = "".join(run(hooks, *flags, "-v", *command) for command in COMMANDS)
    monkeypatch.setenv("HOOK_SECRET", f"{SECRETS['HOOK_SECRET']}-rotated")
    said += "".join(run(hooks, *flags, "-v", *command) for command in COMMANDS)
    assert leaks_in(said) == []
    assert leaks_on_disk(hooks) == []
    assert "signingSecret" in said or "html" in fault


def test_journal_of_a_create_that_nobody_answered_holds_keyed_digests_only(served: Served, hooks: Path) -> None:
    run(hooks, *served("POST * cut"), "apply", "--auto-approve")
    assert leaks_on_disk(hooks) == []
    with closing(sqlite3.connect(hooks / ".llamasync" / "state.db")) as db:
        dump = "\n".join(db.iterdump())
    assert leaks_in(dump) == []


def test_service_that_quotes_what_it_was_sent_is_not_quoted(hooks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service refuses the request, and repeats all of it in its answer."""
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Parrot(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = [{"id": "0b0c6a4e-5c39-4a9e-8d0e-0d7b5f3f8a11", "name": "x", "is_default": True}]
            self._answer(200, found if "/projects" in self.path else [])

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told = [{"loc": ["body"], "msg": f"{name} cannot be {value}", "type": "x"} for name, value in body.items()]
            self._answer(422, {"detail": told})

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self, status: int, value: object) -> None:
            text = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    monkeypatch.setenv("LLAMA_CLOUD_API_KEY", "key")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Parrot)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        flags = ["--endpoint", f"http://127.0.0.1:{server.server_address[1]}", "-v"]
        said = run(hooks, *flags, "apply", "--auto-approve")
    finally:
        server.shutdown()
        server.server_close()
    assert "webhook_signing_secret cannot be (secret)" in said
    assert leaks_in(said) == []


# -- the saved plan


def saved(hooks: Path) -> list[str]:
    flags = ["--local"]
    assert "Saved." in run(hooks, *flags, "plan", "--out", str(hooks / "p.llamaplan"))
    return flags


@pytest.mark.parametrize("applied_before", [False, True])
def test_saved_plan_is_stale_once_a_secret_is_another(
    hooks: Path, monkeypatch: pytest.MonkeyPatch, applied_before: bool
) -> None:
    if applied_before:
        run(hooks, "--local", "apply", "--auto-approve")
        monkeypatch.setenv("HOOK_SECRET", "second-0123456789")
    flags = saved(hooks)
    assert leaks_in((hooks / "p.llamaplan").read_text()) == []
    monkeypatch.setenv("HOOK_SECRET", "third-0123456789")
    assert "error[LS311]" in run(hooks, *flags, "apply", str(hooks / "p.llamaplan"))


def test_saved_plan_with_secrets_is_applied_as_it_was_reviewed(hooks: Path) -> None:
    flags = saved(hooks)
    assert "Applied" in run(hooks, *flags, "apply", str(hooks / "p.llamaplan"))
    assert "No changes." in run(hooks, *flags, "plan")


def test_plan_that_is_not_saved_writes_no_state(hooks: Path) -> None:
    run(hooks, "--local", "plan")
    assert not (hooks / ".llamasync" / "state.db").exists()


def test_validate_needs_no_variable(hooks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.delenv(name)
    said = run(hooks, "validate")
    assert "error" not in said.replace("0 errors", "")
    assert "warning[LS110]" in said
    assert "error[LS110]" in run(hooks, "--local", "plan")


def test_secret_in_the_clear_is_refused_and_not_quoted(hooks: Path) -> None:
    text = MANIFEST.replace("${env:HOOK_SECRET}", "in-the-clear-123")
    (hooks / "hooks.yaml").write_text(text + "  outputFormat: xml\n")
    for form in ("text", "json", "github", "sarif", "junit"):
        said = run(hooks, "validate", "--format", form)
        assert "LS115" in said
        assert "in-the-clear" not in said
    assert "hooks.yaml:11:18" in run(hooks, "validate")
