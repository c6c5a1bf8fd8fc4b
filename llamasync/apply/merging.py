"""Read, merge, write: changes keys of an object that others write to as well, and notices when they did meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from llamasync.api.errors import Refused
from llamasync.apply.changing import update_object
from llamasync.apply.tools import Tools
from llamasync.kinds.facts import Collection, Kind
from llamasync.live.listing import get_object, object_path
from llamasync.live.model import LiveObject
from llamasync.plan.values import equal
from llamasync.workspace.desired import Desired

_ABSENT = object()


def merge_object(
    tools: Tools, collection: Collection, seen: LiveObject, desired: Desired, fields: Mapping[str, Any]
) -> LiveObject:
    """Change the maps in `fields` from what the plan has `seen`: our keys get their values, others' stay as they are.

    The service takes whole maps only, so the object is read right before it is written, and once more after. What
    someone writes between that first read and the write is lost: the service offers no condition. Raises Refused: LS426
    when one of our keys is not as the plan saw it, LS414 when the object is gone.
    """
    now = _read(tools, collection, seen)
    update_object(tools, collection, now, _merged(tools, collection, seen, now, desired, fields, fields))
    return _read(tools, collection, seen)


def with_keys_of_others(
    tools: Tools, kind: Kind, seen: LiveObject, desired: Desired, fields: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return `fields` as they are to be sent: in maps in which others may have keys, theirs are as they are right now.

    Read only where there is such a map. Raises Refused as `merge_object` does.
    """
    names = [fact.name for fact in kind.fields if fact.owned_keys and fact.name in fields]
    if not names:
        return fields
    collection = kind.collection
    now = _read(tools, collection, seen)
    return {**fields, **_merged(tools, collection, seen, now, desired, fields, names)}


def check_unchanged(tools: Tools, collection: Collection, seen: LiveObject) -> None:
    """Make sure that an object which is written as a whole is what the plan has `seen`. Raises Refused: LS426 when it
    is not, LS414 when it is gone."""
    now = _read(tools, collection, seen)
    names = sorted(name for name in {*seen.fields, *now.fields} if not _same_field(name, seen, now))
    if names:
        raise Refused(
            f"{seen.key[-1]!r} ({seen.id}) is not what the plan was made from: {', '.join(names)}; nothing was written",
            method=collection.update_method,
            code="LS426",
        )


def _same_field(name: str, seen: LiveObject, now: LiveObject) -> bool:
    return equal(seen.fields.get(name), now.fields.get(name))


def _merged(
    tools: Tools,
    collection: Collection,
    seen: LiveObject,
    now: LiveObject,
    desired: Desired,
    fields: Mapping[str, Any],
    names: Iterable[str],
) -> dict[str, Any]:
    wanted = tools.resolve(desired.fields)
    return {
        name: _merge(
            name,
            seen.fields.get(name) or {},
            now.fields.get(name) or {},
            fields[name] or {},
            wanted.get(name) or {},
            now,
            collection.update_method,
        )
        for name in names
    }


def _read(tools: Tools, collection: Collection, live: LiveObject) -> LiveObject:
    found = get_object(tools.client, collection.known_by(live.key[0]), live.parent_id, live.id)
    if found is None:
        path = object_path(collection, live.parent_id, live.id)
        raise Refused(f"{live.key[-1]!r} ({live.id}) was deleted meanwhile", method="GET", path=path, code="LS414")
    return found


def _merge(
    name: str,
    seen: Mapping[str, Any],
    now: Mapping[str, Any],
    planned: Mapping[str, Any],
    wanted: Mapping[str, Any],
    live: LiveObject,
    method: str,
) -> dict[str, Any]:
    # A key whose planned value is not the manifest's is left to others (ignoreChanges).
    ours = {key for key in wanted if _same(planned.get(key, _ABSENT), wanted[key])}
    ours |= {key for key in seen if key not in planned}
    for key in sorted(ours):
        before, present, after = (values.get(key, _ABSENT) for values in (seen, now, planned))
        if not _same(before, present) and not _same(present, after):
            raise Refused(
                f"{name}.{key} of {live.key[-1]!r} ({live.id}) is not what the plan was made from; nothing was written",
                method=method,
                code="LS426",
                hint="run the plan again: it shows the value that is there now",
            )
    given = {key: value for key, value in planned.items() if key in ours}
    kept = {key: value for key, value in now.items() if key not in ours or key in given}
    return kept | given  # in the order that is there, what is new at the end


def _same(left: Any, right: Any) -> bool:
    return left is right or (left is not _ABSENT and right is not _ABSENT and equal(left, right))
