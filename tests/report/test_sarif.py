"""SARIF: valid by the official schema, and laid out for code-scanning viewers."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft4Validator

from keysift.model import Coverage, Severity
from keysift.report.location import file_uri, release_uri
from keysift.report.sarif import write_sarif

from .samples import SHOP, finding, place, result_of

if TYPE_CHECKING:
    from typing import Any

    from keysift.report.result import ScanResult

OFFICIAL_SCHEMA = Path(__file__).parent / "resources" / "sarif-2.1.0-rtm.5.json"


def _log(result: ScanResult) -> dict[str, Any]:
    stream = StringIO()
    write_sarif(result, stream)
    log: dict[str, Any] = json.loads(stream.getvalue())
    return log


def _run(result: ScanResult) -> dict[str, Any]:
    run: dict[str, Any] = _log(result)["runs"][0]
    return run


def _fingerprints(result: ScanResult) -> list[str]:
    return [entry["partialFingerprints"]["keysiftPlace/v1"] for entry in _run(result)["results"]]


@pytest.mark.parametrize("kind", ["rich", "empty"])
def test_log_fits_the_official_schema(kind: str, request: pytest.FixtureRequest) -> None:
    """A log with something of everything, and one with nothing, validate."""
    log = _log(request.getfixturevalue(kind))
    Draft4Validator(json.loads(OFFICIAL_SCHEMA.read_text())).validate(log)


def test_rules_are_the_detectors_that_found_something(rich: ScanResult) -> None:
    """Each result's rule index leads to the rule with its id; unused detectors are left out."""
    run = _run(rich)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [
        "umbrella-cloud-key",
        "acme-signing-key",
        "acme-guess",
    ]
    assert all(entry["ruleId"] == rules[entry["ruleIndex"]]["id"] for entry in run["results"])
    assert "Delete" not in rules[0]["help"]["text"]
    assert rules[0]["helpUri"] == "https://docs.example.com/keys"
    assert "**Revoke:** <https://cloud.example.com/account/keys>" in rules[0]["help"]["markdown"]


@pytest.mark.parametrize(
    ("severity", "level", "low", "high"),
    [
        (Severity.CRITICAL, "error", 9.0, 10.0),
        (Severity.HIGH, "error", 7.0, 8.9),
        (Severity.MEDIUM, "warning", 4.0, 6.9),
        (Severity.LOW, "note", 0.1, 3.9),
        (Severity.INFO, "note", 0.1, 3.9),
    ],
)
def test_severity_decides_level_and_score(
    severity: Severity, level: str, low: float, high: float
) -> None:
    """The level of a result and the score of its rule are in the bands viewers use."""
    run = _run(result_of(finding(severity=severity)))
    assert run["results"][0]["level"] == level
    score = float(run["tool"]["driver"]["rules"][0]["properties"]["security-severity"])
    assert low <= score <= high


def test_loose_file_points_at_the_secret() -> None:
    """A loose file's region runs from the first to one past the last character of the secret."""
    result = result_of(finding(b"0123456789", occurrences=[place(start=300, end=310)]))
    location = _run(result)["results"][0]["locations"][0]
    assert location == {
        "physicalLocation": {
            "artifactLocation": {"uri": "shop/settings.py", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 12, "startColumn": 9, "endColumn": 19},
        }
    }


