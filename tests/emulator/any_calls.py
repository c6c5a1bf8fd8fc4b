"""Calls of every operation of a dialect, made from its contract: with real ids, and bodies that fit or nearly do.

Bodies come from hypothesis, once for each operation; which of them is sent when is up to a seeded `random.Random`, so
that a world can be called for as long as one likes.
"""

from __future__ import annotations

import copy
import functools
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis_jsonschema import from_schema

from llamasync.emulator.contract import Operation, load_contract
from tests.emulator.documents import docx, pdf, xlsx
from tests.emulator.support import World

BODIES = 6
MAX_PROPERTIES = 8
MAX_ITEMS = 2
ODD = (None, "", "x" * 4000, -1, 0, 2**70, 1.5, True, [], {}, [[]], {"": None}, "é\u2028\x7f", "2026-13-01", "*")
FILES = {
    "a.txt": b"An invoice\fa contract that binds both",
    "b.pdf": pdf("The invoice", "The contract"),
    "c.docx": docx(["A letter"], ["Its second page"]),
    "d.xlsx": xlsx(Sales=[["item", "sum"], ["bolt", 3]]),
    "e.csv": b"name,age\nAda,36\n",
    "f.html": b"<p>Some <b>text</b>",
    "g.pdf": b"%PDF-1.7 damaged",
    "h.png": b"no text",
}
# What an id in a path, a query or a body may stand for; one that is not named here stands for itself.
POOLS = {
    "source_directory_id": "directory_id",
    "target_directory_id": "directory_id",
    "directory_file_ids": "directory_file_id",
    "item_ids": "directory_file_id",
    "source_id": "directory_file_id",
    "file_ids": "file_id",
    "file_input": "file_id",
    "index_ids": "index_id",
    "configuration_id": "config_id",
    "product_config_id": "config_id",
    "webhook_configuration_ids": "webhook_id",
    "job_ids": "split_job_id",
}
# The same, for names that mean something else in the paths of one area.
OTHERS = {
    ("webhook-configs", "config_id"): "webhook_id",
    ("batch-processing", "item_id"): "batch_item_id",
}
# What no schema says and every call needs.
FIXED = {"deployment_name": "_public", "webhook_url": "https://me:secret@example.com/hook"}
# The pool that a created object's id goes to, by the path that it is posted to.
MADE = {
    "/api/v1/beta/directories": ("directory_id", "id"),
    "/api/v1/beta/directories/{directory_id}/files/upload": ("directory_file_id", "id"),
    "/api/v1/beta/directories/{directory_id}/files": ("directory_file_id", "id"),
    "/api/v1/beta/files": ("file_id", "id"),
    "/api/v1/beta/configurations": ("config_id", "id"),
    "/api/v1/beta/webhook-configs": ("webhook_id", "id"),
    "/api/v1/indexes": ("index_id", "id"),
    "/api/v1/chat": ("session_id", "session_id"),
    "/api/v1/beta/agent-data": ("item_id", "id"),
    "/api/v2/batches": ("batch_id", "id"),
    "/api/v1/beta/batch-processing": ("job_id", "id"),
    "/api/v1/beta/split/jobs": ("split_job_id", "id"),
    "/api/v1/split/jobs": ("split_job_id", "id"),
    "/api/v1/beta/sheets/jobs": ("spreadsheet_job_id", "id"),
    "/api/v1/sheets/jobs": ("spreadsheet_job_id", "id"),
}


