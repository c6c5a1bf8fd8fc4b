"""What the service does not show stands in an export as the name of a variable, which the file says at its top."""

from __future__ import annotations

from pathlib import Path

from llamasync.core.diagnostic import Severity
from llamasync.export.disk import Disk
from llamasync.export.export import Export, export_live
from llamasync.export.saving import save
from llamasync.kinds.registry import all_kinds
from llamasync.live.project import open_project
from tests.support.world import World

PATH = "/api/v1/beta/webhook-configs"
HOOK = all_kinds()["WebhookConfig"]
EXPECTED = """\
# Exported.
# The service does not show what these stand for. Set them before you plan; apply sends them again:
#   WEBHOOKCONFIG_HOOKS_EXAMPLE_A_X_Y__URL_CREDENTIALS
#   WEBHOOKCONFIG_HOOKS_EXAMPLE_A_X_Y__HEADER_X_A
#   WEBHOOKCONFIG_HOOKS_EXAMPLE_A_X_Y__HEADER_X_A__2
#   WEBHOOKCONFIG_HOOKS_EXAMPLE_A_X_Y__SIGNING_SECRET
apiVersion: llamasync/v1
kind: WebhookConfig
metadata:
  name: hooks-example-a-x-y
spec:
  url: "https://${env:WEBHOOKCONFIG_HOOKS_EXAMPLE_A_X_Y__URL_CREDENTIALS}@hooks.example/a?x=$${y}"
  headers:
    X-A: "${env:WEBHOOKCONFIG_HOOKS_EXAMPLE_A_X_Y__HEADER_X_A}"
    X_A: "${env:WEBHOOKCONFIG_HOOKS_EXAMPLE_A_X_Y__HEADER_X_A__2}"
  signingSecret: "${env:WEBHOOKCONFIG_HOOKS_EXAMPLE_A_X_Y__SIGNING_SECRET}"
"""


def export(world: World) -> Export:
    client, project = open_project(world.client())
    return export_live(client, project, [HOOK])


def test_exported_webhook_names_its_variables(tmp_path: Path) -> None:
    with World(tmp_path / "ws") as world:
        body = {
            "webhook_url": "https://me:pass@hooks.example/a?x=${y}",
            "webhook_headers": {"X-A": "one", "X_A": "two"},
            "webhook_signing_secret": "three",
        }
        world.client().create(PATH, body)
        save(export(world), Disk(tmp_path / "new"), ["Exported."])
    text = (tmp_path / "new" / "manifests" / "webhook-configs.yaml").read_text()
    assert text == EXPECTED


def test_export_of_what_is_shown_whole_says_nothing_of_variables(tmp_path: Path) -> None:
    with World(tmp_path / "ws") as world:
        world.client().create(PATH, {"webhook_url": "https://hooks.example/", "webhook_events": ["parse.error"]})
        found = export(world)
        assert found.remarks() == []
        assert found.documents[0]["spec"] == {"url": "https://hooks.example/", "events": ["parse.error"]}


def test_service_without_webhooks_is_noted(tmp_path: Path) -> None:
    with World(tmp_path, dialect="reference") as world:
        found = export(world)
        assert [(one.code, one.severity) for one in found.notes] == [("LS122", Severity.NOTE)]
        assert found.documents == []
