"""Saves what a run made: a folder a run, put in place as a whole, and never over what somebody else put there.

`run.json` in it says of which run it is and which files belong to it, with their digests.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from llamasync.api.client import Client
from llamasync.api.errors import NotLlamaCloud, Refused
from llamasync.api.paths import path_for
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.kinds.run_facts import Download, RunFact, RunShown
from llamasync.live.runs import get_raw, read_items
from llamasync.workspace.desired import DesiredRun

INDEX = "run.json"

_UNSAFE = re.compile(r"[^\w.\- ]+")
_MAGIC = ((b"PAR1", ".parquet"), (b"PK\x03\x04", ".zip"), (b"{", ".json"), (b"[", ".json"))


def save_results(client: Client, fact: RunFact, run: RunShown, desired: DesiredRun, folder: str = "") -> Path:
    """Download what a run made into `<folder>/<kind>-<name>`, in place of an earlier run's; return that folder.

    `folder` is the manifest's, unless another one is given. Raises DiagnosticError LS727 when something is there that
    is not what llamasync saved, LS606 when it cannot be written; ApiError. Nothing is changed then.
    """
    place = _place(desired, folder or desired.save)
    raw, _ = get_raw(client, fact, run.id, run.path)
    if raw is None:
        raise Refused("the run is gone, and its results with it", method="GET", path=f"{run.path}/{run.id}", status=404)
    try:
        _check_place(place, desired, f"move it away, or save elsewhere: llamasync results {desired.address} --out DIR")
        incoming = _make_incoming(place)
        try:
            _fill(incoming, client, fact, run, raw)
            _swap(incoming, place)
        finally:
            shutil.rmtree(incoming, ignore_errors=True)
    except OSError as error:
        raise _unusable(place, desired, error) from error
    return place


def check_room(desired: DesiredRun) -> None:
    """See that results can go where the manifest says, before a run is started that has to be paid for.

    Raises DiagnosticError LS727 when what is there is not what llamasync saved, LS606 when nothing can be put there.
    """
    if not desired.save:
        return
    place = _place(desired, desired.save)
    try:
        _check_place(place, desired, "move it away, or name another folder in results.save; the run was not started")
        _make_incoming(place).rmdir()
    except OSError as error:
        raise _unusable(place, desired, error) from error


def _place(desired: DesiredRun, folder: str) -> Path:
    return Path(folder) / f"{desired.address.kind}-{desired.address.name}"


def _make_incoming(place: Path) -> Path:
    """Make the folder that is filled and then put in `place`. Raises OSError."""
    place.parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f".{place.name}.", suffix=".part", dir=place.parent))


def _unusable(place: Path, desired: DesiredRun, error: OSError) -> DiagnosticError:
    detail = f"{_culprit(place, error)}: {error.strerror or error}"
    return DiagnosticError(Diagnostic("LS606", detail, address=desired.address))


def _fill(incoming: Path, client: Client, fact: RunFact, run: RunShown, raw: dict[str, Any]) -> None:
    documents = fact.documents(raw)
    if fact.items:
        documents["files"] = list(_item_results(client, fact, run))
    if run.items is not None and "files" in documents:
        names = {one.id: one.name for one in run.items if one.name}
        documents["files"] = [_named(one, names) for one in documents["files"]]
    for name, value in documents.items():
        (incoming / f"{name}.json").write_text(_json(value), encoding="utf-8")
    for one in fact.downloads(raw):
        _download(incoming, client, f"{run.path}/{run.id}", one)
    files = {path.name: _digest(path) for path in sorted(incoming.iterdir())}
    index = {
        "run": run.id,
        "status": run.word,
        "created_at": run.created_at,
        "input": run.input,
        "configuration": run.configuration,
        "failures": list(run.failures),
        "files": files,
    }
    (incoming / INDEX).write_text(_json(index), encoding="utf-8")
    os.chmod(incoming, 0o777 & ~_UMASK)


def _item_results(client: Client, fact: RunFact, run: RunShown) -> Iterator[dict[str, Any]]:
    for item in read_items(client, fact, run, {}):
        found: Any = None
        if not item.error:
            try:
                found = client.get(path_for(fact.item_results, id=item.id))
            except Refused as error:
                if error.status != 404:
                    raise
        results = found.get("processing_results") if isinstance(found, dict) else None
        yield {**asdict(item), "results": results or []}


def _named(one: Any, names: dict[str, str]) -> Any:
    """Put the name of a file before what is said of it, where one of its values is a known id."""
    if not isinstance(one, dict) or "name" in one:
        return one
    name = next((names[value] for value in one.values() if isinstance(value, str) and value in names), None)
    return {"name": name, **one} if name else one


def _download(incoming: Path, client: Client, own: str, one: Download) -> None:
    """Fetch one file; its first bytes tell its type. What the service does not have of a region is left out."""
    try:
        presigned = client.get(own + one.path)
    except Refused as error:
        if error.status == 404:
            return
        raise
    url = presigned.get("url") if isinstance(presigned, dict) else None
    if not url:
        raise NotLlamaCloud("a link was expected", method="GET", path=own + one.path)
    stem = _UNSAFE.sub("-", one.name).strip(" .") or "result"
    target = incoming / f"{stem}.part"
    with target.open("xb") as file:
        for chunk in client.download(str(url)):
            file.write(chunk)
    with target.open("rb") as file:
        start = file.read(4)
    suffix = next((suffix for magic, suffix in _MAGIC if start.startswith(magic)), ".csv")
    number, final = 1, incoming / f"{stem}{suffix}"
    while final.exists():
        number += 1
        final = incoming / f"{stem}-{number}{suffix}"
    target.rename(final)


def _check_place(place: Path, desired: DesiredRun, hint: str) -> None:
    """Refuse to touch a folder that holds anything but what was saved there, unchanged."""
    if not os.path.lexists(place):
        return
    strangers = [f"{place} is {'a link' if place.is_symlink() else 'a file'}, and no folder"]
    if place.is_dir() and not place.is_symlink():
        strangers = list(_strangers(place))
    if strangers:
        detail = f"{', '.join(strangers[:5])}{' ...' if len(strangers) > 5 else ''}"
        problem = Diagnostic("LS727", detail, desired.source, desired.address, "spec.results.save", hint)
        raise DiagnosticError(problem)


def _strangers(place: Path) -> Iterator[str]:
    """Name what is in a folder that was not saved there, or was changed since."""
    known, found = _saved_files(place), sorted(place.rglob("*"))
    for path in found:
        name = f"{place.name}/{path.relative_to(place).as_posix()}"
        if path.is_symlink() or not path.is_file() or (path.name != INDEX and path.name not in known):
            yield f"{name} was not saved by llamasync"
        elif path.name != INDEX and known[path.name] != _digest(path):
            yield f"{name} was changed since it was saved"
    if found == [place / INDEX] and not known:
        yield f"{place.name}/{INDEX} was not saved by llamasync"


def _culprit(place: Path, error: OSError) -> str:
    """Name what an error is about; a file of ours in the making, or none at all, is the folder that was to be."""
    name = str(error.filename or "")
    return name if name and ".part" not in name else str(place)


def _saved_files(place: Path) -> dict[str, str]:
    try:
        index = json.loads((place / INDEX).read_text(encoding="utf-8"))
        return {str(name): str(digest) for name, digest in index["files"].items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return {}


def _swap(incoming: Path, place: Path) -> None:
    """Put the finished folder in place of the old one. Between two renames there is none, and never half of one."""
    if not place.exists():
        incoming.rename(place)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{place.name}.", suffix=".old", dir=place.parent))
    place.rename(old / "old")
    incoming.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _ask_umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


_UMASK = _ask_umask()
