"""LS2xx: the documents that file manifests name."""

from __future__ import annotations

from llamasync.core.codes.code import Code

CODES = {
    "LS201": Code(
        "source does not exist",
        "A source that is missing would look like a source whose files were all removed.",
        "Correct the path; it is relative to the folder of the manifest.",
    ),
    "LS202": Code(
        "source leaves the workspace",
        "Files outside of the repository are not under version control, and may not be meant for upload at all.",
        "Name a path inside the workspace.",
    ),
    "LS203": Code(
        "two files have one unique id",
        "A directory holds one file under a unique id; one of the two would overwrite the other.",
        "Change spec.uniqueId (for example to {path}), or exclude one of the files.",
    ),
    "LS204": Code(
        "empty file",
        "The service refuses a file without content.",
        "Fill the file, remove it, or list it under spec.exclude.",
    ),
    "LS205": Code(
        "file too large",
        "The service takes at most 512 MB a file.",
        "Split the file, or list it under spec.exclude.",
    ),
    "LS206": Code(
        "file cannot be read",
        "Its content is unknown, and leaving it out would delete it from the service. "
        "Pipes, sockets and devices have no content.",
        "Make it readable for the user that runs llamasync, or list it under spec.exclude.",
    ),
    "LS207": Code(
        "wrong metadata",
        "Metadata values are texts, numbers, booleans, null or lists of texts; the service refuses anything else. "
        "The key that holds a fingerprint is llamasync's own.",
        "Change the value that is shown.",
    ),
    "LS208": Code(
        "unknown placeholder",
        "A placeholder that is not known would end up in the name as it stands.",
        "Use {path}, {name}, {stem} or {suffix}; write {{ and }} for literal braces.",
    ),
    "LS209": Code(
        "sidecar without a file",
        "The metadata in it belongs to no file, so it would have no effect. Documents cannot be named so.",
        "Rename or remove the sidecar, or list it under spec.exclude.",
    ),
    "LS210": Code(
        "link is not followed",
        "A symbolic link that leaves its source's tree could upload files that are not meant for it, or "
        "leave some out without a word.",
        "Copy the file into the tree, or list the link under spec.exclude.",
    ),
    "LS211": Code(
        "file changed while it was read",
        "Its recorded digest would not be the digest of what was sent.",
        "Let the program that writes it finish, then run the command again.",
    ),
    "LS212": Code(
        "source cannot be fetched",
        "The content of the file is unknown, so it can be neither compared nor uploaded.",
        "Check the address (https:// or s3://) and, for s3://, the credentials in the environment.",
    ),
    "LS213": Code(
        "name cannot be used",
        "The service's names are Unicode text that is not empty. One that is not valid UTF-8 cannot be told to it.",
        "Rename the file, list it under spec.exclude, or change the template that makes the name.",
    ),
    "LS214": Code(
        "item without a key",
        "An item is known by the value of the field that spec.key names: a text or a number that is not empty. "
        "Without it nobody could say which live item it is.",
        "Give the item that field, or name another one in spec.key.",
    ),
    "LS215": Code(
        "two items have one key",
        "They stand for one live item, so one of the two would be lost. A number and its text are one key.",
        "Remove or rename one of them, or name a field in spec.key that tells them apart.",
    ),
    "LS216": Code(
        "items cannot be read",
        "An item that is not understood would look like an item that was removed.",
        "Mend the place that is shown. Items are maps, in a list (.yaml, .json), a line each (.jsonl) or rows (.csv).",
    ),
    "LS217": Code(
        "ragged row",
        "The row has not as many cells as the header, so it is not certain which value belongs to which column.",
        "Add or remove cells; a cell with a comma, a quote or a line break in it needs quotes.",
    ),
    "LS218": Code(
        "item breaks its schema",
        "spec.itemSchema says what an item looks like; the program that reads the items relies on it.",
        "Correct the item, or the schema.",
    ),
    "LS219": Code(
        "value that JSON cannot hold",
        "NaN, infinity and halves of surrogate pairs have no form in JSON, so they cannot be sent.",
        "Write null, a number or a text.",
    ),
}
