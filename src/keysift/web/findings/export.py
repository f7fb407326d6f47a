"""The findings of a list as a file, row by row; never with values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection

from keysift._version import __version__
from keysift.model import Severity
from keysift.report.listing import Listing
from keysift.report.listing_csv import listing_csv
from keysift.report.listing_json import listing_json, listing_jsonl
from keysift.report.texts import texts
from keysift.store.database import Store
from keysift.store.queries.describe import BATCH, describe
from keysift.store.queries.find import find
from keysift.store.queries.keyset import MOST
from keysift.store.queries.places import looked
from keysift.store.queries.values import StoredFinding
from keysift.web.findings.asked import Question
from keysift.web.settings import WebSettings


class Format(Struct, frozen=True):
    """A kind of file.

    Attributes:
        media_type: What browsers call it.
        write: Yields its text.
    """

    media_type: str
    write: Callable[[Listing], Iterator[str]]


def _json(listing: Listing) -> Iterator[str]:
    yield listing_json(listing)


FORMATS: Final = {
    "csv": Format("text/csv", listing_csv),
    "json": Format("application/json", _json),
    "jsonl": Format("application/jsonl", listing_jsonl),
}
"""The kinds of files, by how their names end."""


def exported(
    store: Store, settings: WebSettings, question: Question, kind: Format
) -> Iterator[str]:
    """Yield a file of all findings that are asked for, in the order that is asked for.

    Which they are is read first; they themselves later, some hundred at a time, so that a slow
    reader holds nothing of the store.
    """
    with store.reading() as connection:
        numbers, severities, canaries = _chosen(connection, question)
        coverage = looked(connection)
    catalogue = settings.catalogue
    yield from kind.write(
        Listing(
            version=__version__,
            ruleset=catalogue.digest,
            findings=_described(store, numbers),
            total=len(numbers),
            by_severity={grade: severities[grade] for grade in reversed(Severity)},
            canaries=canaries,
            offset=0,
            looked=coverage,
            detectors=texts(catalogue, catalogue.by_id.keys()),
            advice=settings.advice,
        )
    )


def _chosen(connection: Connection, question: Question) -> tuple[list[int], Counter[Severity], int]:
    """Return the numbers of the findings, how many are how severe, and how many are canaries."""
    numbers: list[int] = []
    severities: Counter[Severity] = Counter()
    canaries = 0
    cursor: str | None = None
    while True:
        page = find(
            connection,
            question.wanted,
            question.sort,
            descending=question.is_descending,
            cursor=cursor,
            limit=MOST,
        )
        numbers += [one.id for one in page.rows]
        severities.update(one.severity for one in page.rows if not one.is_canary)
        canaries += sum(one.is_canary for one in page.rows)
        cursor = page.next
        if cursor is None:
            return numbers, severities, canaries


def _described(store: Store, numbers: Sequence[int]) -> Iterator[StoredFinding]:
    for start in range(0, len(numbers), BATCH):
        with store.reading() as connection:
            found = list(describe(connection, numbers[start : start + BATCH]))
        yield from found
