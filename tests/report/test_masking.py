"""No format shows a value unless asked to, and none breaks on what a package may hold."""

from __future__ import annotations

import json
from base64 import b64encode
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.model import Secret
from keysift.report.ci.github import write_github
from keysift.report.ci.gitlab import write_gitlab
from keysift.report.ci.junit import write_junit
from keysift.report.ci.markdown import write_markdown
from keysift.report.ci.review import review_of_scan
from keysift.report.csv import write_csv
from keysift.report.escape import visible, well_formed
from keysift.report.json import write_json, write_jsonl
from keysift.report.sarif import write_sarif
from keysift.report.text import TextView, write_text

from .samples import finding, place, result_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from keysift.report.result import ScanResult

    Writer = Callable[[ScanResult, StringIO], None]

WRITERS: dict[str, Writer] = {
    "text": lambda result, stream: write_text(
        result, stream, view=TextView(color=True, verbose=True)
    ),
    "json": write_json,
    "jsonl": write_jsonl,
    "csv": write_csv,
    "sarif": write_sarif,
    "github": lambda result, stream: write_github(
        review_of_scan(result), stream, directory="/srv/shop", root="/srv/shop"
    ),
    "gitlab": lambda result, stream: write_gitlab(
        review_of_scan(result), stream, directory="/srv/shop", root="/srv/shop"
    ),
    "junit": lambda result, stream: write_junit(review_of_scan(result), stream),
    "markdown": lambda result, stream: write_markdown(review_of_scan(result), stream),
}

BOUNDED = {"github", "markdown"}
"""Formats that say how many more there are."""

# Characters that no report uses by itself, so that finding them means a leak.
SECRETS = st.text("ʘʚʡѪѬ⁂", min_size=3, max_size=60).map(str.encode)
NAMES = st.text(st.characters(), max_size=30)


def _written(write: Writer, result: ScanResult) -> str:
    stream = StringIO(newline="")
    write(result, stream)
    return stream.getvalue()


@pytest.mark.parametrize("name", WRITERS)
@given(value=SECRETS, part=SECRETS)
def test_values_never_appear_unasked(name: str, value: bytes, part: bytes) -> None:
    """Neither the value nor a part of it appears, plain, escaped, in base64 or in hex."""
    result = result_of(finding(value, parts={"user": Secret(part)}))
    written = _written(WRITERS[name], result)
    for hidden in (value, part):
        forms = (
            hidden.decode(),
            json.dumps(hidden.decode())[1:-1],
            b64encode(hidden).decode(),
            hidden.hex(),
            str(hidden),
        )
        assert not any(form in written for form in forms)


@pytest.mark.parametrize("name", ["text", "json", "jsonl", "csv"])
@given(value=SECRETS)
def test_values_appear_when_asked_for(name: str, value: bytes) -> None:
    """With ``reveal`` every format but SARIF shows the exact value."""
    writers = {"text": write_text, "json": write_json, "jsonl": write_jsonl, "csv": write_csv}
    stream = StringIO(newline="")
    writers[name](result_of(finding(value)), stream, reveal=True)
    assert value.decode() in stream.getvalue()


@pytest.mark.parametrize("name", WRITERS)
@given(text=NAMES)
def test_any_name_can_be_written(name: str, text: str) -> None:
    """Whatever a path, part or fact holds, the output is valid Unicode, and JSON stays JSON."""
    result = result_of(
        finding(facts={text: text}, occurrences=[place(text, part=text, target=text)])
    )
    written = _written(WRITERS[name], result)
    written.encode()
    if name in {"json", "sarif", "gitlab"}:
        json.loads(written)
    if name == "jsonl":
        assert [json.loads(line)["type"] for line in written.split("\n")[:-1]] == [
            "finding",
            "coverage",
        ]


@given(text=NAMES)
def test_visible_text_is_printable_and_stable(text: str) -> None:
    """Escaped text has nothing to escape, and printable text is left alone."""
    assert visible(text).isprintable()
    assert visible(visible(text)) == visible(text)
    assert not text.isprintable() or visible(text) == text


@given(text=NAMES)
def test_well_formed_text_keeps_what_is_valid(text: str) -> None:
    """Only lone surrogates are replaced."""
    assert well_formed(text).encode().decode() == well_formed(text)
    assert any("\ud800" <= char <= "\udfff" for char in text) or well_formed(text) == text


@pytest.mark.parametrize("name", sorted(WRITERS.keys() - BOUNDED))
def test_ten_thousand_places_grow_linearly(name: str) -> None:
    """Ten times the places are about ten times the writes and ten times the text."""
    sizes = []
    for number in (1_000, 10_000):
        places = [place(f"f{line:05}.py", line=line + 10_000) for line in range(number)]
        sizes.append(len(_written(WRITERS[name], result_of(finding(occurrences=places)))))
    assert 8 < sizes[1] / sizes[0] < 12
