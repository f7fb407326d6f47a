"""``keysift findings``, ``show`` and ``export`` as a user runs them on a store."""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator

from keysift.cli import findings
from keysift.cli.exit import ExitCode
from keysift.model import Confidence, Reason, Severity, TriageStatus, Verdict
from keysift.report.schema import listing_schema
from keysift.store.database import Store
from keysift.store.queries.choose import Order
from keysift.store.records import Found
from tests.cli.conftest import Console
from tests.store.history import History
from tests.store.samples import found, value

SEALING_KEY = (b"s" * 32).hex()


def day(year: int) -> datetime:
    """Return the first day of a year."""
    return datetime(year, 1, 1, tzinfo=UTC)


@pytest.fixture
def known(keysift: Console, tmp_path: Path) -> Console:
    """Return a console whose store knows four secrets, one of them below what is shown."""
    location = str(tmp_path / "store.db")
    keysift.variables["KEYSIFT_STORE"] = location
    store = Store(location)
    history = History(store)
    reasons = (Reason("own-form", 60, "has a form of its own"),)
    medium = found(2, start=80, severity=Severity.MEDIUM, reasons=reasons)
    history.publish("demo", "1.0", found(1), medium, uploaded=day(2020), yanked="=oops")
    history.publish("demo", "1.1", medium, uploaded=day(2021))
    hostile = Found(
        below="!/in\x1b[31m/b.env",
        match=found(3, "npm-token", facts={"account": "x\x1b[2J"}).match,
        confidence=Confidence.HIGH,
    )
    history.announce("evil", "1.0", "evil-1.0.zip", uploaded=day(2022))
    history.scanned("evil-1.0.zip", hostile, path="evil\u202e.tgz")
    history.announce("evil", "1.1", "evil-1.1.zip", uploaded=day(2023))
    history.publish("guess", "1.0", found(4, confidence=Confidence.LOW), uploaded=day(2019))
    history.judged(2, Verdict.ACTIVE)
    history.decided(2, "accepted")
    store.close()
    return keysift


def test_text_is_a_line_a_finding(known: Console) -> None:
    """The worst stand first, then how many there are and what was not looked at."""
    assert known("findings") == ExitCode.CLEAN
    lines = [line.split() for line in known.out.splitlines()]
    assert [line[3] for line in lines[1:4]] == ["github-pat", "npm-token", "github-pat"]
    assert known.out.splitlines()[1].endswith("2020-01  yanked")
    assert known.out.splitlines()[2].endswith("2022-01  unknown")
    assert known.out.splitlines()[3].endswith("2020-01  present, active, accepted")
    assert known.out.splitlines()[5:] == [
        "3 secrets: 2 critical, 1 medium.",
        "4 files scanned; 1 not scanned yet: what these hold is not known.",
    ]


def test_options_choose(known: Console) -> None:
    """Every option of the query reaches it."""
    for options, expected in (
        (["--confidence", "low"], [1, 3, 4, 2]),
        (["--min-severity", "high"], [1, 3]),
        (["--project", "d*", "--still-present"], [2]),
        (["--detector", "npm-*"], [3]),
        (["--path", "*b.env"], [3]),
        (["--kind", "wheel"], []),
        (["--year", "2020"], [1, 2]),
        (["--verdict", "active", "--verdict", "canary"], [2]),
        (["--triage", "open"], [1, 3]),
        (["--sort", "introduced"], [3, 1, 2]),
        (["--sort", "id", "--limit", "1", "--offset", "1"], [2]),
    ):
        assert known("findings", "-f", "jsonl", *options) == ExitCode.CLEAN
        lines = [json.loads(line) for line in known.out.splitlines()]
        order = {line["fingerprint"]: line["id"] for line in lines[:-1]}
        assert list(order.values()) == expected, options
        assert lines[-1]["type"] == "summary"


