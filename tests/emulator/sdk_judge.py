"""What the scripts share that let the official SDK judge the emulator: a strict client, and a record of its calls.

Imported by scripts, in an environment where one version of the SDK comes first.
"""

from __future__ import annotations

import functools
import inspect
import json
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import llama_cloud
from llama_cloud import APIStatusError, LlamaCloud
from llama_cloud._resource import SyncAPIResource

Try = Callable[[LlamaCloud, str, str], None]


def status_of(call: Callable[[], Any]) -> int:
    try:
        call()
    except APIStatusError as refused:
        return refused.status_code
    return 0


def pass_time() -> None:
    """Move the emulator's clock, so that what runs is over: waiting for it would teach nothing."""
    headers = {"Authorization": "Bearer key"}
    assert httpx.post(f"{sys.argv[1]}/emulator/clock", json={"seconds": 3600}, headers=headers).status_code == 200


def judge(try_all: Try) -> None:
    """Run `try_all(client, dialect, version)`, then print which methods there are and which have answered."""
    base_url, dialect, version = sys.argv[1:4]
    assert llama_cloud.__version__ == version, f"this is the SDK {llama_cloud.__version__}, not {version}"
    with LlamaCloud(api_key="key", base_url=base_url, max_retries=0, _strict_response_validation=True) as client:
        methods = dict(_methods(client, ""))
        answered: set[tuple[type, str]] = set()
        for kind, name in methods.values():
            setattr(kind, name, _recorded(kind, name, answered))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            try_all(client, dialect, version)
    called = [path for path, method in methods.items() if method in answered]
    print(json.dumps({"methods": list(methods), "answered": called}))


def _methods(area: Any, prefix: str) -> Iterator[tuple[str, tuple[type, str]]]:
    """Walk the resources of a client: the path of each method, its class and its name."""
    kind = type(area)
    for name in sorted(dir(kind)):
        if name.startswith(("_", "with_")):
            continue
        member = inspect.getattr_static(kind, name)
        if inspect.isfunction(member):
            if isinstance(area, SyncAPIResource):
                yield prefix + name, (kind, name)
        elif isinstance(inner := getattr(area, name), SyncAPIResource):
            yield from _methods(inner, f"{prefix}{name}.")


def _recorded(kind: type, name: str, answered: set[tuple[type, str]]) -> Any:
    method = getattr(kind, name)

    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        result = method(*args, **kwargs)
        answered.add((kind, name))
        return result

    return call
