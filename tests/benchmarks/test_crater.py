"""The snapshot of what is found in real packages: how it is compared, and what it looks like."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.crater.packages import pinned, scan_file
from benchmarks.crater.snapshot import Found, Snapshot, differences, read, write
from keysift.catalogue import load
from keysift.model import Confidence, Severity
from tests.tokens import token

ROW = Found("a-1.whl", "a/b.py", "", 3, 7, "acme-token", "high", "medium", "00" * 8)
WHERE = "acme-token  a-1.whl: a/b.py:3:7"


def snapshot(*rows: Found, **suppressed: int) -> Snapshot:
    """Return a snapshot; suppressions are of one detector, by reason."""
    return Snapshot(rows, Counter({(reason, "acme-token"): n for reason, n in suppressed.items()}))


def test_equal_snapshots_do_not_differ() -> None:
    """The order of the rows does not matter."""
    rows = ROW, ROW._replace(line=9)
    assert list(differences(snapshot(*rows, overlap=2), snapshot(*rows[::-1], overlap=2))) == []


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ([], [ROW], f"new      high/medium  {WHERE}"),
        ([ROW], [], f"gone     high/medium  {WHERE}"),
        (
            [ROW._replace(part="cell 2")],
            [ROW._replace(part="cell 2", confidence="low")],
            f"changed  confidence medium → low  {WHERE} (cell 2)",
        ),
        (
            [ROW],
            [ROW._replace(severity="low", confidence="low")],
            f"changed  severity high → low, confidence medium → low  {WHERE}",
        ),
    ],
)
def test_a_difference_is_a_line(before: list[Found], after: list[Found], line: str) -> None:
    """What is new, gone or changed is told with its place."""
    assert list(differences(snapshot(*before), snapshot(*after))) == [line]


@pytest.mark.parametrize(
    "other", [ROW._replace(detector="acme-key"), ROW._replace(fingerprint="11" * 8)]
)
def test_something_else_at_the_same_place_is_another_finding(other: Found) -> None:
    """When another detector takes over, or takes more or less for the value, both are told."""
    lines = list(differences(snapshot(ROW), snapshot(other)))
    assert [line.split()[0] for line in lines] == ["new", "gone"]


def test_suppressions_are_compared_by_reason_and_detector() -> None:
    """A match that is suppressed instead of reported shows on both sides of the count."""
    lines = list(differences(snapshot(placeholder=1), snapshot(placeholder=3, overlap=1)))
    assert lines == [
        "hidden   overlap: 0 → 1  acme-token",
        "hidden   placeholder: 1 → 3  acme-token",
    ]


def test_a_snapshot_is_read_as_it_was_written(tmp_path: Path) -> None:
    """A table has one line a place, sorted; the same rows make the same file."""
    rows = ROW._replace(line=9), ROW._replace(path="ä.py"), ROW
    names = tmp_path / "findings.tsv", tmp_path / "suppressed.tsv"
    write(snapshot(*rows, overlap=2), *names)
    first = names[0].read_bytes()
    again = read(*names)
    assert sorted(rows) == list(again.found)
    assert again.suppressed == {("overlap", "acme-token"): 2}
    write(again, *names)
    assert names[0].read_bytes() == first


def test_another_table_is_refused(tmp_path: Path) -> None:
    """A file with other columns is no snapshot."""
    (tmp_path / "findings.tsv").write_text("a\tb\n")
    with pytest.raises(ValueError, match="columns"):
        read(tmp_path / "findings.tsv")


def test_a_scan_gives_no_value_away(tmp_path: Path) -> None:
    """The row of a found token has its place and a fingerprint, and no piece of the token."""
    path = tmp_path / "a-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("a/b.py", f'x = 1\ngithub_token = "{token()}"\n')
        wheel.writestr("a/c.py", f'again = "{token()}"\n')
    rows = scan_file(path).found
    assert [(one.path, one.line, one.column, one.detector) for one in rows] == [
        ("a/b.py", 2, 17, "github-pat"),
        ("a/c.py", 1, 10, "github-pat"),
    ]
    assert rows[0].fingerprint == rows[1].fingerprint
    text = repr(rows)
    assert not any(token()[start : start + 6] in text for start in range(len(token()) - 5))


def test_the_committed_snapshot_is_well_formed() -> None:
    """Rows are sorted and unique, of pinned files and known detectors, with fingerprints alone."""
    committed = read()
    known = load().by_id
    assert list(committed.found) == sorted(committed.found)
    assert len({one.identity for one in committed.found}) == len(committed.found) > 100
    assert {one.file for one in committed.found} <= {one.file for one in pinned()}
    assert {one.detector for one in committed.found} - known.keys() == set()
    assert {detector for _, detector in committed.suppressed} - known.keys() == set()
    assert {one.severity for one in committed.found} <= {str(grade) for grade in Severity}
    assert {one.confidence for one in committed.found} <= {str(grade) for grade in Confidence}
    assert all(re.fullmatch("[0-9a-f]{16}", one.fingerprint) for one in committed.found)


def test_sixty_packages_are_pinned() -> None:
    """Each is a file of another project, small enough to fetch, sdists and wheels mixed."""
    files = pinned()
    assert len(files) == len({one.project for one in files}) == 60
    assert all(re.fullmatch("[0-9a-f]{64}", one.sha256) for one in files)
    assert sum(one.size_bytes for one in files) < 150_000_000
    assert 10 <= sum(one.file.endswith(".whl") for one in files) <= 50
