"""WebhookConfig: where the service reports events. Source: the API contract, `/api/v1/beta/webhook-configs`.

The service gives such an object no name, so it is known by its URL until its id is recorded. It never shows the signing
secret, only whether there is one, and it shows masks in the place of header values and of credentials in the URL; a
mask that is sent back keeps what it stands for. Only the current dialect has the operations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit, urlunsplit

from annotated_types import MinLen

from llamasync.core.lean import lean_dataclass
from llamasync.core.naming import FORM_CONFIG, Pattern
from llamasync.core.secret import REDACTED, Secret
from llamasync.kinds.facts import Built, Collection, FieldFact, Hole, Kind


@lean_dataclass(frozen=True, slots=True, kw_only=True)
class WebhookConfigSpec:
    """A webhook: which events are reported to which address."""

    __pydantic_config__ = FORM_CONFIG

    name: Annotated[str, MinLen(1)] | None = None
    """What people call it (default: metadata.name). The service has no place for a name, so it is not sent."""
    url: Annotated[str, MinLen(1), Pattern("^https?://[^/?#]")]
    """Where events are posted to. Give credentials in it as `${env:NAME}`; they are shown nowhere."""
    events: Annotated[tuple[str, ...], MinLen(1)] | None = None
    """The events that are reported (default: as the service decides)."""
    headers: Mapping[str, Secret] | None = None
    """Headers that go along. Left alone when not given. No value is shown; give secret ones as `${env:NAME}`."""
    signing_secret: Secret | None = None
    """What the service signs its posts with, so that the receiver can trust them. Left alone when not given."""
    output_format: Literal["string", "json"] | None = None
    """The form of the payload (default: as the service decides)."""


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:  # an IPv6 address without its end
        return None


def _with_credentials(url: str, credentials: str) -> str:
    """Return the URL with other credentials, or none; one without any as it is."""
    parts = _split(url)
    if parts is None or "@" not in parts.netloc:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{credentials}@{host}" if credentials else host))


def _without_credentials(url: str) -> str:
    return _with_credentials(url, "")


def _hide_url(url: str | None) -> str | Secret | None:
    shown = _with_credentials(url, REDACTED) if url else url
    return url if url is None or shown == url else Secret(url, str(shown))


def _hide_headers(headers: Mapping[str, str] | None) -> dict[str, Secret] | None:
    return None if headers is None else {name: Secret(value) for name, value in headers.items()}


def _build(spec: WebhookConfigSpec, _: str) -> Built:
    given = {
        "webhook_url": _hide_url(spec.url),
        "webhook_signing_secret": spec.signing_secret,
        "webhook_headers": None if spec.headers is None else dict(spec.headers),
        "webhook_events": None if spec.events is None else list(spec.events),
        "webhook_output_format": spec.output_format,
    }
    return Built(
        fields={name: value for name, value in given.items() if value is not None},
        key=(_without_credentials(spec.url),),
    )


def _write(fields: Mapping[str, Any], _: str) -> dict[str, Any]:
    url: Any = fields["webhook_url"]
    if isinstance(url, Secret):
        before, _, after = str(url).partition(REDACTED)
        url = Hole("url credentials", before, after)
    written = {
        "url": url,
        "events": fields.get("webhook_events"),
        "headers": {name: Hole(f"header {name}") for name in fields.get("webhook_headers") or {}},
        "signingSecret": Hole("signing secret") if fields.get("has_secret") else None,
        "outputFormat": fields.get("webhook_output_format"),
    }
    return {name: value for name, value in written.items() if value}


KIND = Kind(
    name="WebhookConfig",
    summary="a webhook",
    spec=WebhookConfigSpec,
    collection=Collection(
        name="webhook-configs",
        path="/api/v1/beta/webhook-configs",
        key={"webhook_url": ""},
        as_key=_without_credentials,
        update_method="PUT",
        may_be_missing=True,
    ),
    fields=(
        FieldFact(name="webhook_url", spec="spec.url", hide=_hide_url),
        FieldFact(
            name="webhook_signing_secret",
            spec="spec.signingSecret",
            secret=True,
            write_only=True,
            shown_by="has_secret",
            empty_is_null=True,
            clear_with="",
        ),
        FieldFact(name="webhook_headers", spec="spec.headers", hide=_hide_headers, empty_is_null=True, clear_with={}),
        FieldFact(name="webhook_events", spec="spec.events", unordered=True, clear_by_replacing=True),
        FieldFact(name="webhook_output_format", spec="spec.outputFormat", clear_by_replacing=True),
    ),
    build=_build,
    write=_write,
    contract_schema=("events", "WebhookConfigCreateRequest.webhook_events"),
)
