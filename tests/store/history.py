"""Made-up projects with a history, as crawls would have seen it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from keysift.catalogue import Catalogue
from keysift.model import Verdict
from keysift.store import ledger
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.judged import add_judgements
from keysift.store.records import Found, Scanned
from tests.store.samples import (
    KEY,
    SEALER,
    Writer,
    artifact_number,
    catalogue,
    index_file,
    member,
    value,
)


class History:
    """Publishes, scans and judges, each in a transaction of its own.

    Attributes:
        store: Where it is written.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._files: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}

    def publish(self, project: str, version: str, *matches: Found, **said: object) -> None:
        """Upload an sdist with these matches, and scan it."""
        self.upload(project, version, f"{project}-{version}.tar.gz", *matches, **said)

    def upload(
        self, project: str, version: str, name: str, *matches: Found, **said: object
    ) -> None:
        """Upload a file with these matches in ``a.py``, and scan it."""
        self.announce(project, version, name, **said)
        self.scanned(name, *matches, path=f"{project}-{version}/a.py")

    def announce(self, project: str, version: str, name: str, **said: object) -> None:
        """Upload a file, which is not scanned."""
        self._files.setdefault(project, []).append((version, name, said))
        self._read(project)

    def change(self, project: str, name: str, **said: object) -> None:
        """Change what the index says of a file."""
        self._files[project] = [
            (version, file, facts | said if file == name else facts)
            for version, file, facts in self._files[project]
        ]
        self._read(project)

    def delete(self, project: str, name: str) -> None:
        """Take a file from the index."""
        self._files[project] = [file for file in self._files[project] if file[1] != name]
        self._read(project)

    def scanned(self, name: str, *matches: Found, path: str = "a.py", **said: Any) -> None:  # noqa: ANN401 (attributes of Scanned)
        """Scan a file, with these matches in one member."""
        members = [member(path, *matches)] if matches else []
        with self.store.writing() as connection:
            Writer(connection).scanned(name, *members, **({"files": 1} | said))

    def rescanned(self, name: str, *matches: Found, before: tuple[Found, ...]) -> None:
        """Scan a file again with a newer ruleset, which finds these matches of those before."""
        with self.store.writing() as connection:
            newer = ledger.ruleset(connection, Catalogue(catalogue().detectors[:5]), "1.1")
            number = artifact_number(connection, name)
            content = member("a.py", *matches, digest=member("a.py", *before).digest)
            members = (content,) if matches else ()
            writer = ledger.Ledger(newer, KEY, SEALER)
            writer.scanned(connection, number, Scanned(members=members, files=1))

    def judged(self, seed: int, *verdicts: Verdict) -> None:
        """Write down what a provider said of a secret, one answer after the other."""
        self._noted(t.verdicts, seed, "verdict", [verdict.value for verdict in verdicts], {})

    def answered(
        self,
        seed: int,
        when: datetime,
        verdict: Verdict,
        detector: str = "github-pat",
        **told: Any,  # noqa: ANN401 (columns of the ledger)
    ) -> None:
        """Write down what a provider said of a secret at a time.

        Args:
            seed: Which secret.
            when: The time.
            verdict: The verdict.
            detector: Type of the secret.
            **told: Other columns of the ledger.
        """
        row = {"verdict": verdict.value, "checked_at": when} | told
        number = self.number(seed, detector)
        with self.store.writing() as connection:
            add_judgements(connection, t.verdicts, [{"secret_id": number} | row])

    def decided(self, seed: int, *statuses: str) -> None:
        """Write down what people decided about a secret, one decision after the other."""
        self._noted(t.triage, seed, "status", statuses, {"note": "why", "author": "ada"})

    def number(self, seed: int, detector: str = "github-pat") -> int:
        """Return the number of a made-up secret."""
        fingerprint = value(seed).fingerprint(KEY, detector)
        query = sa.select(t.secrets.c.id).where(t.secrets.c.fingerprint == fingerprint)
        with self.store.reading() as connection:
            number: int = connection.execute(query).scalar_one()
        return number

    def _read(self, project: str) -> None:
        with self.store.writing() as connection:
            files = self._files[project]
            listed = [index_file(project, *file[:2], **file[2]) for file in files]
            Writer(connection).page(project, *listed)

    def _noted(
        self,
        table: sa.Table,
        seed: int,
        column: str,
        words: Sequence[str],
        more: dict[str, str],
    ) -> None:
        stamp = "checked_at" if table is t.verdicts else "decided_at"
        number = self.number(seed)
        with self.store.writing() as connection:
            for word in words:
                row = {"secret_id": number, column: word, stamp: ledger.now()} | more
                add_judgements(connection, table, [row])
