"""What a plan costs: pages by the table, credits by product and tier, and what is not known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from llamasync.core.address import Address
from llamasync.core.source import Source
from llamasync.kinds.works import Step
from llamasync.live.model import Project
from llamasync.manifest.settings import Estimate as Settings
from llamasync.plan.estimating import documents_in, with_estimates
from llamasync.plan.guards import number
from llamasync.plan.model import Action, Change, Guards, Plan
from llamasync.plan.processing import NO_COST, Processing, StepCost, Uncounted, total_of
from llamasync.plan.rates import ASSUMED_TIERS, CREDITS_PER_PAGE, Rates, rates_of
from llamasync.workspace.desired import Content
from llamasync.workspace.measure import CHARACTER, PAGE, SHEET, Document, Measure

FAST = Step(product="parse", tier="fast")
INDEX = Step(product="index", on_metadata=True)
CAUSE = Source("manifests/x.yaml", 12, 1)


def document(name: str, *, is_ours: bool = True, sha256: str | None = None) -> Document:
    return Document(name=name, filename=name, sha256=name if sha256 is None else sha256, is_ours=is_ours)


def processed(*documents: Document, name: str = "handbook", **facts: object) -> Change:
    wanted = {"steps": (FAST,), "because": (CAUSE,), **facts}
    return Change(
        address=Address("Index", name),
        kind="Index",
        collection="indexes",
        action=Action.SYNC,
        reason="it does",
        processing=Processing(documents=documents, **wanted),  # type: ignore[arg-type]
    )


def estimated(
    *changes: Change,
    lengths: dict[str, Measure] | None = None,
    rates: Rates | None = None,
    guards: Guards | None = None,
) -> Plan:
    plan = Plan(changes=changes, project=Project(id="prj-1"), endpoint="", fingerprint="sha256:1")
    measures = {f"{name}.pdf": Measure(PAGE, count) for name, count in (("a.pdf", 3), ("b.pdf", 10))}
    return with_estimates(plan, measures | (lengths or {}), rates or Rates(), guards or Guards())


A, B = document("a.pdf"), document("b.pdf")


def test_pages_and_credits_are_those_of_the_documents_by_tier() -> None:
    estimate = estimated(processed(A, B)).changes[0].estimate
    assert (estimate.documents, estimate.pages, estimate.credits) == (2, 13, 13)
    assert estimate.because == (CAUSE,)
    assert estimate.steps == (StepCost(product="parse", tier="fast", pages=13, credits=13),)


@pytest.mark.parametrize("tier", list(CREDITS_PER_PAGE["parse"]))
def test_each_tier_has_its_rate(tier: str) -> None:
    plan = estimated(processed(A, steps=(Step(product="parse", tier=tier),)))
    assert plan.estimate.credits == 3 * CREDITS_PER_PAGE["parse"][tier]


def test_documents_of_which_only_metadata_changed_are_exported_and_not_parsed() -> None:
    plan = estimated(processed(A, steps=(FAST, INDEX), touched=(B,)))
    assert (plan.estimate.documents, plan.estimate.pages) == (1, 3)
    assert [(step.product, step.pages, step.credits) for step in plan.estimate.steps] == [
        ("parse", 3, 3),
        ("index", 13, 26),
    ]


def test_no_more_pages_of_a_document_count_than_the_configuration_takes() -> None:
    plan = estimated(processed(A, B, steps=(replace(FAST, max_pages=5),)))
    assert (plan.estimate.pages, plan.estimate.is_at_most) == (8, False)
    part = estimated(processed(A, B, steps=(replace(FAST, is_part=True),)))
    assert (part.estimate.pages, part.estimate.is_at_most) == (13, True)


def test_documents_of_unknown_length_are_named_with_the_reason() -> None:
    locked = {"c.pdf.pdf": Measure(PAGE, None, "it is encrypted")}
    theirs = document("d.pdf", is_ours=False, sha256="")
    known_theirs = document("c.pdf", is_ours=False)
    plan = estimated(processed(A, document("c.pdf"), theirs), lengths=locked)
    assert (plan.estimate.documents, plan.estimate.pages) == (3, 3)
    assert plan.estimate.uncounted == (
        Uncounted("c.pdf", "it is encrypted"),
        Uncounted("d.pdf", "not ours, and the bytes are not known here"),
    )
    assert estimated(processed(known_theirs), lengths=locked).estimate.uncounted[0].why.startswith("not ours")


def test_each_assumption_that_a_figure_rests_on_is_named_once() -> None:
    texts = {"t.md.md": Measure(CHARACTER, 3001), "s.csv.csv": Measure(SHEET, 2)}
    steps = (Step(product="parse"), Step(product="spreadsheet", tier="agentic"))
    plan = estimated(
        processed(document("t.md"), document("s.csv"), steps=steps, notes=("a note",)),
        processed(document("t.md"), name="other"),
        lengths=texts,
    )
    assert plan.changes[0].estimate.pages == 4
    assert plan.estimate.assumptions == (
        "3,000 characters of text count as a page (charactersPerPage)",
        "each sheet counts as a page (pagesPer.sheet)",
        "parse without a named tier counts as agentic (assumedTiers.parse)",
        "spreadsheet costs what parsing does (creditsPerPage.spreadsheet)",
        "a note",
    )


def test_product_or_tier_without_a_rate_is_named_and_counts_nothing() -> None:
    plan = estimated(processed(A, steps=(Step(product="parse", tier="new"), Step(product="dream"))))
    assert [step.credits for step in plan.estimate.steps] == [None, None]
    assert plan.estimate.credits == 0
    assert [one.split(":")[0] for one in plan.estimate.assumptions] == [
        "no rate is known for parse.new",
        "no rate is known for dream",
    ]
    twice = estimated(*[processed(A, name=name, steps=(Step(product="dream"),)) for name in "xy"])
    assert twice.estimate.steps == (StepCost(product="dream", tier="", pages=6, credits=None),)


def test_plan_adds_up_its_changes_by_product_and_tier() -> None:
    plan = estimated(processed(A), processed(B, name="other", is_at_most=True))
    assert plan.estimate.steps == (StepCost(product="parse", tier="fast", pages=13, credits=13),)
    assert plan.estimate.is_at_most
    assert total_of(()) == NO_COST


def test_price_is_told_where_a_credit_has_one() -> None:
    rates = rates_of(Settings(price_per_1000_credits=1.25, currency="EUR"))
    plan = estimated(processed(A, B), rates=rates)
    assert plan.estimate.price == pytest.approx(0.01625)
    assert plan.estimate.currency == "EUR"
    assert estimated(processed(A)).estimate.price is None


def test_what_the_settings_say_is_laid_over_the_table_entry_by_entry() -> None:
    told = Settings(
        credits_per_page={"parse": {"fast": 0.5}, "split": {"any": 7}, "spreadsheet": {"agentic": 1}},
        assumed_tiers={"parse": "fast"},
        pages_per={"sheet": 2.5},
        characters_per_page=100,
    )
    rates = rates_of(told)
    assert rates.credits(FAST) == 0.5
    assert rates.credits(Step(product="parse", tier="agentic")) == 10
    assert rates.credits(Step(product="parse")) == 0.5
    assert rates.credits(Step(product="split", tier="whatever")) == 7
    assert rates.tier(Step(product="extract")) == ASSUMED_TIERS["extract"]
    assert rates.pages(Measure(CHARACTER, 0)) == 1
    assert rates.pages(Measure(CHARACTER, 101)) == 2
    assert rates.pages(Measure(SHEET, 3)) == 8
    assert rates.pages(Measure(PAGE)) is None
    assert rates.assumption_of_unit(SHEET) == "each sheet counts as 2.5 pages (pagesPer.sheet)"
    assert rates.assumptions_of_step(Step(product="spreadsheet", tier="agentic")) == []
    assert rates_of(Settings()) == Rates()


def test_documents_to_measure_are_those_that_are_worked_on_each_once_with_its_bytes() -> None:
    held = replace(A, content=Content("a.pdf", 1, "a.pdf", inline=b"x"))
    plain = Change(address=Address("File", "x"), kind="File", collection="files", action=Action.CREATE, reason="")
    plan = Plan(
        changes=(plain, processed(A, document("theirs", sha256="")), processed(held, A, touched=(B,), name="other")),
        project=Project(id="prj-1"),
        endpoint="",
        fingerprint="",
    )
    assert documents_in(plan) == [held, B]


def test_estimate_touches_nothing_but_the_estimate() -> None:
    change = processed(A)
    plan = estimated(change)
    assert replace(plan.changes[0], estimate=change.estimate) == change
    assert plan.fingerprint == "sha256:1"


@pytest.mark.parametrize(
    ("guards", "found"),
    [
        (Guards(), []),
        (Guards(max_pages=13, max_credits=13), []),
        (Guards(max_pages=12), [("LS330", "13 pages would be processed; the limit is 12", "--allow-pages 13")]),
        (Guards(max_credits=12.5), [("LS331", "13 credits would be used; the limit is 12.5", "--allow-credits 13")]),
        (Guards(max_pages=12, allow_pages=13), []),
        (Guards(max_pages=2, allow_pages=12), [
            ("LS330", "13 pages would be processed; --allow-pages says 12", "--allow-pages 13")
        ]),
        (Guards(max_credits=0, allow_credits=100), []),
    ],
)  # fmt: skip
def test_limits_on_pages_and_credits_refuse_with_the_flag_that_means_it(
    guards: Guards, found: list[tuple[str, str, str]]
) -> None:
    problems = estimated(processed(A, B), guards=guards).problems
    hints = [one.hint.removeprefix("if it is meant: ") for one in problems]
    assert [(one.code, one.detail, hint) for one, hint in zip(problems, hints, strict=True)] == found


def test_upper_bound_counts_in_full_and_says_so() -> None:
    (problem,) = estimated(processed(A, is_at_most=True), guards=Guards(max_pages=1)).problems
    assert problem.detail == "up to 3 pages would be processed; the limit is 1"


def test_unknown_lengths_and_rates_are_a_warning_where_a_limit_is_set() -> None:
    strangers = [document(f"{n}.pdf", sha256="", is_ours=False) for n in range(6)]
    change = processed(*strangers, steps=(Step(product="dream"),))
    (problem,) = estimated(change, guards=Guards(max_credits=5)).problems
    assert (problem.code, problem.severity.value) == ("LS332", "warning")
    assert problem.detail == "not known: 0.pdf, 1.pdf, 2.pdf, 3.pdf, 4.pdf and 2 more"
    assert estimated(change).problems == ()
    (other,) = estimated(change, guards=Guards(allow_pages=5)).problems
    assert other.code == "LS332"


def test_numbers_are_written_for_people() -> None:
    assert [number(one) for one in (0, 3720, 1.5, 0.004)] == ["0", "3,720", "1.5", "0"]
