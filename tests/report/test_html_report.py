"""The report: a story of any figures there may be."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from msgspec import structs
from msgspec.structs import replace

from keysift.report.html.figure import Figure
from keysift.report.html.page import Page
from keysift.report.html_report import report_page, write_report
from keysift.statistics.values import Scope
from tests.report.figures import comparison, empty, full, share

HOSTILE = "</script><b>'\"&\u202e\x00"


def figures(page: Page) -> Iterator[Figure]:
    """Yield all figures of a page."""
    for section in page.sections:
        yield from section.figures


def figure(page: Page, name: str) -> Figure:
    """Return a figure by its name."""
    return next(one for one in figures(page) if one.name == name)


def test_figures_have_names_of_their_own_and_tables_that_fit() -> None:
    """Nothing is drawn without its numbers, each row is as wide as the head."""
    page = report_page(full(), comparison())
    names = [one.name for one in figures(page)] + [section.name for section in page.sections]
    assert len(names) == len(set(names))
    for one in figures(page):
        assert one.rows
        assert {len(row) for row in one.rows} == {len(one.columns)}, one.name
        assert one.reading
        assert one.counts


def test_headline() -> None:
    """The first figures are those of the store."""
    cards = {card.title: card for card in report_page(full()).cards}
    assert cards["Secrets"].value == "1,300"
    assert cards["Secrets"].note == "in 18,200 places, of 90 types and 61 providers"
    assert cards["Projects with a secret"].value == "4.5%"
    assert cards["Projects with a secret"].note.startswith("900 of 20,000 projects (95% ")
    assert (cards["Still work"].value, cards["Still work"].note) == (
        "260",
        "50.0% of 520 secrets with a clear answer",
    )
    assert cards["Oldest that still works"].value == "2016"
    assert cards["In a newest release"].value == "33.3%"
    assert cards["Median time to revocation"].value == "3.1 years"


def test_a_year_is_told_with_those_that_still_work() -> None:
    """Leaked then, active now."""
    years = figure(report_page(full()), "years")
    assert "130 were first published in 2026, more than in any other year" in years.reading
    assert "8 secrets from 2016 still work today" in years.reading
    assert years.rows[0][:4] == ("2016", 40, 560, 30)
    assert years.rows[0][4:] == (8, 8, 2, 2, 20, 0.5, 0.45, 0.55)


def test_months_without_a_secret_are_in_the_picture() -> None:
    """A curve over time has all months; the table has those with secrets."""
    months = figure(report_page(full()), "months")
    assert months.draw is not None
    values = months.draw()["data"]["values"]
    assert len(values) == 12
    assert values[2] == {"month": "2024-03-01", "number": 0}
    assert len(months.rows) == 4


def test_a_store_without_secrets_has_a_report() -> None:
    """What is not known is said, and nothing fails."""
    page = report_page(empty())
    assert [card.value for card in page.cards] == ["0", "not known"]
    stream = io.StringIO()
    write_report(empty(), stream)
    assert "<table" in stream.getvalue()


def test_a_scope_without_secrets_has_no_empty_charts() -> None:
    """It says what was looked at, what was not, and what was found and is not counted."""
    clean = empty()
    looked = replace(clean.coverage.artifacts, scanned=7, pending=2, incomplete=1)
    projects = replace(clean.coverage.projects, scanned=1)
    page = report_page(
        replace(
            clean,
            scope=replace(clean.scope, severity="high"),
            coverage=replace(clean.coverage, artifacts=looked, projects=projects),
            not_counted=replace(clean.not_counted, tests=4, canaries=1),
        )
    )
    first, *more = page.sections
    sentence, *others = first.text
    assert sentence.startswith("No secret of medium confidence and high severity or more stands ")
    assert sentence.endswith(" in the 7 artifacts of 1 project that were scanned.")
    assert others == [
        "What was not looked at, or not wholly, may hold some: 3 artifacts more.",
        "Found and not counted: 5 secrets, for the reasons below.",
    ]
    assert page.subtitle.startswith("1 project, 7 artifacts")
    assert [one.name for one in more] in ([], ["coverage"])


def test_what_an_anonymised_report_hides_is_not_invented() -> None:
    """None stands for small groups; it is shown as such."""
    known = full()
    hidden = structs.replace(
        known,
        by_detector=tuple(
            structs.replace(one, verdicts=None, projects_by_verdict=None, active=None)
            for one in known.by_detector
        ),
        made=structs.replace(known.made, k=5),
        scope=Scope(is_part=True, index_count=1),
    )
    page = report_page(hidden)
    assert figure(page, "detectors").rows[0][4:] == (None,) * 8
    facts = {fact.name: fact.text for fact in page.method}
    assert "fewer than 5 projects" in facts["Anonymised"]
    assert facts["Scope"] == "some projects, which are not named"


def test_made_up_data_is_called_so() -> None:
    """Nobody takes a demo for the truth."""
    known = full()
    demo = structs.replace(known, made=structs.replace(known.made, is_demo=True))
    assert report_page(known).notice is None
    notice = report_page(demo).notice
    assert notice is not None
    assert notice.startswith("Made-up data")


def test_changes_come_first_when_they_are_asked_for() -> None:
    """Who compares wants to know what changed."""
    section = report_page(full(), comparison()).sections[0]
    assert section.name == "changed"
    assert "The earlier report is of other projects: project." in section.text
    assert section.text[-1] == (
        "Since 2026-04-01: 9 secrets found for the first time, 2 secrets published since as well, "
        "1 secret revoked, 0 secrets removed from the newest releases."
    )
    assert section.figures[1].rows == [("secrets", "project", 3.0, 9.0, 6.0)]
    assert report_page(full()).sections[0].name == "when"


@pytest.mark.parametrize("scope", [Scope(projects=(HOSTILE,)), Scope(org=HOSTILE)])
def test_hostile_names_everywhere(scope: Scope) -> None:
    """Names of projects and groups, globs and organisations are text."""
    stream = io.StringIO()
    write_report(
        structs.replace(full(HOSTILE), scope=scope), stream, comparison=comparison(HOSTILE)
    )
    text = stream.getvalue()
    assert "<b>" not in text
    assert "\u202e" not in text
    assert "\x00" not in text
    assert text.count("</script>") == text.count("<script")
    assert len(text.encode()) < 3_000_000


def test_shares_of_nothing() -> None:
    """A share without a denominator is not known."""
    known = full()
    head = structs.replace(known.headline, projects=share(0, 0), still_present=share(0, 0))
    page = report_page(structs.replace(known, headline=head))
    assert next(one for one in page.cards if one.title == "Projects with a secret").value == (
        "not known"
    )
