"""What an index keeps beside the text: screenshots and items, made of the document itself."""

from __future__ import annotations

import base64
import io
import json
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from PIL import Image

from llamasync.emulator.attaching import make_attachments
from llamasync.emulator.extraction import Unreadable, extract_pages
from tests.emulator.documents import illustrated_docx, illustrated_pdf, pdf, picture
from tests.emulator.support import World, check_against_contract

ATTACHMENTS = "/api/v1/beta/attachments"
BOTH = ["screenshots", "items"]


def made(name: str, content: bytes, kinds: list[str] | None = None) -> dict[str, bytes]:
    pages = extract_pages(name, content)
    return {each.name: each.content for each in make_attachments(name, content, pages, kinds or BOTH)}


def indexed(world: World, kinds: list[str], **files: bytes) -> tuple[dict[str, Any], list[Any]]:
    """Make an index on these files, `a_pdf` being a.pdf, and wait until it is ready."""
    directory = world.directory()
    sent = [world.uploaded(directory, name.replace("_", "."), content) for name, content in files.items()]
    index = world.ok("POST", "/api/v1/indexes", json={"source_directory_id": directory, "store_attachments": kinds})
    world.emulator.control.finish_syncs()
    return index, sent


def names(world: World, source_id: str) -> list[str]:
    return [each["name"] for each in world.items(ATTACHMENTS, source_id=source_id, page_size=2)]


def test_a_pdf_gives_a_screenshot_a_page_and_what_stands_where() -> None:
    found = made("a.pdf", illustrated_pdf("Annual report", picture("red")))
    assert list(found) == [
        "screenshots/page_1.jpg",
        "items/page_1_image_1.png",
        "items/page_1.json",
        "screenshots/page_2.jpg",
        "items/page_2.json",
    ]
    page = json.loads(found["items/page_1.json"])
    assert [(each["type"], each.get("value")) for each in page["items"]] == [
        ("heading", "Annual report"),
        ("text", "Line 0"),
        ("text", "Line 1"),
        ("image", None),
    ]
    assert page["items"][3]["bbox"] == [{"x": 100, "y": 392, "w": 200, "h": 100}]
    assert page["items"][3]["url"] == "items/page_1_image_1.png"
    assert page["items"][1]["bbox"][0]["x"] == 72


def test_a_screenshot_shows_the_text_and_the_images_of_its_page() -> None:
    found = made("a.pdf", illustrated_pdf("Annual report", picture("red")))
    page = Image.open(io.BytesIO(found["screenshots/page_1.jpg"])).convert("RGB")
    assert page.size == (612, 792)
    red, green, blue = page.getpixel((200, 440))  # type: ignore[misc]
    assert red > 200 > 60 > max(green, blue)
    title = page.crop((72, 660, 300, 720)).convert("L")
    assert page.crop((0, 0, 612, 60)).convert("L").getextrema() == (255, 255)
    assert title.getextrema() == (255, 255)
    assert page.crop((72, 60, 300, 100)).convert("L").getextrema()[0] < 50  # type: ignore[operator]


def test_an_image_comes_out_with_the_bytes_that_are_in_the_document() -> None:
    image = picture("blue", form="JPEG")
    found = made("a.docx", illustrated_docx("Some text", image), ["items"])
    assert list(found) == ["items/page_1.json", "items/page_2_image_1.jpg", "items/page_2.json"]
    assert found["items/page_2_image_1.jpg"] == image
    text = base64.b64encode(picture("green")).decode()
    found = made("a.html", f'<p>Text</p><img alt="x" src="data:image/png;base64,{text}"><img src="b.png">'.encode())
    assert found["items/page_1_image_1.png"] == picture("green")


def test_a_table_is_an_item_with_its_cells() -> None:
    found = made("a.csv", b"name,age\nAda,36\n", ["items"])
    (table,) = json.loads(found["items/page_1.json"])["items"]
    assert (table["type"], table["rows"]) == ("table", [["name", "age"], ["Ada", "36"]])
    assert (table["csv"], table["md"]) == ("name,age\nAda,36\n", "| name | age |\n| --- | --- |\n| Ada | 36 |")
    assert table["html"] == "<table><tr><td>name</td><td>age</td></tr><tr><td>Ada</td><td>36</td></tr></table>"


