"""What the pages of coverage show, as values: could not look is never clean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from keysift.model import SkipReason
from keysift.report.summary import human_bytes
from keysift.store.queries.covered import Covered, State
from keysift.web.charts import Bar, bars
from keysift.web.links import address
from keysift.web.shown import Chart

MEANINGS: Final[Mapping[SkipReason, str]] = {
    SkipReason.TOO_LARGE: "It is larger than the limit of one file, and was not read.",
    SkipReason.TOO_DEEP: "It lies in an archive in an archive, deeper than is unpacked.",
    SkipReason.TOO_MANY_MEMBERS: "The archive holds more files than are read of one.",
    SkipReason.RATIO: "Unpacked it is far larger than packed, as archives made to harm are.",
    SkipReason.BYTES_BUDGET: "What is read of one artifact at most was used up before it.",
    SkipReason.STEP_BUDGET: "What looking at one artifact may cost was used up before it.",
    SkipReason.DECODE_BUDGET: "It is looked at, but not all that is encoded in it was decoded.",
    SkipReason.ENCRYPTED: "It is encrypted, and nobody gave the password.",
    SkipReason.CORRUPT: "It is damaged, or not what it claims to be.",
    SkipReason.TRUNCATED: "It ends before it should.",
    SkipReason.UNSUPPORTED: "It is packed in a way that is not supported.",
    SkipReason.UNREADABLE: "It could not be opened.",
    SkipReason.DOWNLOAD_FAILED: "It could not be fetched.",
    SkipReason.NOT_SERVED: "The index lists it, and does not give it out.",
    SkipReason.HASH_MISMATCH: "What came is not what the index announced, and was not looked at.",
    SkipReason.TARGET_FAILED: "All of it could not be had.",
    SkipReason.INTERRUPTED: "The scan was stopped before it.",
    SkipReason.LINK: "A link: it has no content of its own, so nothing was missed.",
    SkipReason.DEVICE: "A device or pipe: it has no content, so nothing was missed.",
    SkipReason.EXCLUDED: "It was asked to be left out.",
    SkipReason.IGNORED: "Left out by a file that says what to ignore.",
    SkipReason.NOT_CLONED: "It is part of the history, and this clone does not have it.",
    SkipReason.LFS_POINTER: "Its content is kept by Git LFS, elsewhere.",
    SkipReason.SUBMODULE: "A submodule: another repository, to be scanned by itself.",
}
"""What each reason means, in a sentence."""

_STATES: Final = (
    (State.COMPLETE, "Looked at", "everything in them"),
    (State.INCOMPLETE, "In part", "something in them was passed over"),
    (State.FAILED, "Failed", "nothing in them could be looked at"),
    (State.PENDING, "Pending", "not scanned yet"),
    (State.DELETED, "Deleted", "the index has them no more"),
)


class StateFigure(Struct, frozen=True):
    """Files by what became of them.

    Attributes:
        state: The word for addresses.
        name: For people.
        number: How many.
        note: What that means.
        target: Their list.
    """

    state: str
    name: str
    number: int
    note: str
    target: str


class ShownReason(Struct, frozen=True):
    """What was passed over for one reason.

    Attributes:
        reason: The word in every report.
        name: The same, for people.
        meaning: In a sentence.
        is_gap: Whether content may have been missed.
        skips: How often.
        artifacts: In how many files.
        size: How much, in words; empty when not known.
        target: The list of the files.
    """

    reason: str
    name: str
    meaning: str
    is_gap: bool
    skips: int
    artifacts: int
    size: str
    target: str


def state_figures(looked: Covered) -> list[StateFigure]:
    """Return files by what became of them."""
    return [
        StateFigure(
            state.value,
            name,
            looked.states[state],
            note,
            _target(state) if looked.states[state] else "",
        )
        for state, name, note in _STATES
    ]


def _target(state: State) -> str:
    if state is State.DELETED:
        return address("/coverage", deleted="1")
    return address("/coverage", state=state.value)


def shown_reasons(looked: Covered) -> list[ShownReason]:
    """Return what was passed over, by reason: what may hide something comes first."""
    shown = [
        ShownReason(
            one.reason,
            in_words(one.reason),
            meaning(one.reason),
            is_gap(one.reason),
            one.skips,
            one.artifacts,
            human_bytes(one.size_bytes) if one.size_bytes else "",
            address("/coverage", reason=one.reason),
        )
        for one in looked.reasons
    ]
    return sorted(shown, key=lambda one: not one.is_gap)


def in_words(reason: str) -> str:
    """Return a reason for people."""
    return reason.replace("_", " ")


def meaning(reason: str) -> str:
    """Return what a reason means; a later keysift may have written one that is not known here."""
    known = _known(reason)
    return "A reason that this version does not know." if known is None else MEANINGS[known]


def is_gap(reason: str) -> bool:
    """Tell whether content may have been missed; also for a reason that is not known."""
    known = _known(reason)
    return known is None or known.is_gap


def _known(reason: str) -> SkipReason | None:
    try:
        return SkipReason(reason)
    except ValueError:
        return None


def reasons_chart(looked: Covered) -> Chart | None:
    """Return a picture of what was passed over; None when nothing was."""
    if not looked.reasons:
        return None
    parts = {"may hide something": "var(--series-2)", "nothing missed": "var(--series-6)"}
    gap, harmless = parts
    return bars(
        "reasons",
        "Passed over, by reason",
        "How often something inside a file was not looked at.",
        [
            Bar(
                in_words(one.reason),
                gap if is_gap(one.reason) else harmless,
                one.skips,
                address("/coverage", reason=one.reason),
            )
            for one in looked.reasons
        ],
        axis="reason",
        unit="times",
        parts=parts.items(),
    )
