"""What can go wrong with one call, told apart by what is certain afterwards. Imports no HTTP library."""

from __future__ import annotations

from llamasync.core.address import Address
from llamasync.core.diagnostic import Diagnostic
from llamasync.core.source import Source

_BY_STATUS = {401: "LS402", 402: "LS410", 403: "LS413", 404: "LS414", 429: "LS407"}


class ApiError(Exception):
    """A call failed. As it stands: a read that got no usable answer; the subclasses say more.

    `status` is None when there was no answer. `path` has no query; neither it nor `detail` (one line, for people) ever
    holds the API key or a presigned query. `at` is the address in front of the path, where that may be what is wrong.
    `retry_after_s` is what the service asked for last, if it did.
    """

    default_code = ""

    def __init__(
        self,
        detail: str,
        *,
        method: str = "",
        path: str = "",
        status: int | None = None,
        retry_after_s: float | None = None,
        code: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.method = method
        self.path = path
        self.at = ""
        self.status = status
        self.retry_after_s = retry_after_s
        self.code = code or self.default_code or code_of(status)
        self.hint = hint

    def __str__(self) -> str:
        call = f"{self.method} {self.at}{self.path}".strip()
        status = "" if self.status is None else f"{self.status} "
        return f"{call}: {status}{self.detail}" if call else f"{status}{self.detail}"

    def diagnostic(self, address: Address | None = None, source: Source | None = None) -> Diagnostic:
        """Tell it as a problem of the manifest at `address`. Never raises."""
        return Diagnostic(self.code, detail=str(self), address=address, source=source, hint=self.hint)


class Refused(ApiError):
    """The service answered, and did not do it: certain."""


class Unreachable(ApiError):
    """No connection could be made: nothing was sent, so nothing happened."""

    default_code = "LS403"


class OutcomeUnknown(ApiError):
    """It was sent, and the answer was lost or says nothing for certain (5xx, 408): it may have happened."""

    default_code = "LS409"


class StreamCut(ApiError):
    """An answer that came piece by piece broke off: what came is not all of it."""

    default_code = "LS704"


class NotLlamaCloud(ApiError):
    """Something answered that is not the service: another shape of answer, a redirect, or a web page (LS405)."""

    default_code = "LS404"


def code_of(status: int | None) -> str:
    """Return the diagnostic code for an HTTP status; None (no answer) counts as a failing service.

    >>> code_of(429), code_of(503), code_of(418)
    ('LS407', 'LS411', 'LS406')
    """
    if status is None or status >= 500:
        return "LS411"
    return _BY_STATUS.get(status, "LS406")
