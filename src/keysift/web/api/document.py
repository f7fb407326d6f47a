"""The OpenAPI document of the API, made of its handlers and of the Structs that they take and give.

Litestar would make one too; its schemas know neither what our docstrings say of attributes nor the
parameters that are read from a Struct, and they would differ from the schemas of our documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from inspect import cleandoc
from typing import Any, Final, get_type_hints

import msgspec
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from keysift._version import __version__
from keysift.model import Role
from keysift.report.schema import describe_all, texts_of
from keysift.web.api.operations import Operation, operation_of
from keysift.web.problems import MEDIA_TYPE, Problem, Word, type_of

PATH: Final = "/api/v1"
TOKEN: Final = "access token"  # noqa: S105 (the name of a scheme)
SESSION: Final = "session"

_REF: Final = "#/components/schemas/{name}"
_PAGE: Final = re.compile(r"Page_(\w+)_")
_SUFFIX: Final = re.compile(r"(Document|Summary)$")
_PARAMETER: Final = re.compile(r"\{(\w+):str\}")
_FACTS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "number": ("Its number.", {"type": "integer", "minimum": 0}),
    "name": ("Its name.", {"type": "string"}),
}
_TAGS: Final = {
    "findings": "Findings",
    "triage": "Findings",
    "views": "Findings",
    "projects": "Projects and artifacts",
    "artifacts": "Projects and artifacts",
    "coverage": "Projects and artifacts",
    "verification": "Checks and crawls",
    "runs": "Checks and crawls",
    "statistics": "Checks and crawls",
    "disclosures": "Access",
    "tokens": "Access",
    "me": "Access",
    "version": "The API itself",
    "openapi.json": "The API itself",
}
"""Under what an operation is listed, by the first part of its address."""

_ALWAYS: Final = (
    *(Word.BAD_REQUEST, Word.UNKNOWN_PARAMETER, Word.NOT_RECOGNISED, Word.NOT_ALLOWED),
    *(Word.BUG, Word.STORE_AWAY),
)


def openapi(handlers: Iterable[HTTPRouteHandler], cookie: str) -> dict[str, Any]:
    """Return the document: OpenAPI 3.1.

    Args:
        handlers: All of the API.
        cookie: Name of the cookie of sessions.
    """
    listed = sorted(handlers, key=lambda one: (_path(one), _method(one)))
    types = [kind for handler in listed for kind in _types(handler)]
    schemas, components = msgspec.json.schema_components([*types, Problem], ref_template=_REF)
    describe_all(components)
    by_type = dict(zip([*types, Problem], schemas, strict=True))
    paths: dict[str, Any] = {}
    for handler in listed:
        operation = _operation(handler, by_type, components)
        paths.setdefault(_path(handler), {})[_method(handler)] = operation
    document = {
        "openapi": "3.1.1",
        "info": _INFO,
        "servers": [{"url": "/", "description": "The dashboard."}],
        "tags": [{"name": name} for name in dict.fromkeys(_TAGS.values())],
        "paths": paths,
        "components": {
            "schemas": _named(components),
            "responses": {str(code): _problems(code) for code in _statuses()},
            "securitySchemes": _schemes(cookie),
        },
    }
    # Only what answers and bodies refer to; queries are spelled out.
    raw = msgspec.json.encode(document).decode()
    plain: dict[str, Any] = msgspec.json.decode(_PAGE.sub(_renamed, raw))
    return plain


_INFO: Final = {
    "title": "keysift",
    "version": __version__,
    "description": (
        "Everything that the dashboard of keysift shows and does. Send an access token as "
        "`Authorization: Bearer …`. A token has scopes: `read`; `triage`, to decide; `reveal`, to "
        "see values. Lists come page by page: pass `next` of an answer as `cursor`. Errors are "
        "problems (RFC 9457), whose `type` ends in a word that never changes."
    ),
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}


def _operation(
    handler: HTTPRouteHandler, by_type: dict[Any, Any], components: dict[str, Any]
) -> dict[str, Any]:
    operation = operation_of(handler)
    summary, _, description = cleandoc(handler.fn.__doc__ or "").partition("\n\n")
    made: dict[str, Any] = {
        "operationId": handler.fn.__name__,
        "tags": [_tag(handler)],
        "summary": summary.rstrip("."),
        "description": " ".join([*description.split(), f"Scope: `{operation.role.value}`."]),
        "parameters": [*_path_parameters(handler), *_parameters(operation.query, components)],
        "responses": _responses(handler, operation, by_type),
        "security": [{TOKEN: [operation.role.value]}, {SESSION: [operation.role.value]}],
    }
    if _method(handler) != "get":
        made["parameters"].append(_CSRF)
    if operation.body is not None:
        content = {"application/json": {"schema": by_type[operation.body]}}
        made["requestBody"] = {"required": True, "content": content}
    return made


_CSRF: Final = {
    "name": "x-csrf-token",
    "in": "header",
    "required": False,
    "description": "The token of the session; not with an access token.",
    "schema": {"type": "string"},
}


def _responses(
    handler: HTTPRouteHandler, operation: Operation, by_type: dict[Any, Any]
) -> dict[str, Any]:
    kind = _answer(handler)
    phrase = HTTPStatus(operation.status).phrase
    good: dict[str, Any] = {"description": phrase}
    if kind is not None:
        good["content"] = {"application/json": {"schema": by_type[kind]}}
    words = [*_ALWAYS, *operation.refuses]
    if operation.query.__struct_fields__:
        words.append(Word.BAD_PARAMETER)
    if "{" in _path(handler):
        words.append(Word.NOT_FOUND)
    if operation.body is not None:
        words += [Word.BAD_BODY, Word.TOO_LARGE, Word.NOT_JSON]
    codes = sorted({word.status for word in words})
    refused = {str(code): {"$ref": f"#/components/responses/{code}"} for code in codes}
    return {str(operation.status): good, **refused}


def _problems(code: int) -> dict[str, Any]:
    """Return the answer to requests that fail with a status."""
    words = [word for word in Word if word.status == code]
    text = " ".join(f"`{type_of(word)}`: {word.meaning}" for word in words)
    example = Problem(
        type=type_of(words[0]), title=words[0].meaning, status=code, detail="What to do."
    )
    schema = {"$ref": _REF.format(name="Problem")}
    return {
        "description": text,
        "content": {MEDIA_TYPE: {"schema": schema, "example": msgspec.to_builtins(example)}},
    }


def _statuses() -> list[int]:
    return sorted({word.status for word in Word})


def _schemes(cookie: str) -> dict[str, Any]:
    scopes = ", ".join(f"`{role.value}`" for role in Role)
    return {
        TOKEN: {
            "type": "http",
            "scheme": "bearer",
            "description": f"An access token, with scopes among {scopes}.",
        },
        SESSION: {
            "type": "apiKey",
            "in": "cookie",
            "name": cookie,
            "description": "The session of somebody who has logged in; their roles are the scopes.",
        },
    }


def _path_parameters(handler: HTTPRouteHandler) -> Iterator[dict[str, Any]]:
    for name in _PARAMETER.findall(_raw_path(handler)):
        described, schema = _FACTS[name]
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": described,
            "schema": schema,
        }


def _parameters(query: type[Struct], components: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the parameters that the fields of a Struct are."""
    if not query.__struct_fields__:
        return
    (reference,), own = msgspec.json.schema_components([query], ref_template=_REF)
    described = own.pop(reference["$ref"].rpartition("/")[2])
    describe_all(own)
    components.update(own)
    texts = texts_of(query)
    for name, schema in described["properties"].items():
        yield {
            "name": name,
            "in": "query",
            "required": False,
            "description": texts[name],
            "schema": _without_null(schema),
        }


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema for a query, in which nothing is null: it is left out."""
    plain = dict(schema)
    if plain.get("default", ...) is None:
        del plain["default"]
    options = [one for one in plain.get("anyOf", ()) if one != {"type": "null"}]
    if len(options) != 1:
        return plain
    del plain["anyOf"]
    return {**options[0], **plain}


def _types(handler: HTTPRouteHandler) -> Iterator[Any]:
    operation, answer = operation_of(handler), _answer(handler)
    if answer is not None:
        yield answer
    if operation.body is not None:
        yield operation.body


def _answer(handler: HTTPRouteHandler) -> Any:  # noqa: ANN401 (a type)
    """Return the type of what a handler answers; None: nothing."""
    kind = get_type_hints(handler.fn)["return"]
    return None if kind is type(None) else kind


def _named(components: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(components.items()))


def _renamed(match: re.Match[str]) -> str:
    return f"{_SUFFIX.sub('', match[1])}Page"


def _raw_path(handler: HTTPRouteHandler) -> str:
    return PATH + next(iter(handler.paths))


def _path(handler: HTTPRouteHandler) -> str:
    return _PARAMETER.sub(r"{\1}", _raw_path(handler))


def _method(handler: HTTPRouteHandler) -> str:
    return next(str(one).lower() for one in handler.http_methods if str(one) != "OPTIONS")


def _tag(handler: HTTPRouteHandler) -> str:
    return _TAGS[_path(handler).removeprefix(PATH).split("/")[1]]
