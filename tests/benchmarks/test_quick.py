"""Every benchmark runs, in a quick form whose times mean nothing and are not looked at."""

from __future__ import annotations

import pytest

from benchmarks.__main__ import NAMES, load, main


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_quick_form_prints_a_section(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--quick", name]) == 0
    out = capsys.readouterr().out
    assert f"## {load(name).title}\n" in out
    assert out.count("\n| ") >= 2


def test_unknown_name_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["plan", "nonsense"])
    assert ended.value.code == 2
    assert "nonsense" in capsys.readouterr().err


@pytest.mark.slow
def test_quick_plan_makes_one_call_a_page() -> None:
    figures = load("plan").run(True)
    assert [figure.measured.rpartition(" ")[2] for figure in figures[1:]] == ["1", "2", "3"]
