"""CSV for spreadsheets: a header, then one row an occurrence.

RFC 4180: commas, double quotes, CRLF; UTF-8. Cells of untrusted text have their control and
invisible characters escaped, so a row is one line. A cell that a spreadsheet would take for a
formula (it begins, after blanks, with ``=``, ``+``, ``-``, ``@`` or their full-width forms) gets
a leading apostrophe. That holds for ``value`` too; for exact values use JSON.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from keysift.report.escape import visible
from keysift.report.result import ScanResult, worst_first

if TYPE_CHECKING:
    from typing import TextIO

    from keysift.model import Finding, Occurrence

_FINDING_COLUMNS = (
    "severity",
    "confidence",
    "detector",
    "provider",
    "name",
    "secret",
    "fingerprint",
    "proof",
    "verdict",
    "facts",
    "parts",
)
_PLACE_COLUMNS = (
    "target",
    "artifact",
    "path",
    "part",
    "line",
    "column",
    "start",
    "end",
    "encoding",
    "uploaded",
    "yanked",
    "commit",
    "author",
    "email",
    "authored",
    "in_head",
)
_FORMULA = tuple("=+-@＝＋－＠")  # noqa: RUF001 (the full-width forms are the point)


def write_csv(result: ScanResult, stream: TextIO, *, reveal: bool = False) -> None:
    r"""Write one row an occurrence, the worst finding first, masked unless ``reveal``.

    ``yanked`` is ``yes`` or ``yes: reason``; ``in_head`` is ``yes``, ``no`` or, outside of git,
    empty. ``reveal`` adds the column ``value``, in which bytes that are not UTF-8 are written as
    ``\xNN``. A finding without a place keeps a row. The stream must not translate line ends
    (``newline=""``).
    """
    writer = csv.writer(stream)
    writer.writerow((*_FINDING_COLUMNS, "revoke", *_PLACE_COLUMNS, *(("value",) if reveal else ())))
    for finding in worst_first(result.findings):
        about = (*_about(finding), cell(result.text_of(finding).revoke))
        value = (_defused(finding.secret.reveal_text()),) if reveal else ()
        if not finding.occurrences:
            writer.writerow((*about, *("" for _ in _PLACE_COLUMNS), *value))
        writer.writerows((*about, *_where(place), *value) for place in finding.occurrences)


def _about(finding: Finding) -> tuple[str, ...]:
    facts = "; ".join(f"{name}={fact}" for name, fact in sorted(finding.facts.items()))
    parts = "; ".join(f"{name}={part.mask}" for name, part in sorted(finding.parts.items()))
    return (
        finding.severity.value,
        finding.confidence.value,
        cell(finding.detector),
        cell(finding.provider),
        cell(finding.name),
        cell(finding.secret.mask),
        finding.fingerprint,
        cell(finding.proof or ""),
        finding.verdict.value,
        cell(facts),
        cell(parts),
    )


def _where(place: Occurrence) -> tuple[str | int, ...]:
    yanked = "" if place.yanked is None else f"yes: {place.yanked}" if place.yanked else "yes"
    return (
        cell(place.target),
        cell(place.artifact or ""),
        cell(place.path),
        cell(place.part or ""),
        place.line,
        place.column,
        place.start,
        place.end,
        " ".join(place.encoding),
        "" if place.uploaded is None else place.uploaded.isoformat(),
        cell(yanked),
        *_commit(place),
    )


def _commit(place: Occurrence) -> tuple[str, ...]:
    commit = place.commit
    about = ("",) * 4
    if commit is not None:
        about = (commit.id, cell(commit.author), cell(commit.email), commit.date.isoformat())
    return (*about, "" if place.in_head is None else "yes" if place.in_head else "no")


def cell(text: str) -> str:
    """Return untrusted text as a cell: on one line, and nothing that a spreadsheet computes."""
    return _defused(visible(text))


def _defused(text: str) -> str:
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
