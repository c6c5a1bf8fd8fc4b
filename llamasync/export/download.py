"""The bytes of a directory's files go to disk, as streams."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import field

from llamasync.api.client import Client
from llamasync.api.errors import Refused
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.core.lean import lean_dataclass
from llamasync.export.disk import Disk
from llamasync.export.documents import left_out
from llamasync.kinds.facts import Collection
from llamasync.live.content import Digests, download_chunks
from llamasync.live.failures import as_diagnostics
from llamasync.live.model import LiveObject

WORKERS = 8

# Answers that say for certain that these bytes cannot be had, and nothing of the key or of other files.
_NO_BYTES = frozenset({"LS315", "LS406", "LS414"})

Job = tuple[LiveObject, str]


@lean_dataclass(slots=True)
class Downloaded:
    """What is on disk now: SHA-256 (hex) and size of each file's bytes, by the live object's id."""

    known: dict[str, tuple[str, int]] = field(default_factory=dict)
    notes: list[Diagnostic] = field(default_factory=list)


@as_diagnostics
def download_all(client: Client, collection: Collection, jobs: list[Job], disk: Disk, digests: Digests) -> Downloaded:
    """Bring each live file's bytes to its path. What `digests` knows and is there already is not asked for again.

    A file without bytes is noted. Raises DiagnosticError: LS605 and LS606 for all paths that cannot be written, LS4xx
    when the service fails.
    """
    remembered = digests.get_many([live.file_id for live, _ in jobs if live.file_id])

    def fetch(job: Job) -> tuple[str, int] | Refused | DiagnosticError:
        live, path = job
        known = remembered.get(live.file_id)
        if known and known[1] and disk.holds(path, known[0]):
            return known
        try:
            return disk.put(path, download_chunks(client, collection, live))
        except Refused as error:
            if error.code not in _NO_BYTES:
                raise
            return error
        except DiagnosticError as error:
            return error

    result = Downloaded()
    if not jobs:
        return result
    wrong: list[Diagnostic] = []
    with ThreadPoolExecutor(min(WORKERS, len(jobs))) as pool:
        for (live, _), outcome in zip(jobs, pool.map(fetch, jobs), strict=True):
            if isinstance(outcome, DiagnosticError):
                wrong += outcome.diagnostics
            elif isinstance(outcome, Refused):
                result.notes.append(left_out(f"{live.key[-1]!r} ({live.id}): {outcome}", hint=outcome.hint))
            elif not outcome[1]:
                result.notes.append(left_out(f"{live.key[-1]!r} ({live.id}) has no bytes"))
            else:
                result.known[live.id] = outcome
    if wrong:
        raise DiagnosticError(*wrong)
    digests.put_many(
        {live.file_id: result.known[live.id] for live, _ in jobs if live.file_id and live.id in result.known}
    )
    return result
