"""Numbers about the whole store that several pages show. Each is counted in the background."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Final

from keysift.model import Confidence
from keysift.store.asked import last_asking
from keysift.store.database import Store
from keysift.store.queries.choose import Filters
from keysift.store.queries.covered import Covered, covered
from keysift.store.queries.figures import Figures, figures
from keysift.store.queries.runs import Standing, standing
from keysift.store.queries.status import Status, status
from keysift.verify.audited import asked_on
from keysift.web.kept import Kept
from keysift.web.pace import Pace
from keysift.web.settings import WebSettings

WAIT_S: Final = 5.0
"""Who asks for a number that was never counted waits so long before a page says so."""

_MINUTES: Final = 600.0


class Counts:
    """Numbers about a store.

    Args:
        store: The store.
        settings: What the dashboard is told.

    Attributes:
        figures: Findings in numbers.
        covered: What was looked at.
        status: Where the checks of secrets stand.
        asked: Requests to providers today.
        standing: How far crawls have come.
        pace: How fast they went while that was counted again and again.
    """

    def __init__(self, store: Store, settings: WebSettings) -> None:
        self._store = store
        self._settings = settings
        self.figures: Kept[Figures] = Kept(self._figures, fresh_s=2, kept_s=_MINUTES)
        self.covered: Kept[Covered] = Kept(self._covered, fresh_s=5, kept_s=_MINUTES)
        self.status: Kept[Status] = Kept(self._status, fresh_s=30, kept_s=_MINUTES)
        self.asked: Kept[Counter[str]] = Kept(self._asked, fresh_s=10, kept_s=60)
        self.standing: Kept[Standing] = Kept(self._standing, fresh_s=2, kept_s=10)
        self.pace = Pace()

    def _figures(self) -> Figures:
        with self._store.reading() as connection:
            return figures(connection)

    def _covered(self) -> Covered:
        with self._store.reading() as connection:
            return covered(connection)

    def _status(self) -> Status:
        planner = self._settings.verifying.planner
        filters = Filters(confidence=Confidence.MEDIUM)
        with self._store.reading() as connection:
            since = last_asking(connection)
            return status(connection, filters, planner, datetime.now(UTC), since)

    def _asked(self) -> Counter[str]:
        return asked_on(self._settings.verifying.audit, datetime.now(UTC).date())

    def _standing(self) -> Standing:
        at = datetime.now(UTC)
        with self._store.reading() as connection:
            counted = standing(connection)
        self.pace.add(at, counted.done)
        return counted
