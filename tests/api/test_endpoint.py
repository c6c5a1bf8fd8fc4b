from __future__ import annotations

import pytest

from llamasync.api.endpoint import DEFAULT_BASE_URL, checked_url, endpoint_from
from llamasync.core.diagnostic import DiagnosticError

ENVIRON = {"LLAMA_CLOUD_API_KEY": "llx-1"}


def codes(environ: dict[str, str], base_url: str | None = None) -> list[str]:
    with pytest.raises(DiagnosticError) as raised:
        endpoint_from(environ, base_url=base_url, project_id=None)
    return [d.code for d in raised.value.diagnostics]


def test_environment_of_llamacloud_users_is_enough() -> None:
    environ = {
        "LLAMA_CLOUD_API_KEY": " llx-1\n",
        "LLAMA_CLOUD_BASE_URL": "https://api.cloud.eu.llamaindex.ai/",
        "LLAMA_CLOUD_PROJECT_ID": "prj",
        "LLAMA_CLOUD_ORGANIZATION_ID": "org",
    }
    endpoint = endpoint_from(environ, base_url=None, project_id=None)
    assert endpoint.base_url == "https://api.cloud.eu.llamaindex.ai"
    assert endpoint.api_key.reveal() == "llx-1"
    assert (endpoint.project_id, endpoint.organization_id) == ("prj", "org")


def test_what_is_given_wins_over_the_environment() -> None:
    environ = {**ENVIRON, "LLAMA_CLOUD_BASE_URL": "https://a", "LLAMA_CLOUD_PROJECT_ID": "prj"}
    endpoint = endpoint_from(environ, base_url="https://b", project_id="other")
    assert (endpoint.base_url, endpoint.project_id) == ("https://b", "other")


def test_key_of_the_parsing_service_is_taken_too() -> None:
    environ = {"LLAMA_CLOUD_API_KEY": " ", "LLAMA_PARSE_API_KEY": "llx-2"}
    endpoint = endpoint_from(environ, base_url=None, project_id=None)
    assert endpoint.api_key.reveal() == "llx-2"
    assert endpoint.base_url == DEFAULT_BASE_URL


def test_all_problems_are_told_at_once() -> None:
    assert codes({}, "nonsense") == ["LS401", "LS416"]


@pytest.mark.parametrize("key", ["llx 1", "llx-\x01", "schlüssel", "a\nb"])
def test_key_that_cannot_be_one_is_refused_before_anything_is_sent(key: str) -> None:
    assert codes({"LLAMA_CLOUD_API_KEY": key}) == ["LS402"]


def test_endpoint_does_not_show_its_key() -> None:
    assert "llx-1" not in repr(endpoint_from(ENVIRON, base_url=None, project_id=None))


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://api.cloud.llamaindex.ai", "https://api.cloud.llamaindex.ai"),
        ("https://api.cloud.llamaindex.ai/api/v1/", "https://api.cloud.llamaindex.ai"),
        ("https://api.cloud.llamaindex.ai/api", "https://api.cloud.llamaindex.ai"),
        (" https://gateway.example/llama/ ", "https://gateway.example/llama"),
        ("https://gateway.example/llama/api/v2", "https://gateway.example/llama"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:8000/", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_address_is_cut_to_what_paths_are_added_to(text: str, url: str) -> None:
    assert checked_url(text) == (url, None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("api.cloud.llamaindex.ai", "'api.cloud.llamaindex.ai' has no https:// in front"),
        ("ftp://host", "'ftp://host' has no https:// in front"),
        ("https://", "'https://' names no host"),
        ("https://a b", "'https://a b' names no host"),
        ("https://host:99999", "Port out of range 0-65535"),
        ("https://[::1", "Invalid IPv6 URL"),
        ("https://[v1.x]", "'https://[v1.x]' names a host that cannot exist: 'v1.x'"),
        ("https://[fe80::1%é]", "'https://[fe80::1%é]' names a host that cannot exist: 'fe80::1%é'"),
        ("https://a..b", "'https://a..b' names a host that cannot exist: 'a..b'"),
        ("https://xn--", "'https://xn--' names a host that cannot exist: 'xn--'"),
        ("https://a\x01", r"'https://a\x01' names a host that cannot exist: 'a\x01'"),
        ("https://me:pw@host", "the address holds a user name or a password; the API key is all that is needed"),
        ("https://host?token=pw", "the address has a query or a fragment; write the address alone"),
    ],
)
def test_malformed_address_is_told_without_secrets(text: str, told: str) -> None:
    url, problem = checked_url(text)
    assert url == ""
    assert problem is not None
    assert (problem.code, problem.detail) == ("LS416", told)


def test_key_is_not_sent_in_the_clear_to_another_machine() -> None:
    assert codes(ENVIRON, "http://llama.internal:8000") == ["LS417"]
    allowed = endpoint_from(
        {**ENVIRON, "LLAMASYNC_ALLOW_HTTP": "1"}, base_url="http://llama.internal:8000", project_id=None
    )
    assert allowed.base_url == "http://llama.internal:8000"
