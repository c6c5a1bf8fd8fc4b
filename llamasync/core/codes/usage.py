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
        "file exists already",
        "Files that exist are never overwritten, so the new workspace would be incomplete.",
        "Choose another folder, or move the file that is named away.",
    ),
    "LS606": Code(
        "file cannot be written",
        "What was to be kept there would be lost.",
        "Check the path, its permissions and the free space.",
    ),
    "LS607": Code(
        "cannot listen on this address",
        "Another program uses the port, or the address is not this machine's.",
        "Choose another --port, or leave it out: a free one is taken then.",
    ),
    "LS608": Code(
        "not confirmed",
        "The answer was something else than what was asked for, so nothing was changed.",
        "Run the command again and type exactly what it asks for, or pass --auto-approve.",
    ),
    "LS609": Code(
        "nothing to explain",
        "There is no kind, field or code of this name.",
        "`llamasync schema` lists the kinds; codes look like LS104.",
    ),
    "LS610": Code(
        "state is older or of another origin",
        "What the state that is there knows beyond it would be forgotten, and made a second time.",
        "Pull the newer state and work from that, or pass --force when the pushed one is right.",
    ),
    "LS611": Code(
        "left out of the export",
        "No manifest could bring it back as it is, so the workspace does not speak of it; in the service it stays.",
        "Change in the service what is named and export again, or leave it to others.",
    ),
    "LS612": Code(
        "the emulator's data cannot be used",
        "What the embedded emulator holds is in one file, which is damaged or cannot be written. "
        "The service has no part in it.",
        "Make the file and its folder writable, or move it away: it is made anew, empty.",
    ),
    "LS699": Code(
        "bug in llamasync",
        "Something happened that its authors thought impossible. What was done so far is recorded in the state.",
        "Please report it with the text that is shown.",
    ),
}
