"""LS5xx: state, journal, lock and cache."""

from __future__ import annotations

from llamasync.core.codes.code import Code

CODES = {
    "LS501": Code(
        "state of another project",
        "Its ids belong to other objects; used here, it would make everything twice or change the wrong things.",
        "Use the state that belongs to this project (--state), or the project that belongs to this state.",
    ),
    "LS502": Code(
        "state file is damaged",
        "It is cut short, overwritten, or not a state file, so what it says cannot be trusted.",
        "Restore it from a backup, or move it away and run `llamasync state rebuild`.",
    ),
    "LS503": Code(
        "state of a newer version",
        "A newer llamasync wrote it; this one could lose what it does not understand.",
        "Use that version of llamasync, or a newer one.",
    ),
    "LS504": Code(
        "state is locked",
        "Another run is changing the same project; two at once could undo each other.",
        "Wait for it. If it is dead for certain: `llamasync state force-unlock`.",
    ),
    "LS505": Code(
        "state knows no such address",
        "The command would have no effect.",
        "Use an address from `llamasync state list`.",
    ),
    "LS506": Code(
        "state knows this address already",
        "Two live objects cannot have one address.",
        "Remove the old entry first with `llamasync state rm`.",
    ),
    "LS507": Code(
        "state cannot be written",
        "Without it an interrupted run could not be continued safely, so nothing is sent.",
        "Make the folder writable and check the free space.",
    ),
    "LS508": Code(
        "unknown state backend",
        "llamasync does not know how to keep state there.",
        "Use sqlite (the default), or sqlite:PATH.",
    ),
    "LS509": Code(
        "nothing in the trash",
        "No saved bytes have this digest or address.",
        "`llamasync restore` without an argument lists what there is.",
    ),
    "LS510": Code(
        "state cannot be read",
        "Without it llamasync would not know what it has applied before.",
        "Make the file readable for the user that runs llamasync.",
    ),
    "LS511": Code(
        "trash cannot be written",
        "Bytes that exist nowhere else would be gone for good, so they are not deleted from the service.",
        "Make the folder writable and check the free space.",
    ),
    "LS512": Code(
        "saved bytes are damaged",
        "They do not have the digest under which they were saved, so they are not the document that was deleted.",
        "Restore the trash folder from a backup.",
    ),
    "LS513": Code(
        "destination cannot be written",
        "Bringing back one document must not cost another.",
        "Name a path that does not exist yet, in a folder that is writable.",
    ),
}
