"""Asks the store for all that the page of a finding shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct, field
from sqlalchemy import Connection

from keysift.model import Secret
from keysift.report.biography import Biography
from keysift.report.listing import text_of
from keysift.report.summary import count
from keysift.report.texts import texts
from keysift.store.disclosures import Disclosed, Disclosure, disclosures
from keysift.store.excerpts import StoredExcerpt
from keysift.store.queries import history
from keysift.store.queries.describe import describe
from keysift.store.queries.places import newest_places
from keysift.store.queries.values import Place
from keysift.store.triage import trail
from keysift.web.finding.lines import Stretch, lines_of
from keysift.web.finding.timeline import timeline
from keysift.web.finding.values import Kept, kept
from keysift.web.finding.view import FindingView, encodings, view
from keysift.web.refusals import UnknownError
from keysift.web.settings import WebSettings
from keysift.web.shown import Chart, Pager

PLACES: Final = 50
"""Places of a page of them."""


class Opened(Struct, frozen=True):
    """A value that is revealed.

    Attributes:
        name: Of the other half; empty: the secret itself.
        lines: Its lines.
    """

    name: str
    lines: Sequence[str]


class FindingPage(Struct, frozen=True, kw_only=True):
    """What the page shows.

    Attributes:
        id: Number of the secret.
        view: What is known.
        chart: Its releases over time.
        places: Where it stands, some of it.
        pager: Which of them.
        kept: Whether its value can be revealed.
        disclosures: Who saw it, the latest first.
        opened: The values, when they were asked for.
        excerpt: The lines around it, when they were asked for and are kept.
    """

    id: int
    view: FindingView
    chart: Chart
    places: Sequence[tuple[Place, str]]
    pager: Pager
    kept: Kept
    disclosures: Sequence[Disclosure]
    opened: Sequence[Opened] = field(default_factory=tuple)
    excerpt: StoredExcerpt | None = None

    @property
    def lines(self) -> Sequence[Sequence[Stretch]]:
        """The lines of ``excerpt``; none when nothing stands around the value."""
        own = self.excerpt
        if own is None or not (own.before + own.after).strip():
            return ()
        return lines_of(own)


def loaded(
    connection: Connection,
    settings: WebSettings,
    secret: int,
    *,
    offset: int = 0,
    disclosed: Disclosed | None = None,
) -> FindingPage:
    """Return what the page of a finding shows.

    Args:
        connection: From ``Store.reading``.
        settings: With the detectors, and what opens values.
        secret: Number of the secret.
        offset: How many places to pass over.
        disclosed: Its values, when they are revealed.

    Raises:
        UnknownError: There is no such secret, or it stands nowhere any more.
    """
    finding = next(describe(connection, [secret]), None)
    if finding is None:
        raise UnknownError(f"There is no finding {secret}, or it stands nowhere any more.")
    places = newest_places(connection, secret, limit=PLACES, offset=offset)
    about = Biography(
        finding=finding,
        text=text_of(texts(settings.catalogue, {finding.detector}), finding),
        places=places or newest_places(connection, secret, limit=1),
        events=history.events(connection, secret),
        answers=history.answers(connection, secret),
        decisions=trail(connection, secret),
        advice=settings.advice.get(finding.detector, ""),
    )
    sealed = history.sealed_values(connection, [secret]).get(secret, {})
    return FindingPage(
        id=secret,
        view=view(about),
        chart=timeline(connection, finding),
        places=[(place, encodings(place)) for place in places],
        pager=_pager(secret, offset, len(places), finding.places),
        kept=kept(sealed, settings.sealer),
        disclosures=disclosures(connection, secret),
        opened=() if disclosed is None else _opened(disclosed.values),
        excerpt=None if disclosed is None else disclosed.excerpt,
    )


def _opened(values: Mapping[str, Secret]) -> list[Opened]:
    # The secret itself has the empty name, and comes first.
    return [
        Opened(name.replace("_", " "), secret.reveal_text().splitlines() or [""])
        for name, secret in sorted(values.items())
    ]


def _pager(secret: int, offset: int, shown: int, total: int) -> Pager:
    def target(start: int) -> str:
        return f"/findings/{secret}?place={start}#places"

    if not shown:
        text = f"No place so far down; there are {count(total, 'place')}"
    else:
        text = f"{offset + 1:,} to {offset + shown:,} of {count(total, 'place')}"
    return Pager(
        text,
        before=target(max(0, offset - PLACES)) if offset else "",
        after=target(offset + PLACES) if offset + shown < total and shown else "",
    )
