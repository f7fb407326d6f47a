"""What the page of a finding shows, as values for its template."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from keysift.model import Outcome, TriageStatus
from keysift.report.advice import remedy
from keysift.report.biography import (
    Biography,
    answer_words,
    event_words,
    ruleset_words,
    standing,
)
from keysift.report.escape import visible
from keysift.report.listing import as_finding
from keysift.report.outcome_document import advised
from keysift.report.outcome_text import outcome_lines
from keysift.report.page import Style
from keysift.store.queries.values import Life, Place

LIVES: Final = 50
"""Projects that the page lists; a secret of an example stands in hundreds."""

HISTORY: Final = 100
"""Lines of the history that the page lists."""

_HTTPS: Final = "https://"


class Named(Struct, frozen=True):
    """Something with a name: a fact, another half, a line of an answer.

    Attributes:
        name: What it is.
        text: What it says.
    """

    name: str
    text: str


class Link(Struct, frozen=True):
    """A text of a detector that may be an address.

    Attributes:
        text: The text.
    """

    text: str

    @property
    def target(self) -> str:
        """The address, when it is one that a browser should open; else empty."""
        return self.text if self.text.startswith(_HTTPS) else ""


class LifeView(Struct, frozen=True):
    """A secret in one project.

    Attributes:
        life: The life.
        standing: How it stands now, in words.
        is_alarming: Whether that is bad.
    """

    life: Life
    standing: str
    is_alarming: bool

    @property
    def project(self) -> str:
        """Name of the project."""
        return self.life.introduced.project


class Happening(Struct, frozen=True):
    """A line of the history.

    Attributes:
        at: When (UTC).
        about: What it is about: a file, the verdict, the decision.
        what: What happened.
    """

    at: datetime
    about: str
    what: str


class FindingView(Struct, frozen=True, kw_only=True):
    """What the page shows, apart from what is asked of the store for it alone.

    Attributes:
        about: All that is known.
        parts: Its other halves, masked.
        facts: What proofs and patterns learned.
        told: What the provider told besides the verdict.
        fix: What to do, in a sentence.
        revoke: Where to revoke it.
        references: The provider's documentation.
        rulesets: What found it.
        lives: Its projects; the first of them, if there are many.
        history: What happened, the latest first; the last of it, if it is much.
        history_left: How many lines before that are not listed.
    """

    about: Biography
    parts: Sequence[Named]
    facts: Sequence[Named]
    told: Sequence[Named]
    fix: str
    revoke: Link
    references: Sequence[Link]
    rulesets: str
    lives: Sequence[LifeView]
    history: Sequence[Happening]
    history_left: int

    @property
    def name(self) -> str:
        """What it is, for headings."""
        return self.about.text.name

    @property
    def lives_left(self) -> int:
        """How many projects are not listed."""
        return self.about.finding.projects - len(self.lives)

    @property
    def command(self) -> str:
        """What reads the release again that was the last to have it."""
        last = max(self.about.finding.lives, key=_age)
        target = f"pypi:{last.last_seen.project}=={last.last_seen.version}"
        index = shlex.quote(visible(last.index))
        return f"keysift scan {shlex.quote(visible(target))} --index-url {index} --verbose"


def view(about: Biography) -> FindingView:
    """Return what the page shows.

    Args:
        about: All that is known; one of its places is enough.
    """
    finding, text = about.finding, about.text
    history = _history(about)
    return FindingView(
        about=about,
        parts=[Named(_label(name), mask) for name, mask in sorted(finding.parts.items())],
        facts=[Named(_label(name), fact) for name, fact in finding.facts.items()],
        told=_told(finding.outcome, about.advice),
        fix=remedy(as_finding(finding, about.places[:1], text)),
        revoke=Link(text.revoke),
        references=[Link(one) for one in text.references],
        rulesets=ruleset_words(finding),
        lives=[_life(one) for one in finding.lives[:LIVES]],
        history=history[:HISTORY],
        history_left=max(0, len(history) - HISTORY),
    )


def encodings(place: Place) -> str:
    """Return how a secret was written at a place, outermost first; empty: as it is."""
    return ", then ".join(place.encoding)


def _told(outcome: Outcome | None, advice: str) -> list[Named]:
    if outcome is None:
        return []
    return [
        Named(label.capitalize(), words)
        for label, words, _ in outcome_lines(advised(outcome, advice))
    ]


def _life(life: Life) -> LifeView:
    words, style = standing(life)
    return LifeView(life, words, style is Style.ALARM)


def _history(about: Biography) -> list[Happening]:
    lines = [Happening(one.seen_at, one.artifact, event_words(one)) for one in about.events]
    lines += [
        Happening(one.checked_at, "Verdict", answer_words(one.outcome)) for one in about.answers
    ]
    lines += [
        Happening(one.decided_at, "Triage", f"{_status(one.status)}, by {one.author}")
        for one in about.decisions
    ]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _status(status: TriageStatus) -> str:
    return status.value.replace("-", " ")


def _label(name: str) -> str:
    words = visible(name).replace("_", " ")
    return words[:1].upper() + words[1:]


def _age(life: Life) -> float:
    return 0.0 if life.last_uploaded_at is None else life.last_uploaded_at.timestamp()
