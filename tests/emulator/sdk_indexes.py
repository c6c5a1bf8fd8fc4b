"""Call every method that the installed official SDK has for indexes, retrieval and chat, strictly validated.

Run as a script, as sdk_session is.
"""

from __future__ import annotations

import json
from typing import Any

import httpx
from llama_cloud import LlamaCloud

from tests.emulator.sdk_judge import judge, pass_time, status_of


def wait(indexes: Any, index_id: str) -> Any:
    pass_time()
    shown = indexes.get(index_id)
    assert shown.metadata["status"] not in ("pending", "syncing")
    return shown


def fill(client: LlamaCloud) -> str:
    directory = client.beta.directories.create(name="docs").id
    for name, content, metadata in (
        ("law.txt", b"Contracts bind both parties.\fDamages are owed for breach of contract.", '{"team": "law"}'),
        ("bolts.md", b"# Bolts\n\nTighten each bolt with a torque wrench.", '{"team": "plant", "year": 2024}'),
    ):
        client.beta.directories.files.upload(directory, upload_file=(name, content), metadata=metadata)
    return directory


def try_indexes(indexes: Any, dialect: str, directory: str) -> str:
    more = {}
    if dialect == "current":
        more = {
            "name": "handbook",
            "sync_frequency": "manual",
            "store_attachments": ["items", "screenshots"],
            "vector_target": "DEFAULT",
        }
    products = [{"product_type": "parse", "product_config_id": "cfg-PARSE_AGENTIC"}]
    made = indexes.create(source_directory_id=directory, description="all", products=products, **more)
    assert (made.name, made.description) == ("handbook" if dialect == "current" else "docs", "all")
    assert status_of(lambda: indexes.create(source_directory_id=directory)) == 409
    assert status_of(lambda: indexes.sync(made.id)) == 409
    shown = wait(indexes, made.id)
    assert (shown.metadata["status"], shown.metadata["indexed_files"]) == ("ready", 2)
    assert shown.last_synced_at is not None
    assert indexes.get(made.export_config_id).id == made.id
    assert indexes.sync(made.id) == {}
    if hasattr(indexes, "cancel_sync"):
        assert indexes.get(made.id, expand=["sync_in_progress"]).sync_in_progress
        assert indexes.cancel_sync(made.id) == {}
        assert status_of(lambda: indexes.cancel_sync(made.id)) == 409
        assert indexes.get(made.id, expand=["sync_in_progress"]).sync_in_progress is False
        assert indexes.sync(made.id) == {}
    wait(indexes, made.id)
    if hasattr(indexes, "list"):
        assert [each.id for each in indexes.list(source_directory_id=directory, page_size=1)] == [made.id]
    return str(made.id)


def try_retrieval(retrieval: Any, index_id: str) -> Any:
    static = {"parsed_directory_file_id": {"operator": "ne", "value": "dfl-none"}}
    custom = {"team": {"operator": "eq", "value": "law"}}
    found = retrieval.retrieve(
        index_id=index_id,
        query="damages for breach",
        top_k=5,
        static_filters=static,
        custom_filters=custom,
        rerank={"enabled": True, "top_n": 3},
        score_threshold=0.01,
    ).results
    assert "Damages are owed" in found[0].content
    assert found[0].metadata == {"team": "law"}
    assert found[0].static_fields.page_range_end == 2
    if hasattr(retrieval, "find"):
        files = list(retrieval.find(index_id=index_id, file_name_contains=".", page_size=1))
        names = [each.file_name for each in files]
    else:
        files = retrieval.search(index_id=index_id, file_name_contains=".").files
        names = [each.file_name for each in files]
    assert names == ["law.txt", "bolts.md"]
    grep = {"index_id": index_id, "file_id": files[0].file_id, "pattern": "contract|breach", "context_chars": 3}
    if hasattr(retrieval, "find"):
        matches = list(retrieval.grep(**grep, page_size=1))
    else:
        matches = retrieval.grep(**grep, limit=5).matches
    assert [each.content for each in matches] == ["or breach of", "of contract."]
    content = retrieval.read(index_id=index_id, file_id=files[0].file_id, offset=10, max_length=4).content
    assert content == "bind"
    return found[0]


def try_attachments(client: LlamaCloud, found: Any) -> None:
    attachments = client.beta.attachments
    (reference,) = [each for each in found.static_fields.attachments if each.attachment_name.endswith("page_2.jpg")]
    listed = list(attachments.list(source_id=reference.source_id, page_size=1))
    assert sorted(each.name for each in listed) == [
        "items/page_1.json",
        "items/page_2.json",
        "screenshots/page_1.jpg",
        "screenshots/page_2.jpg",
    ]
    link = attachments.get(reference.attachment_name, source_id=reference.source_id)
    content = httpx.get(link.url).content
    assert content.startswith(b"\xff\xd8")
    assert len(content) == next(each.size for each in listed if each.name == reference.attachment_name)


def try_chat(chat: Any, dialect: str, index_id: str) -> None:
    made = chat.create(index_ids=[index_id])
    assert (made.index_ids, made.job_metadata) == ([index_id], None)
    if dialect == "reference":
        assert chat.set_title(made.session_id, first_message="Hello there").generated_title == "Hello there"
    prompt = "What is owed for breach?"
    with chat.with_streaming_response.stream(made.session_id, index_ids=[index_id], prompt=prompt) as answer:
        lines = [line.removeprefix("data: ") for line in answer.iter_lines() if line]
    events = [json.loads(line) for line in lines]
    assert len({event["type"] for event in events}) == 8
    assert "Damages are owed for breach" in next(event["content"] for event in events if event["type"] == "text")
    shown = chat.retrieve(made.session_id)
    assert [event.type for event in shown.events] == [
        event["type"] for event in events if not event["type"].endswith("_delta")
    ]
    assert shown.job_metadata.turns == 1
    assert chat.get_summary(made.session_id).session_id == made.session_id
    chat.create()
    assert len(list(chat.list(page_size=1))) >= 2
    assert chat.delete(made.session_id) is None
    assert status_of(lambda: chat.retrieve(made.session_id)) == 404


def try_all(client: LlamaCloud, dialect: str, version: str) -> None:
    index_id = ""
    for area in (client, client.beta):
        if not hasattr(area, "indexes"):
            continue
        directory = fill(client)
        index_id = try_indexes(area.indexes, dialect, directory)
        found = try_retrieval(area.retrieval, index_id)
        if hasattr(client.beta, "attachments"):
            try_attachments(client, found)
        try_chat(area.chat, dialect, index_id)
        assert area.indexes.delete(index_id) is None
        assert status_of(lambda area=area, index_id=index_id: area.indexes.get(index_id)) == 404
    assert index_id


if __name__ == "__main__":
    judge(try_all)
