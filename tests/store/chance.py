"""Histories made at random: whatever crawls, people and providers may do, in any order."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from keysift.catalogue import Catalogue
from keysift.model import Confidence, Doubt, Privilege, Severity, TriageStatus, Verdict
from keysift.store import ledger, pages
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.judged import add_judgements
from keysift.store.purge import purge
from keysift.store.records import Found, Scanned
from keysift.store.triage import decide
from tests.store.samples import KEY, SEALER, Writer, catalogue, found, index_file, member

PROJECTS = ("alpha", "beta", "beta-tools", "gamma")
VERSIONS = ("1.0", "1.0.0", "1.1", "2.0rc1", "2.0", "2004-odd")
DETECTORS = ("github-pat", "npm-token")
PATHS = ("a.py", "src/settings.py", "tests/test_a.py", "x.tgz")
SECRETS = 6

_BEGIN = datetime(2019, 6, 1, tzinfo=UTC)


class Chance:
    """Does things to a store at random.

    Args:
        store: The store.
        seed: The same seed does the same.
    """

    def __init__(self, store: Store, seed: int) -> None:
        self._store = store
        self._random = random.Random(seed)
        self._files: dict[str, dict[str, dict[str, Any]]] = {}
        self._times: list[datetime] = []

    def step(self) -> None:
        """Do one thing."""
        acts: list[tuple[int, Callable[[], None]]] = [
            (8, self._upload),
            (2, self._announce),
            (2, self._rescan),
            (1, self._fail),
            (2, self._yank),
            (1, self._date),
            (2, self._delete),
            (1, self._replace),
            (1, self._lose),
            (3, self._judge),
            (3, self._decide),
            (1, self._purge),
        ]
        weights = [weight for weight, _ in acts]
        self._times.append(ledger.now())
        self._random.choices([act for _, act in acts], weights)[0]()

    def _upload(self) -> None:
        project, name = self._listed()
        self._scan(project, name, self._matches())

    def _announce(self) -> None:
        self._listed()

    def _listed(self) -> tuple[str, str]:
        """Put a file on the page of a project."""
        project, version = self._random.choice(PROJECTS), self._random.choice(VERSIONS)
        suffix = self._random.choice((".tar.gz", "-py3-none-any.whl"))
        name = f"{project}-{version}{suffix}"
        said: dict[str, Any] = {"version": version, "uploaded": self._day()}
        self._files.setdefault(project, {}).setdefault(name, said)
        self._read(project)
        return project, name

    def _day(self) -> datetime | None:
        # Few days: there are ties.
        known = self._random.random() < 0.8
        return _BEGIN + timedelta(days=200 * self._random.randrange(8)) if known else None

    def _read(self, project: str) -> None:
        files = self._files.get(project, {})
        with self._store.writing() as connection:
            listed = [
                index_file(project, str(said["version"]), name, **said_but(said, "version"))
                for name, said in files.items()
            ]
            Writer(connection).page(project, *listed)

    def _matches(self) -> tuple[Found, ...]:
        seeds = self._random.sample(range(SECRETS), self._random.choice((0, 1, 1, 2)))
        return tuple(self._match(seed, 10 + 100 * at) for at, seed in enumerate(seeds))

    def _match(self, seed: int, start: int) -> Found:
        confidence = self._random.choice(list(Confidence))
        match = found(
            seed,
            DETECTORS[seed % 2],
            start=start,
            severity=self._random.choice(list(Severity)),
            confidence=confidence,
        ).match
        below = self._random.choice(("", "", "!/in/b.env"))
        return Found(match=match, confidence=confidence, below=below)

    def _scan(
        self, project: str, name: str, matches: tuple[Found, ...], *, newer: bool = False
    ) -> None:
        path = self._random.choice(PATHS)
        if name.endswith(".tar.gz"):
            path = f"{name.removesuffix('.tar.gz')}/{path}"
        members = (member(path, *matches),) if matches else ()
        with self._store.writing() as connection:
            number = self._number(connection, project, name)
            if number is None:
                return
            kind = Catalogue(catalogue().detectors[:5]) if newer else catalogue()
            ruleset = ledger.ruleset(connection, kind, "1.1" if newer else "1.0")
            files = self._random.choice((0, 1, 1, 1))
            writer = ledger.Ledger(ruleset, KEY, SEALER)
            writer.scanned(connection, number, Scanned(members=members, files=files))

    def _number(self, connection: sa.Connection, project: str, name: str) -> int | None:
        query = (
            sa.select(t.artifacts.c.id)
            .join(t.releases, t.releases.c.id == t.artifacts.c.release_id)
            .join(t.projects, t.projects.c.id == t.releases.c.project_id)
            .where(t.projects.c.name == project, t.artifacts.c.name == name)
            .order_by(t.artifacts.c.id.desc())
        )
        return connection.scalars(query).first()

    def _any(self) -> tuple[str, str] | None:
        listed = [(project, name) for project, files in self._files.items() for name in files]
        return self._random.choice(listed) if listed else None

    def _rescan(self) -> None:
        """Scan a file again with a newer ruleset, which finds something else there."""
        if (file := self._any()) is not None:
            self._scan(*file, self._matches()[:1], newer=True)

    def _fail(self) -> None:
        if (file := self._any()) is None:
            return
        with self._store.writing() as connection:
            if (number := self._number(connection, *file)) is not None:
                Writer(connection).ledger.failed(connection, number, "it hangs")

    def _yank(self) -> None:
        if (file := self._any()) is not None:
            project, name = file
            said = self._files[project][name]
            said["yanked"] = None if said.get("yanked") else "broken"
            self._read(project)

    def _date(self) -> None:
        """Let the index say otherwise when a file was uploaded."""
        if (file := self._any()) is not None:
            project, name = file
            self._files[project][name]["uploaded"] = self._day()
            self._read(project)

    def _delete(self) -> None:
        if (file := self._any()) is not None:
            project, name = file
            del self._files[project][name]
            self._read(project)

    def _replace(self) -> None:
        if (file := self._any()) is not None:
            project, name = file
            self._files[project][name]["sha256"] = f"{self._random.randrange(1 << 64):064x}"
            self._read(project)

    def _lose(self) -> None:
        """Let the index have a project no more."""
        project = self._random.choice(PROJECTS)
        with self._store.writing() as connection:
            writer = Writer(connection)
            if pages.project_gone(connection, writer.registry, project):
                self._files.pop(project, None)

    def _secret(self, connection: sa.Connection) -> int | None:
        numbers = connection.scalars(sa.select(t.secrets.c.id).order_by(t.secrets.c.id)).all()
        return self._random.choice(numbers) if numbers else None

    def _judge(self) -> None:
        with self._store.writing() as connection:
            if (secret := self._secret(connection)) is None:
                return
            verdict = self._random.choice(list(Verdict))
            row: dict[str, Any] = {
                "secret_id": secret,
                "verdict": verdict.value,
                "checked_at": ledger.now(),
                "doubt": self._random.choice((None, *(one.value for one in Doubt))),
                "privilege": self._random.choice((None, *(one.value for one in Privilege))),
            }
            add_judgements(connection, t.verdicts, [row])

    def _decide(self) -> None:
        with self._store.writing() as connection:
            if (secret := self._secret(connection)) is not None:
                status = self._random.choice(list(TriageStatus))
                decide(connection, secret, status, note="", author="ada")

    def _purge(self) -> None:
        """Forget what was last public before some earlier step."""
        with self._store.writing() as connection:
            purge(connection, self._random.choice(self._times), findings=True)


def said_but(said: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return what is said of a file, without some of it."""
    return {name: value for name, value in said.items() if name not in names}
