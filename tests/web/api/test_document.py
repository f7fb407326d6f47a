"""The OpenAPI document is whole, and true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from keysift.model import Role
from keysift.store.database import Store
from keysift.web.api import HANDLERS
from keysift.web.api.document import PATH, SESSION, TOKEN
from keysift.web.api.operations import operation_of
from tests.web.api.serving import serving, token
from tests.web.api.shapes import DOCUMENT, OPERATIONS

_OURS = {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"}


@pytest.fixture
def store(tmp_path: Path) -> Any:  # noqa: ANN401 (of a generator)
    """Return an empty store: rights do not depend on the database."""
    opened = Store(str(tmp_path / "store.db"))
    yield opened
    opened.close()


def test_every_handler_is_in_the_document_with_its_scope() -> None:
    """No route is forgotten, and none has another scope than it says."""
    listed = {}
    for method, path in OPERATIONS:
        operation = DOCUMENT["paths"][path][method]
        scopes = [
            one[name] for one, name in zip(operation["security"], (TOKEN, SESSION), strict=True)
        ]
        assert scopes[0] == scopes[1]
        listed[operation["operationId"]] = scopes[0]
    assert listed == {one.fn.__name__: [operation_of(one).role.value] for one in HANDLERS}


def test_the_document_is_well_formed() -> None:
    """References lead somewhere, parameters are those of the path, all of it is described."""
    known = {
        f"#/components/{kind}/{name}"
        for kind in ("schemas", "responses")
        for name in DOCUMENT["components"][kind]
    }
    used = set(_references(DOCUMENT))
    assert used <= known
    assert {one for one in known if "schemas" in one} <= used
    for method, path in OPERATIONS:
        operation = DOCUMENT["paths"][path][method]
        assert operation["summary"]
        assert operation["responses"]
        names = [one["name"] for one in operation["parameters"]]
        assert len(names) == len(set(names))
        for one in operation["parameters"]:
            assert one["description"], (path, one["name"])
            assert one["in"] != "path" or f"{{{one['name']}}}" in path
    for name, schema in DOCUMENT["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema.get("description"), name
        for field, one in schema.get("properties", {}).items():
            # Fields of a base class are described there, or in the schema of reports.
            is_inherited = name in {"PlaceGroup", "ReportDocument"}
            assert one.get("description") or "const" in one or is_inherited, (name, field)


def test_the_document_is_that_of_openapi() -> None:
    """The parts that the specification demands are there, and no others at the top."""
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert set(DOCUMENT) == {"openapi", "info", "servers", "tags", "paths", "components"}
    assert set(DOCUMENT["info"]) == {"title", "version", "description", "license"}
    identifiers = [DOCUMENT["paths"][path][method]["operationId"] for method, path in OPERATIONS]
    assert len(identifiers) == len(set(identifiers))
    tags = {one["name"] for one in DOCUMENT["tags"]}
    for method, path in OPERATIONS:
        operation = DOCUMENT["paths"][path][method]
        assert set(operation["tags"]) <= tags
        for code, answer in operation["responses"].items():
            assert code.isdecimal()
            assert "$ref" in answer or answer["description"]


def test_the_served_document_is_this_one(store: Store) -> None:
    """What the dashboard serves is what was looked at here."""
    with serving(store) as program:
        assert program.get("/openapi.json") == DOCUMENT


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_who_has_no_right_gets_none(store: Store, method: str, path: str) -> None:
    """Without a token it is 401, without its scope 403, whatever else is wrong with a request."""
    scope = DOCUMENT["paths"][path][method]["security"][0][TOKEN][0]
    address = path.removeprefix(PATH).replace("{number}", "1").replace("{name}", "n")
    with serving(store) as program:
        nobody = program.with_token(None)
        answer = nobody.ask(method, address, headers=_OURS)
        assert answer.status_code in ({401} if method == "get" else {401, 403})
        bad = program.with_token("keysift_" + "x" * 43).ask(method, address)
        assert bad.status_code == 401
        assert bad.headers["www-authenticate"].startswith("Bearer")
        assert bad.json()["type"] == "/api#not-recognised"
        for role in Role:
            other = program.with_token(token(store, role, name=role.value))
            given = other.ask(method, address)
            is_refused = Role(scope) is not Role.READ and role is not Role(scope)
            assert (given.status_code == 403) == (is_refused or "tokens" in path), (
                role,
                given.text,
            )


def _references(part: Any) -> list[str]:  # noqa: ANN401 (JSON)
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [one for value in part.values() for one in _references(value)]
    if isinstance(part, list):
        return [one for value in part for one in _references(value)]
    return []


def test_it_is_json() -> None:
    """Nothing in it is of a type that JSON does not have."""
    assert msgspec.json.decode(msgspec.json.encode(DOCUMENT)) == DOCUMENT