def test_the_items_have_the_form_that_the_official_sdk_reads() -> None:
    from llama_cloud.types.parsing_get_response import ItemsPageStructuredResultPage

    documents = {"a.pdf": illustrated_pdf("T", picture()), "a.md": b"# Head\n\ntext\n\na | b\n", "a.csv": b"a,b\n"}
    for name, content in documents.items():
        for file, text in made(name, content).items():
            if file.endswith(".json"):
                page = ItemsPageStructuredResultPage.model_validate_json(text, strict=True)
                assert page.items is not None


def test_damage_that_reading_the_text_does_not_show_gives_no_attachments() -> None:
    with pytest.raises(Unreadable, match="no attachments"):
        make_attachments("a.pdf", b"%PDF-1.7 damaged", ["text"], BOTH)
    text = base64.b64encode(b"no image").decode()
    page = f'<img src="data:image/png;base64,{text}"><img src="data:image/png;base64,A">text'.encode()
    assert list(made("a.html", page)) == ["screenshots/page_1.jpg", "items/page_1.json"]


def test_a_long_page_is_cut_and_a_long_document_too(monkeypatch: pytest.MonkeyPatch) -> None:
    found = made("a.txt", b"word " * 200_000, ["screenshots"])
    assert Image.open(io.BytesIO(found["screenshots/page_1.jpg"])).size[1] <= 5000
    monkeypatch.setattr("llamasync.emulator.attaching.making.MAX_PAGES", 2)
    assert len(made("a.pdf", pdf("a", "b", "c"), ["screenshots"])) == 2


def test_a_table_on_a_long_page_is_cut() -> None:
    rows = "\n".join(f"a{i} | b{i}" for i in range(500))
    (table,) = json.loads(made("a.txt", rows.encode(), ["items"])["items/page_1.json"])["items"]
    assert len(table["rows"]) == 300


