"""How plausible a match is: its evidence, summed up, and what its place adds.

A value of a form that its provider gives needs little else. A value that only its name makes a
secret is weak evidence, and weaker still where people write made-up values: the setting is one of
its reasons and facts. What a proof settles is the same everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import structs

from keysift.catalogue.schema import Category, Detector
from keysift.detect.evidence.weights import Kind, grade, ordered, reason, total
from keysift.detect.setting import Setting
from keysift.model import CANARY_FACT, Confidence, Match, Reason, Suppressed, SuppressReason

FACT: Final = "setting"
"""Name of the fact that says why a match has low confidence."""

SETTLES: Final = frozenset({"checksum", "key"})
"""Kinds of proof that settle the matter: after one, the look of a value says nothing any more."""

NAMES: Final = {Setting.TEST: "test", Setting.DOCUMENTATION: "documentation"}
"""Names of the reasons that settings are."""

RECORDED: Final = "recorded"
"""Name of the reason that somebody recorded what a real service said."""

CUT: Final = "cut"
"""Name of the reason that a value begins like those of a type, but has not their length."""

_TOLD: Final = 3
"""Reasons against a match that its suppression tells."""

_PLACED: Final = frozenset(NAMES.values())
_SCALES: Final = {
    "random-text": Kind.KEY,
    "real-password": Kind.PASSWORD,
    "real-uri-credentials": Kind.PASSWORD,
}
_HARD: Final = {
    "random-text": ("public-name", "encoded-text"),
    "real-uri-credentials": ("real-host",),
}
_PASSWORD: Final = (
    rb"(?i)pass|pwd|psw|(?:[_.-]|root)pw(?![a-z])|credentials?$|contrase|senha|parola|kennwort"
    rb"|motdepasse"
)

# A proof may have raised or lowered what the detector says: the points follow it.
_FORM: Final = {Confidence.HIGH: 60, Confidence.MEDIUM: 20, Confidence.LOW: 0}
_MIXED: Final = (rb"[a-z]", rb"[A-Z]", rb"[0-9]")
_LONG: Final = 32
_LONG_AT_HOST: Final = 16
_CONSTANT: Final = r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"
_GENERIC_WORD: Final = (
    r"(?<![A-Z])(?:API|KEYS?|TOKENS?|SECRETS?|ACCESS|AUTH|TEST|TESTING|CLIENT|APP|AES|JWT|HMAC|PRIVATE"
    r"|SHARED|SESSION|USER|ADMIN|MASTER|ROOT|SIGNING|ENCRYPTION|DEFAULT|VALID|OLD|NEW|MY|ID|THE|A"
    r"|PASSWORD|REFRESH|BEARER|SERVICE|ACCOUNT|WEBHOOK|(?:UN)?MASKED|FAKE|DUMMY|MOCK"
    r"|SAMPLE|EXAMPLE|EXPECTED|EXPIRED|INVALID|ENCODED|SIGNED|HASHED|[A-Z]|\d+)(?![A-Z])"
)


def scale(detector: Detector) -> Kind | None:
    """Return how the values of a detector are judged when only their name makes them secrets.

    Returns:
        None when their form, or who issues them, says more than their look.
    """
    if detector.category is not Category.GENERIC:
        return None
    return next((_SCALES[proof] for proof in detector.proofs if proof in _SCALES), None)


def kind(detector: Detector, label: bytes) -> Kind:
    """Return the kind of a value of a detector; ``label`` is the name it was given, if any."""
    scaled = scale(detector)
    if scaled is None:
        return Kind.FORM
    if label:
        return Kind.PASSWORD if re.search(_PASSWORD, label) else Kind.KEY
    return scaled


def hard_proofs(detector: Detector) -> tuple[str, ...]:
    """Return the proofs that refute without weighing anything."""
    if scale(detector) is None:
        return detector.proofs
    named = ((one,) if one not in _SCALES else _HARD.get(one, ()) for one in detector.proofs)
    return tuple(name for names in named for name in names)


def summed(match: Match, reasons: Sequence[Reason], scaled: Kind) -> Match | Suppressed:
    """Return the match with these reasons, their sum and the confidence that it stands for.

    Returns:
        A suppression when the sum is below every confidence.
    """
    score = total(reasons)
    confidence = grade(score)
    if scaled is Kind.PASSWORD and confidence is Confidence.HIGH:
        # Too few real ones were read to be surer of what people choose.
        confidence = Confidence.MEDIUM
    summed_up = structs.replace(
        match,
        score=score,
        reasons=ordered(reasons),
        confidence=confidence or Confidence.LOW,
    )
    if confidence is not None:
        return summed_up
    against = [one.text for one in summed_up.reasons if one.points < 0]
    detail = ", ".join(against[:_TOLD])
    return Suppressed(match=summed_up, reason=SuppressReason.SCORE, detail=detail)


def formed(match: Match, detector: Detector) -> Match:
    """Return a match of a detector whose values have a form, with the reason for its confidence."""
    if match.proof in SETTLES:
        return _formed(match, reason("settled", Kind.FORM))
    if match.proof is not None:
        name = "structure"
    elif detector.keywords:
        name = "near-provider"
    else:
        name = "own-form"
    points = _FORM[match.confidence]
    return _formed(match, structs.replace(reason(name, Kind.FORM), points=points))


def _formed(match: Match, why: Reason) -> Match:
    return structs.replace(match, score=why.points, reasons=(why,))


def weigh(
    match: Match,
    detector: Detector,
    where: Callable[[], Setting | None],
    *,
    is_recorded: bool = False,
) -> Match | Suppressed:
    """Return the match with what its place says about it.

    Where made-up values are usual, most that nothing proves are suppressed.

    Args:
        match: A match of ``detector``, with reasons.
        detector: Its detector.
        where: Tells where it stands, None when nothing is known; asked only when that counts.
        is_recorded: Whether tests keep there what a real service answered.
    """
    if not _may_be_made_up(match, detector) or any(one.name in _PLACED for one in match.reasons):
        return match
    setting = where()
    if setting is None:
        return match
    scaled = kind(detector, match.facts.get("label", "").encode())
    reasons = [*match.reasons, reason(NAMES[setting], scaled)]
    if setting is Setting.TEST and _is_issued(match, detector):
        reasons.append(structs.replace(reason("issued", scaled), points=-reasons[-1].points))
    else:
        match = structs.replace(match, facts=match.facts | {FACT: setting.value})
    if is_recorded:
        reasons.append(reason(RECORDED, scaled))
    return summed(match, reasons, scaled)


def _may_be_made_up(match: Match, detector: Detector) -> bool:
    """Tell whether the setting of a match counts: no form or proof says that it is a secret."""
    if CANARY_FACT in match.facts:
        return False
    if match.proof is not None:
        return match.proof not in SETTLES and detector.category is not Category.KEY
    return match.confidence is not Confidence.HIGH or scale(detector) is not None


def _is_issued(match: Match, detector: Detector) -> bool:
    """Tell whether a value in a test looks like one that a real service gave out.

    It is long and has letters of both cases and digits, and its name or its host says whose it is.
    """
    value = match.secret.reveal()
    if not all(re.search(kind, value) for kind in _MIXED):
        return False
    if "host" in match.facts:
        return len(value) >= _LONG_AT_HOST
    return len(value) >= _LONG and (bool(detector.keywords) or _names_a_service(match))


def _names_a_service(match: Match) -> bool:
    label = match.facts.get("label", "")
    if not re.fullmatch(_CONSTANT, label):
        return False
    return re.search(r"[A-Z]{3}", re.sub(_GENERIC_WORD, "_", label)) is not None
