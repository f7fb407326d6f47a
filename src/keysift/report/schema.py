"""JSON Schema of ``keysift.scan/1``: ``python -m keysift.report.schema`` prints it.

The committed copy is ``docs/schemas/scan-1.schema.json``; a test compares the two.
"""

from __future__ import annotations

import sys
from inspect import cleandoc
from typing import Any

import msgspec

from keysift.report.document import SCHEMA, ScanDocument

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def scan_schema() -> str:
    """Return the schema (draft 2020-12) as indented JSON with a final newline."""
    schema: dict[str, Any] = {"$schema": _DIALECT, "title": SCHEMA}
    schema |= msgspec.json.schema(ScanDocument)
    for definition in schema["$defs"].values():
        if "description" in definition:
            definition["description"] = cleandoc(definition["description"])
        _describe_fields(definition)
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"


def _describe_fields(definition: dict[str, Any]) -> None:
    """Move the attribute texts of a docstring to the properties they are about."""
    summary, found, attributes = definition.get("description", "").partition("\n\nAttributes:\n")
    if not found:
        return
    definition["description"] = summary
    name = ""
    for line in cleandoc(attributes).splitlines():
        if line.startswith(" "):
            definition["properties"][name]["description"] += " " + line.strip()
        else:
            name, _, text = line.partition(": ")
            definition["properties"][name]["description"] = text


if __name__ == "__main__":
    sys.stdout.write(scan_schema())
