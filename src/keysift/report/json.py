"""JSON (``keysift.scan/1``), whole or one finding a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from keysift.report.describe import (
    coverage_document,
    finding_document,
    remark_document,
    scan_document,
    suppressed_document,
)
from keysift.report.document import (
    SCHEMA,
    CoverageDocument,
    FindingDocument,
    RemarkDocument,
    SuppressedDocument,
)
from keysift.report.result import ScanResult, worst_first

if TYPE_CHECKING:
    from typing import TextIO


class FindingLine(FindingDocument, kw_only=True, tag_field="type", tag="finding"):
    """A line of JSON Lines that is a finding."""


class SuppressedLine(SuppressedDocument, kw_only=True, tag_field="type", tag="suppressed"):
    """A line of JSON Lines that is a suppressed match."""


class CoverageLine(CoverageDocument, kw_only=True, tag_field="type", tag="coverage"):
    """The last line of JSON Lines; a file without it is cut off.

    Attributes:
        schema: Name and version of the format.
        version: Version of keysift.
        ruleset: Digest of the detectors that were used.
        remarks: What was meant to ignore findings, and did not.
    """

    schema: str
    version: str
    ruleset: str
    remarks: list[RemarkDocument]


def write_json(result: ScanResult, stream: TextIO, *, reveal: bool = False) -> None:
    """Write the result as one indented JSON document, masked unless ``reveal``."""
    encoded = msgspec.json.encode(scan_document(result, reveal=reveal))
    stream.write(msgspec.json.format(encoded, indent=2).decode())
    stream.write("\n")


def write_jsonl(result: ScanResult, stream: TextIO, *, reveal: bool = False) -> None:
    """Write one finding a line, then suppressed matches, the coverage last.

    ``type`` is ``finding``, ``suppressed`` or ``coverage``. Masked unless ``reveal``.
    """
    encoder = msgspec.json.Encoder()

    def write(line: FindingLine | SuppressedLine | CoverageLine) -> None:
        stream.write(encoder.encode(line).decode())
        stream.write("\n")

    for finding in worst_first(result.findings):
        document = finding_document(finding, result.text_of(finding), reveal=reveal)
        write(FindingLine(**msgspec.structs.asdict(document)))
    for item in result.suppressed:
        write(SuppressedLine(**msgspec.structs.asdict(suppressed_document(item))))
    write(
        CoverageLine(
            schema=SCHEMA,
            version=result.version,
            ruleset=result.ruleset,
            remarks=[remark_document(remark) for remark in result.remarks],
            **msgspec.structs.asdict(coverage_document(result.coverage)),
        )
    )
