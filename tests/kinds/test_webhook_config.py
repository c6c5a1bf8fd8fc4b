"""WebhookConfig: masks, secrets, no name on the wire, and a service that may keep what it is told to clear."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llamasync.apply.adopting import adopt, rebuild
from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.digest import digest
from llamasync.core.secret import Secret, revealed
from llamasync.emulator import Switches
from llamasync.emulator.fault_rules import parse_fault
from llamasync.kinds.registry import all_kinds
from llamasync.kinds.webhook_config import KIND, WebhookConfigSpec
from llamasync.plan.model import Drift, Plan, PlanOptions, Selection
from llamasync.render.drift_text import render_drift_text
from llamasync.render.plan_text import TextOptions
from llamasync.state.memory import MemoryStore
from llamasync.workspace.load import load_workspace
from tests.support.world import World, actions, errors, manifest

PATH = "/api/v1/beta/webhook-configs"
URL = "https://hooks.example/parse"
WITH_PASSWORD = "https://llama:${env:HOOK_PASSWORD}@hooks.example/parse"
ADDRESS = Address("WebhookConfig", "parsed")
ENV = {"HOOK_PASSWORD": "pass-0123456789", "HOOK_SECRET": "whsec-0123456789", "HOOK_TOKEN": "Bearer 0123456789"}
FULL = {
    "url": WITH_PASSWORD,
    "events": ["parse.success", "parse.error"],
    "headers": {"Authorization": "${env:HOOK_TOKEN}", "X-Team": "legal"},
    "signingSecret": "${env:HOOK_SECRET}",
    "outputFormat": "json",
}
SETTINGS = [
    Switches(webhook_mask=mask, webhook_put_null=null) for mask in ("stars", "partial") for null in ("keep", "clear")
]


@pytest.fixture(params=SETTINGS, ids=lambda one: f"{one.webhook_mask}-{one.webhook_put_null}")
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A world of each mask and of each meaning of null, with the webhook of FULL applied."""
    with World(tmp_path, switches=request.param) as made:
        made.env = dict(ENV)
        put(made, **FULL)
        assert made.apply().is_complete
        yield made


def put(world: World, name: str = "parsed", **spec: Any) -> None:
    world.put(f"{name}.yaml", manifest("WebhookConfig", name, spec))


def held(world: World) -> list[dict[str, Any]]:
    """Return what the service shows."""
    found = world.client().get(PATH)
    assert isinstance(found, list)
    return found


def stored(world: World) -> dict[str, Any]:
    """Return the only webhook as the service has it, unmasked."""
    (shown,) = held(world)
    return world.emulator.control.webhook_config(shown["id"])


def change_there(world: World, **fields: Any) -> None:
    world.client().send("PUT", f"{PATH}/{held(world)[0]['id']}", fields)


def fields(plan: Plan) -> dict[str, tuple[Any, Any, Drift]]:
    """Return the differences of a plan with one change."""
    (change,) = plan.changes
    return {field.path: (field.before, field.after, field.drift) for field in change.fields}


def settle(world: World) -> None:
    assert world.apply().is_complete
    assert actions(world.plan()) == {}


def codes(problems: list[Diagnostic]) -> list[str]:
    return [one.code for one in problems]


# -- masks


def test_masks_are_no_drift(world: World) -> None:
    assert "*" in str(held(world))
    assert actions(world.plan()) == {}


@pytest.mark.parametrize(
    ("headers", "differs"),
    [
        ({"Authorization": "Bearer 0123456789", "X-Team": "legal", "X-New": "1"}, {"spec.headers.X-New"}),
        ({"Authorization": "Bearer 0123456789"}, {"spec.headers.X-Team"}),
        (
            {"Authorization": "Bearer 0123456789", "X-Group": "legal"},
            {"spec.headers.X-Team", "spec.headers.X-Group"},
        ),
        (None, {"spec.headers.Authorization", "spec.headers.X-Team"}),
    ],
    ids=["added", "removed", "renamed", "all gone"],
)
def test_headers_that_come_or_go_in_the_service_are_drift(world: World, headers: Any, differs: set[str]) -> None:
    if headers is None:
        headers = {}
    change_there(world, webhook_headers=headers)
    found = fields(world.plan())
    assert found.keys() == differs
    assert {drift for _, _, drift in found.values()} == {Drift.SERVICE}
    settle(world)
    assert stored(world)["headers"] == {"Authorization": "Bearer 0123456789", "X-Team": "legal"}


def test_value_changed_in_the_service_is_seen_where_the_mask_shows_its_end(world: World) -> None:
    change_there(world, webhook_headers={"Authorization": "Bearer other-value", "X-Team": "legal"})
    seen = world.emulator.switches.webhook_mask == "partial"
    assert set(actions(world.plan()).values()) == ({"update"} if seen else set())


