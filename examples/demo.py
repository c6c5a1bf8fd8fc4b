"""A guided tour: the quickstart, applied, changed, disturbed and healed, against the embedded emulator.

No key, no network. Every command is the real command line in a process of its own, and each exit code is checked:
0 done, 2 differences.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

QUICKSTART = Path(__file__).resolve().parent / "quickstart"
BOLD, DIM, END = (
    ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else ("",) * 3
)


def tell(text: str) -> None:
    print(f"\n{BOLD}# {text}{END}", flush=True)


def run(workspace: Path, words: str, *, expect: int) -> None:
    """Run a command in the workspace, show it with its output, and insist on its exit code."""
    print(f"{DIM}$ llamasync {words}{END}", flush=True)
    command = [sys.executable, "-m", "llamasync", "-C", str(workspace), *shlex.split(words)]
    ended = subprocess.run(
        command,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=60,
    )
    print("".join(f"  {line}\n" for line in ended.stdout.splitlines()), end="", flush=True)
    print(f"{DIM}  exit code {ended.returncode}{END}", flush=True)
    if ended.returncode != expect:
        sys.exit(f"the demo failed: `llamasync {words}` ended with {ended.returncode}, not with {expect}")


def show(folder: Path) -> None:
    """List the files below a folder."""
    print(f"{DIM}$ find {folder.name} -type f{END}", flush=True)
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        print(f"  {path.relative_to(folder.parent)}", flush=True)


def disturb(workspace: Path) -> None:
    """Do what a colleague does in the web interface: delete one file, change another one's metadata. Over HTTP."""
    from llamasync.emulator import Emulator, Options
    from llamasync.emulator.server import start_in_thread

    with (
        Emulator(Options(path=workspace / ".llamasync" / "local.db")) as emulator,
        start_in_thread(emulator) as url,
    ):
        directories = call(f"{url}/api/v1/beta/directories")["items"]
        handbook = next(each["id"] for each in directories if each["name"] == "handbook")
        files = call(f"{url}/api/v1/beta/directories/{handbook}/files")["items"]
        ids = {each["unique_id"]: each["id"] for each in files}
        folder = f"{url}/api/v1/beta/directories/{handbook}/files"
        call(f"{folder}/{ids['handbook/expenses-policy.html']}", "DELETE")
        changed = {"metadata": {"company": "Larkfield Tea", "stage": "test", "chapter": "security"}}
        call(f"{folder}/{ids['handbook/information-security.md']}", "PATCH", changed)


def call(url: str, method: str = "GET", body: dict | None = None) -> dict:
    """Send one request to the emulator with nothing but the standard library: it is an ordinary HTTP service."""
    import json
    from urllib.request import Request, urlopen

    headers = {"Authorization": "Bearer any", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data=data, headers=headers, method=method), timeout=10) as answer:
        return json.loads(answer.read() or b"{}")


def tour(workspace: Path) -> None:
    documents = workspace / "documents"

    tell("A workspace: documents, indexes and a chat over them, agent data, runs, checks. Is it valid? (offline)")
    run(workspace, "validate", expect=0)
    tell("What would happen, and what would it cost? `plan` asks the service and changes nothing.")
    run(workspace, "--local plan --detailed-exitcode", expect=2)
    tell("Make it so: documents first, then the indexes made of them and the runs over them, then the checks.")
    run(workspace, "--local apply --auto-approve", expect=0)
    tell("Once more: there is nothing left to do.")
    run(workspace, "--local plan --detailed-exitcode", expect=0)

    tell("Work goes on: a document is edited, one is renamed, metadata and a configuration change.")
    policy = documents / "handbook" / "leave-policy.md"
    policy.write_text(policy.read_text(encoding="utf-8") + "\nBirthdays are free.\n", encoding="utf-8")
    (documents / "finance" / "price-list-2026.csv").rename(documents / "finance" / "price-list-spring-2026.csv")
    manifest = workspace / "manifests" / "documents.yaml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace("    confidential: true\n", "    confidential: true\n    desk: legal\n"), "utf-8")
    settings = workspace / "llamasync.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("parse_tier: cost_effective", "parse_tier: agentic"), encoding="utf-8")
    tell("The plan can be kept, reviewed, and applied as it was reviewed or not at all.")
    run(workspace, "--local plan --out reviewed.llamaplan --detailed-exitcode", expect=2)
    run(workspace, "--local apply reviewed.llamaplan", expect=0)
    run(workspace, "--local plan --detailed-exitcode", expect=0)

    tell("What the runs made is there, and the service says how they went.")
    show(workspace / "out")
    run(workspace, "--local status", expect=0)

    tell("Somebody deletes a file in the service by hand, and changes the metadata of another.")
    disturb(workspace)
    tell("`drift` sees it, and whose change it was.")
    run(workspace, "--local drift", expect=2)
    tell("`apply` heals it.")
    run(workspace, "--local apply --auto-approve", expect=0)
    run(workspace, "--local plan --detailed-exitcode", expect=0)

    tell("A document is damaged: what people are told is wrong now, and the check of the apply says so (exit code 4).")
    policy_text = policy.read_text(encoding="utf-8")
    policy.write_text("# Leave\n\nTo be written.\n", encoding="utf-8")
    run(workspace, "--local apply --auto-approve", expect=4)
    tell("Put back, everything holds again.")
    policy.write_text(policy_text, encoding="utf-8")
    run(workspace, "--local apply --auto-approve", expect=0)
    run(workspace, "--local check", expect=0)


def main() -> None:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="llamasync-demo-") as folder:
        workspace = Path(folder) / "quickstart"
        shutil.copytree(QUICKSTART, workspace, ignore=shutil.ignore_patterns(".llamasync"))
        tour(workspace)
    tell(f"Done in {time.monotonic() - started:.0f} s. Copy examples/quickstart and go on from there.")


if __name__ == "__main__":
    main()
