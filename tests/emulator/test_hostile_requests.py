"""What no client sends that means well: broken bodies, wrong types of content, huge numbers, odd paths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from llamasync.emulator.contract import Operation, load_contract
from tests.emulator.populate import populated
from tests.emulator.support import DIRECTORIES, World, check_against_contract

DIALECTS = ["reference", "current"]
JSON = "application/json"
FORM = "multipart/form-data; boundary=b"
PART = b'--b\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
FILE = b'; filename="a.txt"'
ODD_FILE = (b'; filename="/\\\xff\0.."', b"a")
DEEP = 100_000
BODIES: list[tuple[str, bytes]] = [
    *(
        (JSON, body)
        for body in (
            b"", b"{", b"}", b"null", b"[]", b'"text"', b"0", b"NaN", b"\xff\xfe", b"\xef\xbb\xbf{}", b"\0",
            b'{"name": "\xff"}', b'{"a": "\\ud800"}', b'{"a": 1, "a": 2}', b"1e999", b"9" * 5000, b"[" * DEEP,
            b'{"a":' * DEEP, b'{"page_size": 1e308}', b'{"page_size": 123456789012345678901234567890}', b"{} {}",
        )
    ),
    ("text/plain", b"{}"),
    ("application/xml", b"<a/>"),
    ("application/x-www-form-urlencoded", b"a=1"),
    ("", b"{}"),
    ("application/json; charset=utf-16", "{}".encode("utf-16")),
    ("multipart/form-data", b"x"),
    ("multipart/form-data; boundary=", b"x"),
    ("multipart/form-data; boundary=%C3%A9", b"--\xe9--"),
    (FORM, b""),
    (FORM, b"--b"),
    (FORM, b"--b--\r\n"),
    (FORM, b"--c\r\n\r\nx\r\n--c--\r\n"),
    (FORM, b"--b\r\n\r\nno disposition\r\n--b--\r\n"),
    (FORM, b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nnever closed'),
    *(
        (FORM, PART % (name, file, content) + b"--b--\r\n")
        for name in (b"file", b"upload_file", b"", b"\xff", b"metadata", b"x" * 5000)
        for file, content in ((FILE, b"hello"), (b"", b"hello"), (b'; filename=""', b""), ODD_FILE)
    ),
    (FORM, PART % (b"file", FILE, b"a") * 3 + PART % (b"purpose", b"", b"\xff\0") * 2 + b"--b--\r\n"),
    (FORM, PART % (b"upload_file", FILE, b"a") + PART % (b"metadata", b"", b"[" * DEEP) + b"--b--\r\n"),
]  # fmt: skip
VALUES = [
    "", "0", "-1", "9" * 400, "NaN", "true", "%00", "%ff", "%ed%a0%80", "%F0%9F%92%A9", "%2e%2e%2f'\"--", "a" * 5000,
    "2026-13-01", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00%2B14:00", "%",
]  # fmt: skip
# An empty part of a path is another path.
IDS = [each for each in VALUES if each] + ["..", ".", "a%2fb", "%0d%0a", "%20", ";", "@", "__proto__"]


class Hostile:
    """Sends requests as they are, and checks every answer."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self.world, self.known = populated(dialect)

    def path(self, operation: Operation) -> str:
        path = operation.template
        for name, value in self.known.items():
            path = path.replace(f"{{{name}}}", value)
        return path

    def send(self, operation: Operation, path: str, query: str = "", **request: Any) -> None:
        url = httpx.URL(f"http://x{path}?{query}")
        answer = self.world.client.request(operation.method, url, **request)
        said = (operation.key, path[:200], query[:200], str(request)[:300], answer.text[:300])
        assert answer.status_code < 500, said
        # A path of dots is another path.
        if answer.status_code not in (404, 405) and "/." not in path:
            check_against_contract(self.dialect, operation.method, operation.template, answer)


@pytest.fixture(params=DIALECTS)
def hostile(request: pytest.FixtureRequest) -> Iterator[Hostile]:
    made = Hostile(request.param)
    yield made
    made.world.close()


def operations(hostile: Hostile) -> list[Operation]:
    """Return all, what deletes last."""
    found = load_contract(hostile.dialect).operations
    return sorted(found, key=lambda each: (each.method == "DELETE", each.template.endswith("delete")))


def test_no_body_breaks_an_operation(hostile: Hostile) -> None:
    for operation in operations(hostile):
        if operation.body_schema is None:
            continue
        for kind, body in BODIES:
            headers = {"Content-Type": kind.encode("latin-1")} if kind else {}
            hostile.send(operation, hostile.path(operation), content=body, headers=headers)


def test_no_query_breaks_an_operation(hostile: Hostile) -> None:
    for operation in operations(hostile):
        if operation.method != "GET":
            continue
        names = [each["name"] for each in operation.parameters if each["in"] == "query"]
        # These two are the same everywhere.
        for name in set(names) - ({"project_id", "organization_id"} if operation.template != DIRECTORIES else set()):
            for value in VALUES:
                hostile.send(operation, hostile.path(operation), f"{name}={value}")
        for query in ("&" * 1000, "=", "%", "a=%zz", "&".join(f"a={i}" for i in range(2000))):
            hostile.send(operation, hostile.path(operation), query)


def test_no_id_in_a_path_breaks_an_operation(hostile: Hostile) -> None:
    for operation in operations(hostile):
        for each in operation.parameters:
            if each["in"] == "path":
                for value in IDS:
                    path = operation.template.replace(f"{{{each['name']}}}", value)
                    for name, known in hostile.known.items():
                        path = path.replace(f"{{{name}}}", known)
                    hostile.send(operation, path)


def test_a_refused_method_says_which_ones_there_are(hostile: Hostile) -> None:
    world: World = hostile.world
    by_path: dict[str, set[str]] = {}
    for operation in load_contract(hostile.dialect).operations:
        by_path.setdefault(hostile.path(operation), set()).add(operation.method)
    if hostile.dialect == "reference":
        by_path["/api/v1/indexes"] = {"POST"}
    for path, methods in by_path.items():
        # What the reference dialect does not serve by default is an id to it, as in any other path.
        if not (hostile.dialect == "reference" and path.endswith("bulk-delete")):
            answer = world.client.request("OPTIONS", path)
            assert answer.status_code == 405
            assert set(answer.headers["allow"].split(", ")) == methods, path
