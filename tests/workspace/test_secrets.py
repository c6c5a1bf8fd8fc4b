"""Secrets in manifests: only `${env:NAME}`, wherever it comes from; checked without ever being said."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic, Severity
from llamasync.core.secret import Secret, holds_secret, revealed
from llamasync.workspace.load import load_workspace
from llamasync.workspace.model import Workspace

HEAD = "apiVersion: llamasync/v1\nkind: WebhookConfig\nmetadata: {name: hook}\nspec:\n  url: https://h.example/\n"
SETTINGS = (
    "apiVersion: llamasync/v1\nkind: Workspace\nspec:\n"
    "  manifests: [a.yaml]\n"
    '  vars: {plain: p-value, secret: "${env:S}", many: {X-A: "${env:S}", X-B: b}}\n'
    "  environments: {prod: {overlays: [over]}}\n"
)
ENV = {"S": "s-value", "U": "llama:u-value", "EMPTY": ""}


def load(root: Path, text: str, overlay: str = "", env: Mapping[str, str] = ENV, **options: Any) -> Workspace:
    (root / "llamasync.yaml").write_text(SETTINGS)
    (root / "a.yaml").write_text(HEAD + text)
    (root / "over").mkdir(exist_ok=True)
    if overlay:
        (root / "over" / "o.yaml").write_text(HEAD.partition("  url")[0] + overlay)
        options["environment"] = "prod"
    return load_workspace(root, variables_env=env, **options)


def told(workspace: Workspace) -> list[str]:
    return [f"{one.code} {one.source} {one.field}" for one in workspace.diagnostics]


def fields(workspace: Workspace) -> dict[str, Any]:
    assert told(workspace) == []
    return dict(workspace.desired.objects[Address("WebhookConfig", "hook")].fields)


@pytest.mark.parametrize(
    "written",
    [
        "in-the-clear",
        '"${var:secret}"',
        '"${var:plain}"',
        '"x${env:S}"',
        '"${env:S}${env:S}"',
        '"${env:S:-default}"',
        '"${env:NONE:-}"',
        "12345",
        "{a: b}",
        '""',
    ],
)
def test_secret_is_one_variable_of_the_environment_and_nothing_else(tmp_path: Path, written: str) -> None:
    workspace = load(tmp_path, f"  signingSecret: {written}\n")
    assert told(workspace) == ["LS115 a.yaml:6:18 spec.signingSecret"]
    assert not any(text in repr(workspace.diagnostics) for text in ("s-value", "p-value", "in-the-clear", "12345"))


def test_secret_of_a_variable_is_a_secret_in_what_is_desired(tmp_path: Path) -> None:
    found = fields(load(tmp_path, '  signingSecret: "${env:S}"\n'))
    assert found["webhook_signing_secret"] == Secret("s-value")


@pytest.mark.parametrize("value", ["~", ""])
def test_secret_of_nothing_is_none(tmp_path: Path, value: str) -> None:
    assert "webhook_signing_secret" not in fields(load(tmp_path, f"  signingSecret: {value}\n"))


def test_secret_in_the_clear_is_found_in_an_overlay(tmp_path: Path) -> None:
    workspace = load(tmp_path, '  signingSecret: "${env:S}"\n', "  signingSecret: clear\n")
    assert told(workspace) == ["LS115 over/o.yaml:5:18 spec.signingSecret"]


def test_overlay_may_put_a_variable_in_the_place_of_one_or_of_a_secret_in_the_clear(tmp_path: Path) -> None:
    for text in ('  signingSecret: "${env:EMPTY}"\n', "  signingSecret: clear\n"):
        found = fields(load(tmp_path, text, '  signingSecret: "${env:S}"\n'))
        assert found["webhook_signing_secret"] == Secret("s-value")


def test_overlay_may_remove_a_secret(tmp_path: Path) -> None:
    found = fields(load(tmp_path, "  signingSecret: clear\n", "  signingSecret: null\n  outputFormat: json\n"))
    assert found == {"webhook_url": "https://h.example/", "webhook_output_format": "json"}


def test_empty_variable_is_no_secret_and_is_not_said(tmp_path: Path) -> None:
    (problem,) = load(tmp_path, '  signingSecret: "${env:EMPTY}"\n').diagnostics
    assert (problem.code, problem.field) == ("LS107", "spec.signingSecret")
    assert problem.detail == "expected a text that is not empty; the value of the expression is another"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("{X: plain}", {"X": "plain"}),
        ('{X: "Bearer ${env:S}"}', {"X": "Bearer s-value"}),
        ('{X: "${var:plain}", Y: "$${not}"}', {"X": "p-value", "Y": "${not}"}),
        ('"${var:many}"', {"X-A": "s-value", "X-B": "b"}),
        ("{}", {}),
    ],
)
def test_headers_may_be_plain_or_not_and_are_secrets_all_the_same(
    tmp_path: Path, headers: str, expected: dict[str, str]
) -> None:
    found = fields(load(tmp_path, f"  headers: {headers}\n"))["webhook_headers"]
    assert revealed(found) == expected
    assert all(isinstance(value, Secret) for value in found.values())


def test_credentials_of_a_url_may_come_from_the_environment(tmp_path: Path) -> None:
    workspace = load(tmp_path, "", '  url: "https://${env:U}@h.example/"\n')
    one = workspace.desired.objects[Address("WebhookConfig", "hook")]
    assert holds_secret(one.fields)
    assert one.fields["webhook_url"].reveal() == "https://llama:u-value@h.example/"
    assert one.key == ("https://h.example/",)


def test_value_of_the_wrong_form_is_told_and_not_said(tmp_path: Path) -> None:
    text, overlay = "", '  url: "${env:U}@h.example/"\n'
    (problem,) = load(tmp_path, text, overlay).diagnostics
    assert (problem.code, problem.field, str(problem.source)) == ("LS107", "spec.url", "over/o.yaml:5:8")
    assert "u-value" not in repr(problem)


def test_value_of_no_text_at_all_is_told_as_everywhere(tmp_path: Path) -> None:
    assert told(load(tmp_path, "  headers: {X: 5}\n")) == ["LS107 a.yaml:6:16 spec.headers.X"]


@pytest.mark.parametrize("text", ['  signingSecret: "${env:NONE}"\n', '  headers: {X: "Bearer ${env:NONE}"}\n'])
def test_variable_that_is_not_set_is_a_warning_where_it_need_not_be(tmp_path: Path, text: str) -> None:
    (problem,) = load(tmp_path, text).diagnostics
    assert (problem.code, problem.severity) == ("LS110", Severity.ERROR)
    assert problem.hint == "export NONE=...", "a default would stand in the manifest"
    (problem,) = load(tmp_path, text, require_env=False).diagnostics
    assert (problem.code, problem.severity) == ("LS110", Severity.WARNING)


def test_what_else_is_wrong_is_told_beside(tmp_path: Path) -> None:
    found: tuple[Diagnostic, ...] = load(tmp_path, "  signingSecret: clear\n  headres: {}\n").diagnostics
    assert [one.code for one in found] == ["LS115", "LS106"]
