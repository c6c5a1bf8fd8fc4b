"""What a kind says of the work on its documents, and what of that is billed."""

from __future__ import annotations

from typing import Any

import pytest

from llamasync.core.reference import refer
from llamasync.kinds.registry import all_kinds
from llamasync.kinds.works import Step, Work, steps_of

PARAMETERS = all_kinds()["Configuration"].parameters


@pytest.mark.parametrize(
    ("product", "parameters", "steps"),
    [
        ("parse", {}, [Step(product="parse")]),
        ("parse_v2", {"tier": "agentic"}, [Step(product="parse", tier="agentic")]),
        ("parse", {"fast_mode": True}, [Step(product="parse", tier="fast")]),
        ("classify_v2", {"mode": "FAST"}, [Step(product="classify", tier="fast")]),
        ("parse_v2", {"page_ranges": {"max_pages": 3}}, [Step(product="parse", max_pages=3)]),
        ("parse_v2", {"page_ranges": {"target_pages": "1-3"}}, [Step(product="parse", is_part=True)]),
        (
            "extract_v2",
            {"tier": "cost_effective", "parse_tier": "fast", "max_pages": 2},
            [
                Step(product="extract", tier="cost_effective", max_pages=2),
                Step(product="parse", tier="fast", max_pages=2),
            ],
        ),
    ],
)
def test_tier_and_limits_are_taken_from_the_parameters(
    product: str, parameters: dict[str, Any], steps: list[Step]
) -> None:
    assert list(steps_of(Work(product=product), parameters)) == steps


def test_index_is_parsed_by_its_products_and_exported() -> None:
    configuration = refer("Configuration", "fast")
    works = all_kinds()["Index"].works
    assert works({"products": [{"product_type": "extract", "product_config_id": configuration}]}) == (
        Work(product="extract", configuration=configuration),
        Work(product="index", on_metadata=True),
    )
    assert [work.product for work in works({})] == ["parse", "index"]


def test_kinds_that_are_not_made_of_documents_have_no_works() -> None:
    assert all_kinds()["Directory"].works({}) == ()
    assert all_kinds()["Directory"].parameters("dir-1", {}) == {}


def test_parameters_of_a_configuration_are_shown_or_told_by_the_id_of_a_built_in_one() -> None:
    assert PARAMETERS("cfg-1", {"parameters": {"tier": "fast"}}) == {"tier": "fast"}
    assert PARAMETERS("cfg-PARSE_AGENTIC_PLUS", {}) == {"tier": "agentic_plus"}
    assert PARAMETERS("cfg-1", {}) == {}
