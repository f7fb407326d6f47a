"""JSON Schemas of our documents: ``python -m keysift.report.schema`` prints that of a scan.

The committed copies are in ``docs/schemas/``; tests compare them.
"""

from __future__ import annotations

import sys
from inspect import cleandoc
from typing import Any

import msgspec

from keysift.report.document import SCHEMA, ScanDocument
from keysift.report.gate.document import CHECK_SCHEMA, CheckDocument
from keysift.report.listing_document import LISTING_SCHEMA, ListingDocument
from keysift.report.statistics_document import REPORT_SCHEMA, ReportDocument
from keysift.report.status_document import STATUS_SCHEMA, StatusDocument
from keysift.report.survival_document import SURVIVAL_SCHEMA, SurvivalDocument
from keysift.report.verification_document import VERIFY_SCHEMA, VerifyDocument

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def scan_schema() -> str:
    """Return the schema of ``keysift.scan/1``: draft 2020-12, indented, with a final newline."""
    return _schema(SCHEMA, ScanDocument)


def check_schema() -> str:
    """Return the schema of ``keysift.check/1`` in the same way."""
    return _schema(CHECK_SCHEMA, CheckDocument)


def listing_schema() -> str:
    """Return the schema of ``keysift.findings/1`` in the same way."""
    return _schema(LISTING_SCHEMA, ListingDocument)


def verify_schema() -> str:
    """Return the schema of ``keysift.verify/1`` in the same way."""
    return _schema(VERIFY_SCHEMA, VerifyDocument)


def status_schema() -> str:
    """Return the schema of ``keysift.status/1`` in the same way."""
    return _schema(STATUS_SCHEMA, StatusDocument)


def report_schema() -> str:
    """Return the schema of ``keysift.report/1`` in the same way."""
    return _schema(REPORT_SCHEMA, ReportDocument)


def survival_schema() -> str:
    """Return the schema of ``keysift.survival/1`` in the same way."""
    return _schema(SURVIVAL_SCHEMA, SurvivalDocument)


def _schema(title: str, document: type) -> str:
    schema: dict[str, Any] = {"$schema": _DIALECT, "title": title}
    schema |= msgspec.json.schema(document)
    describe_all(schema["$defs"])
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"


def describe_all(definitions: dict[str, dict[str, Any]]) -> None:
    """Give each schema that msgspec made what the docstring of its type says.

    Args:
        definitions: Schemas by name; they are changed.
    """
    for definition in definitions.values():
        if "description" in definition:
            definition["description"] = cleandoc(definition["description"])
        _describe_fields(definition)


def texts_of(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Return what docstrings say of the fields of a Struct, those that it inherits included."""
    texts: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        _, _, attributes = cleandoc(base.__doc__ or "").partition("\n\nAttributes:\n")
        texts |= _attributes(attributes)
    return {name: texts[name] for name in kind.__struct_fields__}


def _attributes(text: str) -> dict[str, str]:
    """Return what a section ``Attributes`` says, by name."""
    found: dict[str, str] = {}
    name = ""
    for line in cleandoc(text).splitlines():
        if line.startswith(" "):
            found[name] += " " + line.strip()
        else:
            name, _, said = line.partition(": ")
            found[name] = said
    return found


def _describe_fields(definition: dict[str, Any]) -> None:
    """Move the attribute texts of a docstring to the properties they are about."""
    summary, found, attributes = definition.get("description", "").partition("\n\nAttributes:\n")
    if not found:
        return
    definition["description"] = summary
    if "properties" not in definition:
        # An enumeration: JSON Schema has no place for what its values mean.
        return
    properties = definition["properties"]
    for name, text in _attributes(attributes).items():
        properties[name if name in properties else name.replace("_", "-")]["description"] = text


if __name__ == "__main__":
    sys.stdout.write(scan_schema())