def test_a_page_says_what_is_before_and_behind(known: Console) -> None:
    """A reader of a page knows how to get the next one."""
    known("findings", "--limit", "2")
    assert "Shown are 1 to 2; --offset 2 shows the next, --limit 0 all." in known.out
    known("findings", "--limit", "2", "--offset", "2")
    assert "Shown are 3 to 3, --limit 0 all." in known.out
    known("findings", "--project", "absent")
    assert known.out.startswith("No finding fulfils what was asked for.\n4 files scanned")


def test_json_fits_its_schema(known: Console) -> None:
    """The document validates against the committed schema, masked or revealed."""
    known.variables["KEYSIFT_SEALING_KEY"] = SEALING_KEY
    validator = Draft202012Validator(json.loads(listing_schema()))
    for options in ([], ["--reveal"]):
        assert known("findings", "-f", "json", *options) == ExitCode.CLEAN
        document = json.loads(known.out)
        validator.validate(document)
        assert document["total"] == 3
        assert document["looked"]["complete"] is False
        shown = {finding.get("value") for finding in document["findings"]}
        assert (value(1).reveal_text() in shown) is (options == ["--reveal"])


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "csv", "sarif"])
def test_values_are_masked(known: Console, form: str) -> None:
    """No format shows a value that nobody asked to reveal, and none obeys a package."""
    assert known("findings", "-f", form) == ExitCode.CLEAN
    assert value(1).reveal_text() not in known.out
    assert "\x1b" not in known.out


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "csv"])
def test_reveal_opens_what_is_sealed(known: Console, form: str) -> None:
    """With the key, values and their other halves are shown."""
    known.variables["KEYSIFT_SEALING_KEY"] = SEALING_KEY
    assert known("findings", "-f", form, "--reveal", "--limit", "1") == ExitCode.CLEAN
    assert value(1).reveal_text() in known.out
    assert value(3).reveal_text() not in known.out


def test_reveal_without_the_key_is_one_sentence(known: Console) -> None:
    """Without a key, or with another one, nothing is shown."""
    assert known("findings", "--reveal") == ExitCode.USAGE
    assert "there is none" in known.err
    known.variables["KEYSIFT_SEALING_KEY"] = "ab"
    assert known("show", "1", "--reveal") == ExitCode.USAGE
    known.variables["KEYSIFT_SEALING_KEY"] = (b"x" * 32).hex()
    assert known("show", "1", "--reveal") == ExitCode.INCOMPLETE
    assert "was sealed with key" in known.err
    assert known.out == ""


def test_a_report_with_values_is_for_its_owner(known: Console, tmp_path: Path) -> None:
    """A file with revealed values has mode 600."""
    known.variables["KEYSIFT_SEALING_KEY"] = SEALING_KEY
    report = tmp_path / "findings.json"
    known("findings", "-f", "json", "--reveal", "-o", str(report))
    assert value(1).reveal_text() in report.read_text()
    if sys.platform != "win32":
        assert report.stat().st_mode & 0o077 == 0


def test_sarif_has_a_result_a_place(known: Console) -> None:
    """Findings in a store look as a scan of the same releases would report them."""
    known("findings", "-f", "sarif")
    (run,) = json.loads(known.out)["runs"]
    assert [result["ruleId"] for result in run["results"]] == [
        "github-pat",
        "npm-token",
        "github-pat",
        "github-pat",
    ]
    where = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert where["uri"] == "pypi/demo/1.0/demo-1.0.tar.gz"
    assert run["invocations"][0]["executionSuccessful"] is False


def test_show_tells_everything(known: Console) -> None:
    """What it is, what to do, where it stands and what happened are on one page."""
    assert known("show", "2") == ExitCode.CLEAN
    for expected in (
        "GitHub personal access token",
        "Score       60, the sum of",
        "+60 has a form of its own",
        "Verdict     still works",
        "Triage      accepted",
        "Rotate      ",
        "Introduced  1.0 (2020-01-01)",
        "Now         present in the newest release",
        "In          2 places of 2 files (sdist) of 2 releases",
        "1.0  demo-1.0.tar.gz  uploaded 2020-01-01 · yanked: =oops",
        "demo-1.1/a.py:2:3",
        "triage: accepted, ada: why",
        "verdict: active",
    ):
        assert expected in known.out


