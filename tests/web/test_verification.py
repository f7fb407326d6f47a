"""Verification: what is due and what came of asking, and that nobody is asked from a page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from keysift.errors import ConfigurationError
from keysift.model import Doubt, Verdict
from keysift.store.asked import note_asking
from keysift.store.database import Store
from keysift.verify.audit import AuditLog
from keysift.verify.audited import asked_on
from keysift.verify.limits import Limits, ProviderLimits
from keysift.web.settings import WebSettings
from keysift.web.verifying import Verifying
from tests.web.filled import fill, verifying
from tests.web.markup import Markup
from tests.web.stores import hostile
from tests.web.visiting import visiting, words

__all__ = ["verifying"]


def test_a_new_store_has_nothing_to_ask(
    store: Store, told: WebSettings, verifying: Verifying
) -> None:
    """It says what to run."""
    with visiting(store, replace(told, verifying=verifying)) as visit:
        assert "keysift crawl" in words(visit.get("/verification"))


def test_what_is_due_and_what_was_said(
    store: Store, told: WebSettings, verifying: Verifying
) -> None:
    """A secret that died since the last run is named, and so is what to run."""
    history = fill(store)
    now = datetime.now(UTC)
    with store.writing() as connection:
        note_asking(connection, now)
    later = now + timedelta(seconds=1)
    history.answered(1, later, Verdict.INACTIVE)
    history.answered(2, later, Verdict.UNKNOWN, "slack-bot-token", doubt=Doubt.TIMEOUT.value)
    with visiting(store, replace(told, verifying=verifying)) as visit:
        page = visit.get("/verification")
    text = words(page)
    assert "keysift verify --due" in text
    assert f'Work no more</dt><dd>1: <a href="/findings/{history.number(1)}">' in page.text
    assert "Work again 0" in text
    assert "1 no answer in time" in text
    assert "GitHub 0 1 0 0 0 " in text
    assert "Slack 0 0 1 0 0 " in text
    assert not Markup(page.text).problems


def test_budgets_come_from_the_audit_log(
    store: Store, told: WebSettings, verifying: Verifying
) -> None:
    """Also of a provider of whom the store has no secret any more."""
    fill(store)
    limits = Limits(total_daily=9, providers={"GitHub": ProviderLimits(daily=2)})
    log = AuditLog(verifying.audit)
    for provider in ("GitHub", "GitHub", "Stripe"):
        log.answer(log.ask(provider, "GET https://a.invalid", "x", "y"), "active")
    log.close()
    with visiting(store, replace(told, verifying=replace(verifying, limits=limits))) as visit:
        text = words(visit.get("/verification"))
    assert "Asked today 3 of 9 a day" in text
    assert "2 of 2 no more today" in text
    assert "1 of 2,000" in text


def test_a_log_that_cannot_be_read_is_said(
    store: Store, told: WebSettings, verifying: Verifying
) -> None:
    """It is not taken for a day on which nobody was asked."""
    fill(store)
    today = datetime.now(UTC).date()
    (verifying.audit / f"{today.isoformat()}.jsonl").mkdir(parents=True)
    with visiting(store, replace(told, verifying=verifying)) as visit:
        answer = visit.get("/verification")
    assert answer.status_code == 200
    assert "audit log" in words(answer)


def test_looking_writes_no_log(store: Store, told: WebSettings, verifying: Verifying) -> None:
    """A page leaves no trace of asking."""
    fill(store)
    with visiting(store, replace(told, verifying=verifying)) as visit:
        visit.get("/verification")
    assert not verifying.audit.exists()


def test_no_text_of_a_package_becomes_markup(
    store: Store, told: WebSettings, verifying: Verifying
) -> None:
    """Types that the catalogue does not have belong to no provider."""
    hostile(store)
    with visiting(store, replace(told, verifying=verifying)) as visit:
        answer = visit.get("/verification")
        assert not visit.reports
    assert answer.status_code == 200
    assert "not known any more" in words(answer)
    assert not Markup(answer.text).problems


def test_requests_of_a_day_are_counted(tmp_path: Path) -> None:
    """As the log counts them itself: half a line is a request, an answer is none."""
    log = AuditLog(tmp_path)
    log.answer(log.ask("A", "GET x", "d", "f"), "inactive")
    log.ask("B", "GET x", "d", "f")
    log.close()
    with log.path.open("ab") as file:
        file.write(b'{"event": "as')
    assert asked_on(tmp_path, datetime.now(UTC).date()) == {"A": 1, "B": 1, "": 1}
    again = AuditLog(tmp_path)
    assert again.asked_today() == 2
    again.close()


def test_a_day_without_a_log_has_no_requests(tmp_path: Path) -> None:
    """Nor is one made by asking for it."""
    day = datetime(2020, 1, 1, tzinfo=UTC).date()
    assert asked_on(tmp_path / "none", day) == {}
    (tmp_path / "2020-01-01.jsonl").mkdir()
    with pytest.raises(ConfigurationError, match="audit log"):
        asked_on(tmp_path, day)
