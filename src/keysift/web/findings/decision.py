"""Decisions as forms send them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from keysift.model import TriageStatus
from keysift.report.escape import well_formed
from keysift.store import tables as t
from keysift.web.refusals import SenselessError, UnknownError

NOTE_CHARACTERS: Final = 4_000
"""A note says why, in a sentence or some; a report belongs elsewhere."""

MANY: Final = 200
"""Findings that can be ticked: those of the longest page."""

_DIGITS: Final = 15


def existing(connection: Connection, words: Sequence[str]) -> list[int]:
    """Return the numbers of findings that were ticked.

    Args:
        connection: To the store.
        words: The numbers, as they were sent.

    Raises:
        SenselessError: They are too many, or no numbers.
        UnknownError: Some are not there any more.
    """
    if len(words) > MANY:
        raise SenselessError(f"At most {MANY} findings can be ticked; all can be decided at once.")
    if any(not (word.isascii() and word.isdecimal() and len(word) <= _DIGITS) for word in words):
        raise SenselessError("What was ticked are no numbers of findings.")
    wanted = {int(word) for word in words}
    found = set(connection.scalars(sa.select(t.secrets.c.id).where(t.secrets.c.id.in_(wanted))))
    if found != wanted:
        raise UnknownError("Some of the findings are not there any more; nothing was decided.")
    return sorted(found)


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
