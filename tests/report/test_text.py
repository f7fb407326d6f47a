"""The report for people, compared whole with ``snapshots/``.

To accept a new look, delete the snapshot files, run these tests (they fail once, and write the
files), and read the difference before committing it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from keysift.model import (
    Coverage,
    Reason,
    Secret,
    Severity,
    Skip,
    SkipReason,
    SuppressReason,
    Verdict,
)
from keysift.report.page import cells, fill
from keysift.report.result import DetectorText, SuppressedFinding
from keysift.report.summary import human_bytes
from keysift.report.text import TextView, write_text

from .samples import SHOP, finding, place, result_of

if TYPE_CHECKING:
    from keysift.report.result import ScanResult

SNAPSHOTS = Path(__file__).parent / "snapshots"


def _text(result: ScanResult, *, reveal: bool = False, view: TextView | None = None) -> str:
    stream = StringIO()
    write_text(result, stream, reveal=reveal, view=view or TextView())
    return stream.getvalue()


def compare(name: str, text: str) -> None:
    """Compare a report with the accepted one."""
    file = SNAPSHOTS / f"{name}.txt"
    if not file.exists():
        SNAPSHOTS.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        pytest.fail(f"wrote {file.name}: read it, then run again")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [80, 120])
def test_report_looks_as_accepted(rich: ScanResult, width: int) -> None:
    """The whole report, without colours, is the accepted one."""
    compare(f"report-{width}", _text(rich, view=TextView(width=width)))


def test_verbose_report_looks_as_accepted(rich: ScanResult) -> None:
    """Every place, every skip and the suppressed matches are listed when asked for."""
    view = TextView(verbose=True, show_suppressed=True)
    compare("report-verbose", _text(rich, view=view))


def test_clean_report_looks_as_accepted(empty: ScanResult) -> None:
    """Nothing found is one positive line with what was looked at."""
    compare("clean", _text(empty))


def test_incomplete_report_looks_as_accepted() -> None:
    """Nothing found in an incomplete scan is not called clean."""
    gap = Skip(path="big.zip", reason=SkipReason.ENCRYPTED)
    compare("incomplete", _text(result_of(coverage=Coverage(artifacts=1, files=1, skips=[gap]))))


def test_scan_of_nothing_is_not_clean() -> None:
    """A scan that had no file to look at says so."""
    text = _text(result_of(coverage=Coverage()))
    assert "Nothing was looked at" in text
    assert "✓" not in text


def test_intended_skips_leave_the_scan_complete() -> None:
    """Links and excluded files are counted, and do not make the scan incomplete."""
    skips = [Skip(path="a", reason=SkipReason.LINK), Skip(path="b", reason=SkipReason.EXCLUDED)]
    coverage = Coverage(artifacts=1, files=3, scanned=1, skips=skips)
    text = _text(result_of(coverage=coverage))
    assert "✓ No secrets found" in text
    assert "INCOMPLETE" not in text


def test_colours_only_decorate(rich: ScanResult) -> None:
    """Without its colour sequences, the coloured report is the plain one."""
    coloured = _text(rich, view=TextView(color=True))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m *", "", coloured).replace(" ", "") == _text(rich).replace(
        " ", ""
    )


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_width_is_respected(rich: ScanResult, width: int) -> None:
    """No line is wider than the terminal, but for names that do not fit on a line."""
    for line in _text(rich, view=TextView(width=width, show_suppressed=True)).splitlines():
        longest_word = max(map(cells, line.split()), default=0)
        assert cells(line) <= width or cells(line) - len("  Revoked   ") <= longest_word


def test_width_counts_wide_characters() -> None:
    """Text is filled by terminal cells: an ideograph takes two, a combining mark none."""
    assert cells("漢字") == 4
    assert cells("e\u0301") == 1
    assert list(fill(["漢字", "漢字", "a"], 9)) == ["漢字 漢字", "a"]


@pytest.mark.parametrize("hostile", ["\x1b[2J", "\r", "\n", "\u202e", "\u2028", "\x9b", "\ud800"])
def test_hostile_names_cannot_move_the_cursor(hostile: str) -> None:
    """Terminal sequences, line breaks and bidi controls are shown as escapes, everywhere."""
    name = f"a{hostile}b"
    result = result_of(
        finding(
            name=name,
            detector=name,
            proof=name,
            facts={name: name},
            parts={name: Secret(b"one more invented value")},
            occurrences=[
                place(name, artifact=f"{name}.zip", part=name, encoding=(name,), yanked=name)
            ],
        ),
        coverage=Coverage(skips=[Skip(path=name, reason=SkipReason.LINK, detail=name)]),
    )
    text = _text(result, view=TextView(verbose=True))
    assert hostile not in text.replace("\n", "") if hostile == "\n" else hostile not in text
    assert all(line.isprintable() for line in text.splitlines())
    text.encode()


def test_hostile_mask_is_shown_as_escapes() -> None:
    """A revealed value cannot move the cursor either; its own lines are kept."""
    text = _text(result_of(finding(b"first\x1b[2J\nsecond \xff line")), reveal=True)
    assert "Secret    first\\x1b[2J\n            second \\xff line\n" in text


def test_endless_names_are_shortened() -> None:
    """A member name of a million characters does not flood the terminal."""
    assert len(_text(result_of(finding(occurrences=[place("a" * 10**6)])))) < 3000


def test_first_places_then_how_many_more() -> None:
    """Five places are shown, the rest is counted with its artifacts; verbose shows all."""
    places = [place(artifact=f"{SHOP}-{number}.zip") for number in range(42)]
    result = result_of(finding(occurrences=places))
    assert "and 37 more in 37 artifacts (--verbose lists them)" in _text(result)
    assert _text(result).count("settings.py:12:9") == 5
    assert _text(result, view=TextView(verbose=True)).count("settings.py:12:9") == 42


def test_worst_is_first() -> None:
    """Findings are ordered by severity, whatever their order in the result."""
    findings = [finding(severity=severity, name=f"type {severity}") for severity in Severity]
    shown = re.findall(r"type (\w+)", _text(result_of(*findings)))
    assert shown == ["critical", "high", "medium", "low", "info"]


def test_secrets_of_one_type_share_their_advice() -> None:
    """Risk and fix of several secrets of one type are said once, below all of them."""
    others = [finding(f"an invented value {number}".encode()) for number in range(3)]
    text = _text(result_of(*others, finding(severity=Severity.LOW)))
    assert "Acme access token · 3 secrets" in text
    assert text.count("  Secret ") == 4
    assert text.count("  Fix ") == 2


def test_a_long_list_of_releases_says_since_when() -> None:
    """Places that are not listed are summed up by the days of their upload."""
    places = [
        place(artifact=f"{SHOP}-{day}", uploaded=datetime(2024, 3, day, tzinfo=UTC))
        for day in range(1, 31)
    ]
    text = _text(result_of(finding(occurrences=places)), view=TextView(width=120))
    assert "and 25 more in 25 artifacts, uploaded 2024-03-06 to 2024-03-30" in text


def test_a_failed_target_is_not_clean() -> None:
    """A scan that could look at nothing says that, and what kept it from looking."""
    skip = Skip(path="", reason=SkipReason.TARGET_FAILED, detail="pypi:x: no such project")
    text = _text(result_of(coverage=Coverage(skips=[skip])))
    assert "1 target failed" in text
    assert "pypi:x: no such project" in text
    assert "✗ INCOMPLETE. Nothing was looked at" in text


@pytest.mark.parametrize(
    ("artifact", "verdict", "advice"),
    [
        (SHOP, Verdict.UNCHECKED, "Revoke it first: published releases stay public"),
        (SHOP, Verdict.INACTIVE, "It no longer works"),
        ("shop.zip", Verdict.UNCHECKED, "Do not upload this file"),
        (None, Verdict.UNCHECKED, "keep this file out of the package"),
    ],
)
def test_fix_depends_on_where_it_stands(
    artifact: str | None, verdict: Verdict, advice: str
) -> None:
    """What is published has to be revoked; what is only built must not be uploaded."""
    result = result_of(finding(verdict=verdict, occurrences=[place(artifact=artifact)]))
    assert advice in " ".join(_text(result, view=TextView(width=400)).split())


def test_texts_of_the_detector_are_shown() -> None:
    """Risk, revocation and rotation come from the detector."""
    result = result_of(finding())
    result.detectors = {
        "acme-token": DetectorText(
            name="Acme access token",
            provider="Acme",
            what="Acts as its owner.",
            severity=Severity.MEDIUM,
            revoke="https://acme.example.com/tokens",
            rotate="Make a new one.",
        )
    }
    text = _text(result)
    assert "Risk      Acts as its owner." in text
    assert "Revoke    https://acme.example.com/tokens" in text
    assert "Rotate    Make a new one." in text


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.00 KB"),
        (999_499, "999 KB"),
        (999_500, "1.00 MB"),
        (73_400_000, "73.4 MB"),
        (10**15 * 5000, "5000 PB"),
    ],
)
def test_sizes_have_three_digits(size: int, words: str) -> None:
    """Sizes are decimal, rounded to three digits, and never ``1000 KB``."""
    assert human_bytes(size) == words


def test_import_is_light() -> None:
    """The text report loads no console library, so that a small scan starts at once."""
    code = "import sys, keysift.report.text; print('rich' in sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    ).stdout
    assert shown == "False\n"


_REASONS = (Reason("random", 30, "looks random"), Reason("comment", -4, "in a comment"))


def test_verbose_tells_the_score_and_its_reasons() -> None:
    """Points and words, the weightiest first; without --verbose there is no word of it."""
    result = result_of(finding(score=26, reasons=_REASONS))
    text = _text(result, view=TextView(verbose=True))
    assert re.search(r"Score +26, the sum of\n +\+30 looks random\n +-4 in a comment\n", text)
    assert "Score" not in _text(result)


def test_suppressed_matches_are_explained_in_the_same_words() -> None:
    """With --verbose, each of them has its score and its reasons below it."""
    one = SuppressedFinding(
        detector="acme-token",
        mask="nope…",
        reason=SuppressReason.SCORE,
        detail="in a comment",
        path="shop/a.py",
        line=3,
        column=4,
        score=-4,
        reasons=_REASONS[1:],
    )
    result = result_of()
    result.suppressed.append(one)
    text = _text(result, view=TextView(verbose=True, show_suppressed=True))
    assert re.search(r"low_score: in a comment\n +Score +-4, the sum of\n +-4 in a comment\n", text)
    assert "Score" not in _text(result, view=TextView(show_suppressed=True))
