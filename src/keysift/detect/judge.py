"""From candidates to matches or suppressions: pairing, examples, proofs, evidence."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import structs

from keysift.catalogue.canaries import Canaries
from keysift.catalogue.schema import FOR_PROOFS, SECRET_GROUP, Detector
from keysift.detect import plausibility
from keysift.detect.candidates import Candidate, Exact, Span
from keysift.detect.evidence.weights import Kind, reason
from keysift.detect.setting import Surroundings
from keysift.detect.weighing import CUT, SETTLES, formed, hard_proofs, kind, scale, summed, weigh
from keysift.model import (
    CANARY_FACT,
    Confidence,
    Match,
    Part,
    Secret,
    Severity,
    Suppressed,
    SuppressReason,
)

if TYPE_CHECKING:
    from keysift.detect.evidence.beginnings import Beginnings


class Judge:
    """Decides what becomes of each candidate.

    Args:
        exact: The detectors, in the order of the catalogue.
        canaries: What recognises canaries.
    """

    def __init__(self, exact: list[Exact], canaries: Canaries) -> None:
        self._exact = exact
        self._canaries = canaries
        self._examples = plausibility.known_examples()

    def judge(
        self, around: Surroundings, candidate: Candidate, chain: tuple[str, ...]
    ) -> Match | Suppressed:
        """Return the match, or why it is none.

        Args:
            around: The text that the candidate stands in.
            candidate: What to judge.
            chain: The encodings that led to the text.
        """
        exact = self._exact[candidate.number]
        detector = exact.detector
        spans = (candidate.own, *candidate.groups, *candidate.parts)
        secret = next((span for span in spans if span.name == SECRET_GROUP), candidate.own)
        beside = tuple(span for span in spans if span is not secret)
        others = tuple(span for span in beside if not span.name.startswith(FOR_PROOFS))
        match = Match(
            detector=detector.id,
            secret=Secret(secret.value),
            start=secret.start,
            end=secret.end,
            severity=detector.severity,
            confidence=detector.confidence,
            encoding=chain,
            parts=tuple(
                Part(span.name, Secret(span.value), span.start, span.end) for span in others
            ),
        )
        if candidate.missing:
            detail = f"no {candidate.missing} near it"
            return Suppressed(match=match, reason=SuppressReason.UNPAIRED, detail=detail)
        if any(plausibility.is_known_example(span.value, self._examples) for span in spans):
            detail = "documentation publishes this value"
            return Suppressed(match=match, reason=SuppressReason.EXAMPLE, detail=detail)
        judged = _prove(match, exact, secret, beside)
        if isinstance(judged, Suppressed):
            return judged
        match, settled = judged
        canary = self._canaries.why(match.facts, [span.value for span in spans])
        if canary is not None:
            # It opens nothing: what matters is that nobody uses it.
            return structs.replace(
                match,
                severity=Severity.INFO,
                confidence=Confidence.HIGH,
                facts=match.facts | {CANARY_FACT: canary},
            )
        doubt = None if settled else self._doubt(around.data, exact, secret, others)
        if doubt is not None:
            return Suppressed(match=match, reason=doubt[0], detail=doubt[1])
        return self._weighed(match, detector, around, secret, others)

    @staticmethod
    def _doubt(
        data: bytes, exact: Exact, secret: Span, others: tuple[Span, ...]
    ) -> plausibility.Doubt | None:
        detector = exact.detector
        scaled = scale(detector)
        core = secret.value
        for prefix in exact.derived.prefixes:
            if core.startswith(prefix):
                core = core[len(prefix) :]
                break
        if detector.placeholders:
            for text in (core, *(span.value for span in others if span.name not in _NOT_VALUES)):
                doubt = plausibility.doubt_text(text, text)
                if doubt is not None and not (scaled is Kind.PASSWORD and doubt[0] in _WEIGHED):
                    return doubt
        if scaled is not None:
            # Its score takes into account what its characters are.
            return plausibility.doubt_digest(data, secret.start, secret.value)
        missing = plausibility.lacks(core, detector.needs)
        if missing is not None:
            return SuppressReason.SHAPE, f"no {missing} in it"
        measured = plausibility.entropy(core)
        if measured < plausibility.least_entropy(core, detector.min_entropy):
            return SuppressReason.ENTROPY, f"{measured:.2f} bits a character"
        if detector.keywords:
            return plausibility.doubt_digest(data, secret.start, secret.value)
        return plausibility.doubt_named_digest(data, secret.start)

    def _weighed(
        self,
        match: Match,
        detector: Detector,
        around: Surroundings,
        secret: Span,
        others: tuple[Span, ...],
    ) -> Match | Suppressed:
        """Sum up what speaks for and against a match that nothing refutes."""
        parts = {span.name: span.value for span in others}
        scaled = kind(detector, parts.get("label", b""))
        if scaled is Kind.FORM:
            weighed = formed(match, detector)
        else:
            # Imported when first needed: most files have nothing like it, and start-up counts.
            from keysift.detect.evidence.score import judged  # noqa: PLC0415

            span = (secret.start, secret.end)
            # Several generic detectors find the same value under the same name.
            key = (span, secret.value, scaled, *map(parts.get, _SPEAKING))
            noticed = around.evidence.get(key)
            if noticed is None:
                noticed = judged(around.data, secret.value, span, parts, scaled)
                around.evidence[key] = noticed
            reasons = list(noticed)
            if scaled is Kind.KEY and self._beginnings.is_cut(secret.value):
                reasons.append(reason(CUT, scaled))
            summed_up = summed(match, reasons, scaled)
            if isinstance(summed_up, Suppressed):
                return summed_up
            weighed = summed_up
        placed = weigh(weighed, detector, lambda: around.setting(secret.start))
        if isinstance(placed, Suppressed) and scaled is Kind.FORM:
            # What a comment or a docstring says is weaker than what a folder is called.
            return placed.match
        return placed

    @cached_property
    def _beginnings(self) -> Beginnings:
        """What values begin with whose types have a form: another detector looks for those."""
        # Imported when first needed: most files have nothing like it, and start-up counts.
        from keysift.detect.evidence.beginnings import Beginnings  # noqa: PLC0415

        return Beginnings(
            exact.derived
            for exact in self._exact
            if exact.detector.confidence is Confidence.HIGH
            if not (exact.detector.yields or exact.detector.keywords or exact.detector.parts)
        )


_SPEAKING: Final = ("label", "user", "scheme")
"""Parts that are evidence about a value."""

_WEIGHED: Final = frozenset({SuppressReason.SEQUENCE, SuppressReason.REPETITION})
"""Doubts that passwords of people give rise to as well: their score takes them into account."""

_NOT_VALUES: Final = frozenset({"host", "user", "scheme", "database", "port", "label", "registry"})
"""Parts that describe; what is in them does not make the secret implausible."""


def _prove(
    match: Match, exact: Exact, secret: Span, others: tuple[Span, ...]
) -> tuple[Match, bool] | Suppressed:
    """Run the detector's proofs; the second value tells whether one settles the matter."""
    facts = {span.name: _text(span.value) for span in others if span.name in _NOT_VALUES}
    names = hard_proofs(exact.detector)
    if not names:
        return structs.replace(match, facts=facts), False
    # Imported when first needed: most files have nothing to prove, and start-up counts.
    from keysift.detect.proofs import PROOFS, Proven, Refuted  # noqa: PLC0415
    from keysift.detect.proofs import Candidate as ProofInput  # noqa: PLC0415

    proof_input = ProofInput(secret.value, {span.name: span.value for span in others})
    settled = False
    severity, confidence, proof = match.severity, match.confidence, None
    for name in names:
        outcome = PROOFS[name](proof_input)
        if isinstance(outcome, Refuted):
            return Suppressed(match=match, reason=SuppressReason.PROOF, detail=outcome.detail)
        facts |= outcome.facts
        if isinstance(outcome, Proven):
            settled = settled or outcome.kind in SETTLES
            proof = proof or outcome.kind
            severity = outcome.severity or severity
            confidence = outcome.confidence or (Confidence.HIGH if settled else confidence)
            continue
        confidence = outcome.confidence or confidence
        if outcome.least is not None and outcome.least.rank > confidence.rank:
            confidence = outcome.least
    proven = structs.replace(
        match, severity=severity, confidence=confidence, proof=proof, facts=facts
    )
    return proven, settled


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
