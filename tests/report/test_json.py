"""JSON and JSON Lines: the format that others build on."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from keysift.model import Reason, Secret
from keysift.report.describe import scan_document
from keysift.report.json import write_json, write_jsonl
from keysift.report.schema import listing_schema, scan_schema

from .samples import finding, place, result_of

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from keysift.report.result import ScanResult


def _json(result: ScanResult, *, reveal: bool = False) -> dict[str, Any]:
    stream = StringIO()
    write_json(result, stream, reveal=reveal)
    document: dict[str, Any] = json.loads(stream.getvalue())
    return document


def _lines(result: ScanResult, *, reveal: bool = False) -> list[dict[str, Any]]:
    stream = StringIO()
    write_jsonl(result, stream, reveal=reveal)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_committed_schema_is_the_generated_one(schemas: Path) -> None:
    """The schema in docs is what ``python -m keysift.report.schema`` prints."""
    assert (schemas / "scan-1.schema.json").read_text() == scan_schema()


@pytest.mark.parametrize("reveal", [False, True])
def test_document_fits_the_schema(rich: ScanResult, *, reveal: bool) -> None:
    """A document with something of everything validates against the schema, masked or not."""
    schema = json.loads(scan_schema())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(_json(rich, reveal=reveal))


def test_schema_describes_every_property() -> None:
    """No property of the format is left without a description."""
    for name, definition in json.loads(scan_schema())["$defs"].items():
        for key, property_ in definition.get("properties", {}).items():
            assert property_.get("description"), f"{name}.{key}"


def test_document_has_the_promised_keys(rich: ScanResult) -> None:
    """The keys of the design are there, and the worst finding is first."""
    document = _json(rich)
    worst = document["findings"][0]
    assert document["schema"] == "keysift.scan/1"
    assert worst["detector"] == "umbrella-cloud-key"
    assert worst["secret"] == "this…ds"  # noqa: S105 (a mask)
    assert worst["parts"] == {"user": {"secret": "anot…er"}}
    assert worst["occurrences"][0].keys() == {
        "target", "artifact", "path", "line", "column", "start", "end", "encoding", "uploaded",
    }  # fmt: skip
    assert document["coverage"]["skipped"] == {"link": 1, "too_large": 5}
    assert document["coverage"]["complete"] is False


def test_yanked_without_a_reason_is_an_empty_string() -> None:
    """A yanked release is told from one that is not, even when the index gives no reason."""
    yanked, kept = _json(
        result_of(finding(occurrences=[place(yanked=""), place(line=13, yanked=None)]))
    )["findings"][0]["occurrences"]
    assert yanked["yanked"] == ""
    assert "yanked" not in kept


def test_lines_are_the_document_in_pieces(rich: ScanResult) -> None:
    """JSON Lines holds the same findings in the same order, and the coverage last."""
    document = _json(rich)
    *findings, suppressed, coverage = _lines(rich)
    assert findings == [{"type": "finding"} | entry for entry in document["findings"]]
    assert suppressed == {"type": "suppressed"} | document["suppressed"][0]
    assert coverage == {"type": "coverage"} | document["coverage"] | {
        key: document[key] for key in ("schema", "version", "ruleset", "remarks")
    }


def test_value_is_there_only_when_revealed() -> None:
    """Masked documents have no value field; revealed ones have the exact value."""
    value = b"an invented value\nof two lines"
    result = result_of(finding(value, parts={"id": Secret(b"and an invented id")}))
    masked, revealed = _json(result)["findings"][0], _json(result, reveal=True)["findings"][0]
    assert "value" not in masked
    assert "value" not in masked["parts"]["id"]
    assert revealed["value"] == value.decode()
    assert revealed["parts"]["id"]["value"] == "and an invented id"


def test_value_that_is_not_text_is_base64() -> None:
    """Bytes that are not UTF-8 are revealed as ``value_base64`` and not as ``value``."""
    revealed = _json(result_of(finding(b"\xff\xfe")), reveal=True)["findings"][0]
    assert revealed["value_base64"] == "//4="
    assert "value" not in revealed


def test_names_that_are_not_unicode_are_written() -> None:
    """A file name with a lone surrogate becomes an escape, in keys and values alike."""
    result = result_of(finding(occurrences=[place("a\udcff.py")], facts={"\ud800": "\udfff"}))
    written = _json(result)["findings"][0]
    assert written["occurrences"][0]["path"] == "a\\udcff.py"
    assert written["facts"] == {"\\ud800": "\\udfff"}


def test_committed_schema_of_listings_is_the_generated_one(schemas: Path) -> None:
    """So is that of ``keysift.findings/1``, and it describes every property."""
    assert (schemas / "findings-1.schema.json").read_text() == listing_schema()
    for name, definition in json.loads(listing_schema())["$defs"].items():
        for key, property_ in definition.get("properties", {}).items():
            assert property_.get("description"), f"{name}.{key}"


def test_the_score_stands_with_its_reasons() -> None:
    """Whoever reads the document can add the points up."""
    reasons = (Reason("random", 30, "looks random"), Reason("comment", -4, "in a comment"))
    document = scan_document(result_of(finding(score=26, reasons=reasons)))
    [written] = document.findings
    assert written.score == sum(one.points for one in written.reasons) == 26
    assert [(one.name, one.text) for one in written.reasons] == [
        ("random", "looks random"),
        ("comment", "in a comment"),
    ]
