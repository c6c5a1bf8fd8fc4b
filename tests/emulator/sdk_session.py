"""Call every method that the installed official SDK has for these resources, with strict response validation.

Run as a script, in an environment where one version of the SDK comes first: base URL and dialect are its arguments.
"""

from __future__ import annotations

import json
import warnings

import httpx
from llama_cloud import LlamaCloud

from tests.emulator.sdk_judge import judge, status_of

PARSE = {"product_type": "parse_v2", "tier": "fast", "version": "latest"}


def try_directories(client: LlamaCloud, dialect: str) -> str:
    directories = client.beta.directories
    made = directories.create(name="docs", description="first")
    assert (made.name, made.description, made.deleted_at) == ("docs", "first", None)
    assert made.id.startswith("dir-")
    assert directories.get(made.id).id == made.id
    assert directories.update(made.id, description="second").description == "second"
    if dialect == "current":
        assert made.type == "user"
        assert directories.create(name="soon gone", type="ephemeral").expires_at is not None
    for i in range(7):
        directories.create(name=f"more {i}")
    assert len(list(directories.list(page_size=3))) == (9 if dialect == "current" else 8)
    assert [each.id for each in directories.list(name="docs", type="user")] == [made.id]
    gone = directories.create(name="gone")
    assert directories.delete(gone.id) is None
    assert [each.id for each in directories.list(name="gone")] == []
    assert next(iter(directories.list(name="gone", include_deleted=True))).deleted_at is not None
    assert status_of(lambda: directories.get(gone.id)) == 404
    return made.id


def try_directory_files(client: LlamaCloud, dialect: str, directory_id: str) -> None:
    files = client.beta.directories.files
    metadata = {"team": "law", "pages": 3, "share": 0.5, "draft": True, "none": None, "tags": ["a", "b"]}
    sent = files.upload(
        directory_id, upload_file=("a.txt", b"hello"), unique_id="x/a.txt", metadata=json.dumps(metadata)
    )
    assert (sent.unique_id, sent.display_name, sent.metadata) == ("x/a.txt", "a.txt", metadata)
    assert status_of(lambda: files.upload(directory_id, upload_file=("a.txt", b"2"), unique_id="x/a.txt")) == 409
    shown = files.get(sent.id, directory_id=directory_id, expand=["download_url"])
    assert shown.download_url is not None
    assert httpx.get(shown.download_url.url).content == b"hello"
    for i in range(5):
        files.upload(directory_id, upload_file=(f"b{i}.txt", b"b"), display_name=f"Name {i}", external_file_id=f"e{i}")
    assert len(list(files.list(directory_id, page_size=2))) == 6
    assert [each.unique_id for each in files.list(directory_id, display_name="Name 1")] == ["e1"]
    assert len(list(files.list(directory_id, display_name_contains="name"))) == 5
    assert [each.id for each in files.list(directory_id, unique_id="x/a.txt")] == [sent.id]
    assert [each.id for each in files.list(directory_id, file_id=sent.file_id)] == [sent.id]
    assert sent.updated_at is not None
    assert len(list(files.list(directory_id, updated_at_on_or_after=sent.updated_at))) == 6
    assert len(list(files.list(directory_id, updated_at_on_or_before=sent.updated_at))) == 1
    other = client.beta.directories.create(name="other").id
    move = {"target_directory_id": other} if dialect == "current" else {"body_directory_id": other}
    where = {"directory_id": directory_id} if dialect == "current" else {"path_directory_id": directory_id}
    moved = files.update(sent.id, **where, **move, unique_id="y.txt", display_name="Y", metadata={"only": 1})
    assert (moved.directory_id, moved.unique_id, moved.display_name) == (other, "y.txt", "Y")
    assert moved.metadata == {"only": 1}
    loose = client.files.create(file=("loose.txt", b"loose"), purpose="user_data", external_file_id="ext")
    added = files.add(other, file_id=loose.id, metadata={"k": "v"})
    assert (added.file_id, added.unique_id, added.display_name) == (loose.id, "ext", "loose.txt")
    assert files.delete(added.id, directory_id=other) is None
    assert len(list(files.list(other, include_deleted=True, expand=["download_url"]))) == 2
    assert len(list(files.list(other))) == 1


def try_files(client: LlamaCloud) -> None:
    made = client.files.create(file=("r.pdf", b"%PDF-1.7"), purpose="parse", external_file_id="r-1")
    assert (made.name, made.file_type, made.purpose) == ("r.pdf", "pdf", "parse")
    for i in range(4):
        client.files.create(file=(f"f{i}.txt", b"f"), purpose="user_data")
    assert [each.id for each in client.files.list(external_file_id="r-1")] == [made.id]
    assert [each.id for each in client.files.list(file_ids=[made.id], expand=["download_url"])] == [made.id]
    names = [each.name for each in client.files.list(order_by="name", page_size=2)]
    assert names == sorted(names)
    assert len(names) >= 5
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert [each.id for each in client.files.query(filter={"file_name": "r.pdf"}, page_size=10).items] == [made.id]
    content = getattr(client.files, "content", None) or client.files.get
    assert httpx.get(content(made.id, expires_at_seconds=60).url).content == b"%PDF-1.7"
    if hasattr(client.files, "retrieve"):
        assert client.files.retrieve(made.id, expand=["download_url"]).download_url is not None
    assert client.files.delete(made.id) is None
    assert list(client.files.list(file_name="r.pdf")) == []


def try_configurations(client: LlamaCloud) -> None:
    configurations = client.configurations
    made = configurations.create(name="fast", parameters=PARSE)
    assert (made.product_type, made.version) == ("parse_v2", "1")
    again = configurations.create(name="fast", parameters={**PARSE, "tier": "agentic"})
    assert (again.id, again.version, again.parameters.tier) == (made.id, "2", "agentic")
    configurations.create(name="cut", parameters={"product_type": "split_v1", "categories": [{"name": "x"}]})
    put = configurations.update(made.id, parameters={**PARSE, "output_options": {"images_to_save": ["layout"]}})
    assert put.parameters.output_options.images_to_save == ["layout"]
    assert configurations.update(made.id, name="quick").name == "quick"
    assert configurations.retrieve(made.id).name == "quick"
    assert configurations.retrieve("cfg-PARSE_AGENTIC").parameters.tier == "agentic"
    assert [each.name for each in configurations.list(product_type=["split_v1"], latest_only=True)] == ["cut"]
    assert len(list(configurations.list(product_type=["split_v1", "parse_v2"], page_size=1))) == 2
    assert configurations.delete(made.id) is None
    assert status_of(lambda: configurations.retrieve(made.id)) == 404


def try_projects(client: LlamaCloud) -> None:
    (project,) = client.projects.list()
    assert project.is_default
    assert client.projects.get(project.id).name == project.name
    assert len(client.projects.list(project_name="no such project")) == 0
    directories = client.beta.directories
    assert list(directories.list(project_id=project.id, organization_id=project.organization_id))
    assert status_of(lambda: directories.list(project_id="00000000-0000-4000-8000-000000000000")) == 404
    if hasattr(client, "v2_projects"):
        (again,) = client.v2_projects.list()
        assert client.v2_projects.get(again.id).id == project.id


def try_all(client: LlamaCloud, dialect: str, version: str) -> None:
    directory_id = try_directories(client, dialect)
    try_directory_files(client, dialect, directory_id)
    try_files(client)
    try_configurations(client)
    try_projects(client)


if __name__ == "__main__":
    judge(try_all)
