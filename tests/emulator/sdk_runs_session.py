"""Call every method that the installed official SDK has for agent data, webhooks and jobs, strictly validated.

Run as `sdk_session.py` is: base URL, dialect and version are its arguments.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from llama_cloud import APIStatusError, LlamaCloud


def status_of(call: Callable[[], Any]) -> int:
    try:
        call()
    except APIStatusError as refused:
        return refused.status_code
    return 0


def try_agent_data(client: LlamaCloud) -> None:
    agent_data = client.beta.agent_data
    here: dict[str, Any] = {"deployment_name": "_public", "collection": "people"}
    create = getattr(agent_data, "create", None) or agent_data.agent_data
    made = [create(data={"name": name, "at": {"team": team}}, **here) for name, team in ("ax", "by", "cx")]
    assert made[0].data == {"name": "a", "at": {"team": "x"}}
    first = str(made[0].id)
    assert agent_data.get(first).id == first
    assert agent_data.update(first, data={"name": "A", "at": {"team": "x"}}).data["name"] == "A"
    assert [each.data["name"] for each in agent_data.search(order_by="name desc", page_size=1, **here)] == [
        "c",
        "b",
        "A",
    ]
    page = agent_data.search(filter={"at.team": {"eq": "x"}}, include_total=True, offset=1, **here)
    assert (len(page.items), page.total_size) == (1, 2)
    since = agent_data.search(filter={"created_at": {"gte": made[1].created_at}}, **here)
    assert len(list(since)) == 2
    groups = list(agent_data.aggregate(group_by=["at.team"], count=True, first=True, page_size=1, **here))
    assert [(each.group_key, each.count) for each in groups] == [({"at.team": "x"}, 2), ({"at.team": "y"}, 1)]
    assert groups[0].first_item == {"name": "A", "at": {"team": "x"}}
    agent_data.delete(first)
    assert status_of(lambda: agent_data.get(first)) == 404
    assert agent_data.delete_by_query(filter={"name": {"includes": ["b", "z"]}}, **here).deleted_count == 1
    assert agent_data.delete_by_query(**here).deleted_count == 1


def try_webhook_configs(client: LlamaCloud) -> None:
    webhooks = client.webhook_configs
    url = "https://me:secret@example.com/hook"
    made = webhooks.create(webhook_url=url, webhook_signing_secret="s", webhook_headers={"A": "b"})
    assert (made.has_secret, made.tenant_type) == (True, "project")
    assert made.webhook_headers != {"A": "b"}
    assert webhooks.retrieve(made.id).id == made.id
    put = webhooks.update(made.id, webhook_events=["split.success", "batch.error"], webhook_output_format="json")
    assert put.webhook_events == ["split.success", "batch.error"]
    assert [each.id for each in webhooks.list()] == [made.id]
    assert webhooks.delete(made.id) is None
    assert status_of(lambda: webhooks.retrieve(made.id)) == 404


def main() -> None:
    base_url, _dialect, version = sys.argv[1:4]
    import llama_cloud

    assert llama_cloud.__version__ == version, f"this is the SDK {llama_cloud.__version__}, not {version}"
    with LlamaCloud(api_key="key", base_url=base_url, max_retries=0, _strict_response_validation=True) as client:
        try_agent_data(client)
        if hasattr(client, "webhook_configs"):
            try_webhook_configs(client)
    print("all good")


if __name__ == "__main__":
    main()