@pytest.mark.parametrize(
    ("value", "changes"),
    [
        (b"two\nlines.", {}),
        ("héllo wörld".encode(), {"end": 313}),
        (b"0123456789", {"encoding": ("hex",)}),
        (b"0123456789", {"end": 320}),
    ],
)
def test_end_is_left_out_unless_certain(value: bytes, changes: dict[str, object]) -> None:
    """Encoded, multi-line and non-ASCII secrets have no end column rather than a wrong one."""
    occurrence = place("a.py", **({"start": 300, "end": 310} | changes))
    result = result_of(finding(value, occurrences=[occurrence]))
    region = _run(result)["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 12, "startColumn": 9}


def test_archive_points_at_the_file_and_names_the_member() -> None:
    """Inside a local archive, the file is the location and the member the logical location."""
    inside = place("in/side.py", artifact="dist/shop 1.zip", line=3, column=4)
    entry = _run(result_of(finding(occurrences=[inside])))["results"][0]
    location = entry["locations"][0]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "dist/shop%201.zip"
    assert location["physicalLocation"]["region"] == {"startLine": 1}
    assert location["logicalLocations"] == [{"fullyQualifiedName": "in/side.py", "kind": "member"}]
    assert "in in/side.py at line 3, column 4" in entry["message"]["text"]
    assert "primaryLocationLineHash" in entry["partialFingerprints"]


def test_registry_artifact_is_relative() -> None:
    """A release's file has no scheme a viewer would refuse; the message says its package URL."""
    entry = _run(result_of(finding(occurrences=[place(artifact=SHOP)])))["results"][0]
    where = entry["locations"][0]["physicalLocation"]["artifactLocation"]
    assert where == {"uri": "example/shop/2.1.0/shop-2.1.0", "uriBaseId": "%SRCROOT%"}
    assert f"in shop/settings.py of {SHOP} at line 12" in entry["message"]["text"]


def test_fingerprint_survives_a_moved_line() -> None:
    """A secret that moved to another line keeps its fingerprint; in another file it does not."""
    here, moved, elsewhere = (
        _fingerprints(result_of(finding(occurrences=[occurrence])))
        for occurrence in (place(), place(line=99), place("b.py"))
    )
    assert here == moved
    assert here != elsewhere


def test_fingerprint_tells_nothing_about_the_value() -> None:
    """Two values with the same mask in the same place have the same fingerprint."""
    one, other = (finding(b"inve" + middle + b"ed") for middle in (b"x" * 40, b"y" * 40))
    assert _fingerprints(result_of(one)) == _fingerprints(result_of(other))


def test_equal_places_are_told_apart() -> None:
    """Results that differ by line only have different fingerprints within a log."""
    prints = _fingerprints(result_of(finding(occurrences=[place(), place(line=13)])))
    assert len(set(prints)) == 2


def test_incomplete_run_is_not_successful(rich: ScanResult) -> None:
    """A gap makes the invocation unsuccessful and each skip is a notification with a level."""
    invocation = _run(rich)["invocations"][0]
    notifications = invocation["toolExecutionNotifications"]
    assert invocation["executionSuccessful"] is False
    assert [entry["level"] for entry in notifications] == ["note", *["warning"] * 5]
    assert notifications[1]["descriptor"] == {"id": "skip/too_large"}


def test_message_has_no_links() -> None:
    """A file name that is written like a link is escaped, so that it does not become one."""
    inside = place("[x](1).py", artifact="a.zip", target="a.zip")
    message = _run(result_of(finding(occurrences=[inside])))["results"][0]["message"]["text"]
    assert "\\[x\\](1).py" in message


def test_nothing_scanned_is_a_valid_log() -> None:
    """Coverage of nothing is written, not left out."""
    assert _run(result_of(coverage=Coverage()))["properties"]["coverage"]["files"] == 0


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/ü%.py", "a%20b/%C3%BC%25.py"),
        ("./a.py", "a.py"),
        ("a:b.py", "a%3Ab.py"),
        ("/srv/a.py", "file:///srv/a.py"),
        ("C:/a.py", "file:///C:/a.py"),
        ("a\udcff.py", "a%FF.py"),
        ("a\ud800.py", "a%5Cud800.py"),
        ("a?b#c", "a%3Fb%23c"),
    ],
)
def test_paths_become_uris(path: str, uri: str) -> None:
    """Paths are percent-encoded, and stay relative when they are."""
    assert file_uri(path) == uri


@pytest.mark.parametrize(
    ("path", "root", "uri"),
    [
        ("/srv/shop/a.py", "/srv/shop", "a.py"),
        ("/srv/shop/dist/a.whl", "/srv/shop/", "dist/a.whl"),
        ("/srv/shop2/a.py", "/srv/shop", "file:///srv/shop2/a.py"),
        ("../shop2/a.py", "/srv/shop", "file:///srv/shop2/a.py"),
        ("../shop/a.py", "/srv/shop", "a.py"),
        ("a.py", "/", "a.py"),
        ("C:/shop/a.py", "C:/shop", "a.py"),
        ("D:/a.py", "C:/shop", "file:///D:/a.py"),
    ],
)
def test_paths_below_the_root_are_relative_to_it(path: str, root: str, uri: str) -> None:
    """Where the scan ran is the root; what lies outside of it stays absolute."""
    assert file_uri(path, root) == uri


@pytest.mark.parametrize(
    ("purl", "uri"),
    [
        ("pkg:pypi/shop@1.0?file_name=shop-1.0.tar.gz", "pypi/shop/1.0/shop-1.0.tar.gz"),
        ("pkg:pypi/shop?file_name=a%20b.zip", "pypi/shop/a%20b.zip"),
        ("pkg:pypi/shop@1.0", "pypi/shop/1.0"),
    ],
)
def test_package_urls_become_paths(purl: str, uri: str) -> None:
    """Registry, project, version and file name are the path of a published file."""
    assert release_uri(purl) == uri
