"""What CI systems read: valid by their rules, whatever the names in a package are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from markdown_it import MarkdownIt
from msgspec import structs

from keysift.model import Coverage, Occurrence, Severity, Skip, SkipReason
from keysift.report.ci.checked import review_of_check
from keysift.report.ci.github import MOST, write_github
from keysift.report.ci.gitlab import write_gitlab
from keysift.report.ci.junit import write_junit
from keysift.report.ci.markdown import write_markdown
from keysift.report.ci.review import Review, review_of_scan
from keysift.report.escape import visible
from keysift.report.gate.result import (
    Fix,
    GateResult,
    Inspected,
    Level,
    Place,
    Problem,
    identity,
)
from keysift.report.gate.sarif import write_gate_sarif
from keysift.report.result import ScanResult

from .samples import finding, place, result_of

ROOT: Final = "/srv/shop"
SARIF: Final = json.loads(
    (Path(__file__).parent / "resources" / "sarif-2.1.0-rtm.5.json").read_text("utf-8")
)
JUNIT: Final = xmlschema.XMLSchema(Path(__file__).parent / "resources" / "junit-10.xsd")
ATTACKS: Final = (
    "a\n::set-output name=x::y",
    "a\r\n::stop-commands::x",
    "%0A::error::x",
    "a,line=9::x:",
    "##[error]x",
    "]]><x/><!--",
    "&lt;<img src=x onerror=alert(1)>",
    "a|b\\|c`d``|",
    "[x](javascript:alert(1))",
    "![x](//evil)",
    "www.example.com @someone #1",
    "</code></td></table><h1>x",
    "```\n# x",
    "\ud800\x00\x1b[31m\u202e\ufffe",
    "`",
    "\\",
    " ",
)
NAMES: Final = st.one_of(st.sampled_from(ATTACKS), st.text(st.characters(), max_size=20))

Writer = Callable[[Review, StringIO], None]


def _to_github(review: Review, stream: StringIO) -> None:
    write_github(review, stream, directory=ROOT, root=ROOT)


def _to_gitlab(review: Review, stream: StringIO) -> None:
    write_gitlab(review, stream, directory=ROOT, root=ROOT)


def _written(write: Writer, review: Review) -> str:
    stream = StringIO(newline="")
    write(review, stream)
    return stream.getvalue()


def _commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Return what the runner of GitHub makes of lines: it unescapes as it splits."""
    found = []
    for line in re.split(r"\r\n|\r|\n", text):
        if not line.lstrip().startswith("::"):
            continue
        head, _, data = line.lstrip()[2:].partition("::")
        name, _, rest = head.partition(" ")
        pairs = (pair.partition("=") for pair in rest.split(",") if pair)
        properties = {key: _unescaped(value, "%3A", "%2C") for key, _, value in pairs}
        found.append((name, properties, _unescaped(data)))
    return found


def _unescaped(text: str, *more: str) -> str:
    for code in ("%0D", "%0A", *more, "%25"):
        text = text.replace(code, chr(int(code[1:], 16)))
    return text


def _hostile(name: str) -> GateResult:
    """Return a check in which everything that a package decides has this name."""
    inside = place(f"{name}/x", artifact=name, target=name)
    secret = finding(facts={name: name}, occurrences=[inside, place(name, part=name)])
    fix = Fix(
        what="of the sdist", file=f"{name}.toml", table=name, key="x", values=(name,), kept=(name,)
    )
    problem = Problem(
        rule="dotenv",
        title="environment file",
        level=Level.ERROR,
        why="It holds keys.",
        path=name,
        places=(Place(name, name),),
        detail=name,
        fixes=(fix, Fix(what=f"Leave {name} out.")),
    )
    return GateResult(
        scan=result_of(secret),
        distributions=[
            Inspected(path=name, kind="wheel", project="x", version="1", files=1, size_bytes=1)
        ],
        problems=[problem],
        fixes={identity(secret): (fix,)},
        remarks=[name],
    )


@given(name=NAMES)
def test_on_github_only_our_lines_are_commands(name: str) -> None:
    """Three annotations, with the file as it is named, and no other command than these."""
    text = _written(_to_github, review_of_check(_hostile(name)))
    commands = _commands(text)
    assert [command for command, *_ in commands] == ["error", "warning", "warning"]
    assert all(set(given) <= {"file", "line", "col", "title"} for _, given, _ in commands)
    assert [data.count("\n") for *_, data in commands] == [2, 2, 2]
    assert text.count("\n") == len(commands) + 1
    assert "\r" not in text
    # The older syntax counts anywhere in a line that is no command.
    assert "##[" not in text.splitlines()[-1]


