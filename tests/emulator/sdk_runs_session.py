"""Call every method that the installed official SDK has for agent data, webhooks and jobs, strictly validated.

Run as `sdk_session.py` is: base URL, dialect and version are its arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
from llama_cloud import LlamaCloud

from tests.emulator.sdk_judge import judge, pass_time, status_of


def try_agent_data(client: LlamaCloud) -> None:
    agent_data = client.beta.agent_data
    here: dict[str, Any] = {"deployment_name": "_public", "collection": "people"}
    ways = [agent_data.agent_data, getattr(agent_data, "create", agent_data.agent_data), agent_data.agent_data]
    made = [
        create(data={"name": name, "at": {"team": team}}, **here)
        for create, (name, team) in zip(ways, ("ax", "by", "cx"), strict=True)
    ]
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
    if hasattr(webhooks, "list_paginated"):
        assert [each.id for each in webhooks.list_paginated(page_size=1, include_total=True)] == [made.id]
    assert webhooks.delete(made.id) is None
    assert status_of(lambda: webhooks.retrieve(made.id)) == 404


SPLIT: dict[str, Any] = {"categories": [{"name": "invoice"}, {"name": "contract", "description": "signed"}]}
TEXT = b"The invoice\fmore of the invoice\fsigned by all"


def uploaded(client: LlamaCloud, name: str, content: bytes) -> str:
    return client.files.create(file=(name, content), purpose="user_data").id


def waited_for(get: Callable[[], Any], *unfinished: str) -> Any:
    """Return a job that runs once it is over: its status is then none of the unfinished ones."""
    pass_time()
    job = get()
    assert job.status not in unfinished
    return job


def try_beta_split(client: LlamaCloud) -> None:
    split = client.beta.split
    document = {"type": "file_id", "value": uploaded(client, "a.txt", TEXT)}
    job = split.create(document_input=document, configuration=SPLIT)
    done = split.wait_for_completion(job.id, polling_interval=0.05)
    assert [(each.category, each.pages) for each in done.result.segments] == [("invoice", [1, 2]), ("contract", [3])]
    assert done.result.segments[0].confidence_category in {"high", "medium", "low"}
    assert [each.id for each in split.list(status="completed", job_ids=[job.id])] == [job.id]
    assert split.get(job.id).status == "completed"
    again = split.split(document_input=document, categories=SPLIT["categories"], polling_interval=0.05)
    assert (again.status, len(again.result.segments)) == ("completed", 2)


def try_split(client: LlamaCloud) -> None:
    split = client.split
    file = uploaded(client, "b.txt", TEXT)
    job = split.create(file_input=file, configuration=SPLIT, transaction_id="once")
    assert split.create(file_input=file, configuration=SPLIT, transaction_id="once").id == job.id
    done = waited_for(lambda: split.get(job.id), "pending", "processing")
    assert (done.status, len(done.result.segments)) == ("completed", 2)
    other = split.create(file_input=file, configuration=SPLIT)
    assert split.cancel(other.id).status == "cancelled"
    assert [each.id for each in split.list(status="cancelled", page_size=1)] == [other.id]
    split.delete(job.id)
    assert status_of(lambda: split.get(job.id)) == 404


def try_sheets(client: LlamaCloud) -> None:
    sheets = client.beta.sheets
    file = uploaded(client, "a.csv", b"name,age\nAda,36\n")
    done = sheets.parse(file_id=file, config={"sheet_names": ["a"]}, polling_interval=0.05)
    assert (done.status, done.success, done.file_id) == ("SUCCESS", True, file)
    assert [each.sheet_name for each in done.worksheet_metadata] == ["a"]
    (region,) = done.regions
    assert (region.location, region.region_type) == ("A1:B2", "table")
    where = {"spreadsheet_job_id": done.id, "region_id": region.region_id}
    link = sheets.get_result_table("table", **where, expires_at_seconds=60)
    assert httpx.get(link.url).text == "name,age\nAda,36\n"
    assert "number_format" in httpx.get(sheets.get_result_table("cell_metadata", **where).url).text
    assert [each.id for each in sheets.list(page_size=1, include_results=True)] == [done.id]
    assert sheets.get(done.id, include_results=False).regions == []
    sheets.delete_job(done.id)
    assert status_of(lambda: sheets.get(done.id)) == 404


def filled_directory(client: LlamaCloud) -> str:
    directory = client.beta.directories.create(name="batch").id
    for name, content in (("a.txt", b"text"), ("b.pdf", b"%PDF damaged"), ("c.png", b"png")):
        client.beta.directories.files.upload(directory, upload_file=(name, content), unique_id=name)
    return directory


def try_batches(client: LlamaCloud) -> None:
    directory, batches = filled_directory(client), client.batches
    config = {"job": {"type": "parse_v2", "configuration_id": "cfg-PARSE_AGENTIC"}}
    made = batches.create(source_directory_id=directory, config=config)
    assert (made.source_directory_id, made.results) == (directory, None)
    done = waited_for(lambda: batches.get(made.id, expand=["results"]), "PENDING", "THROTTLED", "RUNNING")
    assert done.status == "COMPLETED"
    assert [each.error_message is None for each in done.results] == [True, False, False]
    assert done.results[0].job_reference.type == "parse_v2"
    assert [each.id for each in batches.list(status="COMPLETED", source_directory_id=directory)] == [made.id]
    if hasattr(batches, "cancel"):
        other = batches.create(source_directory_id=directory, config=config)
        assert batches.cancel(other.id).status == "CANCELLED"


def try_batch_processing(client: LlamaCloud) -> None:
    directory, batch = filled_directory(client), client.beta.batch
    made = batch.create(directory_id=directory, job_config={"parameters": {}}, temporal_namespace="default")
    assert (made.job_type, made.total_items) == ("parse", 3)
    done = waited_for(lambda: batch.get_status(made.id).job, "pending", "running", "dispatched")
    assert (done.status, done.failed_items, done.skipped_items) == ("completed", 1, 1)
    assert batch.get_status(made.id).progress_percentage == 100
    assert [each.id for each in batch.list(limit=1, status="completed", directory_id=directory)] == [made.id]
    items = list(batch.job_items.list(made.id))
    assert [each.status for each in items] == ["completed", "failed", "skipped"]
    found = batch.job_items.get_processing_results(items[0].item_id, job_type="parse")
    assert (found.item_name, len(found.processing_results)) == ("a.txt", 1)
    other = batch.create(item_ids=[items[0].item_id], job_config={"parameters": {}})
    assert batch.cancel(other.id, reason="enough").status == "cancelled"


def try_all(client: LlamaCloud, dialect: str, version: str) -> None:
    try_agent_data(client)
    if hasattr(client, "webhook_configs"):
        try_webhook_configs(client)
    try_beta_split(client)
    if hasattr(client, "split"):
        try_split(client)
    if hasattr(client.beta, "sheets"):
        try_sheets(client)
    if hasattr(client, "batches"):
        try_batches(client)
    if hasattr(client.beta, "batch"):
        try_batch_processing(client)


if __name__ == "__main__":
    judge(try_all)