def test_mask_that_stands_for_an_ignored_header_keeps_what_is_there(world: World) -> None:
    change_there(world, webhook_headers={"Authorization": "theirs 0123456789", "X-Team": "legal", "X-New": "1"})
    ignore = {"ignoreChanges": ["spec.headers.Authorization", "spec.headers.X-New"]}
    spec = {**FULL, "headers": {**FULL["headers"], "X-Team": "tax"}}  # type: ignore[dict-item]
    world.put("parsed.yaml", manifest("WebhookConfig", "parsed", spec, lifecycle=ignore))
    settle(world)
    assert stored(world)["headers"] == {"Authorization": "theirs 0123456789", "X-Team": "tax", "X-New": "1"}


def test_address_changed_in_the_service_behind_a_mask_is_drift(world: World) -> None:
    change_there(world, webhook_url="https://llama:pass-0123456789@elsewhere.example/")
    assert fields(world.plan())["spec.url"][2] is Drift.SERVICE
    settle(world)
    assert stored(world)["url"] == "https://llama:pass-0123456789@hooks.example/parse"


def test_credentials_that_were_taken_out_in_the_service_are_drift(world: World) -> None:
    change_there(world, webhook_url=URL)
    before, after, drift = fields(world.plan())["spec.url"]
    assert (before, str(after), drift) == (URL, "https://(secret)@hooks.example/parse", Drift.SERVICE)
    settle(world)


# -- rotation


@pytest.mark.parametrize(
    ("variable", "path"),
    [
        ("HOOK_SECRET", "spec.signingSecret"),
        ("HOOK_TOKEN", "spec.headers.Authorization"),
        ("HOOK_PASSWORD", "spec.url"),
    ],
)
def test_rotated_secret_is_a_change(world: World, variable: str, path: str) -> None:
    world.env[variable] = "another-0123456789"
    found = fields(world.plan())
    assert found.keys() == {path}
    before, after, drift = found[path]
    assert drift is Drift.MANIFEST
    assert isinstance(before, Secret)
    assert isinstance(after, Secret)
    settle(world)
    assert "another-0123456789" in str(stored(world))


def test_plain_header_changed_in_the_manifest_is_a_change_and_the_others_stay(world: World) -> None:
    put(world, **{**FULL, "headers": {**FULL["headers"], "X-Team": "tax"}})  # type: ignore[dict-item]
    assert fields(world.plan()).keys() == {"spec.headers.X-Team"}
    settle(world)
    assert stored(world)["headers"] == {"Authorization": "Bearer 0123456789", "X-Team": "tax"}


def test_secret_removed_in_the_service_is_drift(world: World) -> None:
    change_there(world, webhook_signing_secret="")
    before, after, drift = fields(world.plan())["spec.signingSecret"]
    assert (before, str(after), drift) == (None, "(secret)", Drift.SERVICE)
    settle(world)
    assert stored(world)["secret"] == ENV["HOOK_SECRET"]


def test_secret_removed_in_the_service_and_rotated_is_of_both(world: World) -> None:
    change_there(world, webhook_signing_secret="")
    world.env["HOOK_SECRET"] = "another-0123456789"
    assert fields(world.plan())["spec.signingSecret"][2] is Drift.BOTH
    settle(world)


def test_value_changed_on_both_sides_is_of_both(world: World) -> None:
    change_there(world, webhook_url="https://llama:x@elsewhere.example/")
    world.env["HOOK_PASSWORD"] = "another-0123456789"
    assert fields(world.plan())["spec.url"][2] is Drift.BOTH
    settle(world)


# -- removal


@pytest.mark.parametrize(
    ("removed", "column", "action"),
    [
        ("signingSecret", "secret", "update"),
        ("headers", "headers", "update"),
        ("events", "events", "replace"),
        ("outputFormat", "output_format", "replace"),
    ],
)
def test_removed_field_is_cleared_whatever_null_means(world: World, removed: str, column: str, action: str) -> None:
    put(world, **{name: value for name, value in FULL.items() if name != removed})
    assert actions(world.plan()) == {"WebhookConfig/parsed": action}
    settle(world)
    assert stored(world)[column] in (None, {})


def test_secret_that_is_gone_on_both_sides_is_no_change(world: World) -> None:
    change_there(world, webhook_signing_secret="")
    put(world, **{name: value for name, value in FULL.items() if name != "signingSecret"})
    assert actions(world.plan()) == {}


def test_what_the_manifest_never_named_is_left_alone(world: World) -> None:
    put(world, "other", url="https://hooks.example/other")
    settle(world)
    theirs = {"webhook_headers": {"X": "1"}, "webhook_signing_secret": "theirs", "webhook_events": ["parse.error"]}
    (mine,) = [one for one in held(world) if one["webhook_url"].endswith("/other")]
    world.client().send("PUT", f"{PATH}/{mine['id']}", {**theirs, "webhook_output_format": "json"})
    assert actions(world.plan()) == {}