def test_show_takes_the_beginning_of_a_fingerprint(known: Console) -> None:
    """A number or a unique beginning names a secret; anything else is a usage error."""
    known("findings", "-f", "json", "--detector", "npm-*")
    fingerprint = json.loads(known.out)["findings"][0]["fingerprint"]
    assert known("show", fingerprint[:12]) == ExitCode.CLEAN
    assert fingerprint in known.out
    assert "evil\\u202e.tgz!/in\\x1b[31m/b.env:2:3" in known.out
    assert "account x\\x1b[2J" in known.out
    assert known("show", "99999") == ExitCode.USAGE


def test_show_reveals(known: Console) -> None:
    """The value and its other half are opened."""
    known.variables["KEYSIFT_SEALING_KEY"] = SEALING_KEY
    assert known("show", "1", "--reveal") == ExitCode.CLEAN
    part = found(1).match.parts[0].value
    assert value(1).reveal_text() in known.out
    assert part.reveal_text() in known.out


def test_show_leaves_out_what_is_too_much(known: Console) -> None:
    """Of many releases the newest are shown, and all of them with --verbose."""
    store = Store(known.variables["KEYSIFT_STORE"])
    history = History(store)
    for minor in range(10):
        history.publish("many", f"1.{minor}", found(5))
    store.close()
    known("show", "5")
    assert "and 2 older releases (--verbose lists them)" in known.out
    assert "many-1.0.tar.gz" not in known.out
    known("show", "5", "--verbose")
    assert "many-1.0.tar.gz" in known.out


def test_export_has_a_row_an_occurrence(known: Console, tmp_path: Path) -> None:
    """The three formats hold the same rows: fingerprints, and no value."""
    paths = {form: tmp_path / f"places.{form}" for form in ("csv", "jsonl", "parquet")}
    for form, path in paths.items():
        assert known("export", "-f", form, "-o", str(path)) == ExitCode.CLEAN
        assert value(1).reveal() not in path.read_bytes()
    lines = [json.loads(line) for line in paths["jsonl"].read_text().splitlines()]
    assert [line["id"] for line in lines] == [1, 2, 2, 3, 4]
    table = pq.read_table(paths["parquet"]).to_pylist()
    assert [row["fingerprint"] for row in table] == [line["fingerprint"] for line in lines]
    assert table[0]["uploaded"] == day(2020)
    rows = list(csv.DictReader(io.StringIO(paths["csv"].read_text())))
    assert [row["purl"] for row in rows] == [line["purl"] for line in lines]
    assert rows[0]["yanked"] == "'=oops"


def test_export_takes_filters(known: Console) -> None:
    """An export without a file goes to standard output; Parquet does not."""
    assert known("export", "-f", "jsonl", "--project", "evil") == ExitCode.CLEAN
    assert [json.loads(line)["project"] for line in known.out.splitlines()] == ["evil"]
    assert known("export", "-f", "parquet") == ExitCode.USAGE
    assert "--output" in known.err


