"""Call a little of everything through the official SDK's asynchronous client, many calls at once, strictly validated.

Run as a script, as sdk_session is. That every method is answered is shown with the other client: the two are twins.
"""

from __future__ import annotations

import asyncio
import json
import sys
import warnings
from typing import Any

import llama_cloud
from llama_cloud import AsyncLlamaCloud, NotFoundError

from tests.emulator.sdk_judge import pass_time

FILES = 20


async def fill(client: AsyncLlamaCloud) -> str:
    """Make a directory and upload files to it, all at the same time."""
    directory = (await client.beta.directories.create(name="docs")).id
    files = client.beta.directories.files
    uploads = (
        files.upload(directory, upload_file=(f"{i}.txt", f"Text number {i} about apples".encode()), unique_id=str(i))
        for i in range(FILES)
    )
    made = await asyncio.gather(*uploads)
    assert len({each.id for each in made}) == FILES
    listed = [each.unique_id async for each in files.list(directory, page_size=3)]
    assert sorted(listed, key=int) == [str(i) for i in range(FILES)]
    return directory


async def ask(area: Any, directory: str) -> str:
    """Make an index, let it become ready, and ask it; return its id."""
    index = await area.indexes.create(source_directory_id=directory)
    await asyncio.to_thread(pass_time)
    assert (await area.indexes.get(index.id)).metadata["status"] == "ready"
    queries = (area.retrieval.retrieve(index_id=index.id, query=f"text number {i}", top_k=3) for i in range(FILES))
    answers = await asyncio.gather(*queries)
    assert [answer.results[0].content for answer in answers] == [f"Text number {i} about apples" for i in range(FILES)]
    return str(index.id)


async def talk(chat: Any, index_id: str) -> None:
    made = await chat.create(index_ids=[index_id])
    stream = chat.with_streaming_response.stream(made.session_id, index_ids=[index_id], prompt="Which number is 7?")
    async with stream as answer:
        lines = [line.removeprefix("data: ") async for line in answer.iter_lines() if line]
    assert json.loads(lines[-1])["type"] == "stop"
    assert (await chat.retrieve(made.session_id)).job_metadata.turns == 1


async def try_all(base_url: str) -> None:
    async with AsyncLlamaCloud(
        api_key="key", base_url=base_url, max_retries=0, _strict_response_validation=True
    ) as client:
        directory = await fill(client)
        area = client if hasattr(client, "indexes") else client.beta
        index_id = await ask(area, directory)
        await talk(area.chat, index_id)
        assert await area.indexes.delete(index_id) is None
        (gone,) = await asyncio.gather(area.indexes.get(index_id), return_exceptions=True)
        assert isinstance(gone, NotFoundError)


if __name__ == "__main__":
    assert llama_cloud.__version__ == sys.argv[3]
    warnings.simplefilter("ignore", DeprecationWarning)
    asyncio.run(try_all(sys.argv[1]))
    print(json.dumps("done"))
