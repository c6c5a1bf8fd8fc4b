"""What a job is told to do: a configuration given with it or saved under an id, and webhooks."""

from __future__ import annotations

import json
from typing import Any

from llamasync.emulator.calls import Call
from llamasync.emulator.errors import Refusal, invalid, not_found
from llamasync.emulator.resources.configurations import BUILTIN, fill_defaults
from llamasync.emulator.resources.webhook_configs import find_webhook_config


def saved_parameters(call: Call, identity: str, product_type: str) -> dict[str, Any]:
    """Read the parameters of a saved or built-in configuration. Raises Refusal 404, or 400 for another product's."""
    row = BUILTIN.get(identity) or call.one(
        "SELECT * FROM configurations WHERE id = ? AND project_id = ? AND deleted_at IS NULL", identity, call.project_id
    )
    if row is None:
        raise not_found("Configuration", identity)
    if row["product_type"] != product_type:
        raise Refusal(400, f"Configuration {identity} is for {row['product_type']}, not for {product_type}")
    found = json.loads(row["parameters"])
    return {name: each for name, each in found.items() if name != "product_type"}


def chosen_settings(call: Call, component: str, product_type: str, *names: str) -> dict[str, Any] | None:
    """Read the configuration that a body gives or names, defaults filled in; None when it does neither.

    Raises Refusal 422 for both.
    """
    given = [call.body[name] for name in names if call.body.get(name) is not None]
    saved = call.body.get("configuration_id")
    if saved is not None and given:
        raise invalid(["body", "configuration_id"], "Give either configuration or configuration_id")
    if saved is None and not given:
        return None
    settings = given[0] if saved is None else saved_parameters(call, saved, product_type)
    return dict(fill_defaults(call.services.contract, {"$ref": f"#/components/schemas/{component}"}, settings))


def check_webhooks(call: Call) -> None:
    """Look for the saved webhooks that a body names. Raises Refusal 404."""
    for identity in call.body.get("webhook_configuration_ids") or ():
        find_webhook_config(call, identity)