def test_github_is_told_file_line_and_column() -> None:
    """Below the directory of the repository, wherever the command runs."""
    review = review_of_scan(result_of(finding(occurrences=[place("a:b,c%.py")])))
    stream = StringIO()
    write_github(review, stream, directory="/srv/shop/sub", root=ROOT)
    [(name, properties, message)] = _commands(stream.getvalue())
    assert name == "warning"
    assert properties == {
        "file": "sub/a:b,c%.py",
        "line": "12",
        "col": "9",
        "title": "Acme access token",
    }
    assert message.startswith("Acme access token (no")


def test_the_worst_come_first_and_the_rest_is_counted() -> None:
    """GitHub drops what is more than ten of a type, so the tenth says how many there are."""
    many = [
        finding(severity=severity, fingerprint=f"{severity}{number}", occurrences=[place()])
        for number in range(12)
        for severity in (Severity.HIGH, Severity.CRITICAL)
    ]
    few = [finding(occurrences=[place(line=number) for number in range(1, MOST + 1)])]
    commands = _commands(_written(_to_github, review_of_scan(result_of(*many, *few))))
    of_type = [[one for one in commands if one[0] == kind] for kind in ("error", "warning")]
    assert [len(ones) for ones in of_type] == [MOST, MOST]
    assert of_type[0][-1][2].startswith("15 more.")
    assert "more" not in of_type[1][-1][2]
    listed = _written(write_markdown, review_of_scan(result_of(*many, *few)))
    assert listed.count("\n| error |") == 24