@pytest.mark.parametrize("library", ["PIL", "pypdf"])
def test_an_index_is_ready_without_attachments_where_a_library_is_missing(
    world: World, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    directory = world.directory()
    sent = world.uploaded(directory, "a.pdf", pdf("text"))
    # Its text is known by now, so that only the attachments are left to make.
    plain = world.ok("POST", "/api/v1/indexes", json={"source_directory_id": directory})
    world.emulator.control.finish_syncs()
    world.ok("DELETE", f"/api/v1/indexes/{plain['id']}")
    monkeypatch.setitem(sys.modules, library, None)
    body = {"source_directory_id": directory, "store_attachments": BOTH}
    index = world.ok("POST", "/api/v1/indexes", json=body)
    world.emulator.control.finish_syncs()
    assert world.ok("GET", f"/api/v1/indexes/{index['id']}")["metadata"]["status"] == "ready"
    assert names(world, sent["id"]) == []


def test_attachments_are_listed_and_downloaded_by_any_id_of_the_file(world: World) -> None:
    content = illustrated_pdf("Annual report", picture())
    index, (sent,) = indexed(world, BOTH, a_pdf=content)
    output = f"/api/v1/beta/directories/{index['output_directory_id']}/files"
    (parsed,) = world.items(output)
    expected = made("a.pdf", content)
    for source in (sent["id"], sent["file_id"], parsed["id"], parsed["file_id"], sent["file_id"].upper()):
        assert sorted(names(world, source)) == sorted(expected), source
    answer = world.client.get(ATTACHMENTS, params={"source_id": sent["id"]})
    check_against_contract("current", "GET", ATTACHMENTS, answer)
    assert all(each["size"] == len(expected[each["name"]]) for each in answer.json()["items"])
    for name in ("screenshots/page_1.jpg", "items/page_1_image_1.png"):
        path = f"{ATTACHMENTS}/{quote(name, safe='')}"
        answer = world.client.get(path, params={"source_id": parsed["id"]})
        check_against_contract("current", "GET", f"{ATTACHMENTS}/{name}", answer)
        bytes_ = world.client.get(answer.json()["url"])
        assert bytes_.content == expected[name]
        assert bytes_.headers["content-type"] == ("image/jpeg" if name.endswith("jpg") else "image/png")


def test_a_chunk_refers_to_the_attachments_of_its_own_pages(world: World) -> None:
    index, _ = indexed(world, BOTH, a_pdf=pdf("apples " * 150, "pears " * 150))
    body = {"index_id": index["id"], "query": "pears", "top_k": 1}
    (hit,) = world.ok("POST", "/api/v1/retrieval/retrieve", json=body)["results"]
    fields = hit["static_fields"]
    assert [(each["type"], each["attachment_name"]) for each in fields["attachments"]] == [
        ("items", "items/page_2.json"),
        ("screenshot", "screenshots/page_2.jpg"),
    ]
    reference = fields["attachments"][1]
    link = world.ok(
        "GET", f"{ATTACHMENTS}/{reference['attachment_name']}", params={"source_id": reference["source_id"]}
    )
    assert world.client.get(link["url"]).content.startswith(b"\xff\xd8")
    session = world.ok("POST", "/api/v1/chat", json={"index_ids": [index["id"]]})["session_id"]
    prompt = {"index_ids": [index["id"]], "prompt": "pears?"}
    streamed = world.client.post(f"/api/v1/chat/{session}/messages/stream", json=prompt).text
    events = [json.loads(line.removeprefix("data: ")) for line in streamed.splitlines() if line]
    (result,) = [event for event in events if event["type"] == "tool_result"]
    assert result["image_attachment"] == {
        "source_id": reference["source_id"],
        "attachment_name": "screenshots/page_2.jpg",
    }


@pytest.mark.parametrize(("kinds", "count"), [([], 0), (["screenshots"], 2), (["items"], 2), (["items", "items"], 2)])
def test_only_the_kinds_that_the_index_was_made_with_are_stored(world: World, kinds: list[str], count: int) -> None:
    _, (sent,) = indexed(world, kinds, a_pdf=pdf("one", "two"))
    assert len(names(world, sent["id"])) == count


def test_what_is_gone_has_no_attachments(worlds: Callable[..., World]) -> None:
    world = worlds({"index_delete_output": "delete"})
    index, (sent, other) = indexed(world, ["screenshots"], a_txt=b"text", b_png=b"no text")
    assert names(world, sent["id"]) == ["screenshots/page_1.jpg"]
    assert names(world, other["id"]) == []
    link = world.ok("GET", f"{ATTACHMENTS}/screenshots/page_1.jpg", params={"source_id": sent["id"]})
    assert world.status("GET", f"{ATTACHMENTS}/screenshots/page_2.jpg", params={"source_id": sent["id"]}) == 404
    assert world.status("GET", ATTACHMENTS, params={"source_id": "dfl-none"}) == 404
    assert world.status("GET", ATTACHMENTS) == 422
    world.ok("DELETE", f"/api/v1/indexes/{index['id']}")
    assert names(world, sent["id"]) == []
    assert world.client.get(link["url"]).status_code == 200


def test_an_unchanged_file_keeps_its_attachments_from_sync_to_sync(world: World) -> None:
    index, (sent,) = indexed(world, ["screenshots"], a_txt=b"text")
    before = world.items(ATTACHMENTS, source_id=sent["id"])
    world.ok("POST", f"/api/v1/indexes/{index['id']}/sync")
    world.emulator.control.finish_syncs()
    after = world.items(ATTACHMENTS, source_id=sent["id"])
    assert [each["name"] for each in after] == [each["name"] for each in before]
    world.emulator.control.replace_content(sent["id"], b"one\ftwo")
    world.ok("POST", f"/api/v1/indexes/{index['id']}/sync")
    world.emulator.control.finish_syncs()
    assert names(world, sent["id"]) == ["screenshots/page_1.jpg", "screenshots/page_2.jpg"]


def test_the_reference_dialect_has_no_attachments(worlds: Callable[..., World]) -> None:
    world = worlds(dialect="reference")
    assert world.status("GET", ATTACHMENTS, params={"source_id": "dfl-none"}) == 404
