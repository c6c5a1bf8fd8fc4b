"""Runs one scenario, a folder of data, and tells what came of it as texts.

    live.yaml       what is in the service before anything else: directories with files, configurations
    before/         a workspace that was applied earlier
    drift.yaml      what others did in the service since then: requests, files they put there; `wait_s` lets time
                    pass
    workspace/      the workspace as it is now
    options.yaml    flags of the command, switches of the emulator, faults while it works, environment variables
                    `jobs: [[fail_next, sheets, why], [delay_next, split, 600]]` orders what becomes of jobs
    plan.txt        expected: the plan as a person sees it
    requests.jsonl  expected: what was sent to carry it out, in this order
    result.txt      expected: how it ended, where it did not all succeed or something is to be said of it
    checks.txt      expected: what came of the checks that it affected
    status.txt      expected: where the runs are in the end; saved.txt: what was saved of them, below out/
    again-*         expected: the same of a second run without faults, where the first one had some
    final.json      expected: what the service holds in the end

Ids are written `<alpha>` for the directory that was first called so, `<alpha/a.md>` for a file in it,
`<bytes of alpha/a.md>` for what is behind that, `<parse_v2/fast>` for a configuration, `<index handbook>`, `<chat>`,
`<item prices/7>` for agent data by its first field, `<webhook hooks.example/x>`, `<sheets run>`, and `<project>`; a
later one under the same name is `<alpha/a.md#2>`. They may stand in manifests too.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from llamasync.apply.events import Result
from llamasync.core.address import Address, parse_address
from llamasync.emulator import Switches
from llamasync.emulator.fault_rules import parse_fault
from llamasync.emulator.records import RequestRecord
from llamasync.plan.checks import checks_to_run
from llamasync.plan.model import Guards, Plan, PlanOptions, Selection
from llamasync.render.check_text import render_check
from llamasync.render.diagnostics import render_diagnostics
from llamasync.render.plan_text import TextOptions, render_plan_text
from llamasync.render.result_text import render_result_text
from llamasync.render.standings import render_standings_text
from llamasync.render.style import PLAIN
from tests.support.checking import run_desired_checks
from tests.support.world import World, actions, errors

OPTIONS = frozenset(
    {"targets", "excludes", "labels", "destroy", "allow_deletes", "switches", "dialect", "before_faults", "faults"}
    | {"env", "before_env", "jobs", "before_jobs"}
)
UNTOLD = ("project_id", "page_size", "expires", "signature")
RESULTS = "out"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:[\d.]+Z")
TRANSACTION = re.compile(r'("transaction_id": )"[^"]+"')


@dataclass(slots=True)
class Names:
    """Stable names of ids, learned by looking into the emulator after each request."""

    by_id: dict[str, str] = field(default_factory=dict)

    def learn(self, world: World) -> None:
        snapshot = world.emulator.control.snapshot(ids=True)
        for directory in snapshot["directories"]:
            self._name(directory["id"], directory["name"])
            holder = self.by_id[directory["id"]]
            for file in directory["files"]:
                self._name(file["id"], f"{holder}/{file['unique_id']}")
                self._name(file["file_id"], f"bytes of {self.by_id[file['id']]}")
        for one in snapshot["configurations"]:
            self._name(one["id"], f"{one['product_type']}/{one['name']}")
        for one in snapshot.get("indexes", []):
            self._name(one["id"], f"index {one['name']}")
            self._name(one["export_config_id"], f"export of index {one['name']}")
        for one in snapshot.get("chats", []):
            self._name(one["id"], "chat")
        for collected in snapshot.get("agent_data", []):
            for one in collected["items"]:
                self._name(one["id"], f"item {collected['collection']}/{next(iter(one['data'].values()))}")
        with world.emulator.control._call() as call:
            for row in call.db.execute("SELECT id, kind FROM jobs ORDER BY seq").fetchall():
                self._name(row["id"], f"{row['kind']} run")
        for one in snapshot.get("webhook_configs", []):
            self._name(one["id"], f"webhook {one['url'].rpartition('//')[2].rpartition('@')[2]}")

    def hide(self, text: str) -> str:
        """Write names for ids, and no times."""
        for identity, name in self.by_id.items():
            text = text.replace(identity, f"<{name}>")
        return TRANSACTION.sub(r'\1"<transaction>"', TIME.sub("<time>", text))

    def reveal(self, text: str) -> str:
        """Write ids for names."""
        for identity, name in self.by_id.items():
            text = text.replace(f"<{name}>", identity)
        return text

    def _name(self, identity: str, name: str) -> None:
        if identity in self.by_id:
            return
        taken, number = set(self.by_id.values()), 2
        wanted = name
        while name in taken:
            name, number = f"{wanted}#{number}", number + 1
        self.by_id[identity] = name


def run_scenario(folder: Path, root: Path) -> dict[str, str]:
    """Run the scenario in `folder` with the workspace at `root`; return the texts of its expectations by file name."""
    return _Run(folder, root).run()


class _Run:
    def __init__(self, folder: Path, root: Path) -> None:
        self.folder = folder
        self.options: dict[str, Any] = self._read("options.yaml") or {}
        assert self.options.keys() <= OPTIONS, self.options.keys() - OPTIONS
        self.names = Names()
        self.world = World(
            root,
            switches=Switches(**self.options.get("switches", {})),
            dialect=self.options.get("dialect", "current"),
            on_request=self._watch,
        )
        self.names.by_id[self.world.emulator.default_project_id] = "project"

    def run(self) -> dict[str, str]:
        with self.world:
            self._fill_service()
            if (self.folder / "before").exists():
                self._lay_out("before")
                self.world.env = self.options.get("before_env", {})
                self._before()
            for step in self._read("drift.yaml") or []:
                self._do(step)
            self._lay_out("workspace")
            self.world.env = self.options.get("env", {})
            told = self._apply("", self.options.get("faults", []))
            if "faults" in self.options:
                told |= self._apply("again-", [])
            final = self.world.snapshot()
            if "jobs" in final:
                final["jobs"] = json.loads(self.names.hide(json.dumps(final["jobs"])))
            told["final.json"] = json.dumps(final, indent=1, ensure_ascii=False) + "\n"
            told |= self._runs()
        return told

    def _runs(self) -> dict[str, str]:
        """Tell where the runs are, and what was saved of them."""
        standings = self.world.plan().standings
        told = {}
        if any(one.run for one in standings):
            told["status.txt"] = self.names.hide(render_standings_text(standings))
        saved = sorted(path.relative_to(self.world.root) for path in _files(self.world.root / RESULTS))
        return told | ({"saved.txt": "".join(f"{path.as_posix()}\n" for path in saved)} if saved else {})

    def _before(self) -> None:
        self._set_faults(self.options.get("before_faults", []))
        self._order_jobs("before_jobs")
        result = self.world.apply(parallelism=1)
        assert result.is_complete or {"before_faults", "before_jobs"} & self.options.keys(), result
        self._set_faults([])

    def _apply(self, prefix: str, faults: Sequence[str]) -> dict[str, str]:
        plan = self.world.plan(self._planning())
        told = {f"{prefix}plan.txt": self._plan_text(plan)}
        if errors(plan):
            return told
        self.world.emulator.clear_requests()
        self._set_faults(faults)
        self._order_jobs("jobs")
        result = self.world.execute(plan, parallelism=1)
        self._set_faults([])
        told[f"{prefix}requests.jsonl"] = "".join(map(self._line, self.world.emulator.requests))
        if not result.is_complete or result.notes:
            told[f"{prefix}result.txt"] = self._result_text(result)
        if plan.checks:
            told[f"{prefix}checks.txt"] = self._checks_text(plan, result)
        if result.is_complete and not self._planning().selection.targets:
            after = self.world.plan(self._planning())
            assert actions(after) == {}, "the plan after a complete apply is empty"
        return told

    def _planning(self) -> PlanOptions:
        said = self.world.load().settings.guards
        return PlanOptions(
            selection=Selection(
                targets=self._addresses("targets"),
                excludes=self._addresses("excludes"),
                labels=self.options.get("labels", {}),
            ),
            guards=Guards(
                max_delete_share=said.max_delete_share,
                max_deletes=said.max_deletes,
                allow_deletes=self.options.get("allow_deletes"),
            ),
            destroy=self.options.get("destroy", False),
        )

    def _addresses(self, name: str) -> tuple[Address, ...]:
        found = [parse_address(text) for text in self.options.get(name, [])]
        assert None not in found, found
        return tuple(one for one in found if one)

    def _plan_text(self, plan: Plan) -> str:
        problems = render_diagnostics(plan.problems, root=self.world.root, cwd=self.world.root)
        text = render_plan_text(plan, TextOptions())
        return self.names.hide(f"{text}\n{problems}" if problems else text)

    def _result_text(self, result: Result) -> str:
        problems = [*(problem for _, problem in result.failed), *result.notes]
        text = render_diagnostics(problems, root=self.world.root, cwd=self.world.root)
        return self.names.hide(text + "\n" + render_result_text(result, 0.0, PLAIN))

    def _checks_text(self, plan: Plan, result: Result) -> str:
        desired = self.world.load().desired
        undone = [address for address, _ in (*result.failed, *result.skipped)]
        runnable, waiting = checks_to_run(plan.checks, desired, undone)
        report = run_desired_checks(self.world, [desired.checks[address] for address in runnable])
        with chdir(self.world.root):
            lines = [render_check(one, PLAIN, self.world.root) for one in report.checks]
        lines += [f"{address}  not run because of {because}\n" for address, because in waiting.items()]
        return self.names.hide("".join(lines))

    def _line(self, record: RequestRecord) -> str:
        line: dict[str, Any] = {"method": record.method, "path": record.path}
        query = {name: value for name, value in record.query if name not in UNTOLD}
        told = {"query": query, "body": record.body, "form": record.form}
        if record.fault:
            told = {"fault": record.fault}
        line |= {name: value for name, value in told.items() if value}
        return self.names.hide(json.dumps({**line, "status": record.status}, ensure_ascii=False)) + "\n"

    # -- the service before, and others in it

    def _fill_service(self) -> None:
        live = self._read("live.yaml") or {}
        for directory in live.get("directories", []):
            files = directory.pop("files", [])
            identity = self.world.emulator.control.add_directory(**directory)
            self.names.learn(self.world)
            for file in files:
                self._add_file(identity, file)
        for one in live.get("configurations", []):
            self.world.client().create("/api/v1/beta/configurations", one)

    def _add_file(self, directory_id: str, file: dict[str, Any]) -> None:
        content = file.pop("content").encode()
        self.world.emulator.control.add_file(directory_id, content=content, **file)
        self.names.learn(self.world)

    def _do(self, step: dict[str, Any]) -> None:
        if "wait_s" in step:
            self.world.clock.sleep(step["wait_s"])
        elif "add_file" in step:
            self._add_file(self.names.reveal(step["to"]), step["add_file"])
        else:
            body = json.loads(self.names.reveal(json.dumps(step.get("body"))))
            self.world.client().send(step["method"], self.names.reveal(step["path"]), body)
            self.names.learn(self.world)

    def _order_jobs(self, name: str) -> None:
        for order, *details in self.options.get(name, []):
            getattr(self.world.emulator.control.jobs, order)(*details)

    def _set_faults(self, texts: Sequence[str]) -> None:
        self.world.emulator.set_faults([parse_fault(self.names.reveal(text)) for text in texts])

    def _watch(self, record: RequestRecord, moment: str) -> None:
        if moment == "after" and record.method != "GET":
            self.names.learn(self.world)

    # -- files

    def _lay_out(self, name: str) -> None:
        """Put a workspace of the scenario in place of the one before."""
        for old in self.world.root.iterdir():
            if old.name not in ("llamasync.yaml", RESULTS):
                shutil.rmtree(old) if old.is_dir() else old.unlink()
        for path in _files(self.folder / name):
            target = self.world.root / path.relative_to(self.folder / name)
            target.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text(encoding="utf-8")
            target.write_text(self.names.reveal(text) if path.suffix == ".yaml" else text, encoding="utf-8")

    def _read(self, name: str) -> Any:
        path = self.folder / name
        return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
