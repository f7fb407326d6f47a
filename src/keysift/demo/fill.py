"""Filling a store with a made-up index."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection

from keysift.catalogue import load
from keysift.catalogue.cache import Cache
from keysift.catalogue.validities import load_validities
from keysift.demo.decisions import decisions
from keysift.demo.filler import Filler
from keysift.demo.index import Index
from keysift.demo.leaks import RATE, Leaks
from keysift.demo.matches import Matches, Vault
from keysift.demo.names import Names
from keysift.demo.projects import project, volume
from keysift.demo.specimens import Specimens
from keysift.demo.timeline import Timeline
from keysift.demo.verdicts import Checks
from keysift.demo.weights import WEIGHTS, Draw
from keysift.errors import StoreError
from keysift.model import FingerprintKey, fingerprint_key
from keysift.store import keys
from keysift.store import tables as t
from keysift.store.asked import note_asking
from keysift.store.database import Store
from keysift.store.made_up import mark_made_up
from keysift.store.sealing import Sealer
from keysift.store.stale import mark_all
from keysift.store.upkeep import analyse

INDEX: Final = "https://index.invalid/simple/"
"""Address of the made-up index; no such host can be."""

WHAT: Final = (
    f"Made-up data: projects, secrets and verdicts are drawn at random, and {RATE:.0%} of the "
    "projects have a secret, about ten times as many as on a real index."
)
"""What a store is marked with."""

_STEP: Final = 100


def fill(  # noqa: PLR0913 (each is asked for by its name)
    store: Store,
    *,
    projects: int = 20_000,
    seed: int = 1,
    now: datetime | None = None,
    progress: Callable[[int, int], None] | None = None,
    sealer: Sealer | None = None,
    cache: Cache | None = None,
) -> None:
    """Fill an empty store with a made-up index that was crawled and verified for years.

    The same arguments make the same rows, sealed values apart. About one project in sixteen has
    secrets, which is some ten times what was found on the real index (``keysift.demo.leaks.RATE``),
    so that 20,000 projects are enough to look at; the store is marked as made up
    (``keysift.store.made_up``). All is kept, or nothing.

    Args:
        store: Where to.
        projects: How many projects.
        seed: Decides everything that is drawn.
        now: When the last crawl has just ended; None for the present time.
        progress: Called with how many projects are written, and how many there will be.
        sealer: Seals a value for each secret, which says that it is none; None keeps none.
        cache: Where the decoded catalogue is kept between runs.

    Raises:
        StoreError: The store is not empty, or fails.
    """
    present = datetime.now(UTC) if now is None else now.astimezone(UTC)
    with store.writing() as connection:
        _check_empty(connection, store)
        demo = _Demo(connection, seed, present, _Means(sealer, cache))
        for number in range(projects):
            demo.add_project()
            if progress is not None and (number + 1) % _STEP == 0:
                progress(number + 1, projects)
        demo.finish()
        mark_made_up(connection, WHAT)
    analyse(store)
    if progress is not None:
        progress(projects, projects)


def demo_key(seed: int = 1) -> FingerprintKey:
    """Return the key of the fingerprints of a store that was filled with a seed."""
    return fingerprint_key(hashlib.blake2b(f"keysift.demo/{seed}".encode()).digest())


def _check_empty(connection: Connection, store: Store) -> None:
    for table in (t.registries, t.projects, t.rulesets, t.secrets):
        if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
            raise StoreError(f"{store.name}: is not empty; name a new store for made-up data")


class _Means(Struct, frozen=True):
    """What filling takes besides.

    Attributes:
        sealer: Seals the values; None keeps none.
        cache: Where the decoded catalogue is kept.
    """

    sealer: Sealer | None
    cache: Cache | None


class _Demo:
    """A made-up index on its way into a store.

    Args:
        connection: In a transaction that writes.
        seed: Decides everything that is drawn.
        now: The present time.
        means: What else it takes.
    """

    def __init__(self, connection: Connection, seed: int, now: datetime, means: _Means) -> None:
        def chance(what: str) -> Random:
            # One source for each concern: what is drawn of one does not move the others.
            return Random(f"{seed}/{what}")  # noqa: S311 (it must be repeatable, not secret)

        catalogue = load(cache=means.cache)
        self._connection = connection
        self._filler = Filler(connection)
        self._timeline = Timeline(now, chance("timeline"), catalogue)
        wanted = [weight.detector for weight in WEIGHTS]
        validities = load_validities(cache=means.cache)
        self._specimens = Specimens(catalogue, wanted, validities, means.cache)
        self._chance = chance("projects")
        self._names = Names(chance("names"))
        self._index = Index(self._filler, self._timeline, chance("index"))
        draw = Draw(volume(now))
        self._leaks = Leaks(self._specimens, draw, chance("leaks"))
        key = demo_key(seed)
        keys.adopt_fingerprint_key(connection, key)
        sealer = means.sealer and keys.adopt_sealer(connection, means.sealer)
        vault = Vault(key, sealer)
        self._matches = Matches(
            self._filler, self._timeline, self._specimens, chance("matches"), vault
        )
        self._checks = Checks(self._timeline, self._specimens, chance("verdicts"))
        self._decided = chance("decisions")
        self._begin()

    def _begin(self) -> None:
        self._filler.add(t.registries, url=INDEX)
        for ruleset in self._timeline.rulesets:
            self._filler.add(
                t.rulesets,
                digest=ruleset.digest,
                version=ruleset.version,
                detectors=ruleset.detectors,
                first_used_at=ruleset.first_used_at,
            )

    def add_project(self) -> None:
        """Add a project with all that was found in it."""
        if self._chance.random() < _UNREAD:
            self._index.unread(self._names.project())
            return
        origin = self._leaks.origin()
        if origin is None or origin.is_template:
            name = self._names.project()
        else:
            name = self._names.fork(origin.project.name)
        made = project(name, self._timeline.last_upload, self._chance)
        leaks = self._leaks.of(made, None if origin is None else origin.leak)
        self._index.prepare(made)
        self._index.write(made, is_leaky=bool(leaks))
        for leak in leaks:
            self._matches.write(made, leak)

    def finish(self) -> None:
        """Add what was said of the secrets, and the crawls."""
        secrets = [secret for secret in self._leaks.secrets if secret.number]
        verdicts = self._checks.rows(secrets)
        for row in verdicts:
            self._filler.add(t.verdicts, **row)
        said = {row["secret_id"]: row["verdict"] for row in verdicts}
        for row in decisions(secrets, said, self._timeline, self._decided):
            self._filler.add(t.triage, **row)
        self._runs()
        self._filler.finish()
        note_asking(self._connection, self._timeline.checks[-1])
        # Nothing was added up yet: see `keysift.store.summaries`.
        mark_all(self._connection)

    def _runs(self) -> None:
        for run in self._timeline.runs:
            ruleset = self._timeline.rulesets[run.ruleset]
            self._filler.add(
                t.runs,
                registry_id=1,
                ruleset_id=ruleset.number,
                version=ruleset.version,
                wanted=_WANTED,
                began_at=run.began_at,
                ended_at=run.ended_at,
                counts={name: run.counts[name] for name in _COUNTS},
            )
        last = self._timeline.runs[-1]
        self._filler.add(t.cursors, registry_id=1, serial=None, etag=None, read_at=last.began_at)


_UNREAD: Final = 0.003
_COUNTS: Final = (
    "projects",
    "pages",
    "added",
    "changed",
    "artifacts",
    "findings",
    "incomplete",
    "failed",
    "unread",
    "fetched_bytes",
    "published_bytes",
)
_WANTED: Final = {
    "made_up": True,
    "names": None,
    "releases": None,
    "since_serial": None,
    "since": None,
    "rescan": False,
    "retry_failed": False,
}
"""What was asked for, as a crawl writes it down, with the word that says it is no crawl."""
