"""The type of the JSON document ``keysift.report/1``: the figures of a report.

``docs/schemas/report-1.schema.json`` is generated from these classes. Fields may be added to this
version of the format; none is renamed, removed or given another meaning.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from keysift.statistics.values import Comparison, Statistics

REPORT_SCHEMA: Final = "keysift.report/1"
"""Name of the format; a change that breaks readers gets another number."""


class ReportDocument(Statistics, frozen=True, kw_only=True):
    """The figures of a report; what each counts, the classes say.

    Attributes:
        schema: Name of the format.
        comparison: What changed since an earlier report; None: nobody asked.
    """

    schema: Literal["keysift.report/1"] = "keysift.report/1"
    comparison: Comparison | None = None


def report_document(found: Statistics, comparison: Comparison | None = None) -> ReportDocument:
    """Return figures as a document."""
    fields = {name: getattr(found, name) for name in Statistics.__struct_fields__}
    return ReportDocument(**fields, comparison=comparison)


def decoded(content: bytes) -> Statistics:
    """Return the figures of a document, without what it compares.

    Args:
        content: A file, which anybody may have written.

    Raises:
        ValueError: It is no such document; the message says where.
    """
    try:
        named = msgspec.json.decode(content, type=_Named)
        if named.schema != REPORT_SCHEMA:
            raise ValueError(f"its schema is {named.schema!r}, not {REPORT_SCHEMA!r}")
        return msgspec.json.decode(content, type=ReportDocument)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{error}") from None


class _Named(msgspec.Struct):
    schema: str


def encoded(document: ReportDocument) -> bytes:
    """Return a document as JSON, indented, with the name of its format first."""
    named = msgspec.to_builtins(document)
    return msgspec.json.format(msgspec.json.encode({"schema": named.pop("schema")} | named))
