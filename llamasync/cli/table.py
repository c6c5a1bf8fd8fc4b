"""Every command's name, module and one-line help, so that `--help` imports none of them."""

from __future__ import annotations

from llamasync.core.lean import lean_dataclass


@lean_dataclass(frozen=True, slots=True)
class Entry:
    """Where a command lives and what help says of it; a test holds it against the command itself."""

    module: str
    help: str


def _entry(module: str, text: str) -> Entry:
    return Entry(f"llamasync.cli.commands.{module}", text)


COMMANDS: dict[str, Entry] = {
    "init": _entry("init", "Make a new workspace."),
    "validate": _entry("validate", "Check manifests offline."),
    "plan": _entry("plan", "Show what apply would do, and why."),
    "apply": _entry("apply", "Make the service as the manifests say."),
    "drift": _entry("drift", "Show what differs from last time, and whose change it was."),
    "destroy": _entry("destroy", "Delete everything that this workspace manages."),
    "adopt": _entry("adopt", "Take over an existing object."),
    "export": _entry("export", "Write manifests of what is live."),
    "state": _entry("state", "See and mend what llamasync remembers."),
    "restore": _entry("restore", "Bring back bytes from the trash."),
    "check": _entry("check", "Run the Check manifests."),
    "status": _entry("status", "Show how far runs and syncs are."),
    "wait": _entry("wait", "Wait until runs and syncs are over."),
    "results": _entry("results", "Download what runs made."),
    "graph": _entry("graph", "Draw the manifests and what they need."),
    "schema": _entry("schema", "Print the JSON Schema of a kind."),
    "explain": _entry("explain", "Explain a kind, a field or a problem's code."),
    "doctor": _entry("doctor", "Check the key, the service, the state and the installation."),
    "emulator": _entry("emulator", "Run a model of the service on this machine."),
    "version": _entry("version", "Print the version."),
}