class _Reader(HTMLParser):
    """Collects tags, the targets of links and the texts of code."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.code: list[str] = []
        self.is_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]
        if tag == "code":
            self.code.append("")
            self.is_code = True

    def handle_endtag(self, tag: str) -> None:
        self.is_code = self.is_code and tag != "code"

    def handle_data(self, data: str) -> None:
        if self.is_code:
            self.code[-1] += data


def _rendered(text: str) -> _Reader:
    renderer = MarkdownIt("commonmark", {"html": True}).enable("table")
    reader = _Reader()
    reader.feed(renderer.render(text))
    return reader


@given(name=NAMES)
@example(name="`|`\\")
def test_markdown_has_the_same_structure_whatever_the_names(name: str) -> None:
    """No link, image, heading, row or cell comes from a name, and code shows what it is."""
    reader = _rendered(_written(write_markdown, review_of_check(_hostile(name))))
    assert reader.links == []
    assert set(reader.tags) <= set(
        "h3 h4 p table thead tbody tr th td code br pre".split()  # noqa: SIM905 (read at a glance)
    )
    assert reader.tags.count("tr") == 4
    assert reader.tags.count("td") == 12
    assert reader.tags.count("pre") == 1
    if name.strip():
        shown = visible(f"{name}.toml").replace("|", "\\x7c")
        assert shown in reader.code


def test_a_summary_is_bounded() -> None:
    """Its size has a limit on GitHub, and so do its readers; what is left out is counted."""
    places = [place("d/" * 2000 + str(number), line=number) for number in range(1, 5001)]
    text = _written(write_markdown, review_of_scan(result_of(finding(occurrences=places))))
    assert len(text.encode()) < 1024 * 1024
    assert "And 4,800 places more" in text


@given(name=NAMES)
def test_junit_is_valid_whatever_the_names(name: str) -> None:
    """By the schema of Jenkins; and names are the same after reading."""
    text = _written(write_junit, review_of_check(_hostile(name)))
    JUNIT.validate(text)
    cases = ET.fromstring(text).findall("testsuite/testcase")  # noqa: S314 (our own)
    assert visible(name) in [case.get("name") for case in cases] or not name
    assert all(len(case.findall("failure")) <= 1 for case in cases)


def test_junit_tells_what_was_found_from_what_was_missed() -> None:
    """Failures and errors; files that are clean pass, and are counted where they have no name."""
    coverage = Coverage(
        artifacts=5,
        files=5,
        scanned=4,
        skips=[
            Skip(path="x/y", reason=SkipReason.CORRUPT, artifact="b.zip"),
            Skip(path="x/link", reason=SkipReason.LINK, artifact="b.zip"),
        ],
    )
    result = result_of(finding(occurrences=[place(), place(line=20)]), coverage=coverage)
    text = _written(write_junit, review_of_scan(result))
    JUNIT.validate(text)
    suite = ET.fromstring(text).find("testsuite")  # noqa: S314 (our own)
    assert suite is not None
    assert [suite.get(name) for name in ("tests", "failures", "errors")] == ["3", "1", "1"]
    outcomes = {
        case.get("name"): [child.tag for child in case] for case in suite.findall("testcase")
    }
    assert outcomes == {
        "shop/settings.py": ["failure"],
        "b.zip": ["error"],
        "3 other files: nothing found": [],
    }


@given(name=NAMES)
def test_gitlab_gets_the_fields_that_it_documents(name: str) -> None:
    """In each entry, with fingerprints that differ."""
    entries = json.loads(_written(_to_gitlab, review_of_check(_hostile(name))))
    for entry in entries:
        assert set(entry) == {
            "description",
            "check_name",
            "fingerprint",
            "severity",
            "location",
        }
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert entry["location"]["lines"]["begin"] >= 1
        assert entry["location"]["path"]
    assert len({entry["fingerprint"] for entry in entries}) == len(entries) == 3


def test_a_fingerprint_for_gitlab_is_of_the_place_not_of_the_value() -> None:
    """It stays when the line moves, and when the value changes behind the same mask."""

    def prints(value: bytes, line: int) -> list[str]:
        result = result_of(finding(value, occurrences=[place(line=line)]))
        entries: list[dict[str, Any]] = json.loads(_written(_to_gitlab, review_of_scan(result)))
        return [entry["fingerprint"] for entry in entries]

    assert prints(b"inve" + b"x" * 40 + b"ed", 1) == prints(b"inve" + b"y" * 40 + b"ed", 9)


@pytest.mark.parametrize("write", [_to_github, _to_gitlab, write_junit, write_markdown])
def test_nothing_found_is_said(write: Writer, empty: ScanResult) -> None:
    """A report of a clean run is one."""
    text = _written(write, review_of_scan(empty))
    if write is _to_gitlab:
        assert json.loads(text) == []
    else:
        assert "No secrets found" in text
        assert "error" not in text.replace('errors="0"', "")


@settings(max_examples=25)
@given(name=NAMES)
def test_sarif_of_a_check_is_valid_whatever_the_names(name: str) -> None:
    """By the official schema, also with what is accepted; no name makes a link in a message."""
    result = _hostile(name)
    result.accepted = [(result.problems[0], f"because of {name}")]
    stream = StringIO()
    write_gate_sarif(result, stream, root=ROOT)
    log = json.loads(stream.getvalue())
    Draft4Validator(SARIF).validate(log)
    results = log["runs"][0]["results"]
    assert [one["ruleId"] for one in results] == ["acme-token"] * 2 + ["dotenv"] * 2
    assert [len(one["suppressions"]) for one in results] == [0, 0, 0, 1]
    assert not any(re.search(r"(?<!\\)\]\(", one["message"]["text"]) for one in results)


def test_what_makes_a_run_fail_is_no_mere_note() -> None:
    """A secret that matters little fails a check all the same; a note of it does not."""
    result = _hostile("x")
    result.scan.findings[0].severity = Severity.INFO
    result.problems = [structs.replace(result.problems[0], level=Level.NOTE)]
    commands = _commands(_written(_to_github, review_of_check(result)))
    assert [name for name, *_ in commands] == ["warning", "warning", "notice"]


def test_what_is_accepted_is_counted() -> None:
    """No report hides that something was left out."""
    result = _hostile("x")
    result.accepted = [(result.problems.pop(), "made up")]
    for write in (_to_github, write_junit):
        text = _written(write, review_of_check(result))
        assert "1 secret; 1 problem accepted by the configuration." in text


def test_what_is_known_fails_nothing() -> None:
    """It is told quietly: a note, and no failure."""
    secret = finding(severity=Severity.CRITICAL)
    result = GateResult(
        scan=result_of(secret), distributions=[], known=frozenset({identity(secret)})
    )
    review = review_of_check(result)
    assert [one[0] for one in _commands(_written(_to_github, review))] == ["notice"]
    assert json.loads(_written(_to_gitlab, review))[0]["severity"] == "info"
    assert "<failure" not in _written(write_junit, review)


def test_a_secret_in_wheel_and_sdist_is_told_once_where_it_comes_from() -> None:
    """With both files as test cases that fail."""
    names = ("dist/shop.whl", "dist/shop.tar.gz")
    there = [_in(names[0], "shop/a.py"), _in(names[1], "shop-1/src/shop/a.py")]
    sources = {Place(one.artifact or "", one.path): "src/shop/a.py" for one in there}
    result = GateResult(
        scan=result_of(finding(occurrences=there)),
        distributions=[
            Inspected(path=name, kind="x", project="shop", version="1", files=1, size_bytes=1)
            for name in names
        ],
        sources=sources,
    )
    review = review_of_check(result)
    [(_, properties, _)] = _commands(_written(_to_github, review))
    assert properties["file"] == "src/shop/a.py"
    assert properties["line"] == "12"
    assert _written(write_junit, review).count("<failure") == 2


def _in(artifact: str, path: str) -> Occurrence:
    return place(path, artifact=artifact, target=artifact)
