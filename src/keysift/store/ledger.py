"""What a crawl writes: one transaction for what a page says, one for what an artifact holds.

Everything here can be repeated: writing the same twice changes nothing, so that a crawl which was
killed between a commit and the next step loses nothing and doubles nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct, to_builtins
from sqlalchemy import Connection

from keysift._version import __version__
from keysift.catalogue import Catalogue
from keysift.model import CANARY_FACT, FingerprintKey, Part, Secret, Skip, Verdict
from keysift.store import tables as t
from keysift.store.excerpts import EXCERPT, packed
from keysift.store.judged import add_judgements
from keysift.store.records import Found, Member, Scanned
from keysift.store.sealing import Sealer
from keysift.store.stale import mark_project_of
from keysift.store.upsert import add, identify

_PATH_BYTES: Final = 16

# Made once: putting a statement together takes longer than the database needs for it.
_ARTIFACT: Final[sa.BindParameter[int]] = sa.bindparam("artifact")
_RULESET: Final[sa.BindParameter[int]] = sa.bindparam("ruleset")
_WANTED: Final[sa.BindParameter[Any]] = sa.bindparam("wanted", expanding=True)
_CHANGE: Final = sa.update(t.artifacts).where(t.artifacts.c.id == _ARTIFACT)
_FORGET_SKIPS: Final = sa.delete(t.skips).where(t.skips.c.artifact_id == _ARTIFACT)
_CONFIRM: Final = (
    sa.update(t.matches)
    .where(t.matches.c.id.in_(_WANTED), t.matches.c.confirmed_by != _RULESET)
    .values(confirmed_by=_RULESET)
)
_LOOK: Final = (
    sa.update(t.blobs).where(t.blobs.c.ruleset_id != _RULESET).values(ruleset_id=_RULESET)
)
_LOOKED_AT: Final = _LOOK.where(t.blobs.c.id.in_(_WANTED))
_LOOKED_AGAIN: Final = _LOOK.where(
    t.blobs.c.id.in_(
        sa.select(t.matches.c.blob_id)
        .join(t.occurrences, t.occurrences.c.match_id == t.matches.c.id)
        .where(t.occurrences.c.artifact_id == _ARTIFACT)
    )
)
"""For what an earlier scan of an artifact found: this ruleset has looked at it too."""


def now() -> datetime:
    """Return the present time."""
    return datetime.now(UTC)


class Ledger:
    """Writes for one ruleset and one fingerprint key.

    Args:
        ruleset: Number of the ruleset, from ``ruleset``.
        key: Key of the fingerprints; the store's from its first use on.
        sealer: Seals values; None keeps none.
    """

    def __init__(self, ruleset: int, key: FingerprintKey, sealer: Sealer | None) -> None:
        self._ruleset = ruleset
        self._key = key
        self._sealer = sealer

    def scanned(self, connection: Connection, artifact: int, result: Scanned) -> None:
        """Write down what an artifact holds."""
        here = {"artifact": artifact, "ruleset": self._ruleset}
        connection.execute(_LOOKED_AGAIN, here)
        if result.members:
            self._members(connection, artifact, result.members)
        connection.execute(_FORGET_SKIPS, here)
        if result.skips:
            add(connection, t.skips, [_skip(artifact, skip) for skip in result.skips])
        changes: dict[str, Any] = {
            "state": "scanned",
            "failure": None,
            "attempts": 0,
            "ruleset_id": self._ruleset,
            "scanned_at": now(),
            "fetched_bytes": result.fetched_bytes,
            "files": result.files,
            "content_bytes": result.content_bytes,
            "is_complete": int(not any(skip.reason.is_gap for skip in result.skips)),
        }
        if result.sha256 is not None:
            changes["sha256"] = result.sha256
        if result.size_bytes is not None:
            changes["size_bytes"] = result.size_bytes
        connection.execute(_CHANGE, changes | {"artifact": artifact})
        mark_project_of(connection, artifact)

    def failed(
        self, connection: Connection, artifact: int, failure: str, *, patience: int = 1
    ) -> None:
        """Write down that an artifact could not be scanned; what was known of it stays.

        Args:
            connection: In a transaction.
            artifact: Its number.
            failure: Why, for people.
            patience: After so many attempts it has failed; before, the next crawl tries again.
        """
        attempts = t.artifacts.c.attempts + 1
        state = sa.case((attempts >= patience, "failed"), else_=t.artifacts.c.state)
        changes = {"state": state, "failure": failure, "attempts": attempts}
        connection.execute(_CHANGE.values(**changes), {"artifact": artifact})
        mark_project_of(connection, artifact)

    def _members(self, connection: Connection, artifact: int, members: tuple[Member, ...]) -> None:
        secrets = self._secrets(connection, members)
        contents = {member.digest: member for member in members}
        blobs = identify(
            connection,
            t.blobs,
            [{"digest": digest, "ruleset_id": self._ruleset} for digest in contents],
        )
        matches = self._matches(connection, contents.values(), blobs, secrets)
        paths = identify(
            connection,
            t.paths,
            list({path_digest(one.path): _path(one.path) for one in members}.values()),
        )
        rows = {
            (match, path): found.confidence
            for member in members
            for path in [paths[(path_digest(member.path),)]]
            for found in member.found
            for match in [matches[self._match_key(member.digest, found, blobs, secrets)]]
        }
        add(
            connection,
            t.occurrences,
            [
                {
                    "artifact_id": artifact,
                    "match_id": match,
                    "path_id": path,
                    "confidence": str(confidence),
                }
                for (match, path), confidence in rows.items()
            ],
            update=["confidence"],
        )

    def _secrets(
        self, connection: Connection, members: Iterable[Member]
    ) -> dict[tuple[Any, ...], int]:
        """Return the numbers of the secrets, by detector and fingerprint."""
        seen: dict[tuple[str, str], Found] = {}
        paths: dict[tuple[str, str], str] = {}
        for member in members:
            for found in member.found:
                identity = self._identity(found)
                if identity not in seen:
                    seen[identity], paths[identity] = found, member.path + found.below
        ids = identify(
            connection,
            t.secrets,
            [
                {
                    "detector": detector,
                    "fingerprint": fingerprint,
                    "mask": found.match.secret.mask,
                    "first_seen_at": now(),
                }
                for (detector, fingerprint), found in seen.items()
            ],
        )
        self._note_canaries(connection, {ids[one]: found for one, found in seen.items()})
        if self._sealer is not None:
            values = [
                (ids[identity], name, secret)
                for identity, found in seen.items()
                for name, secret in _values(found, paths[identity])
            ]
            self._seal(connection, self._sealer, values)
        return ids

    @staticmethod
    def _note_canaries(connection: Connection, seen: dict[int, Found]) -> None:
        """Write down the verdict of canaries, once: nobody has to ask a provider."""
        canaries = {
            secret: found.match.facts[CANARY_FACT]
            for secret, found in seen.items()
            if CANARY_FACT in found.match.facts
        }
        if not canaries:
            return
        verdict = Verdict.CANARY.value
        known = connection.execute(
            sa.select(t.verdicts.c.secret_id).where(
                t.verdicts.c.secret_id.in_(canaries), t.verdicts.c.verdict == verdict
            )
        )
        for secret in known.scalars():
            del canaries[secret]
        rows = [
            {"secret_id": secret, "verdict": verdict, "detail": why, "checked_at": now()}
            for secret, why in canaries.items()
        ]
        add_judgements(connection, t.verdicts, rows)

    @staticmethod
    def _seal(
        connection: Connection, sealer: Sealer, values: list[tuple[int, str, Secret]]
    ) -> None:
        present = sa.select(t.values.c.secret_id, t.values.c.name).where(
            t.values.c.secret_id.in_({secret for secret, _, _ in values})
        )
        known = {tuple(row) for row in connection.execute(present)}
        rows = [
            {"secret_id": number, "name": name, "sealed_at": now()}
            | sealer.seal(value, number, name).columns()
            for number, name, value in values
            if (number, name) not in known
        ]
        if rows:
            add(connection, t.values, rows)

    def _matches(
        self,
        connection: Connection,
        members: Iterable[Member],
        blobs: dict[tuple[Any, ...], int],
        secrets: dict[tuple[Any, ...], int],
    ) -> dict[tuple[Any, ...], int]:
        """Return the numbers of the matches, by blob, secret, path below, part and offset."""
        rows = {
            key: self._match_row(key, found)
            for member in members
            for found in member.found
            for key in [self._match_key(member.digest, found, blobs, secrets)]
        }
        ids = identify(connection, t.matches, list(rows.values()))
        for statement, numbers in ((_CONFIRM, ids), (_LOOKED_AT, blobs)):
            here = {"wanted": list(numbers.values()), "ruleset": self._ruleset}
            connection.execute(statement, here)
        return ids

    def _match_key(
        self,
        digest: bytes,
        found: Found,
        blobs: dict[tuple[Any, ...], int],
        secrets: dict[tuple[Any, ...], int],
    ) -> tuple[Any, ...]:
        return (
            blobs[(digest,)],
            secrets[self._identity(found)],
            found.below,
            found.part or "",
            found.match.start,
        )

    def _match_row(self, key: tuple[Any, ...], found: Found) -> dict[str, Any]:
        match = found.match
        blob, secret, below, part, start = key
        return {
            "blob_id": blob,
            "secret_id": secret,
            "below": below,
            "part": part,
            "line": match.line,
            "column": match.column,
            "start": start,
            "end": match.end,
            "encoding": list(match.encoding),
            "severity": str(match.severity),
            "confidence": str(match.confidence),
            "proof": match.proof,
            "facts": dict(match.facts),
            "parts": {one.name: one.value.mask for one in _halves(found)},
            "reasons": to_builtins(match.reasons),
            "found_by": self._ruleset,
            "confirmed_by": self._ruleset,
        }

    def _identity(self, found: Found) -> tuple[str, str]:
        detector = found.match.detector
        return detector, found.match.secret.fingerprint(self._key, detector)


def run_began(connection: Connection, registry: int, ruleset: int, wanted: Struct) -> int:
    """Write down that a crawl began, and return its number."""
    row = {
        "registry_id": registry,
        "ruleset_id": ruleset,
        "version": __version__,
        "wanted": to_builtins(wanted),
        "began_at": now(),
        "counts": {},
    }
    number: int = connection.execute(
        sa.insert(t.runs).values(**row).returning(t.runs.c.id)
    ).scalar_one()
    return number


def run_ended(connection: Connection, run: int, counts: dict[str, int]) -> None:
    """Write down that a crawl ended, and what it did."""
    connection.execute(
        sa.update(t.runs).where(t.runs.c.id == run).values(ended_at=now(), counts=counts)
    )


def ruleset(connection: Connection, catalogue: Catalogue, version: str) -> int:
    """Return the number of a ruleset, which is written down when it is new."""
    row = {
        "digest": catalogue.digest,
        "version": version,
        "detectors": catalogue.digests(),
        "first_used_at": now(),
    }
    return identify(connection, t.rulesets, [row])[(catalogue.digest,)]


def as_good_as(connection: Connection, number: int) -> tuple[int, ...]:
    """Return the rulesets whose scans need not be done again for a ruleset.

    That is itself, and those of the same version of keysift that had each of its detectors as it
    is now; what they had besides only found more.
    """
    rows = connection.execute(sa.select(t.rulesets)).all()
    present = next(row for row in rows if row.id == number)
    return tuple(
        row.id
        for row in rows
        if row.version == present.version and present.detectors.items() <= row.detectors.items()
    )


def registry(connection: Connection, url: str) -> int:
    """Return the number of an index by its address, which holds no credentials."""
    return identify(connection, t.registries, [{"url": url}])[(url,)]


def _values(found: Found, path: str) -> Iterator[tuple[str, Secret]]:
    """Yield what is sealed of a secret: its value, its other halves, and the lines around it."""
    yield "", found.match.secret
    for half in _halves(found):
        yield half.name, half.value
    excerpt = found.match.excerpt
    if excerpt is not None:
        yield EXCERPT, packed(path, excerpt.line, excerpt.texts)


def _halves(found: Found) -> list[Part]:
    match = found.match
    return [part for part in match.parts if part.name not in match.facts]


def path_digest(path: str) -> bytes:
    """Return what a path is known by in the table of paths."""
    return hashlib.blake2b(path.encode("utf-8", "surrogatepass"), digest_size=_PATH_BYTES).digest()


def _path(path: str) -> dict[str, Any]:
    return {"digest": path_digest(path), "path": path}


def _skip(artifact: int, skip: Skip) -> dict[str, Any]:
    return {
        "artifact_id": artifact,
        "path": skip.path,
        "reason": skip.reason.value,
        "detail": skip.detail,
        "size_bytes": skip.size_bytes,
    }
