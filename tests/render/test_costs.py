"""The words for what a plan costs."""

from __future__ import annotations

from dataclasses import replace

from llamasync.core.source import Source
from llamasync.plan.model import Action, Estimate
from llamasync.plan.processing import Length, StepCost, Uncounted
from llamasync.render.costs import change_words, length_words, processing_words, uncounted_words, upload_words
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
    assert processing_words(mixed) == (
        "Processing: 1 page of 1 document, 2 more exported again, about 7 credits (parse, fast 1; index 6 for 3 pages)."
    )
    only = Estimate(credits=6, touched=3, steps=(NONE, INDEX))
    assert change_words(only) == "processes 3 documents, 3 pages, exported again and not parsed, ~6 credits"
    assert processing_words(only) == (
        "Processing: 3 documents, 3 pages, exported again and not parsed, about 6 credits (index)."
    )
    in_part = replace(only, uncounted=(Uncounted("x.pdf", "it is encrypted"),))
    assert "3 documents (1 of unknown length), 3 pages, exported again" in change_words(in_part)


def test_each_of_several_steps_says_what_it_costs() -> None:
    unrated = StepCost(product="sign", tier="", pages=3, credits=None)
    whole = Estimate(pages=3, credits=9, documents=1, steps=(replace(PARSE, pages=3, credits=3), INDEX, unrated))
    assert processing_words(whole).endswith("about 9 credits (parse, fast 3; index 6; sign unknown).")


def test_where_nothing_is_known_no_zero_is_shown() -> None:
    unknown = tuple(Uncounted(f"{number}.pdf", "it is encrypted") for number in range(2))
    estimate = Estimate(documents=2, uncounted=unknown, is_at_most=True, steps=(NONE, replace(INDEX, pages=0)))
    assert change_words(estimate) == "processes up to 2 documents of unknown length"
    assert processing_words(estimate) == (
        "Processing: up to 2 documents of unknown length, so neither pages nor credits are known (parse, fast; index)."
    )


def test_document_without_pages_is_no_unknown_one() -> None:
    estimate = Estimate(documents=1, steps=(NONE,))
    assert change_words(estimate) == "processes 1 document, 0 pages, ~0 credits"


def test_pages_of_each_document_are_listed() -> None:
    estimate = Estimate(lengths=(Length("File/a", 1), Length("b.pdf", 1200)))
    assert list(length_words(estimate)) == ["File/a: 1 page", "b.pdf: 1,200 pages"]


def test_sync_after_deletes_alone_processes_nothing() -> None:
    estimate = Estimate(steps=(NONE,), because=(Source("m.yaml", 3, 1),))
    assert change_words(estimate) == "processes no document  because m.yaml:3"
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
