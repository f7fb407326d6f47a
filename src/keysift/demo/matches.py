"""Secrets, contents and places as rows."""

from __future__ import annotations

from itertools import takewhile
from random import Random
from typing import Any, Final

from msgspec import Struct, to_builtins

from keysift.demo.contents import Content, Contents
from keysift.demo.filler import Filler
from keysift.demo.leak import Held, Leak, Leaked
from keysift.demo.projects import File, Project, Release
from keysift.demo.specimens import Specimens
from keysift.demo.timeline import NEWEST, Timeline, known_since
from keysift.model import Confidence, FingerprintKey, Secret
from keysift.store import tables as t
from keysift.store.excerpts import EXCERPT, packed
from keysift.store.ledger import path_digest
from keysift.store.sealing import Sealer

_LINE: Final = 37
_BEFORE: Final = ("# made up\n", 'HOST = "service.invalid"\n', "RETRIES = 3\n")
_AFTER: Final = ("\n", "def connect(): ...\n")
_KEY_FILES: Final = (".key", "id_rsa", "service_account.json")
"""Files that are a secret as a whole."""


class Vault(Struct, frozen=True):
    """How values become rows.

    Attributes:
        key: Of the fingerprints.
        sealer: Seals the values; None keeps none.
    """

    key: FingerprintKey
    sealer: Sealer | None


