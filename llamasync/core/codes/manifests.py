"""LS1xx: manifests and settings, from YAML syntax to references."""

from __future__ import annotations

from llamasync.core.codes.code import Code

CODES = {
    "LS101": Code(
        "YAML syntax error",
        "The file cannot be read as YAML, so nothing in it can be trusted to mean what it seems to.",
        "Mend the line that is shown. Tabs cannot indent; texts with `: ` or `#` in them need quotes.",
    ),
    "LS102": Code(
        "duplicate key",
        "YAML readers keep only the last of two equal keys, silently, so half of what was written would be lost.",
        "Remove or rename one of the two.",
    ),
    "LS103": Code(
        "two manifests have one address",
        "An address (kind and metadata.name) stands for one object; two manifests would fight over it.",
        "Rename one of them, or remove the one that is not wanted.",
    ),
    "LS104": Code(
        "unknown reference",
        "The manifest names another one that does not exist, so its id could never be filled in.",
        "Correct the name, add the missing manifest, or write {id: ...} or {name: ...} for an object not managed here.",
    ),
    "LS105": Code(
        "unknown kind",
        "llamasync does not know what to make of this manifest.",
        "Use one of the kinds that `llamasync schema` lists.",
    ),
    "LS106": Code(
        "unknown field",
        "A field that is misspelt would be ignored, and the manifest would not mean what it says.",
        "Correct the field's name; `llamasync explain KIND` lists the fields.",
    ),
    "LS107": Code(
        "wrong value",
        "The value has not the type or the form that the field takes, so the service would refuse or misread it.",
        'Write a value of the type that is named. Strict typing holds: "5" is a text and 5 is a number.',
    ),
    "LS108": Code(
        "missing field",
        "The object cannot be made without this field.",
        "Add it.",
    ),
    "LS109": Code(
        "manifests depend on each other in a circle",
        "None of them could be made first.",
        "Break the circle: remove one of the references or dependsOn entries that are listed.",
    ),
    "LS110": Code(
        "missing environment variable",
        "The value would be empty, which is hardly ever what is meant.",
        "Set the variable, or write a default: ${env:NAME:-default}.",
    ),
    "LS111": Code(
        "unknown variable",
        "No `vars` of the workspace or of the chosen environment define it.",
        "Define it under spec.vars in llamasync.yaml, or correct its name.",
    ),
    "LS112": Code(
        "not a manifest",
        "Every document needs apiVersion, kind, metadata.name and spec to say what it is.",
        "Complete the document, or keep other YAML files outside of the manifests' folders (spec.manifests).",
    ),
    "LS113": Code(
        "unknown apiVersion",
        "This version of llamasync does not know that form of manifest.",
        "Write `apiVersion: llamasync/v1`, or use the version of llamasync that the manifest was written for.",
    ),
    "LS114": Code(
        "overlay for nothing",
        "An overlay changes a manifest with the same address; there is none, so it would have no effect.",
        "Correct the overlay's kind and metadata.name, or add the manifest.",
    ),
    "LS115": Code(
        "secret in the clear",
        "Manifests are kept, shared and shown: whoever sees one, or its history, would have the secret.",
        "Write ${env:NAME} and set the variable where llamasync runs. If the secret was committed, make a new one.",
        quotes=False,
    ),
    "LS116": Code(
        "malformed expression",
        "An expression that is not understood would be sent to the service as it stands.",
        "Write ${env:NAME}, ${env:NAME:-default} or ${var:NAME}; for a literal `${` write `$${`.",
    ),
    "LS117": Code(
        "file cannot be read",
        "What it declares is unknown, and leaving it out could delete what it declared last time.",
        "Make the file readable UTF-8 text, or remove it.",
    ),
    "LS118": Code(
        "unknown environment",
        "llamasync.yaml has no such entry under spec.environments, so it is not known which project is meant.",
        "Use one of the environments that are listed, or add it.",
    ),
    "LS119": Code(
        "no such path",
        "Manifests that cannot be found would look like manifests that were removed.",
        "Correct the path, or the entry under spec.manifests in llamasync.yaml.",
    ),
    "LS120": Code(
        "moved to or from nothing",
        "A moved record carries the live object of one address over to another; one of the two is not as it says.",
        "Let `to` name a manifest of the same kind, or lead to one over other records, and `from` one that is gone.",
    ),
    "LS121": Code(
        "several workspace settings",
        "Two documents of kind Workspace would contradict each other.",
        "Keep one, in llamasync.yaml at the root of the workspace.",
    ),
    "LS122": Code(
        "not offered by this service",
        "Older versions of the service lack this type of object, so it can neither be made nor be found there.",
        "Use an endpoint that has it, or leave the manifest out there, with --exclude or by its labels. If the state "
        "remembers such an object from another endpoint: `llamasync state rm`.",
    ),
    "LS123": Code(
        "manifest that a run of everything does not see",
        "Without a path it is not read, so that what it declares would be taken for removed, and deleted.",
        "Move it to one of the places of spec.manifests, or add its own to them.",
    ),
}
