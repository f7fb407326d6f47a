"""``keysift report`` as a user runs it on a store."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from keysift.cli import report, stores
from keysift.cli.exit import ExitCode
from keysift.model import Verdict
from keysift.report.schema import report_schema
from keysift.store.database import Store
from tests.cli.conftest import Console
from tests.store.history import History
from tests.store.samples import found

FIRST = datetime(2017, 3, 1, tzinfo=UTC)
LATER = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.fixture
def known(keysift: Console, tmp_path: Path) -> Console:
    """Return a console with a store of two projects, one of which has two secrets."""
    location = str(tmp_path / "store.db")
    store = Store(location)
    history = History(store)
    history.publish("acme-api", "1.0", found(1), found(2), uploaded=FIRST)
    history.publish("acme-api", "2.0", found(1), uploaded=LATER)
    history.publish("other", "1.0", uploaded=LATER)
    history.judged(1, Verdict.ACTIVE)
    store.close()
    keysift.variables["KEYSIFT_STORE"] = location
    return keysift


def document(console: Console, *arguments: str) -> dict[str, Any]:
    """Return the figures that a command prints."""
    assert console("report", "--format", "json", *arguments) == ExitCode.CLEAN
    figures: dict[str, Any] = json.loads(console.out)
    Draft202012Validator(json.loads(report_schema())).validate(figures)
    return figures


def test_figures(known: Console) -> None:
    """Those of a store of known truth."""
    figures = document(known)
    headline = figures["headline"]
    assert (headline["secrets"], headline["occurrences"]) == (2, 3)
    assert (headline["projects"]["count"], headline["projects"]["of"]) == (1, 2)
    assert (headline["active"]["count"], headline["active"]["of"]) == (1, 1)
    years = {group["name"]: group["secrets"] for group in figures["by_year"]}
    assert years == {"2017": 2}


def test_html_is_a_file(known: Console, tmp_path: Path) -> None:
    """It goes where the user says, and the command says where."""
    target = tmp_path / "report.html"
    assert known("report", "--output", str(target)) == ExitCode.CLEAN
    assert known.out == ""
    assert known.err == f"keysift: wrote {target}\n"
    assert "The state of secrets sprawl" in target.read_text()


def test_html_has_a_file_of_its_own(
    known: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody wants a megabyte of markup on a terminal."""
    monkeypatch.chdir(tmp_path)
    assert known("report") == ExitCode.CLEAN
    assert (tmp_path / report.DEFAULT_OUTPUT).exists()


def test_csv_and_markdown(known: Console) -> None:
    """The same figures for spreadsheets and for pages."""
    assert known("report", "-f", "csv") == ExitCode.CLEAN
    rows = list(csv.reader(io.StringIO(known.out)))
    assert ["by_year", "2017", "secrets", "secrets", "2", "", "", "", ""] in rows
    assert known("report", "-f", "md") == ExitCode.CLEAN
    assert "| 2017 | 2 | 3 | 1 |" in known.out


def test_projects(known: Console, tmp_path: Path) -> None:
    """A team's own report: denominators are of its projects, too."""
    assert document(known, "--project", "acme-*")["headline"]["projects"]["of"] == 1
    assert document(known, "--project", "other")["headline"]["secrets"] == 0
    configuration = tmp_path / "teams.toml"
    configuration.write_text('[orgs]\nacme = ["acme-*", "acme"]\nempty = []\n')
    named = document(known, "--org", "acme", "--config", str(configuration))
    assert named["headline"]["projects"]["of"] == 1
    assert named["scope"]["org"] == "acme"
    for name, message in (
        ("acne", "no such list of projects; did you mean acme?"),
        ("zzz", "no such list of projects; known ones: acme, empty"),
        ("empty", "lists no project under this name"),
    ):
        assert known("report", "--org", name, "--config", str(configuration)) == ExitCode.USAGE
        assert message in known.err
    assert known("report", "--org", "acme", "-f", "json") == ExitCode.USAGE
    assert "write a table [orgs]" in known.err
    assert known("report", "--project", "nobody*", "-f", "json") == ExitCode.USAGE
    assert "the store has no project named nobody*" in known.err


