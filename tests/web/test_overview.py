"""The first page: its figures are those of the store, and lead where they are listed."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from keysift.model import Confidence, Severity, TriageStatus, Verdict
from keysift.store.database import Store
from keysift.store.queries.figures import figures
from keysift.store.stale import mark_all
from keysift.store.summaries import refresh
from keysift.web.charts import Bar, bars
from keysift.web.links import exactly, findings
from keysift.web.overview_view import share
from keysift.web.settings import WebSettings
from keysift.web.verifying import Verifying
from tests.store.history import History
from tests.store.samples import found
from tests.web.filled import fill, verifying
from tests.web.markup import Markup
from tests.web.stores import adopt, hostile, many
from tests.web.visiting import visiting, words

__all__ = ["verifying"]


def test_a_new_store_says_what_to_run(store: Store, told: WebSettings) -> None:
    """Nobody looks at a page of zeros."""
    with visiting(store, told) as visit:
        answer = visit.get("/")
    assert answer.status_code == 200
    assert "keysift crawl" in words(answer)
    assert "Open findings" not in words(answer)


def test_figures_are_those_of_the_store(store: Store, told: WebSettings) -> None:
    """Each is counted by hand."""
    fill(store)
    with visiting(store, told) as visit:
        answer = visit.get("/")
    text = words(answer)
    assert "Open findings 2 of 2 in all" in text
    assert "Still working 1 " in text
    assert "Projects affected 1 of 2 looked at" in text
    # Of six files that the index has, 1.0, 2.0 and that of `clean` were looked at.
    assert "Looked at 50.0 % 3 of 6 files not, or not all" in text
    assert "critical 1 open, critical" in text
    assert "high 1 open, high" in text
    assert "Figures are being added up" not in text
    assert not Markup(answer.text).problems


def test_what_counts(store: Store) -> None:
    """Low confidence, canaries and what is outdated are in no figure but their own."""
    with store.writing() as connection:
        adopt(connection)
    history = History(store)
    history.publish("one", "2.0", found(1), found(2, confidence=Confidence.LOW), found(3))
    history.publish("two", "3.0", found(4, severity=Severity.LOW))
    history.publish("two", "4.0", found(5))
    history.judged(1, Verdict.ACTIVE)
    history.judged(3, Verdict.CANARY)
    history.judged(4, Verdict.INACTIVE)
    history.decided(4, "revoked")
    history.rescanned("two-4.0.tar.gz", before=(found(5),))
    with store.writing() as connection:
        mark_all(connection)
    refresh(store)
    with store.reading() as connection:
        made = figures(connection)
    assert (made.findings, made.canaries, made.faint) == (2, 1, 1)
    assert dict(made.open) == {Severity.CRITICAL: 1}
    assert (made.active, made.present, made.affected) == (1, 1, 2)
    assert made.triage == {
        (TriageStatus.OPEN, Severity.CRITICAL): 1,
        (TriageStatus.REVOKED, Severity.LOW): 1,
    }
    # An upload of version N is N years after the beginning of 2020, without leap days.
    assert made.years == {(2021, Verdict.ACTIVE): 1, (2022, Verdict.INACTIVE): 1}
    assert [(one.detector, one.findings, one.open, one.active) for one in made.types] == [
        ("github-pat", 2, 1, 1)
    ]


def test_all_of_many_are_counted_once(store: Store) -> None:
    """However figures are cut, they add up to the same."""
    many(store, 200)
    with store.reading() as connection:
        made = figures(connection)
    assert made.findings == made.triage.total() == made.years.total()
    assert made.findings == sum(one.findings for one in made.types)
    assert made.findings + made.canaries + made.faint == 200
    assert made.open.total() == sum(
        number for (status, _), number in made.triage.items() if status is TriageStatus.OPEN
    )


def test_figures_say_that_they_lag_behind(store: Store, told: WebSettings) -> None:
    """What is not added up yet is not passed over in silence."""
    fill(store)
    with store.writing() as connection:
        mark_all(connection)
    with visiting(store, told) as visit:
        assert "Figures are being added up: 2 projects left" in words(visit.get("/"))


def test_links_list_what_was_counted(store: Store, told: WebSettings) -> None:
    """A figure leads to a list of as many findings."""
    many(store, 150)
    with visiting(store, told) as visit:
        page = visit.get("/")
        open_findings = re.search(
            r'>Open findings</dt>.*?href="([^"]+)">([\d,]+)<', page.text, re.DOTALL
        )
        assert open_findings is not None
        target, number = open_findings.groups()
        listed = visit.get(target.replace("&amp;", "&"))
        links = [one for one in Markup(page.text).links if one.startswith("/findings?")]
        assert len(links) > 20
        for link in links:
            assert visit.get(link).status_code == 200, link
    assert listed.status_code == 200
    assert re.search(rf"\b{number}\b", words(listed))


def test_no_text_of_a_package_becomes_markup(store: Store, told: WebSettings) -> None:
    """Types are named in charts, whose data are JSON inside of the page."""
    hostile(store)
    with visiting(store, told) as visit:
        answer = visit.get("/")
    assert answer.status_code == 200
    assert not Markup(answer.text).problems
    assert "<script>alert" not in answer.text


def test_what_is_due_is_a_chart(store: Store, told: WebSettings, verifying: Verifying) -> None:
    """With what the command line knows of asking, the page says what is due."""
    fill(store)
    with visiting(store, replace(told, verifying=verifying)) as visit:
        assert "Due to be asked about" in words(visit.get("/"))


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 0, "nothing"),
        (0, 5, "0.0 %"),
        (1, 3, "33.3 %"),
        (5, 5, "100.0 %"),
        (1, 100_000, "<0.1 %"),
        (99_999, 100_000, ">99.9 %"),
    ],
)
def test_shares_do_not_round_to_all_or_nothing(part: int, whole: int, said: str) -> None:
    """Some is never none, and almost all is not all."""
    assert share(part, whole) == said


def test_links_are_of_what_is_counted() -> None:
    """They leave out what figures leave out, and name one type only."""
    assert findings(year=2021) == (
        "/findings?confidence=medium&confidence=high&canaries=none&year=2021"
    )
    assert exactly("github-pat") == "[g]ithub-pat"
    assert exactly("a*b[c") == "a[*]b[[]c"
    assert exactly("-_-") == "-_-"
    assert exactly("") == ""


def test_labels_of_charts_can_be_written_into_expressions() -> None:
    """What ends a line in a script, or is endless, is neither in a chart."""
    chart = bars(
        "a", "A", "", [Bar("x\u2028'\x00", "", 1), Bar("y" * 500, "", 2)], axis="", unit="n"
    )
    assert [row[0] for row in chart.rows] == ["x\\u2028'\\x00", "y" * 59 + "…"]
    assert chart.spec["encoding"]["y"]["sort"] == [row[0] for row in chart.rows]
