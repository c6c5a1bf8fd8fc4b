"""The checks of `doctor`, each a verdict. Nothing is changed, and one check's failure does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec

from llamasync.api.endpoint import DEFAULT_BASE_URL
from llamasync.api.errors import ApiError
from llamasync.cli.failures import diagnostics_of
from llamasync.cli.probe import clock_skew_s
from llamasync.cli.session import Session
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.render.units import counted, human_seconds
from llamasync.render.verdicts import Level, Verdict

_REGIONS = {DEFAULT_BASE_URL: "North America", "https://api.cloud.eu.llamaindex.ai": "Europe"}
_SKEW_WARN_S = 30.0
_SKEW_FAIL_S = 300.0

Check = Callable[[Session], Verdict]


def examine(session: Session) -> Iterator[Verdict]:
    """Iterate over the verdicts; what cannot be looked at after a failure is left out."""
    workspace = _guarded("workspace", _workspace, session)
    yield workspace
    if workspace.level is not Level.FAIL:
        yield _guarded("state", _state, session)
        yield _guarded("lock", _lock, session)
    emulator = _emulator(session)
    if session.said.local and Level.FAIL not in (workspace.level, emulator.level):
        emulator = _guarded("emulator", _emulator_data, session)
    yield emulator
    if Level.FAIL in (workspace.level, emulator.level):
        return
    key = _guarded("key", _key, session)
    yield key
    if key.level is Level.FAIL:
        return
    yield _guarded("region", _region, session)
    yield _guarded("clock", _clock, session)
    project = _guarded("project", _project, session)
    yield project
    if project.level is not Level.FAIL:
        yield _guarded("dialect", _dialect, session)


def _guarded(name: str, check: Check, session: Session) -> Verdict:
    try:
        return check(session)
    except (DiagnosticError, ApiError, OSError) as error:
        return _failed(name, diagnostics_of(error)[0])


def _failed(name: str, found: Diagnostic) -> Verdict:
    detail = f": {found.detail}" if found.detail else ""
    return Verdict(name, Level.FAIL, f"{found.code} {found.summary}{detail}", found.advice)


def _workspace(session: Session) -> Verdict:
    environment = f", environment {session.said.environment}" if session.said.environment else ""
    _ = session.settings
    return Verdict("workspace", Level.OK, f"{session.root}{environment}")


def _state(session: Session) -> Verdict:
    state = session.store.load()
    said = f"{session.state_location}: {counted(len(state.bindings), 'object')}"
    if state.intents:
        said += f", {counted(len(state.intents), 'create')} of unknown outcome"
        return Verdict("state", Level.WARN, said, "the next apply looks what became of it")
    return Verdict("state", Level.OK, said)


def _lock(session: Session) -> Verdict:
    owner = session.store.lock_owner()
    if owner is None:
        return Verdict("lock", Level.OK, "free")
    who = f"held by {owner.who} (process {owner.pid}) for `llamasync {owner.command}` since {owner.since}"
    return Verdict("lock", Level.WARN, who, "wait for it; if it is dead for certain: llamasync state force-unlock")


def _emulator(session: Session) -> Verdict:
    if find_spec("werkzeug"):
        return Verdict("emulator", Level.OK, "installed")
    level = Level.FAIL if session.said.local else Level.WARN
    return Verdict("emulator", level, "not installed: --local will not work", "pip install 'llamasync[emulator]'")


def _emulator_data(session: Session) -> Verdict:
    _ = session.target
    return Verdict("emulator", Level.OK, "installed, and its data can be used")


def _key(session: Session) -> Verdict:
    _ = session.target
    return Verdict("key", Level.OK, "none is needed for --local" if session.said.local else "set")


def _region(session: Session) -> Verdict:
    if session.said.local:
        return Verdict("region", Level.OK, session.endpoint_name)
    url = session.target.endpoint.base_url
    return Verdict("region", Level.OK, f"{url} ({_REGIONS.get(url, 'not one of the public addresses')})")


def _clock(session: Session) -> Verdict:
    skew_s = 0.0 if session.said.local else clock_skew_s(session.target.endpoint.base_url)
    if skew_s is None:
        return Verdict("clock", Level.WARN, "the service did not say its time")
    said = f"{human_seconds(abs(skew_s))} {'ahead of' if skew_s > 0 else 'behind'} the service's"
    if abs(skew_s) >= _SKEW_WARN_S:
        level = Level.FAIL if abs(skew_s) >= _SKEW_FAIL_S else Level.WARN
        return Verdict("clock", level, said, "set this machine's clock, for example by NTP")
    return Verdict("clock", Level.OK, "agrees with the service's")


def _project(session: Session) -> Verdict:
    from llamasync.live.project import PROJECTS

    found = session.client.get(PROJECTS)
    named = {str(one.get("id")): str(one.get("name", "")) for one in found if isinstance(one, dict)}
    project = session.project
    if project.id not in named:
        detail = f"{project.id} is none of the {len(named)} that the key sees"
        return Verdict("project", Level.FAIL, detail, "correct --project, spec.project or LLAMA_CLOUD_PROJECT_ID")
    chosen = "" if session.project_id else ", the key's default"
    return Verdict("project", Level.OK, f"{project.id} ({named[project.id]}){chosen}")


def _dialect(session: Session) -> Verdict:
    from llamasync.api.dialect import detect_dialect

    return Verdict("dialect", Level.OK, str(detect_dialect(session.client)))
