"""Whatever is wrong with a request is named; nothing breaks the application."""

from __future__ import annotations

import json
import random
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import pytest

from keysift.store.database import Store
from keysift.web.api.document import PATH
from tests.web.api.serving import Program, serving
from tests.web.api.shapes import DOCUMENT, OPERATIONS
from tests.web.api.test_findings import HOSTILE, fill

_ROUNDS = 2_000


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Serve a small store."""
    store = Store(str(tmp_path_factory.mktemp("given") / "store.db"))
    fill(store)
    with serving(store) as served:
        yield served
    store.close()


@pytest.mark.parametrize(
    ("path", "parameters", "word", "parameter", "suggestions"),
    [
        (
            "/findings",
            {"min-severity": "low"},
            "unknown-parameter",
            "min-severity",
            ["min_severity"],
        ),
        ("/findings", {"min_severity": "hihg"}, "bad-parameter", "min_severity", ["high"]),
        ("/findings", {"sort": "last_seen"}, "bad-parameter", "sort", ["last-seen"]),
        ("/findings", {"limit": "0"}, "bad-parameter", "limit", None),
        ("/findings", {"limit": "many"}, "bad-parameter", "limit", None),
        ("/findings", {"limit": "9" * 400}, "bad-parameter", "limit", None),
        ("/findings", {"year": "99999"}, "bad-parameter", "year", None),
        ("/findings", {"count": "perhaps"}, "bad-parameter", "count", None),
        ("/findings", {"search": "x" * 501}, "bad-parameter", "search", None),
        ("/findings", {"year": ["2020", "2021"]}, "bad-parameter", "year", None),
        ("/findings", {"verdict": ["active", "dead"]}, "bad-parameter", "verdict", None),
        ("/findings/facets", {"limit": "3"}, "unknown-parameter", "limit", None),
        ("/me", {"x": "1"}, "unknown-parameter", "x", None),
        ("/artifacts", {"state": "scaned"}, "bad-parameter", "state", ["scanned"]),
    ],
)
def test_parameters_are_named(
    program: Program,
    path: str,
    parameters: dict[str, Any],
    word: str,
    parameter: str,
    suggestions: list[str] | None,
) -> None:
    """The parameter that is wrong, and what may have been meant."""
    answer = program.ask("GET", path, params=parameters)
    assert answer.status_code == 400
    problem = answer.json()
    assert problem["type"] == f"/api#{word}"
    assert problem["parameter"] == parameter
    if suggestions is not None:
        assert suggestions[0] in problem["suggestions"]


@pytest.mark.parametrize(
    ("body", "word", "parameter"),
    [
        (b"", "bad-body", None),
        (b"{", "bad-body", None),
        (b"\xff\xfe", "bad-body", None),
        (b"[" * 100_000, "bad-body", None),
        (b'"open"', "bad-body", None),
        (b"{}", "bad-body", None),
        (b'{"status": "opne"}', "bad-body", "status"),
        (b'{"status": "open", "note": 1}', "bad-body", "note"),
        (b'{"status": "open", "nota": "x"}', "unknown-parameter", "nota"),
        (b'{"status": "open", "note": "\\ud800"}', "bad-body", None),
    ],
)
def test_bodies_are_named(program: Program, body: bytes, word: str, parameter: str | None) -> None:
    """The field that is wrong."""
    headers = {"content-type": "application/json"}
    answer = program.ask("POST", "/findings/1/triage", content=body, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (400, f"/api#{word}")
    assert answer.json().get("parameter") == parameter


def test_bodies_are_json_and_not_too_large(program: Program) -> None:
    """They say so, and end somewhere."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        headers = {"content-type": kind}
        answer = program.ask("POST", "/triage", content=b"{}", headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (415, "/api#not-json")
    large = b'"' + b"x" * 2_000_000 + b'"'
    headers = {"content-type": "application/json"}
    answer = program.ask("POST", "/triage", content=large, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (413, "/api#too-large")


@pytest.mark.parametrize("path", ["/findings/0", "/findings/x", "/findings/-1", "/artifacts/1e3"])
def test_what_is_not_there_is_not_found(program: Program, path: str) -> None:
    """Numbers that nothing has, and what is no number."""
    assert program.ask("GET", path).status_code == 404
    assert program.ask("GET", f"/projects/{'9' * 5_000}").status_code == 404
    assert program.ask("GET", "/findings/٣").status_code == 404


def test_nothing_breaks_it(store: Store) -> None:
    """Random requests are answered as the document says: never by an error of the server."""
    fill(store)
    with serving(store) as program:
        seen = _asked(program, random.Random(6))
        assert not program.said
    assert seen >= {200, 400, 404}


def _asked(program: Program, randomly: random.Random) -> set[int]:
    """Return the statuses of the answers to random requests."""
    seen = set()
    for _ in range(_ROUNDS):
        method, path = randomly.choice(OPERATIONS)
        operation = DOCUMENT["paths"][path][method]
        known = [one["name"] for one in operation["parameters"] if one["in"] == "query"]
        names = [randomly.choice([*known, *HOSTILE]) for _ in range(randomly.randrange(4))]
        options: dict[str, Any] = {
            "params": [(_sent(name), _sent(_value(randomly))) for name in names]
        }
        if "requestBody" in operation and randomly.random() < 0.9:
            options["content"] = json.dumps(_body(randomly, operation)).encode()
            options["headers"] = {"content-type": "application/json"}
        number = randomly.choice(["1", "2", "3", "9" * 20, "%ff", "x"])
        address = path.removeprefix(PATH).replace("{number}", number).replace("{name}", "nobody")
        answer = program.ask(method.upper(), address, **options)
        seen.add(answer.status_code)
    return seen


_CURSORS = [
    urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=")
    for one in (
        ["severity-", False, [2**63 - 1, -(2**63)]],
        ["severity-", True, [10**30, 1]],
        ["severity-", False, [None, None]],
        ["detector+", False, ["a\0b", 1, 1]],
        ["introduced-", True, ["0001-01-01T00:00:00+23:59", 1, 1]],
        ["introduced-", False, [None, 1, 1]],
        ["artifacts", False, [True]],
        ["artifacts", True, [0]],
        ["runs", False, ["1"]],
        ["projects-worst-", False, [1, 1, 1, 1, 1, 1]],
    )
]


def _sent(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _value(randomly: random.Random) -> str:
    words = ("", "true", "1", "-1", "0", "99999999999999999999", "critical", "severity", "worst")
    more = ("sdist", "1e9", "NaN", "null", "[]", "*", "[a-", "?" * 400, "\\", "%", "_", "W10", "'")
    return randomly.choice([*words, *more, *HOSTILE, *_CURSORS])


def _body(randomly: random.Random, operation: dict[str, Any]) -> Any:  # noqa: ANN401 (JSON)
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    schema = DOCUMENT["components"]["schemas"][reference.rpartition("/")[2]]
    names = [*schema["properties"], "other"]
    chosen = [name for name in names if randomly.random() < 0.5]
    return {name: _json(randomly, name) for name in chosen}


def _json(randomly: random.Random, name: str) -> Any:  # noqa: ANN401 (JSON)
    fitting: dict[str, list[Any]] = {
        "status": ["open", "test", "revoked"],
        "ids": [[1], [1, 2, 3], [10**17], [1, 1]],
        "filter": [{}, {"search": "x"}, {"severity": ["high"]}, {"path": "[a-"}, {"x": 1}],
        "expected": [0, 1, 4],
        "expires": ["2999-01-01T00:00:00Z", "0001-01-01T00:00:00+23:00", "2999-01-01T00:00:00"],
        "scopes": [["read"], ["reveal", "triage"], []],
    }
    odd: list[Any] = [None, 1, -1, 10**30, 1.5, True, [], {}, [[]], *map(_sent, HOSTILE)]
    return randomly.choice(fitting.get(name, odd) if randomly.random() < 0.7 else odd)
