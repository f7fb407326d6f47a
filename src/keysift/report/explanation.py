"""Why a match is reported, or is not, in plain words and without its value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from keysift.detect.evidence.weights import LEAST
from keysift.detect.proofs import describe
from keysift.detect.weighing import hard_proofs, scale
from keysift.model import Confidence, Match, Severity, SuppressReason
from keysift.report.detector import recognition
from keysift.report.escape import visible
from keysift.report.page import Margin, Page, Style
from keysift.report.summary import shorten
from keysift.report.text import CONFIDENCE, write_reasons

if TYPE_CHECKING:
    from keysift.catalogue import Detector

_MARGIN: Final = Margin(2, 13)

_WHY: Final = {
    SuppressReason.PLACEHOLDER: "it is a placeholder, such as people write for a value",
    SuppressReason.EXAMPLE: "it is a value that documentation publishes as an example",
    SuppressReason.REPETITION: "it repeats the same few characters",
    SuppressReason.SEQUENCE: "it runs through the alphabet, the digits or the keyboard",
    SuppressReason.TEMPLATE: "it is a variable that a template fills in",
    SuppressReason.LOOKUP: "it reads the value from the environment, and does not hold it",
    SuppressReason.ENTROPY: "it is less random than values of this type are",
    SuppressReason.SHAPE: "it lacks something that values of this type have",
    SuppressReason.DIGEST: "what stands before it calls it a digest of something",
    SuppressReason.PROOF: "an offline proof refutes it",
    SuppressReason.SCORE: "what speaks against it outweighs what speaks for it",
    SuppressReason.UNPAIRED: "its other half, without which it is of no use, is not near it",
    SuppressReason.OVERLAP: "another detector says more about the same text",
    SuppressReason.COMMENT: "a comment beside it says that it may stay",
    SuppressReason.RULE: "a rule of the configuration says that it may stay",
    SuppressReason.BASELINE: "the baseline knows it",
}


class Explained(Struct, frozen=True, kw_only=True):
    """A match, and what became of it.

    Attributes:
        match: The match, as its place makes it.
        fingerprint: The identity of its finding.
        places: Where it stands, each as an editor opens it.
        around: The lines around the first, with all secrets masked.
        suppressed: Why it is not reported; None when nothing keeps it from being.
        detail: The same in numbers or words.
        remarks: What is the matter with comments beside it.
    """

    match: Match
    fingerprint: str
    places: Sequence[str]
    around: Sequence[str] = ()
    suppressed: SuppressReason | None = None
    detail: str = ""
    remarks: Sequence[str] = ()


class Bounds(Struct, frozen=True):
    """What is asked for.

    Attributes:
        confidence: Least confidence.
        severity: Least severity.
    """

    confidence: Confidence
    severity: Severity

    def hide(self, match: Match) -> bool:
        """Tell whether a match is below what is asked for."""
        return (
            match.confidence.rank < self.confidence.rank or match.severity.rank < self.severity.rank
        )


def write_explanation(page: Page, one: Explained, detector: Detector, bounds: Bounds) -> None:
    """Write why a match is reported or not.

    Args:
        page: Where to write.
        one: The match.
        detector: Its detector.
        bounds: What is asked for.
    """
    match = one.match
    is_reported = one.suppressed is None and not bounds.hide(match)
    title = "REPORTED" if is_reported else "NOT REPORTED"
    style = Style.ALARM if is_reported else Style.GOOD
    page.line((title, style), (f"  {visible(detector.name)}", Style.STRONG))
    page.raw()
    _field(page, "Because", _decision(one, bounds).split())
    for remark in one.remarks:
        _field(page, "Check", visible(remark).split(), Style.WARNING)
    _field(page, "Detector", [visible(detector.id)])
    _field(page, "Secret", [visible(match.secret.mask)], Style.STRONG)
    _field(page, "Fingerprint", [one.fingerprint])
    label = "Stands at"
    for place in one.places:
        _field(page, label, [shorten(visible(place))])
        label = ""
    for line in one.around:
        _field(page, "", [line], Style.FAINT)
    if match.encoding:
        _field(page, "Decoded", ("from " + ", then ".join(match.encoding)).split())
    for part in match.parts:
        if part.name not in match.facts:
            _field(page, "With it", [visible(part.name), visible(part.value.mask)])
    _field(page, "Recognised", " ".join(recognition(detector)).split())
    _write_proofs(page, one, detector)
    facts = " · ".join(
        f"{visible(name).replace('_', ' ')} {shorten(visible(fact))}"
        for name, fact in match.facts.items()
    )
    _field(page, "Facts", facts.split())
    write_reasons(page, match.score, match.reasons, _MARGIN)
    _write_bounds(page, match, detector)


def _decision(one: Explained, bounds: Bounds) -> str:
    match = one.match
    if one.suppressed is not None:
        detail = f" ({visible(one.detail)})" if one.detail else ""
        return f"it matches, but {_WHY[one.suppressed]}{detail}."
    if one.detail:
        return f"{visible(one.detail)}."
    sure = f"{CONFIDENCE[match.confidence]} and {match.severity} severity"
    if match.confidence.rank < bounds.confidence.rank:
        return f"it has {sure}; --confidence {match.confidence} would report it."
    if match.severity.rank < bounds.severity.rank:
        return f"it has {sure}; --min-severity {match.severity} would report it."
    return (
        f"it has {sure}; asked for is {bounds.confidence} confidence and {bounds.severity} "
        "severity at least, and nothing ignores it."
    )


def _write_proofs(page: Page, one: Explained, detector: Detector) -> None:
    proofs = hard_proofs(detector)
    if not proofs:
        _field(
            page, "Proofs", ["none:", "nothing", "about", "it", "can", "be", "decided", "offline"]
        )
        return
    label = "Proofs"
    for name in proofs:
        _field(page, label, f"{name}: {describe(name).decides}".split())
        label = ""
    if one.suppressed is SuppressReason.PROOF:
        outcome = f"refuted: {visible(one.detail)}"
    elif one.match.proof is not None:
        outcome = f"passed: {one.match.proof}"
    elif one.suppressed in _BEFORE_PROOFS:
        outcome = "not asked: it was turned down before"
    else:
        outcome = "left open"
    _field(page, "", f"→ {outcome}".split(), Style.STRONG)


_BEFORE_PROOFS: Final = frozenset({SuppressReason.UNPAIRED, SuppressReason.EXAMPLE})


def _write_bounds(page: Page, match: Match, detector: Detector) -> None:
    if match.score is None:
        _field(
            page,
            "Score",
            ["none:", "it", "was", "turned", "down", "before", "anything", "was", "weighed"],
        )
        return
    if scale(detector) is None:
        words = "the score follows from the confidence of the detector and of what proves it"
    else:
        least = ", ".join(f"{grade} from {score}" for grade, score in reversed(LEAST.items()))
        words = f"confidence by score: {least}; below that it is not reported"
    _field(page, "", words.split(), Style.FAINT)


def _field(page: Page, label: str, words: Iterable[str], style: Style = Style.PLAIN) -> None:
    page.labelled(label, words, style, margin=_MARGIN)
