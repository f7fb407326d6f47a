"""The OpenAPI document as the page for people shows it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from keysift.web.problems import Word


class Input(Struct, frozen=True):
    """A parameter of an operation, or a field of its body.

    Attributes:
        name: Its name.
        place: Where it stands: query, path or body.
        kind: What its values are.
        text: What it means.
    """

    name: str
    place: str
    kind: str
    text: str


class Described(Struct, frozen=True, kw_only=True):
    """An operation.

    Attributes:
        id: Names it on the page.
        method: GET, POST or DELETE.
        path: Its address, with the names of what changes in braces.
        summary: What it does, in a line.
        text: The rest.
        scope: The scope of a token that it wants.
        inputs: What it takes.
        answer: Name of the schema of what it answers; empty: nothing.
    """

    id: str
    method: str
    path: str
    summary: str
    text: str
    scope: str
    inputs: tuple[Input, ...]
    answer: str


class Group(Struct, frozen=True):
    """Operations about one kind of thing.

    Attributes:
        name: The thing.
        operations: By address.
    """

    name: str
    operations: tuple[Described, ...]


def groups(document: dict[str, Any], scheme: str) -> list[Group]:
    """Return the operations of a document.

    Args:
        document: Of ``keysift.web.api.document``.
        scheme: The security scheme whose scopes are shown.
    """
    found: dict[str, list[Described]] = {one["name"]: [] for one in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            described = _described(document, path, method, scheme)
            found[operation["tags"][0]].append(described)
    return [Group(name, tuple(listed)) for name, listed in found.items()]


def problems() -> list[Word]:
    """Return the kinds of problems, by status."""
    return sorted(Word, key=lambda word: word.status)


def _described(document: dict[str, Any], path: str, method: str, scheme: str) -> Described:
    operation = document["paths"][path][method]
    answer = next(iter(operation["responses"].values()))
    content = answer.get("content", {}).get("application/json", {})
    return Described(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        text=operation["description"].rpartition("Scope:")[0].strip(),
        scope=next(one[scheme][0] for one in operation["security"] if scheme in one),
        inputs=(*_parameters(document, operation), *_fields(document, operation)),
        answer=_kind(document, content["schema"]) if content else "",
    )


def _parameters(document: dict[str, Any], operation: dict[str, Any]) -> list[Input]:
    return [
        Input(one["name"], one["in"], _kind(document, one["schema"]), one["description"])
        for one in operation["parameters"]
        if one["in"] != "header"
    ]


def _fields(document: dict[str, Any], operation: dict[str, Any]) -> list[Input]:
    if "requestBody" not in operation:
        return []
    schema = _resolved(document, operation["requestBody"]["content"]["application/json"]["schema"])
    return [
        Input(name, "body", _kind(document, one), one["description"])
        for name, one in schema["properties"].items()
    ]


def _kind(document: dict[str, Any], schema: dict[str, Any]) -> str:
    """Return what values are, in words."""
    if "anyOf" in schema:
        kinds = [_kind(document, one) for one in schema["anyOf"] if one.get("type") != "null"]
        return " or ".join(kinds)
    words = _resolved(document, schema).get("enum")
    if words is not None:
        return ", ".join(map(str, words))
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if schema.get("type") == "array":
        return f"several of: {_kind(document, schema['items'])}"
    return str(schema.get("format") or schema.get("type", "any"))


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found
