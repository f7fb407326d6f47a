"""A snapshot of findings as a table, and what differs between two of them.

It is committed, so it holds no value: a place, what was found there, and a fingerprint that is too
costly to test guesses with (``benchmarks.crater.packages``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

FINDINGS: Final = Path(__file__).parent / "findings.tsv"
SUPPRESSED: Final = Path(__file__).parent / "suppressed.tsv"
_SUPPRESSED_HEAD: Final = ("reason", "detector", "count")


class Found(NamedTuple):
    """One place of one finding; the order of the fields is that of the table.

    Attributes:
        file: Name of the sdist or wheel.
        path: Path inside it.
        part: Part of a structured file, or empty.
        line: From 1.
        column: From 1, in characters.
        detector: Id.
        severity: Of the finding.
        confidence: Of the finding.
        fingerprint: The same for the same value of the same detector.
    """

    file: str
    path: str
    part: str
    line: int
    column: int
    detector: str
    severity: str
    confidence: str
    fingerprint: str

    @property
    def identity(self) -> tuple[str, str, str, str, int, int, str]:
        """What makes it this row: which detector found what, and where."""
        where = (self.file, self.path, self.part, self.line, self.column)
        return (self.detector, *where, self.fingerprint)

    def __str__(self) -> str:
        where = f"{self.file}: {self.path}:{self.line}:{self.column}"
        return f"{self.detector}  {where}" + (f" ({self.part})" if self.part else "")


class Snapshot(NamedTuple):
    """What a scan of the packages found.

    Attributes:
        found: Every place of every finding, in any order.
        suppressed: Matches that are not reported, by reason and detector.
    """

    found: tuple[Found, ...]
    suppressed: Counter[tuple[str, str]]


def read(findings: Path = FINDINGS, suppressed: Path = SUPPRESSED) -> Snapshot:
    """Read a committed snapshot.

    Raises:
        ValueError: A row does not have the columns of the head, or a number is none.
    """
    found = tuple(
        Found(file, path, part, int(line), int(column), detector, severity, confidence, fingerprint)
        for file, path, part, line, column, detector, severity, confidence, fingerprint in _rows(
            findings, Found._fields
        )
    )
    counts = {
        (reason, detector): int(count)
        for reason, detector, count in _rows(suppressed, _SUPPRESSED_HEAD)
    }
    return Snapshot(found, Counter(counts))


def write(snapshot: Snapshot, findings: Path = FINDINGS, suppressed: Path = SUPPRESSED) -> None:
    """Write a snapshot, sorted, so that a change of one finding is a change of one line."""
    _write(findings, Found._fields, sorted(set(snapshot.found)))
    _write(
        suppressed,
        _SUPPRESSED_HEAD,
        ((*key, count) for key, count in sorted(snapshot.suppressed.items())),
    )


def differences(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """Yield lines for people: what is new, gone or changed, then the counts of suppressions."""
    old = {one.identity: one for one in before.found}
    new = {one.identity: one for one in after.found}
    for title, known, others in (("new", new, old), ("gone", old, new)):
        for one in (known[identity] for identity in sorted(known.keys() - others.keys())):
            yield f"{title:<8} {one.severity}/{one.confidence}  {one}"
    for identity in sorted(old.keys() & new.keys()):
        changes = ", ".join(_changes(old[identity], new[identity]))
        if changes:
            yield f"{'changed':<8} {changes}  {new[identity]}"
    for key in sorted(before.suppressed.keys() | after.suppressed.keys()):
        counts = before.suppressed[key], after.suppressed[key]
        if counts[0] != counts[1]:
            yield f"{'hidden':<8} {key[0]}: {counts[0]} → {counts[1]}  {key[1]}"


def _changes(old: Found, new: Found) -> Iterator[str]:
    if old.severity != new.severity:
        yield f"severity {old.severity} → {new.severity}"
    if old.confidence != new.confidence:
        yield f"confidence {old.confidence} → {new.confidence}"


def _rows(path: Path, head: tuple[str, ...]) -> Iterator[list[str]]:
    first, *lines = path.read_text("utf-8").split("\n")
    if first.split("\t") != list(head):
        raise ValueError(f"{path}: the columns are not {', '.join(head)}")
    for line in filter(None, lines):
        yield line.split("\t")


def _write(path: Path, head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    lines = ["\t".join(map(str, row)) for row in (head, *rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8", newline="\n")
