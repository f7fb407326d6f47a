"""The place of a secret in words, and fingerprints of places that tell nothing about values."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

from keysift.model import Verdict
from keysift.report.escape import visible

if TYPE_CHECKING:
    from keysift.model import Finding, Occurrence


class Fingerprints:
    """Names places by digests, in reports that are made to be published.

    A digest is of what such a report shows anyway, and has the number of the place among equal
    ones; so it survives a moved line.
    """

    def __init__(self) -> None:
        self._equal: Counter[str] = Counter()

    def of(self, *identity: str) -> str:
        """Return the fingerprint of the next place with this identity.

        Args:
            identity: Nothing of it may be secret: detector, artifact, path, mask.
        """
        digest = hashlib.sha256("\0".join(map(visible, identity)).encode()).hexdigest()[:32]
        self._equal[digest] += 1
        return f"{digest}:{self._equal[digest]}"


def is_inside(place: Occurrence) -> bool:
    """Tell whether a place is in an archive, or in a part of a structured file."""
    return place.artifact is not None or place.part is not None


def member(place: Occurrence) -> str:
    """Return the path of a place with the part of the file."""
    return visible(place.path if place.part is None else f"{place.path} ({place.part})")


def sentence(finding: Finding, place: Occurrence, *, mask: str) -> str:
    """Return what stands at a place, in a sentence on one line.

    Args:
        finding: What was found.
        place: One of its places.
        mask: Of the secret.
    """
    text = f"{finding.name} ({mask}), {finding.confidence.value} confidence"
    if is_inside(place):
        whole = f" of {place.artifact}" if place.is_published else ""
        text += f", in {member(place)}{whole} at line {place.line}, column {place.column}"
    if place.commit is not None:
        commit = place.commit
        text += f", since commit {commit.abbreviation} of {commit.date:%Y-%m-%d}"
    if place.in_head is not None:
        text += ", still in HEAD" if place.in_head else ", not in HEAD"
    if finding.verdict is Verdict.CANARY:
        text += ", a canary: using it raises an alarm"
    if place.encoding:
        text += f", decoded from {', then '.join(place.encoding)}"
    return visible(text) + "."
