"""Where the service is and who asks: read from the environment that LlamaCloud's users have already."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.core.lean import lean_dataclass
from llamasync.core.secret import Secret

DEFAULT_BASE_URL = "https://api.cloud.llamaindex.ai"
KEY_VARIABLES = ("LLAMA_CLOUD_API_KEY", "LLAMA_PARSE_API_KEY")
ALLOW_HTTP_VARIABLE = "LLAMASYNC_ALLOW_HTTP"


@lean_dataclass(frozen=True, slots=True)
class Endpoint:
    """`base_url` has no slash at its end; an empty id is never sent, so that the key's default project is meant."""

    base_url: str
    api_key: Secret
    project_id: str = ""
    organization_id: str = ""


def endpoint_from(environ: Mapping[str, str], *, base_url: str | None, project_id: str | None) -> Endpoint:
    """Read the endpoint from `environ`; `base_url` and `project_id`, when given, win.

    Raises DiagnosticError with every problem: LS401 (no key), LS402 (no key could look like that), LS416 (malformed
    address), LS417 (the key would travel unencrypted to another machine, unless LLAMASYNC_ALLOW_HTTP=1).
    """
    problems: list[Diagnostic] = []
    key = next((environ[name].strip() for name in KEY_VARIABLES if environ.get(name, "").strip()), "")
    if not key:
        problems.append(Diagnostic("LS401", detail=f"neither {' nor '.join(KEY_VARIABLES)} is set"))
    elif not (key.isascii() and key.isprintable() and " " not in key):
        problems.append(Diagnostic("LS402", detail="the key holds spaces or characters that no key has"))
    url, problem = checked_url(
        base_url or environ.get("LLAMA_CLOUD_BASE_URL", "").strip() or DEFAULT_BASE_URL,
        allow_http=environ.get(ALLOW_HTTP_VARIABLE, "") == "1",
    )
    if problem is not None:
        problems.append(problem)
    if problems:
        raise DiagnosticError(*problems)
    return Endpoint(
        url,
        Secret(key),
        project_id or environ.get("LLAMA_CLOUD_PROJECT_ID", "").strip(),
        environ.get("LLAMA_CLOUD_ORGANIZATION_ID", "").strip(),
    )


def checked_url(text: str, *, allow_http: bool = False) -> tuple[str, Diagnostic | None]:
    """Return the address without the API's own path, or a problem (then the address is empty). Never raises.

    >>> checked_url("https://api.cloud.llamaindex.ai/api/v1/")
    ('https://api.cloud.llamaindex.ai', None)
    >>> checked_url("api.cloud.llamaindex.ai")[1].detail
    "'api.cloud.llamaindex.ai' has no https:// in front"
    """
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname, parts.port
    except ValueError as wrong:
        return "", Diagnostic("LS416", detail=f"{wrong}")
    fault = _fault_of(parts, host)
    if fault:
        # What follows an @ or ? may be a secret, so only a plain address is quoted.
        quoted = repr(text) if parts.username is None and not parts.query else "the address"
        return "", Diagnostic("LS416", detail=f"{quoted} {fault}")
    if parts.scheme == "http" and not allow_http and not is_loopback(host or ""):
        return "", Diagnostic("LS417", detail=f"{parts.scheme}://{parts.netloc}", hint=f"use https://{parts.netloc}")
    prefix = parts.path.split("/api/", 1)[0].rstrip("/").removesuffix("/api")
    return f"{parts.scheme}://{parts.netloc}{prefix}", None


def _fault_of(parts: SplitResult, host: str | None) -> str:
    if parts.scheme not in ("http", "https"):
        return "has no https:// in front"
    if not host or any(c.isspace() for c in parts.netloc):
        return "names no host"
    if not can_be_host(host) or ("[" in parts.netloc and ":" not in host):
        return f"names a host that cannot exist: {host!r}"
    if parts.username is not None:
        return "holds a user name or a password; the API key is all that is needed"
    if parts.query or parts.fragment:
        return "has a query or a fragment; write the address alone"
    return ""


def can_be_host(name: str) -> bool:
    """Say whether a machine could have this name or number (nothing is looked up).

    >>> can_be_host("api.example"), can_be_host("::1"), can_be_host("a..b"), can_be_host("v1.x:")
    (True, True, False, False)
    """
    try:
        if ":" in name:
            ipaddress.ip_address(name.encode("ascii").decode())
        name.encode("idna").decode("idna")  # as it is looked up: no part of it empty, too long or wrongly encoded
    except ValueError:
        return False
    return name.isprintable()


def is_loopback(host: str) -> bool:
    """Say whether `host` is this machine, by its name or number alone (nothing is looked up).

    >>> is_loopback("localhost"), is_loopback("127.0.0.9"), is_loopback("::1"), is_loopback("10.0.0.1")
    (True, True, True, False)
    """
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
