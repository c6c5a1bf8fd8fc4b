"""Webhooks end as their manifests say, secrets included, under every setting; no twins; no secret where none may be."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamasync.emulator import Fault, Switches
from llamasync.export.disk import Disk
from llamasync.export.export import export_live
from llamasync.export.saving import save
from llamasync.kinds.registry import all_kinds
from llamasync.live.project import open_project
from llamasync.state.export import state_to_json
from llamasync.state.memory import MemoryStore
from tests.support.strategies import switches
from tests.support.troubles import apply_until_done, troubles
from tests.support.world import World, actions, errors, every_switch, manifest

PATH = "/api/v1/beta/webhook-configs"
SECRETS = {"A": "alpha-7f3a9c55-secret", "B": "beta-20c1e8d4-secret", "C": 'gamma-"quoted"-\\-secret'}
VALUES = st.sampled_from([f"${{env:{name}}}" for name in SECRETS])
SPECS = st.fixed_dictionaries(
    {"url": st.sampled_from(("https://{}/hook", "https://me:${{env:A}}@{}/hook", "https://${{env:B}}@{}/hook"))},
    optional={
        "events": st.lists(st.sampled_from(("parse.success", "parse.error")), min_size=1, max_size=2, unique=True),
        "headers": st.dictionaries(st.sampled_from(("Authorization", "X-Team")), VALUES | st.just("plain"), max_size=2),
        "signingSecret": VALUES,
        "outputFormat": st.sampled_from(("string", "json")),
    },
)
DRAFTS = st.dictionaries(st.sampled_from(("one.example", "two.example")), SPECS, max_size=2)
THEIRS = st.fixed_dictionaries(
    {},
    optional={
        "webhook_url": st.sampled_from(("https://me:theirs-0123@one.example/hook", "https://three.example/hook")),
        "webhook_headers": st.dictionaries(st.sampled_from(("Authorization", "X-New")), st.just("theirs-01234")),
        "webhook_signing_secret": st.sampled_from(("", "theirs-01234")),
        "webhook_events": st.just(["split.success"]),
        "webhook_output_format": st.just("string"),
    },
)
Draft = dict[str, dict[str, Any]]


def _write(world: World, draft: Draft) -> None:
    documents = [manifest("Directory", "docs")]
    for host, spec in draft.items():
        documents.append(manifest("WebhookConfig", host, {**spec, "url": spec["url"].format(host)}))
    world.put("all.yaml", documents)


def _expand(value: Any) -> Any:
    if isinstance(value, str):
        return re.sub(r"\$\{env:(\w)\}", lambda found: SECRETS[found[1]], value)
    return value


def _check(world: World, draft: Draft, *, meddled: bool = False) -> None:
    """See that the plan is empty, that the service holds what the manifests name, and the state no secret.

    `meddled`: others may have put other values there that nobody can see.
    """
    after = world.plan()
    assert actions(after) == {}
    assert not errors(after)
    ids = [one["id"] for one in world.client().get(PATH)]
    held = {one["url"].rpartition("@")[2].removeprefix("https://"): one for one in map(_stored(world), ids)}
    assert len(held) == len(ids) == len(draft)
    for host, spec in draft.items():
        one = held[f"{host}/hook"]
        _check_value(one["url"], _expand(spec["url"].format(host)), meddled)
        if "signingSecret" in spec:
            _check_value(one["secret"], _expand(spec["signingSecret"]), meddled)
        if "headers" in spec:
            assert (one["headers"] or {}).keys() == spec["headers"].keys(), "none and an empty map are one"
            for name, value in spec["headers"].items():
                _check_value(one["headers"][name], _expand(value), meddled)
        assert sorted(one["events"]) == sorted(spec["events"]) if "events" in spec else True
        assert one["output_format"] == spec["outputFormat"] if "outputFormat" in spec else True
    _check_silence(state_to_json(world.store.load()) + repr(world.store.load()) + repr(world.events))


def _check_value(held: str, wanted: str, meddled: bool) -> None:
    assert held == wanted or (meddled and "theirs" in held)


def _stored(world: World) -> Any:
    return world.emulator.control.webhook_config


def _check_silence(text: str) -> None:
    for secret in SECRETS.values():
        assert secret not in text
        assert json.dumps(secret)[1:-1] not in text


def _apply(world: World) -> None:
    plan = world.plan()
    _check_silence(repr(plan) + plan.fingerprint)
    result = world.apply()
    assert result.is_complete, result.failed


@given(first=DRAFTS, second=DRAFTS, theirs=THEIRS, before=st.booleans(), lose=st.booleans(), setting=switches())
def test_plan_is_empty_after_apply_whatever_was_there_and_whatever_others_did(
    first: Draft, second: Draft, theirs: dict[str, Any], before: bool, lose: bool, setting: Switches
) -> None:
    with TemporaryDirectory() as folder, World(Path(folder), switches=setting) as world:
        world.env = dict(SECRETS)
        if before:
            world.client().create(PATH, {"webhook_url": "https://you:old-0123@one.example/hook", "webhook_headers": {}})
        _write(world, first)
        _apply(world)
        for one in world.client().get(PATH):
            if theirs:
                world.client().send("PUT", f"{PATH}/{one['id']}", theirs)
                break
        if before and "one.example" not in first:
            return  # it stays another's
        _apply(world)
        _check(world, first, meddled=True)
        _write(world, second)
        if lose and first.keys() <= second.keys():
            world.store = MemoryStore()
        _apply(world)
        _check(world, second, meddled=True)


@pytest.mark.parametrize(("name", "value"), list(every_switch()))
def test_webhooks_converge_under_each_setting_alone(tmp_path: Path, name: str, value: Any) -> None:
    full = {
        "url": "https://me:${{env:A}}@{}/hook",
        "events": ["parse.success"],
        "headers": {"Authorization": "${env:B}", "X-Team": "plain"},
        "signingSecret": "${env:C}",
        "outputFormat": "json",
    }
    drafts: list[Draft] = [
        {"one.example": full},
        {"one.example": {"url": full["url"]}, "two.example": full},
        {"one.example": {**full, "headers": {"X-Team": "${env:C}"}}},
        {"two.example": {"url": "https://{}/hook"}},
    ]
    with World(tmp_path, switches=Switches(**{name: value})) as world:
        world.env = dict(SECRETS)
        for draft in drafts:
            _write(world, draft)
            _apply(world)
            _check(world, draft)


@given(first=DRAFTS, second=DRAFTS, trouble=troubles(), setting=switches())
def test_lost_answers_make_no_twin_webhooks(
    first: Draft, second: Draft, trouble: list[Fault], setting: Switches
) -> None:
    with TemporaryDirectory() as folder, World(Path(folder), switches=setting) as world:
        world.env = dict(SECRETS)
        for draft in (first, second):
            _write(world, draft)
            apply_until_done(world, trouble)
            _check(world, draft)


@given(draft=DRAFTS, setting=switches())
def test_export_names_the_variables_that_it_needs_and_loads_back_as_what_is_there(
    draft: Draft, setting: Switches
) -> None:
    with TemporaryDirectory() as folder, World(Path(folder) / "one", switches=setting) as world:
        world.env = dict(SECRETS)
        _write(world, draft)
        _apply(world)
        before = world.snapshot()
        client, project = open_project(world.client())
        export = export_live(client, project, [all_kinds()["Directory"], all_kinds()["WebhookConfig"]])
        assert export.notes == []
        save(export, Disk(Path(folder) / "two"), ["Exported."])
        text = "".join(path.read_text() for path in (Path(folder) / "two").rglob("*.yaml"))
        _check_silence(text)
        world.root, world.store = Path(folder) / "two", MemoryStore()
        world.env = _values_of(world, export.sheets.get("manifests/webhook-configs.yaml", []))
        named = {name for names in export.variables.values() for name in names}
        assert named == world.env.keys() == set(re.findall(r"^#   (\w+)$", text, re.MULTILINE))
        assert set(actions(world.plan()).values()) <= {"adopt"}
        _apply(world)
        assert actions(world.plan()) == {}
        assert world.snapshot() == before


def _values_of(world: World, documents: list[dict[str, Any]]) -> dict[str, str]:
    """Return what somebody who knows them sets the variables to that an export names."""
    values = {}
    stored = [_stored(world)(one["id"]) for one in world.client().get(PATH)]
    for document in documents:
        host = re.search(r"(one|two)[.]example", document["spec"]["url"])
        (one,) = [each for each in stored if host and host[0] in each["url"]]
        texts = {"url": one["url"].rpartition("@")[0].removeprefix("https://"), "signingSecret": one["secret"]}
        for path, text in [*texts.items(), *one["headers"].items()] if one["headers"] else texts.items():
            spec = document["spec"]
            written = spec.get(path) or spec.get("headers", {}).get(path) or ""
            values |= dict.fromkeys(re.findall(r"\$\{env:(\w+)\}", written), text)
    return values


def test_state_of_a_webhook_holds_keyed_digests_only(tmp_path: Path) -> None:
    digests = []
    for number in range(2):
        with World(tmp_path / str(number)) as world:
            world.env = dict(SECRETS)
            _write(world, {"one.example": {"url": "https://{}/hook", "signingSecret": "${env:A}"}})
            _apply(world)
            (binding,) = [one for one in world.store.load().bindings.values() if one.collection == "webhook-configs"]
            digests.append(asdict(binding)["fields"]["webhook_signing_secret"])
    assert all(one.startswith("hmac-sha256:") for one in digests)
    assert digests[0] != digests[1], "another state has another key"
