"""The library: two functions, the same engine as the command line."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

import keysift
from keysift.catalogue.samples import expand
from keysift.crawl.runner import plan
from keysift.errors import TargetError
from keysift.model import FingerprintKey
from keysift.sources.files import LocalFile
from tests.tokens import token


def test_scan_bytes_returns_matches() -> None:
    """A match knows its detector and place, and shows its secret masked."""
    [match] = keysift.scan_bytes(f"a = 1\nkey = '{token()}'\n".encode())
    assert (match.detector, match.line, match.column) == ("github-pat", 2, 8)
    assert token() not in f"{match} {match.secret}"
    assert match.secret.reveal() == token().encode()


def test_scan_path_opens_archives(tmp_path: Path) -> None:
    """The result has findings and coverage; two equal values are one finding."""
    path = tmp_path / "demo.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.py", f"k = '{token()}'")
        archive.writestr("b.py", f"k = '{token()}'")
    result = keysift.scan_path(path)
    [finding] = result.findings
    assert [place.path for place in finding.occurrences] == ["a.py", "b.py"]
    assert result.coverage.complete


def test_the_surest_place_of_a_secret_counts(tmp_path: Path) -> None:
    """A weak value in tests is none; where the package uses it too, all its places are told."""
    path = tmp_path / "demo.zip"
    tested, used = expand("{base62:32}", 1), expand("{base62:32}", 2)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "demo-1.0/tests/test_a.py", f"api_key = '{tested}'\napi_key_old = '{used}'\n"
        )
        archive.writestr("demo-1.0/tests/test_b.py", f"api_key = '{used}'\n")
        archive.writestr("demo-1.0/shop/a.py", f"api_key = '{used}'\n")
    [finding] = keysift.scan_path(path).findings
    assert finding.secret.reveal() == used.encode()
    assert len(finding.occurrences) == 3
    assert "setting" not in finding.facts
    low = keysift.scan_path(path, confidence="low")
    assert [one.secret for one in low.findings] == [finding.secret]
    assert low.coverage.suppressed["low_score"] == 1


def test_loose_files_are_judged_by_their_content(tmp_path: Path) -> None:
    """Folders say what they hold in archives; a directory that a user points at may be anything."""
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "a.py").write_text(f"api_key = '{expand('{base62:32}', 1)}'\n")
    assert len(keysift.scan_path(tmp_path).findings) == 1


def test_scan_path_in_several_processes_finds_the_same(tmp_path: Path) -> None:
    """Large input is spread over processes, with the same result."""
    for number in range(6):
        filler = "x = 1\n" * 250_000
        text = f"{filler}key = '{token(number)}'\n"
        (tmp_path / f"part{number}.py").write_text(text)
    alone, together = (keysift.scan_path(tmp_path, jobs=jobs) for jobs in (1, 2))
    assert len(alone.findings) == len(together.findings) == 6
    assert alone.coverage == together.coverage


def test_nothing_there_is_an_error(tmp_path: Path) -> None:
    """A path that does not exist is not clean."""
    with pytest.raises(TargetError, match="gone"):
        keysift.scan_path(tmp_path / "gone")


def test_a_weak_fingerprint_key_is_refused(tmp_path: Path) -> None:
    """A key that could be guessed, or is none, is an error before anything is scanned."""
    for key in (b"short", b"x" * 65):
        with pytest.raises(ValueError, match="16 to 64 bytes"):
            keysift.scan_path(tmp_path, fingerprint_key=FingerprintKey(key))


def test_archives_of_one_project_are_one_job() -> None:
    """What shares members is scanned together; loose files are batched."""
    names = ["a_b-1.0.tar.gz", "x.py", "a_b-1.0-py3-none-any.whl", "c-2.zip", "y.py"]
    files = [LocalFile("t", name, name, 10) for name in names]
    jobs = [[file.display for file in job.files] for job in plan(files)]
    assert jobs == [["x.py", "y.py"], ["a_b-1.0.tar.gz", "a_b-1.0-py3-none-any.whl"], ["c-2.zip"]]
