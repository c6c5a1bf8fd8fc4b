from __future__ import annotations

import json

import pytest

from llamasync.cli.checkup import _clock
from llamasync.cli.options import Globals
from llamasync.cli.session import Session
from llamasync.render.verdicts import Level
from tests.cli.test_bad_input import answering


def verdicts(result) -> dict[str, str]:
    return {check["name"]: check["level"] for check in json.loads(result.stdout)["checks"]}


def test_all_is_well_with_the_embedded_emulator(local) -> None:
    result = local("doctor")
    assert "fail" not in result.stdout
    names = ["workspace", "state", "lock", "emulator", "key", "region", "clock", "project", "dialect"]
    assert list(verdicts(local("doctor", "--format", "json"))) == names


def test_a_served_emulator_tells_its_time_and_dialect(run, served) -> None:
    found = verdicts(run(*served(dialect="reference"), "doctor", "--format", "json"))
    assert found["key"] == found["project"] == found["dialect"] == found["region"] == "ok"


def test_no_key_is_a_failure_with_its_fix(run) -> None:
    result = run("doctor", expect=1)
    assert "fail  key        LS401 no API key" in result.stdout
    assert "--local" in result.stdout


def test_a_service_that_is_not_there_is_told(run, monkeypatch) -> None:
    monkeypatch.setenv("LLAMA_CLOUD_API_KEY", "key")
    result = run("--endpoint", "http://127.0.0.1:1", "doctor", "--format", "json", expect=1)
    assert verdicts(result)["clock"] == "warn"
    assert verdicts(result)["project"] == "fail"
    assert "dialect" not in verdicts(result)


def test_a_project_that_the_key_does_not_see_is_a_failure(run, served) -> None:
    found = run(*served(), "--project", "prj-none", "doctor", expect=1)
    assert "prj-none is none of the 1 that the key sees" in found.stdout


def test_a_lock_and_unfinished_creates_are_warnings(local, workspace) -> None:
    from llamasync.core.address import Address
    from llamasync.state.backends import open_store
    from llamasync.state.model import Intent

    store = open_store("sqlite:.llamasync/local-state.db", workspace)
    with store.lock("apply"):
        store.begin(Intent(number=0, address=Address("Directory", "docs"), collection="directories", key=("docs",)))
        result = local("doctor")
    store.close()
    assert "1 create of unknown outcome" in result.stdout
    assert "held by " in result.stdout


def test_settings_that_are_wrong_end_it(local, workspace) -> None:
    (workspace / "llamasync.yaml").write_text("nonsense: [")
    assert verdicts(local("doctor", "--format", "json", expect=1)) == {"workspace": "fail", "emulator": "ok"}


def test_an_environment_is_named(local) -> None:
    assert "environment prod" in local("-e", "prod", "doctor").stdout


def test_without_the_emulator_it_is_a_warning_or_a_failure(run, local, monkeypatch) -> None:
    monkeypatch.setattr("llamasync.cli.checkup.find_spec", lambda name: None)
    assert "warn  emulator" in run("doctor", expect=1).stdout
    told = local("doctor", expect=1).stdout
    assert "fail  emulator" in told
    assert "  key " not in told, "nothing can be asked, and the key is not what is wrong"


@pytest.mark.parametrize(
    ("skew_s", "level", "says"),
    [
        (1.0, Level.OK, "agrees"),
        (-60.0, Level.WARN, "behind"),
        (400.0, Level.FAIL, "ahead"),
        (None, Level.WARN, "did not"),
    ],
)
def test_a_clock_that_is_off_is_noticed(monkeypatch, skew_s, level, says) -> None:
    monkeypatch.setattr("llamasync.cli.checkup.clock_skew_s", lambda url: skew_s)
    session = Session(Globals(endpoint="https://api.example"), environ={"LLAMA_CLOUD_API_KEY": "k"})
    verdict = _clock(session)
    assert verdict.level is level
    assert says in verdict.text


def test_the_probe_reads_dates_of_refusals_and_bears_nonsense(monkeypatch) -> None:
    import io
    from email.message import Message
    from urllib.error import HTTPError

    from llamasync.cli import probe

    with answering(b"{}", "application/json") as url:
        assert abs(probe.clock_skew_s(url) or 0) < 5

    def answer_with(date: str | None):
        headers = Message()
        if date:
            headers["Date"] = date

        def refuse(*_: object, **__: object) -> None:
            raise HTTPError("http://x", 404, "no", headers, io.BytesIO())

        monkeypatch.setattr(probe, "urlopen", refuse)
        return probe.clock_skew_s("http://x")

    assert answer_with("Thu, 01 Jan 1970 00:00:00 GMT") > 1e9
    assert answer_with("Thu, 01 Jan 1970 00:00:00 -0000") > 1e9
    assert answer_with("nonsense") is None
    assert answer_with(None) is None


def test_a_folder_that_cannot_be_written_is_one_verdict_of_many(local, monkeypatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", ".llamasync")

    monkeypatch.setattr("llamasync.emulator.Emulator.__init__", refuse)
    result = local("doctor", "--format", "json", expect=1)
    assert verdicts(result) == {"workspace": "ok", "state": "ok", "lock": "ok", "emulator": "fail"}
    assert "LS606 file cannot be written: .llamasync: Permission denied" in result.stdout