def test_removed_manifest_deletes_it(world: World) -> None:
    (world.root / "parsed.yaml").write_text("# nothing\n")
    put(world, "other", url="https://hooks.example/other")
    settle(world)
    assert [one["webhook_url"] for one in held(world)] == ["https://hooks.example/other"]


def test_address_changed_in_the_manifest_changes_it_in_place(world: World) -> None:
    before = held(world)[0]["id"]
    put(world, **{**FULL, "url": "https://new.example/"})
    assert actions(world.plan()) == {"WebhookConfig/parsed": "update"}
    settle(world)
    assert (held(world)[0]["id"], stored(world)["url"]) == (before, "https://new.example/")


# -- identity


def test_webhook_that_exists_is_adopted_by_its_url_whatever_its_credentials(world: World) -> None:
    before = held(world)[0]["id"]
    world.store = MemoryStore()
    plan = world.plan()
    assert actions(plan) == {"WebhookConfig/parsed": "adopt"}
    assert fields(plan).keys() == {
        "spec.headers.Authorization",
        "spec.headers.X-Team",
        "spec.signingSecret",
        "spec.url",
    }, "nobody can know what the service has, so all that is secret is sent again"
    settle(world)
    assert held(world)[0]["id"] == before


def test_webhook_that_was_adopted_by_hand_is_sent_its_secrets(world: World) -> None:
    world.store = MemoryStore()
    workspace = world.load()
    live = world.live(workspace, world.client())
    identity = held(world)[0]["id"]
    binding = adopt(ADDRESS, identity, workspace.desired, live, world.store.load(), all_kinds(), at="now")
    with world.store.lock("adopt"):
        world.store.record(binding)
    plan = world.plan()
    found = fields(plan)
    assert {"spec.signingSecret", "spec.headers.X-Team", "spec.url"} <= found.keys()
    assert {drift for _, _, drift in found.values()} == {Drift.UNKNOWN}
    assert plan.changes[0].reason == f"what the service has of {len(found)} fields is not known"
    shown = render_drift_text(plan, TextOptions())
    assert "Not known, for the service does not show it and the state does not remember it: 1 object\n" in shown
    settle(world)


def test_what_is_known_to_differ_is_told_before_what_is_not_known(world: World) -> None:
    world.store = MemoryStore()
    (binding,) = rebuild(world.plan(), all_kinds(), at="now")
    with world.store.lock("state rebuild"):
        world.store.record(binding)
    put(world, **{**FULL, "events": ["parse.error"]})
    (change,) = world.plan().changes
    assert {field.drift for field in change.fields} == {Drift.UNKNOWN, Drift.MANIFEST}
    assert (change.drift, change.reason.endswith("changed in the manifest")) == (Drift.MANIFEST, True)


def test_rebuilt_state_knows_which_one_it_is_and_no_secret(world: World) -> None:
    before, remembered = held(world)[0]["id"], world.store.load()
    world.store = MemoryStore()
    (binding,) = rebuild(world.plan(), all_kinds(), at="now")
    with world.store.lock("state rebuild"):
        world.store.record(binding)
    assert binding.id == remembered.bindings[ADDRESS].id == before
    assert actions(world.plan()) == {"WebhookConfig/parsed": "update"}, "all that is secret is sent again"
    settle(world)


def test_two_manifests_with_one_url_are_refused(world: World) -> None:
    put(world, "twin", url=URL)
    workspace = load_workspace(world.root, variables_env=ENV)
    (problem,) = workspace.diagnostics
    assert problem.code == "LS316"
    assert "pass" not in problem.detail


