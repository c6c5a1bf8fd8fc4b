"""What a plan says that it will cost, in every form, and the limits that refuse it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

INDEX = """\
apiVersion: llamasync/v1
kind: Index
metadata: {name: docs}
spec:
  directory: docs
  products: [{type: parse, configuration: {id: cfg-PARSE_FAST}}]
"""
LINE = "Processing: 3 pages of 3 documents, about 9 credits (parse, fast 3; index 6)."


@pytest.fixture
def indexed(local, workspace):
    """A workspace whose directory has an index; nothing is applied."""
    (workspace / "manifests" / "index.yaml").write_text(INDEX)
    return local


def settings(workspace: Path, spec: str, *, prod: str = "{}") -> None:
    (workspace / "llamasync.yaml").write_text(
        f"apiVersion: llamasync/v1\nkind: Workspace\nspec: {{{spec}, environments: {{prod: {prod}}}}}\n"
    )


def test_plan_says_what_goes_up_what_is_processed_what_it_costs_and_why(indexed) -> None:
    shown = indexed("plan").stdout
    assert f"Upload: 21 B in 3 files.\n{LINE}" in shown
    assert "processes 3 documents, 3 pages, ~9 credits  because manifests/index.yaml:1" in shown
    assert "Assumed, unless spec.estimate in llamasync.yaml says otherwise:" in shown
    assert "3,000 characters of text count as a page (charactersPerPage)" in shown


def test_verbose_lists_the_pages_of_each_document(indexed) -> None:
    assert "FileSet/docs[a.md]: 1 page\n" in indexed("-v", "plan").stdout
    assert "FileSet/docs[a.md]: 1 page\n" not in indexed("plan").stdout


def test_json_has_it_by_change_and_in_total(indexed) -> None:
    plan = json.loads(indexed("plan", "--format", "json").stdout)
    assert {name: plan["estimate"][name] for name in ("bytes", "pages", "credits", "documents")} == {
        "bytes": 21, "pages": 3, "credits": 9, "documents": 3
    }  # fmt: skip
    by_address = {change["address"]: change["estimate"] for change in plan["changes"]}
    assert by_address["Index/docs"]["because"] == ["manifests/index.yaml:1:1"]
    assert by_address["Index/docs"]["steps"][0] == {"product": "parse", "tier": "fast", "pages": 3, "credits": 3}
    assert by_address["FileSet/docs[a.md]"] == {"bytes": 7, "pages": 0, "credits": 0}


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_markdown_and_html_have_it(indexed, form) -> None:
    shown = indexed("plan", "--format", form).stdout
    assert LINE in shown
    assert "because manifests/index.yaml:1" in shown
    assert "characters of text count as a page" in shown


def test_settings_and_the_environment_over_them_override_the_table(indexed, workspace) -> None:
    settings(
        workspace,
        "estimate: {creditsPerPage: {parse: {fast: 2}, index: {any: 0}}, charactersPerPage: 2, "
        "pricePer1000Credits: 10}",
        prod="{estimate: {creditsPerPage: {index: {any: 1}}, currency: EUR}}",
    )
    assert "12 pages of 3 documents, about 24 credits, 0.24 USD (parse, fast 24; index 0)." in indexed("plan").stdout
    shown = indexed("-e", "prod", "plan").stdout
    assert "12 pages of 3 documents, about 36 credits, 0.36 EUR (parse, fast 24; index 12)." in shown


def test_misspelt_product_is_refused(indexed, workspace) -> None:
    settings(workspace, "estimate: {creditsPerPage: {parsing: {fast: 2}}}")
    assert "spec.estimate.creditsPerPage" in indexed("plan", expect=1).stderr


def test_plan_over_a_limit_is_refused_unless_its_flag_means_it(indexed, workspace) -> None:
    settings(workspace, "guards: {maxPages: 2, maxCredits: 5}")
    refused = indexed("plan", expect=1).stderr
    assert "error[LS330]: too many pages" in refused
    assert "3 pages would be processed; the limit is 2" in refused
    assert "error[LS331]: too many credits" in refused
    assert "if it is meant: --allow-credits 9" in refused
    assert "LS331" in indexed("apply", "--auto-approve", "--allow-pages", "3", expect=1).stderr
    assert "0 objects" in indexed("state", "list").stderr
    indexed("apply", "--auto-approve", "--allow-pages", "3", "--allow-credits", "9")


def test_saved_plan_keeps_what_was_allowed(indexed, workspace) -> None:
    settings(workspace, "guards: {maxPages: 2, maxCredits: 5}")
    indexed("plan", "--out", "p.llamaplan", "--allow-pages", "3", "--allow-credits", "9.5")
    assert "Applied" in indexed("apply", "p.llamaplan").stdout


def test_document_of_unknown_length_is_named_and_a_warning_where_there_is_a_limit(indexed, workspace) -> None:
    (workspace / "documents" / "bad.pdf").write_bytes(b"%PDF-1.7 cut short")
    told = indexed("plan")
    assert "3 pages of 4 documents (1 of unknown length)" in told.stdout
    assert "FileSet/docs[bad.pdf]: it is damaged" in told.stdout
    assert "LS332" not in told.stderr
    settings(workspace, "guards: {maxPages: 100}")
    assert "warning[LS332]: not all costs are known" in indexed("plan").stderr


def test_a_document_is_measured_once(indexed, workspace, monkeypatch) -> None:
    from llamasync.workspace.files import lengths, measuring

    indexed("plan")
    measured = []

    def length_of(stream, suffix):
        measured.append(suffix)
        return lengths.length_of(stream, suffix)

    monkeypatch.setattr(measuring, "length_of", length_of)
    assert LINE in indexed("plan").stdout
    assert measured == []
    (workspace / "documents" / "a.md").write_text("other")
    assert LINE in indexed("plan").stdout
    assert measured == [".md"]


def test_plan_that_changes_nothing_measures_nothing(indexed, workspace, monkeypatch) -> None:
    indexed("apply", "--auto-approve")
    (workspace / ".llamasync" / "cache.db").unlink()
    from llamasync.workspace.files import measuring

    monkeypatch.setattr(measuring, "length_of", None)
    shown = indexed("plan").stdout
    assert "No changes." in shown
    assert "Processing" not in shown


def test_status_of_what_is_to_be_processed_reads_no_document(indexed, monkeypatch) -> None:
    from llamasync.workspace.files import measuring

    monkeypatch.setattr(measuring, "length_of", None)
    indexed("status")
