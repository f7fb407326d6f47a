"""What unpacking one artifact may cost: the limits, and the account that is charged.

Hostile archives cost the most where nobody counts, so everything that grows with the input is
counted here: bytes that come out, members, and steps, which stand for time without a clock.
Running out is never an error of the artifact: it becomes a ``Skip`` that says what was not seen.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct, structs

from keysift.errors import UnpackError
from keysift.model import Skip, SkipReason

_KIB: Final = 1024
_MIB: Final = 1024 * _KIB
_GIB: Final = 1024 * _MIB


class Limits(Struct, frozen=True, kw_only=True):
    """Bounds for one artifact.

    Attributes:
        total_bytes: Bytes that may come out of it, over all levels of nesting.
        members: Files in it, over all levels of nesting.
        depth: Containers inside each other below the artifact itself. A compressed tar is one.
        ratio: How many bytes may come out of one compressed byte, on average over a stream.
        ratio_from_bytes: Streams that give less than this are not held to ``ratio``.
        member_bytes: Bytes of one member that are looked at.
        blob_bytes: Members up to this size are one blob; longer ones come in segments.
        segment_bytes: Size of a segment: what fits the processor's cache is scanned fastest.
        segment_overlap: Bytes that neighbouring segments share. Less than ``segment_bytes``.
        container_bytes: Largest container inside a container, or structured file, that is held in
            memory and opened.
        decoder_bytes: What one decompressor may allocate, for formats that let data decide.
        steps: Units of work: a header read, a chunk decompressed, an object visited.
    """

    total_bytes: int = 18 * _GIB
    members: int = 1_250_000
    depth: int = 5
    ratio: int = 1000
    ratio_from_bytes: int = 64 * _MIB
    member_bytes: int = 4 * _GIB
    blob_bytes: int = 32 * _MIB
    segment_bytes: int = _MIB
    segment_overlap: int = 64 * _KIB
    container_bytes: int = 96 * _MIB
    decoder_bytes: int = 256 * _MIB
    steps: int = 24_000_000

    def __post_init__(self) -> None:
        if not 0 <= self.segment_overlap < self.segment_bytes:
            raise ValueError("segment_overlap must be less than segment_bytes")


DEFAULT: Final = Limits()

_WORDS: Final = {
    SkipReason.BYTES_BUDGET: "its budget of {0.total_bytes} bytes is used up",
    SkipReason.STEP_BUDGET: "its budget of {0.steps} steps of work is used up",
    SkipReason.TOO_MANY_MEMBERS: "its budget of {0.members} members is used up",
}


class StoppedError(UnpackError):
    """Reading cannot go on here. Never leaves ``keysift.unpack``: it ends as a ``Skip``.

    Attributes:
        reason: Why.
        detail: What exactly, for a person.
    """

    def __init__(self, reason: SkipReason, detail: str) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail

    def skip(self, path: str) -> Skip:
        """Say it of ``path``."""
        return Skip(path=path, reason=self.reason, detail=self.detail)


class Budget:
    """The account of one artifact.

    ``take``, ``step`` and ``member`` charge it and answer whether work may go on. Once one of them
    has said no, all of them do, and ``exhausted`` says why.

    Attributes:
        limits: What it started with.
        exhausted: Why nothing more may be done, or None.
        bytes_taken: Bytes that came out so far.
        members_counted: Members so far.
        steps_taken: Steps so far.
    """

    __slots__ = (
        "_lent",
        "bytes_taken",
        "exhausted",
        "limits",
        "members_counted",
        "steps_taken",
    )

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self.limits = limits
        self.exhausted: SkipReason | None = None
        self.bytes_taken = 0
        self.members_counted = 0
        self.steps_taken = 0
        self._lent = (0, 0, 0)

    def take(self, size_bytes: int) -> bool:
        """Charge bytes that came out of something; False when that was too much."""
        self.bytes_taken += size_bytes
        if self.bytes_taken > self.limits.total_bytes and self.exhausted is None:
            self.exhausted = SkipReason.BYTES_BUDGET
        return self.exhausted is None

    def step(self, count: int = 1) -> bool:
        """Charge work; False when that was too much."""
        self.steps_taken += count
        if self.steps_taken > self.limits.steps and self.exhausted is None:
            self.exhausted = SkipReason.STEP_BUDGET
        return self.exhausted is None

    def member(self) -> bool:
        """Charge a member and the step of reading its header; False when that was too much."""
        self.members_counted += 1
        if self.members_counted > self.limits.members and self.exhausted is None:
            self.exhausted = SkipReason.TOO_MANY_MEMBERS
        return self.step()

    def share(self) -> Budget:
        """Return an account for what is inside of one member; ``settle`` charges what it used.

        One gets half of what is left for such accounts, which is half of everything: a bomb ends
        its own reading, and never that of what follows it.
        """
        limits, lent = self.limits, self._lent
        return Budget(
            structs.replace(
                limits,
                total_bytes=_half(limits.total_bytes, lent[0], self.bytes_taken),
                members=_half(limits.members, lent[1], self.members_counted),
                steps=_half(limits.steps, lent[2], self.steps_taken),
            )
        )

    def settle(self, shared: Budget) -> None:
        """Charge what was used of an account that ``share`` gave."""
        lent = self._lent
        used = (shared.bytes_taken, shared.members_counted, shared.steps_taken)
        self._lent = (lent[0] + used[0], lent[1] + used[1], lent[2] + used[2])
        self.members_counted += used[1]
        self.take(used[0])
        self.step(used[2])

    def skip(self, path: str) -> Skip:
        """Return the skip for a path at which an exhausted budget stopped."""
        stopped = self.stopped()
        return Skip(path=path, reason=stopped.reason, detail=stopped.detail)

    def stopped(self) -> StoppedError:
        """Return the error for an exhausted budget, for readers to raise."""
        reason = self.exhausted or SkipReason.STEP_BUDGET
        return StoppedError(reason, _WORDS[reason].format(self.limits))


def _half(limit: int, lent: int, used: int) -> int:
    return max(0, min(limit // 2 - lent, limit - used)) // 2
