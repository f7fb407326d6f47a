"""Decisions as forms send them."""

from __future__ import annotations

from typing import Final

from keysift.model import TriageStatus
from keysift.report.escape import well_formed
from keysift.web.refusals import SenselessError

NOTE_CHARACTERS: Final = 4_000
"""A note says why, in a sentence or some; a report belongs elsewhere."""


def checked_status(word: str) -> TriageStatus:
    """Return a decision.

    Raises:
        SenselessError: It is none.
    """
    try:
        return TriageStatus(word)
    except ValueError:
        known = ", ".join(one.value for one in TriageStatus)
        raise SenselessError(f"Choose a decision: {known}.") from None


def checked_note(text: str) -> str:
    """Return a note as it is kept.

    Raises:
        SenselessError: It is too long, or no database takes it.
    """
    note = well_formed(text).replace("\r\n", "\n").strip()
    if len(note) > NOTE_CHARACTERS:
        raise SenselessError(f"A note has at most {NOTE_CHARACTERS:,} characters.")
    if "\0" in note:
        raise SenselessError("A note has no null characters.")
    return note
