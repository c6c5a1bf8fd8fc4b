"""LS6xx: how llamasync was called, and its own installation."""

from __future__ import annotations

from llamasync.core.codes.code import Code

CODES = {
    "LS601": Code(
        "the emulator is not installed",
        "--local and `emulator serve` need a few libraries beyond the core install.",
        "pip install 'llamasync[emulator]'",
    ),
    "LS602": Code(
        "wrong usage",
        "The command line does not say what to do.",
        "See `llamasync COMMAND --help`.",
    ),
    "LS603": Code(
        "confirmation needed",
        "Nobody can be asked here: standard input is not a terminal.",
        "Review the plan, then pass --auto-approve, or apply a saved plan file.",
    ),
    "LS604": Code(
        "no workspace here",
        "There is neither a llamasync.yaml nor a manifest in this folder.",
        "Go to the workspace, name it with -C DIR, or make one with `llamasync init`.",
    ),
    "LS605": Code(
        "folder is not empty",
        "A new workspace would mix with what is there already.",
        "Choose another folder; files that exist are never overwritten.",
    ),
    "LS699": Code(
        "bug in llamasync",
        "Something happened that its authors thought impossible. What was done so far is recorded in the state.",
        "Please report it with the text that is shown.",
    ),
}