class Matches:
    """Writes what was found.

    Args:
        filler: Adds rows.
        timeline: When crawls were.
        specimens: What the scanner says of each type.
        chance: Draws.
        vault: For the values.
    """

    def __init__(
        self,
        filler: Filler,
        timeline: Timeline,
        specimens: Specimens,
        chance: Random,
        vault: Vault,
    ) -> None:
        self._filler = filler
        self._timeline = timeline
        self._specimens = specimens
        self._chance = chance
        self._vault = vault
        self._paths: dict[str, int] = {}
        self._same: dict[int, dict[str, Any]] = {}

    def write(self, project: Project, leak: Leak) -> None:
        """Write down a leak of a project whose files are written."""
        for number, located in enumerate(leak.copies):
            work = Contents(project, leak, number, located, self._specimens)
            for content in work.all(self._chance):
                self._content(work, content)

    def _content(self, work: Contents, content: Content) -> None:
        ruleset = max(release.ruleset for release in content.releases)
        known = work.known()
        blob, matches = known or (0, {})
        for held, release, file, confidence in work.places(content):
            secret = held.secret
            if known_since(secret.detector) > ruleset or (known and secret.number not in matches):
                continue
            if not secret.number:
                value = self._secret(secret, release, work.project)
                path = work.located.path(work.project, release, file.kind)
                self._seal(secret, {EXCERPT: _excerpt(path, _place(held, work)[0], value)})
            if not blob:
                blob = self._blob(ruleset)
            if secret.number not in matches:
                matches[secret.number] = self._match(blob, held, work, release, ruleset)
            self._occurrence(work, release, file, matches[secret.number], confidence)
            secret.publish(release.uploaded_at)
        if blob and ruleset == NEWEST:
            work.leak.contents.setdefault(work.number, (blob, matches))

    def _blob(self, ruleset: int) -> int:
        return self._filler.add(t.blobs, digest=self._chance.randbytes(32), ruleset_id=ruleset + 1)

    def _occurrence(
        self, work: Contents, release: Release, file: File, match: int, confidence: Confidence
    ) -> None:
        path = work.located.path(work.project, release, file.kind)
        number = self._paths.get(path)
        if number is None:
            number = self._filler.add(t.paths, digest=path_digest(path), path=path)
            self._paths[path] = number
        self._filler.add(
            t.occurrences,
            artifact_id=file.number,
            match_id=match,
            path_id=number,
            confidence=confidence.value,
        )
        self._timeline.runs[release.first_run].counts["findings"] += 1

    def _secret(self, secret: Leaked, release: Release, project: Project) -> Secret:
        """Write down a secret, which is seen for the first time in a release; returns its value."""
        known = known_since(secret.detector)
        seen_at = release.scanned_at
        if self._timeline.runs[release.first_run].ruleset < known:
            seen_at = self._timeline.rescans[known].at(0.2 + 0.8 * project.part)
        secret.seen_at = seen_at
        value = self._value()
        match = secret.specimen.match
        secret.number = self._filler.add(
            t.secrets,
            detector=secret.detector,
            fingerprint=value.fingerprint(self._vault.key, secret.detector),
            mask=self._mask(secret),
            first_seen_at=seen_at,
        )
        halves = {one.name: one.value for one in match.parts if one.name not in match.facts}
        facts = dict(match.facts)
        if facts.get("created", "") > f"{release.uploaded_at:%Y-%m-%d}":
            del facts["created"]
        self._same[secret.number] = {
            "encoding": list(secret.encoding),
            "severity": match.severity.value,
            "confidence": match.confidence.value,
            "proof": match.proof,
            "facts": facts,
            "parts": {name: half.mask for name, half in halves.items()},
            "reasons": to_builtins(match.reasons),
        }
        self._seal(secret, {"": value} | {name: self._value() for name in halves})
        return value

    def _seal(self, secret: Leaked, values: dict[str, Secret]) -> None:
        sealer = self._vault.sealer
        if sealer is None:
            return
        for name, value in values.items():
            sealed = sealer.seal(value, secret.number, name).columns()
            row = {"secret_id": secret.number, "name": name, "sealed_at": secret.seen_at} | sealed
            self._filler.add(t.values, **row)

    def _value(self) -> Secret:
        """Return a value that nobody takes for a secret, and that is no other one's."""
        return Secret(f"demo-not-a-secret-{self._chance.getrandbits(64):016x}".encode())

    def _mask(self, secret: Leaked) -> str:
        """Return a mask like those of its type; what all of them begin with stays."""
        mask = secret.specimen.match.secret.mask
        if mask.startswith(_PEM):
            return mask
        siblings = (one.match.secret.mask for one in self._specimens.of(secret.detector))
        fixed = sum(1 for _ in takewhile(_is_one, map(set, zip(*siblings, strict=False))))
        return mask[:fixed] + "".join(map(self._like, mask[fixed:]))

    def _like(self, char: str) -> str:
        alphabet = next((one for one in _ALPHABETS if char in one), char)
        return self._chance.choice(alphabet)

    def _match(self, blob: int, held: Held, work: Contents, release: Release, ruleset: int) -> int:
        secret = held.secret
        match = secret.specimen.match
        line, column = _place(held, work)
        start = (line - 1) * _LINE + column - 1
        first = self._timeline.runs[release.first_run].ruleset
        found_by = max(first, known_since(secret.detector)) + 1
        confirmed_by = ruleset + 1
        if secret.is_forgotten and ruleset == NEWEST and found_by < confirmed_by:
            confirmed_by -= 1
        return self._filler.add(
            t.matches,
            blob_id=blob,
            secret_id=secret.number,
            below=work.located.below(work.project, release),
            part=work.located.copy.part,
            line=line,
            column=column,
            start=start,
            end=start + match.end - match.start,
            found_by=found_by,
            confirmed_by=confirmed_by,
            **self._same[secret.number],
        )


def _place(held: Held, work: Contents) -> tuple[int, int]:
    """Return line and column of a secret."""
    if work.located.copy.path.endswith(_KEY_FILES):
        return 1, 1
    return held.line + work.drift, held.secret.specimen.match.column


def _excerpt(path: str, line: int, value: Secret) -> Secret:
    """Return made-up lines around a value."""
    before = _BEFORE[max(0, len(_BEFORE) - line + 1) :]
    texts = "".join(before) + 'KEY = "', value.reveal_text(), '"\n' + "".join(_AFTER)
    return packed(path, line - len(before), texts)


def _is_one(chars: set[str]) -> bool:
    return len(chars) == 1


_PEM: Final = "-----"
_ALPHABETS: Final = (
    "0123456789",
    "abcdef",
    "ghijklmnopqrstuvwxyz",
    "ABCDEF",
    "GHIJKLMNOPQRSTUVWXYZ",
)
"""Kinds of characters that take one another's place: hexadecimal digits stay such."""
