"""The words for what a plan costs."""

from __future__ import annotations

from llamasync.core.source import Source
from llamasync.plan.model import Action, Estimate
from llamasync.plan.processing import StepCost, Uncounted
from llamasync.render.costs import change_words, processing_words, uncounted_words, upload_words
from tests.render.plans import file_change, make_plan

PARSE = StepCost(product="parse", tier="fast", pages=1, credits=1)
INDEX = StepCost(product="index", tier="", pages=3, credits=6)
NONE = StepCost(product="parse", tier="fast", pages=0, credits=0)


def test_nothing_that_costs_is_not_spoken_of() -> None:
    assert (processing_words(Estimate()), change_words(Estimate()), upload_words(make_plan())) == ("", "", "")


def test_one_is_one_and_many_are_many() -> None:
    one = Estimate(pages=1, credits=1, documents=1, steps=(PARSE,))
    assert processing_words(one) == "Processing: 1 page of 1 document, about 1 credit (parse, fast)."
    many = Estimate(pages=1240, credits=3720, documents=312, steps=(PARSE,), is_at_most=True)
    assert processing_words(many) == (
        "Processing: up to 1,240 pages of 312 documents, about 3,720 credits (parse, fast)."
    )


def test_documents_that_are_only_exported_again_are_told_apart() -> None:
    mixed = Estimate(pages=1, credits=7, documents=1, touched=2, steps=(PARSE, INDEX))
    assert change_words(mixed) == "processes 1 document, 1 page, 2 more exported again, ~7 credits"
    only = Estimate(credits=6, touched=3, steps=(NONE, INDEX))
    assert "0 pages of 0 documents, 3 more exported again, about 6 credits" in processing_words(only)


def test_sync_after_deletes_alone_processes_nothing_again() -> None:
    estimate = Estimate(steps=(NONE,), because=(Source("m.yaml", 3, 1),))
    assert change_words(estimate) == "processes no document again  because m.yaml:3"
    assert processing_words(estimate) == ""


def test_causes_are_named_up_to_a_number() -> None:
    causes = tuple(Source(f"{n}.yaml") for n in range(6))
    assert change_words(Estimate(steps=(NONE,), because=causes)).endswith(
        "because 0.yaml, 1.yaml, 2.yaml, 3.yaml, 4.yaml ..."
    )


def test_documents_with_one_reason_are_told_together_unless_all_are_asked_for() -> None:
    theirs = tuple(Uncounted(f"{n}.pdf", "not ours") for n in range(7))
    estimate = Estimate(uncounted=(*theirs, Uncounted("x.pdf", "it is encrypted")))
    assert list(uncounted_words(estimate)) == [
        "7 documents (0.pdf, 1.pdf, 2.pdf, 3.pdf, 4.pdf ...): not ours",
        "x.pdf: it is encrypted",
    ]
    assert len(list(uncounted_words(estimate, verbose=True))) == 8
    two = Estimate(uncounted=theirs[:2])
    assert list(uncounted_words(two)) == ["2 documents (0.pdf, 1.pdf): not ours"]


def test_content_that_is_there_already_does_not_go_up() -> None:
    change = file_change("a.pdf", Action.CREATE, "new", uploads=True, estimate=Estimate(bytes=1500))
    assert upload_words(make_plan(change)) == "Upload: 1.5 kB in 1 file."
