"""What the OpenAPI document says that an answer looks like."""

from __future__ import annotations

import re
from typing import Any, Final

import jsonschema
from httpx import Response

from keysift.web.api import HANDLERS
from keysift.web.api.document import PATH, openapi

DOCUMENT: Final = openapi(HANDLERS, "keysift-8000")
OPERATIONS: Final = [
    (method, path) for path, methods in DOCUMENT["paths"].items() for method in methods
]
"""Method and path of each operation."""

_PROBLEM: Final = "application/problem+json"


def operation_at(method: str, path: str) -> dict[str, Any]:
    """Return the operation that answers an address."""
    plain = PATH + path.partition("?")[0]
    paths: dict[str, dict[str, Any]] = DOCUMENT["paths"]
    for template in (plain, *paths):
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
        methods = paths.get(template, {})
        if method.lower() in methods and re.fullmatch(pattern, plain):
            operation: dict[str, Any] = methods[method.lower()]
            return operation
    raise AssertionError(f"{method} {path} is not in the document")


def check(method: str, path: str, answer: Response) -> None:
    """See that an answer is one that the document has for its operation."""
    operation = operation_at(method, path)
    said = operation["responses"].get(str(answer.status_code))
    assert said is not None, (method, path, answer.status_code, answer.text)
    if "$ref" in said:
        said = DOCUMENT["components"]["responses"][said["$ref"].rpartition("/")[2]]
    assert answer.headers["cache-control"] == "no-store"
    if "content" not in said:
        assert answer.content == b""
        return
    kind = answer.headers["content-type"].partition(";")[0]
    schema = said["content"][kind]["schema"]
    whole = {**schema, "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(
        whole, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(answer.json())
    if kind == _PROBLEM:
        assert answer.json()["status"] == answer.status_code
