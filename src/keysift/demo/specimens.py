"""Secrets as the scanner finds them, and answers as providers give them.

Both come out of the catalogue: the examples of a detector are scanned, and the answers that its
validity table documents are played to what asks. So facts, proofs, reasons and privileges of the
demo are those of real findings, and so is what may be shown of a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final

from msgspec import Struct, structs

from keysift.catalogue import Catalogue, Detector, canaries
from keysift.catalogue.cache import Cache
from keysift.catalogue.samples import expand
from keysift.catalogue.syntaxes import SYNTAXES
from keysift.catalogue.validities import Validities
from keysift.catalogue.validity import Sample, Validity
from keysift.detect.scanner import Scanner
from keysift.model import Match, Outcome, Secret
from keysift.net.asking import Reply
from keysift.verify.ask import ask
from keysift.verify.credential import Credential, Question, values_of
from keysift.verify.offline import decided

_EACH: Final = 16
"""Specimens of a detector."""

_FEW: Final = 2
_DEAR: Final = ("{pem:", "{pgp_private", "{gcp_service")
"""Macros that search for primes: a few of these must do."""

_CANARY: Final = "aws-access-key"
_SYNTAXES: Final = ("python", "python-dict", "env", "json", "yaml", "ini", "python-keyword")


class Specimen(Struct, frozen=True, eq=False):
    """A secret of a type.

    Attributes:
        match: What the scanner says of it.
        active: What its provider may answer as long as it works; empty: nothing.
        inactive: What it answers afterwards.
        limited: What it answers where the secret works, yet may not do what is asked.
        offline: What is known without asking; None: it has to be asked.
    """

    match: Match
    active: tuple[Outcome, ...] = ()
    inactive: tuple[Outcome, ...] = ()
    limited: tuple[Outcome, ...] = ()
    offline: Outcome | None = None


class Specimens:
    """Makes specimens, those of a detector when they are first wanted.

    Args:
        catalogue: All detectors.
        wanted: Ids of those whose specimens are wanted.
        validities: How to ask.
        cache: Where what the scanner has compiled is kept.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        wanted: Iterable[str],
        validities: Validities,
        cache: Cache | None = None,
    ) -> None:
        self.detectors = {one: catalogue.by_id[one] for one in wanted}
        self._validities = validities
        # To compile the whole catalogue takes much longer than everything else.
        self._scanner = Scanner(Catalogue(self.detectors.values()), cache)
        self._made: dict[str, tuple[Specimen, ...]] = {}

    def of(self, detector: str) -> tuple[Specimen, ...]:
        """Return the specimens of a detector, at least one."""
        made = self._made.get(detector)
        if made is None:
            made = self._made[detector] = tuple(self._all(self.detectors[detector]))
        return made

    def table(self, detector: str) -> Validity | None:
        """Return how to ask about a type; None when nobody has described it."""
        return self._validities.of(detector)

    @cached_property
    def canary(self) -> Specimen:
        """A secret that is known to raise an alarm."""
        detector = self.detectors[_CANARY]
        listed = canaries.read((canaries.BUILTIN,))
        account = next(rule.what for rule in listed if rule.kind == "account")
        template = detector.examples[0].replace("{aws_key_id}", f"{{aws_key_id:{account}}}")
        found = self._found(detector, template, 0)
        return self._answered(found[0])

    def _all(self, detector: Detector) -> list[Specimen]:
        examples = detector.examples
        number = _FEW if any(dear in text for text in examples for dear in _DEAR) else _EACH
        made: list[Specimen] = []
        # Answers depend on the template, not on the value.
        answers: dict[str, Specimen] = {}
        for seed in range(number):
            template = examples[seed % len(examples)]
            for match in self._found(detector, template, seed)[:1]:
                if template not in answers:
                    answers[template] = self._answered(match)
                made.append(structs.replace(answers[template], match=match))
        return made

    def _found(self, detector: Detector, template: str, seed: int) -> list[Match]:
        """Return the matches of an example, set in a line of some file unless it brings its own."""
        text = expand(template, f"demo/{seed}")
        bare = [one for one in self._scan(text) if one.detector == detector.id]
        if any(one.secret != Secret(text.encode("latin-1")) for one in bare):
            return bare
        keyword = detector.keywords[0] if detector.keywords else detector.id
        name = keyword.replace(" ", "_").replace("-", "_")
        content = SYNTAXES[_SYNTAXES[seed % len(_SYNTAXES)]](name, text)
        dressed = [] if content is None else self._scan(content)
        return [one for one in dressed if one.detector == detector.id] or bare

    def _scan(self, text: str) -> list[Match]:
        return self._scanner.scan(text.encode("latin-1"))

    def _answered(self, match: Match) -> Specimen:
        """Return a match with what its provider may say of it."""
        table = self._validities.of(match.detector)
        if table is None:
            return Specimen(match)
        values = values_of(match.secret, match.parts, match.facts)
        credential = Credential(0, match.detector, "", values, dict(match.facts))
        offline = decided(Question(credential, table, ""))
        if offline is not None or table.samples is None:
            return Specimen(match, offline=offline)

        def played(samples: Iterable[Sample]) -> tuple[Outcome, ...]:
            return tuple(ask(table, values, _Player(sample)) for sample in samples)

        known = table.samples
        return Specimen(
            match,
            active=played(known.active),
            inactive=played(known.inactive),
            limited=played(known.limited),
        )


class _Player:
    """Answers every question as a provider documents it, without asking anybody.

    Args:
        sample: The first answer, with those to further questions.
    """

    def __init__(self, sample: Sample) -> None:
        self._replies = iter((sample, *sample.more))
        self._last = sample

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:  # noqa: ARG002 (the signature of a sender)
        """Return the next answer; the last one is repeated."""
        self._last = next(self._replies, self._last)
        headers = {name.lower(): text for name, text in self._last.headers.items()}
        return Reply(self._last.status, headers, self._last.body)