@dataclass(slots=True)
class Caller:
    """Calls one world, and remembers the ids and page tokens that it was told."""

    world: World
    dialect: str
    chooser: random.Random
    pools: dict[str, list[str]] = field(default_factory=dict)
    tokens: dict[tuple[str, str], str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def call(self, operation: Operation) -> tuple[str, httpx.Response]:
        """Make one call of an operation; return its path and the answer."""
        path = self._path(operation)
        if path.endswith("/sync/cancel"):
            self.world.client.post(path.removesuffix("/cancel"))
        query = self._query(operation)
        request = self._form() if operation.body_type == "multipart/form-data" else self._body(operation)
        self.log.append(f"{operation.method} {path} {query} {str(request)[:600]}")
        answer = self.world.client.request(operation.method, path, params=query, **request)
        if answer.is_success and answer.headers.get("content-type") == "application/json":
            self._learn(operation, answer.json())
        return path, answer

    def learn(self, name: str, identity: str) -> None:
        self.pools.setdefault(name, []).append(identity)

    def _id(self, name: str) -> str:
        """Choose a real id, the first and the last one the likeliest; now and then one that is none."""
        known = self.pools.get(POOLS.get(name, name), ())
        if not known or self.chooser.random() < 0.1:
            return self.chooser.choice(["none", "00000000-0000-4000-8000-000000000000", "é", "%", "cfg-PARSE_AGENTIC"])
        return self.chooser.choice([known[0], known[-1], self.chooser.choice(known)])

    def _path(self, operation: Operation) -> str:
        path = operation.template
        for each in operation.parameters:
            if each["in"] == "path":
                name = OTHERS.get((operation.template.split("/")[4], each["name"]), each["name"])
                shape = each["schema"]
                value = self.chooser.choice(shape["enum"]) if "enum" in shape else self._id(name)
                path = path.replace(f"{{{each['name']}}}", value.replace("%", "%25"))
        return path

    def _query(self, operation: Operation) -> list[tuple[str, str]]:
        chosen: list[tuple[str, str]] = []
        for each in operation.parameters:
            name, likely = each["name"], 0.05 if each["name"] in ("project_id", "organization_id") else 0.25
            if each["in"] == "query" and (each["required"] or self.chooser.random() < likely):
                chosen.append((name, self._text(operation, name, each["schema"])))
        return chosen

    def _text(self, operation: Operation, name: str, schema: Mapping[str, Any]) -> str:
        """Write a value of a query parameter: mostly one that fits."""
        choice = self.chooser.choice
        if self.chooser.random() < 0.1:
            return str(choice(ODD[1:]))
        if name == "page_token":
            return self.tokens.get(operation.key, "none")
        shape = next(each for each in schema.get("anyOf", [schema]) if each.get("type") != "null")
        shape = dict(load_contract(self.dialect).resolve(shape))
        shape = dict(shape.get("items", shape)) if shape.get("type") == "array" else shape
        shape = dict(load_contract(self.dialect).resolve(shape))
        if "enum" in shape:
            return str(choice(shape["enum"]))
        if POOLS.get(name, name) in self.pools:
            return self._id(name)
        kinds = {"integer": ["1", "2", "50"], "boolean": ["true", "false"]}
        times = ["2026-01-01T00:00:00Z", "2027-01-01T00:00:00+02:00"]
        return choice(kinds.get(shape.get("type", ""), times if shape.get("format") == "date-time" else ["a", "name"]))

    def _body(self, operation: Operation) -> dict[str, Any]:
        known = bodies(self.dialect, operation.key)
        if not known or (not operation.body_required and self.chooser.random() < 0.3):
            return {}
        body = self._with_ids(copy.deepcopy(self.chooser.choice(known)))
        if isinstance(body, dict):
            shape = load_contract(self.dialect).resolve(operation.body_schema or {})
            optional = body.keys() - set(shape.get("required", ()))
            body = {name: each for name, each in body.items() if name not in optional or self.chooser.random() < 0.6}
        if isinstance(body, dict) and "configuration_id" in body and self.chooser.random() < 0.8:
            del body["configuration_id"]
        if isinstance(body, dict) and "page_token" in body:
            body["page_token"] = self.tokens.get(operation.key)
        if isinstance(body, dict) and body and self.chooser.random() < 0.15:
            body[self.chooser.choice(list(body))] = self.chooser.choice(ODD)
        if self.chooser.random() < 0.03:
            body = self.chooser.choice(ODD)
        return {"content": json.dumps(body), "headers": {"Content-Type": "application/json"}}

    def _with_ids(self, value: Any, name: str = "") -> Any:
        """Put real ids in the place of made-up ones, wherever a name says that one is wanted."""
        if isinstance(value, dict) and name not in ("document_input", "job"):
            return {key: self._with_ids(each, key) for key, each in value.items()}
        if isinstance(value, list):
            if name in POOLS:
                return [self._id(name) for _ in range(self.chooser.choice([1, 1, 2]))]
            return [self._with_ids(each) for each in value]
        if isinstance(value, str) and POOLS.get(name, name) in self.pools:
            return self._id(name)
        if name == "document_input":
            return {"type": "file_id", "value": self._id("file_id")}
        if name == "job" and self.chooser.random() < 0.7:
            return {"type": "parse_v2", "configuration_id": "cfg-PARSE_AGENTIC"}
        if name in FIXED:
            return FIXED[name]
        if isinstance(value, int | float) and not isinstance(value, bool) and self.chooser.random() < 0.8:
            return self.chooser.choice([1, 2, 10]) if isinstance(value, int) else 0.5
        if name in ("pattern", "query", "prompt", "first_message"):
            return self.chooser.choice(["invoice", "contract|letter", "(", "a*b", value])
        return value

    def _form(self) -> dict[str, Any]:
        name = self.chooser.choice(list(FILES))
        fields = {"purpose": self.chooser.choice(["user_data", "parse", "x"])}
        for key, values in (
            ("unique_id", ["a", "b/c.txt"]),
            ("display_name", ["A", ""]),
            ("external_file_id", ["e"]),
            ("metadata", ['{"year": 2024, "tags": ["a"]}', "{", '{"a": {}}']),
        ):
            if self.chooser.random() < 0.3:
                fields[key] = self.chooser.choice(values)
        parts = dict.fromkeys(("upload_file", "file"), (name, FILES[name]))
        return {"files": parts, "data": fields}

    def _learn(self, operation: Operation, answer: Any) -> None:
        if operation.method == "POST" and operation.template in MADE:
            name, key = MADE[operation.template]
            self.learn(name, answer[key])
            if answer.get("file_id"):
                self.learn("file_id", answer["file_id"])
        if isinstance(answer, dict):
            if answer.get("next_page_token"):
                self.tokens[operation.key] = answer["next_page_token"]
            for region in answer.get("regions") or ():
                self.learn("region_id", region["region_id"])


def links(answer: Any) -> Iterator[str]:
    """Find the presigned links of an answer."""
    if isinstance(answer, dict):
        if isinstance(answer.get("url"), str) and "signature=" in answer["url"]:
            yield answer["url"]
        for each in answer.values():
            yield from links(each)
    elif isinstance(answer, list):
        for each in answer:
            yield from links(each)


@functools.cache
def fitting(dialect: str, key: tuple[str, str]) -> Any:
    """Return the strategy of the JSON bodies that fit an operation, all properties given; None where it takes none."""
    contract = load_contract(dialect)
    operation = next(each for each in contract.operations if each.key == key)
    if operation.body_schema is None or operation.body_type != "application/json":
        return None
    return from_schema(_complete(inlined(operation.body_schema, contract.components, 3)))


@functools.cache
def bodies(dialect: str, key: tuple[str, str]) -> list[Any]:
    """Make bodies that fit an operation, always the same ones."""
    strategy = fitting(dialect, key)
    made: list[Any] = []
    if strategy is None:
        return made

    @settings(
        max_examples=BODIES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(body: Any) -> None:
        made.append(body)

    collect()
    return made


def _complete(schema: dict[str, Any]) -> dict[str, Any]:
    """Ask for all properties of an object, and null for none: what is left out, and what is null, is chosen later."""
    properties = {
        name: {**each, "anyOf": [way for way in each["anyOf"] if way != {"type": "null"}]} if "anyOf" in each else each
        for name, each in schema.get("properties", {}).items()
    }
    return {**schema, "properties": properties, "required": list(properties)} if properties else schema


def inlined(schema: Any, components: Any, depth: int) -> Any:
    """Replace references by what they mean, as deep as the strategy needs."""
    if isinstance(schema, list):
        return [inlined(each, components, depth) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        if depth == 0:
            return {}
        target = components["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        return inlined(target, components, depth - 1)
    skipped = ("discriminator",)
    kept = {name: inlined(each, components, depth) for name, each in schema.items() if name not in skipped}
    if kept.get("type") == "array":
        # Long lists say no more than short ones, and take hypothesis seconds.
        kept["maxItems"] = min(kept.get("maxItems", MAX_ITEMS), kept.get("minItems", 0) + MAX_ITEMS)
    if len(schema.get("properties", ())) > MAX_PROPERTIES:
        # Objects with a hundred options take hypothesis seconds each, and are only stored.
        needed = [*schema.get("required", ()), *schema["properties"]][:MAX_PROPERTIES]
        kept["properties"] = {name: kept["properties"][name] for name in needed}
    return kept