def test_two_live_webhooks_with_one_url_are_told_apart_by_hand(world: World) -> None:
    world.client().create(PATH, {"webhook_url": URL})
    assert actions(world.plan()) == {}, "the one that is ours is known by its id"
    world.store = MemoryStore()
    assert codes(errors(world.plan())) == ["LS301"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_lost_answer_of_a_create_makes_no_twin(tmp_path: Path, when: str) -> None:
    with World(tmp_path) as world:
        world.env = dict(ENV)
        put(world, **FULL)
        world.emulator.set_faults([parse_fault(f"POST * cut when={when} nth=1")])
        settle(world)
        assert len(held(world)) == 1
        assert stored(world)["secret"] == ENV["HOOK_SECRET"]


def test_run_that_ended_before_the_answer_leaves_one_that_is_adopted(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.env = dict(ENV)
        put(world, **FULL)
        plan = world.plan()
        world.emulator.set_faults([parse_fault("POST * cut when=after"), parse_fault("GET * cut")])
        assert not world.execute(plan).is_complete
        (intent,) = world.store.load().intents
        assert intent.digest != digest(revealed(plan.changes[0].send)), "a digest without a key could be guessed at"
        world.emulator.set_faults([])
        settle(world)
        assert len(held(world)) == 1


# -- a service without webhooks, or one that does not keep its word


def test_service_without_webhooks_is_said_so_when_planning(tmp_path: Path) -> None:
    with World(tmp_path, dialect="reference") as world:
        put(world, url=URL)
        world.put("docs.yaml", manifest("Directory", "docs"))
        plan = world.plan()
        (problem,) = errors(plan)
        assert (problem.code, str(problem.address)) == ("LS122", "WebhookConfig/parsed")
        assert problem.source is not None
        assert problem.source.file == "parsed.yaml"
        without = world.plan(PlanOptions(selection=Selection(excludes=(ADDRESS,))))
        assert errors(without) == []
        assert actions(without) == {"Directory/docs": "create"}


@pytest.mark.parametrize(
    ("patch", "path"),
    [
        ({"has_secret": False}, "spec.signingSecret"),
        ({"webhook_headers": {"Authorization": "***"}}, "spec.headers.X-Team"),
        ({"webhook_url": "https://other.example/"}, "spec.url"),
    ],
)
def test_what_the_service_does_not_keep_is_a_problem_now(tmp_path: Path, patch: dict[str, Any], path: str) -> None:
    from llamasync.live.objects import to_live
    from llamasync.plan.compare import check_kept

    with World(tmp_path) as world:
        world.env = dict(ENV)
        put(world, **FULL)
        world.apply()
        (desired,) = world.load().desired.objects.values()
        raw = held(world)[0]
        assert check_kept(desired, to_live(raw, KIND.collection), KIND, "", str) == ()
        lost = check_kept(desired, to_live({**raw, **patch}, KIND.collection), KIND, "", str)
        assert [change.path for change in lost] == [path]
        assert not any(secret in repr(lost) for secret in ENV.values())


def test_what_the_service_does_not_clear_is_a_problem_now(tmp_path: Path) -> None:
    from llamasync.live.objects import to_live
    from llamasync.plan.compare import check_kept

    with World(tmp_path) as world:
        put(world, url=URL)
        (desired,) = world.load().desired.objects.values()
        shown = {"id": "whc-1", "webhook_url": URL, "has_secret": True, "webhook_headers": {"X": "***"}}
        live = to_live(shown, KIND.collection)
        assert check_kept(desired, live, KIND, "", str) == ()
        sent = {"webhook_signing_secret": "", "webhook_headers": {}}
        lost = check_kept(desired, live, KIND, "", str, sent=sent)
        assert [change.path for change in lost] == ["spec.signingSecret", "spec.headers.X"]


# -- the facts


@pytest.mark.parametrize(
    ("url", "key", "shown"),
    [
        (URL, URL, URL),
        (
            "https://a:b@h.example:8443/p?q=1#f",
            "https://h.example:8443/p?q=1#f",
            "https://(secret)@h.example:8443/p?q=1#f",
        ),
        ("https://token@h.example", "https://h.example", "https://(secret)@h.example"),
        ("https://h.example/?mail=a@b.c", "https://h.example/?mail=a@b.c", "https://h.example/?mail=a@b.c"),
        ("https://[::1/p", "https://[::1/p", "https://[::1/p"),
    ],
)
def test_credentials_of_a_url_are_hidden_and_no_part_of_its_identity(url: str, key: str, shown: str) -> None:
    assert KIND.build is not None
    built = KIND.build(WebhookConfigSpec(url=url), "x")
    assert built.key == (key,)
    assert str(built.fields["webhook_url"]) == shown
    assert revealed(built.fields) == {"webhook_url": url}


def test_name_is_a_label_of_the_manifest_alone() -> None:
    assert KIND.build is not None
    named, plain = (KIND.build(WebhookConfigSpec(url=URL, name=name), "x") for name in ("Parsed", None))
    assert named == plain


def test_fields_are_those_of_the_contract() -> None:
    from llamasync.codegen.contract import components
    from llamasync.manifest.schema_files import load_schema

    request = components()["WebhookConfigCreateRequest"]["properties"]
    assert request.keys() == {fact.name for fact in KIND.fields}
    schema = load_schema("WebhookConfig")
    assert schema is not None
    spec = schema["properties"]["spec"]["properties"]
    kinds = [one["enum"] for one in spec["outputFormat"]["anyOf"] if "enum" in one]
    assert kinds == [one["enum"] for one in request["webhook_output_format"]["anyOf"] if "enum" in one]
    assert spec["events"]["anyOf"] == request["webhook_events"]["anyOf"]
    assert spec["signingSecret"]["writeOnly"] is True