def test_parquet_without_its_package_says_what_to_install(
    known: Console, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An optional package that is missing is named."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert known("export", "-f", "parquet", "-o", str(tmp_path / "x")) == ExitCode.USAGE
    assert known.err == "keysift: Parquet needs one more package: pip install 'keysift[parquet]'\n"


@pytest.mark.parametrize("command", [["findings"], ["show", "1"], ["export", "-f", "csv"]])
def test_a_store_that_is_not_there_is_an_error(keysift: Console, command: list[str]) -> None:
    """Nothing is known without a crawl, and no empty store is made by asking."""
    path = keysift.directory / "none.db"
    assert keysift(*command, "--store", str(path)) == ExitCode.INCOMPLETE
    assert "keysift crawl" in keysift.err
    assert not path.exists()


@pytest.mark.parametrize("option", ["--year=20x", "--year=9999", "--limit=-1", "--limit=x"])
def test_numbers_that_make_no_sense_are_refused(
    known: Console, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An option that is no number is a usage error."""
    with pytest.raises(SystemExit) as ended:
        known("findings", option)
    assert ended.value.code == ExitCode.USAGE
    assert "is not a" in capsys.readouterr().err


def test_the_words_of_the_options_are_those_of_the_queries() -> None:
    """Options are listed without importing a database, and are the same all the same."""
    assert list(findings.SORTS) == [order.value for order in Order]
    assert list(findings.TRIAGE) == [status.value for status in TriageStatus]


@pytest.fixture
def told(known: Console) -> Console:
    """Return the console of ``known``, whose first secret was asked about three times."""
    store = Store(known.variables["KEYSIFT_STORE"])
    history = History(store)
    history.answered(1, day(2024), Verdict.INACTIVE)
    history.answered(
        1,
        day(2025),
        Verdict.ACTIVE,
        facts={"user": "grace\x1b[2J"},
        powers=["root"],
        privilege="admin",
        warnings=["root"],
        detail="not all scopes are told",
    )
    history.answered(1, day(2026), Verdict.UNKNOWN, doubt="timeout", detail="30 s")
    store.close()
    return known


def test_documents_have_what_the_standing_answer_told(told: Console) -> None:
    """Each format has reason, privilege and warnings of the answer that stands, and its time."""
    told("findings", "-f", "json", "--verdict", "active", "--min-severity", "critical")
    document = json.loads(told.out)
    Draft202012Validator(json.loads(listing_schema())).validate(document)
    (finding,) = document["findings"]
    assert (finding["verdict"], finding["checked"]) == ("active", "2025-01-01T00:00:00Z")
    outcome = finding["outcome"]
    assert (outcome["privilege"], outcome["reason"]) == ("admin", None)
    assert outcome["warnings"] == ["root"]
    assert outcome["unclear"] == "not all scopes are told"
    assert "https://" in outcome["narrower"]
    told("findings", "-f", "csv", "--min-severity", "critical")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(told.out))}
    assert (rows["1"]["privilege"], rows["1"]["warnings"]) == ("admin", "root")
    assert rows["1"]["checked"] == "2025-01-01T00:00:00+00:00"
    assert (rows["3"]["privilege"], rows["3"]["reason"], rows["3"]["checked"]) == ("", "", "")
    told("findings", "-f", "sarif", "--min-severity", "critical")
    results = json.loads(told.out)["runs"][0]["results"]
    properties = [one["properties"] for one in results if one["ruleId"] == "github-pat"]
    assert {one["privilege"] for one in properties} == {"admin"}
    assert all(one["warnings"] == ["root"] for one in properties)


def test_unasked_findings_have_no_outcome(told: Console) -> None:
    """What nobody asked about has a verdict and nothing else."""
    told("findings", "-f", "json", "--verdict", "unchecked")
    assert all("outcome" not in one for one in json.loads(told.out)["findings"])


def test_show_tells_what_the_provider_told(told: Console) -> None:
    """The verdict that stands is told with all that came with it; the history has each answer."""
    assert told("show", "1") == ExitCode.CLEAN
    assert "\x1b" not in told.out
    lines = [" ".join(line.split()) for line in told.out.splitlines()]
    block = lines[lines.index("Verdict still works (2025-01-01)") :]
    assert block[1].startswith("Who user grace")
    assert block[2] == "Privilege admin: root"
    assert block[3] == "Not known not all scopes are told"
    assert block[4] == "Too broad it may do everything that the account's holder may"
    assert block[5].startswith("Better ")
    history = lines[lines.index("History") :]
    assert "2024-01-01 verdict: inactive" in history
    assert "2025-01-01 verdict: active, privilege admin" in history
    assert "2026-01-01 verdict: unknown: no answer in time: 30 s" in history