def test_compare(known: Console, tmp_path: Path) -> None:
    """An earlier report and this one, in figures."""
    earlier = tmp_path / "earlier.json"
    assert known("report", "-f", "json", "-o", str(earlier)) == ExitCode.CLEAN
    store = Store(known.variables["KEYSIFT_STORE"])
    History(store).publish("third", "1.0", found(3), uploaded=LATER)
    store.close()
    comparison = document(known, "--compare", str(earlier))["comparison"]
    secrets = next(one for one in comparison["headline"] if one["measure"] == "secrets")
    assert (secrets["before"], secrets["after"]) == (2, 3)
    rests = "The earlier report rests on 3 scanned artifacts, this one on {}."
    assert comparison["limits"] == [rests.format(4)]
    assert comparison["changes"]["new"]["secrets"] == 1
    narrowed = document(known, "--compare", str(earlier), "--project", "third")["comparison"]
    assert narrowed["limits"] == [
        "The two reports are about other projects: the scope differs.",
        rests.format(1),
    ]


def test_compare_with_another_store(known: Console, tmp_path: Path) -> None:
    """Its figures are measured in the same way; nobody is recognised."""
    other = tmp_path / "other.db"
    store = Store(str(other))
    History(store).publish("acme-web", "1.0", found(1), uploaded=LATER)
    store.close()
    comparison = document(known, "--compare", str(other))["comparison"]
    secrets = next(one for one in comparison["headline"] if one["measure"] == "secrets")
    assert (secrets["before"], secrets["after"]) == (1, 2)
    # What this store saw was seen before the other one learned anything.
    assert comparison["changes"]["new"]["secrets"] == 0
    absent = tmp_path / "absent.db"
    assert known("report", "-f", "json", "--compare", f"sqlite:///{absent}") != ExitCode.CLEAN
    assert "there is no store yet" in known.err


def test_an_anonymous_comparison_hides_what_was_before(known: Console, tmp_path: Path) -> None:
    """The earlier report has names and small groups; what is written has none."""
    store = Store(known.variables["KEYSIFT_STORE"])
    History(store).publish("third", "1.0", found(3), uploaded=LATER)
    store.close()
    earlier = tmp_path / "earlier.json"
    assert known("report", "-f", "json", "-o", str(earlier)) == ExitCode.CLEAN
    comparison = document(known, "--compare", str(earlier), "--anonymise", "2")["comparison"]
    assert comparison["before"]["k"] == 2
    assert "Groups of fewer than 2 projects are hidden in both" in str(comparison)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no report that keysift report -f json wrote"),
        (b'{"schema": "keysift.scan/1"}', "its schema is 'keysift.scan/1'"),
        (b'{"schema": "keysift.report/1"}', "missing required field"),
        (b"[" * 100_000, "no report"),
        (b"\xff", "no report"),
    ],
)
def test_what_is_no_earlier_report(
    known: Console, tmp_path: Path, content: bytes, message: str
) -> None:
    """Somebody names the wrong file, and is told so."""
    wrong = tmp_path / "wrong.json"
    wrong.write_bytes(content)
    assert known("report", "-f", "json", "--compare", str(wrong)) == ExitCode.USAGE
    assert f"--compare {wrong}: " in known.err
    assert message in known.err


def test_demo(keysift: Console, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A made-up index, loudly; a store that is named is left alone."""
    monkeypatch.setattr(stores, "DEMO_PROJECTS", 300)
    figures = document(keysift, "--demo")
    assert figures["made"]["is_demo"]
    assert figures["headline"]["secrets"] > 10
    named = tmp_path / "store.db"
    assert keysift("report", "--demo", "--store", str(named)) == ExitCode.USAGE
    assert not named.exists()


def test_a_page_needs_packages(known: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who lacks them is told before the work is done."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    assert known("report") == ExitCode.USAGE
    assert "pip install 'keysift[report]'" in known.err


def test_figures_need_no_packages(known: Console) -> None:
    """Data come without Altair, Jinja and what belongs to them."""
    code = (
        "import sys\n"
        "from keysift.__main__ import start\n"
        f"sys.argv = ['keysift', 'report', '-f', 'csv', '--store', "
        f"{known.variables['KEYSIFT_STORE']!r}]\n"
        "try:\n    start()\nexcept SystemExit:\n    pass\n"
        "names = ('altair', 'vl_convert', 'jinja2')\n"
        "print([name for name in names if name in sys.modules], file=sys.stderr)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert ran.stderr.decode().splitlines()[-1] == "[]"
