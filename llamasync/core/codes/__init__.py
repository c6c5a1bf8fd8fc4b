"""Every diagnostic code, in one table. Codes are never reused; each module holds one hundred of them."""

from __future__ import annotations

from llamasync.core.codes import checks, files, manifests, planning, runs, service, stateful, usage
from llamasync.core.codes.code import Code

CODES: dict[str, Code] = {
    **manifests.CODES,
    **files.CODES,
    **planning.CODES,
    **service.CODES,
    **stateful.CODES,
    **usage.CODES,
    **checks.CODES,
    **runs.CODES,
}

__all__ = ["CODES", "Code"]
