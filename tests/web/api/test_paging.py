"""Pages have all of a list once, forwards and backwards, whatever it is sorted by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from keysift.model import Skip, SkipReason
from keysift.store.database import Store
from keysift.store.queries.find import SortBy
from keysift.store.queries.find_projects import SortProjects
from tests.store.history import History
from tests.store.samples import found
from tests.web.api.serving import Program, serving

_SECRETS = 23
_RELEASES = 17


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Serve a store with lists of some length, which no test changes."""
    store = Store(str(tmp_path_factory.mktemp("pages") / "store.db"))
    history = History(store)
    for seed in range(_SECRETS):
        history.publish(f"demo{seed % 7}", f"{seed + 1}.0", found(seed))
    for number in range(_RELEASES):
        history.publish("many", f"{number}.0", found(100))
    skips = [Skip(path=f"{one}", reason=SkipReason.TOO_LARGE) for one in range(_SECRETS)]
    history.announce("skipped", "1.0", "skipped-1.0.tar.gz")
    history.scanned("skipped-1.0.tar.gz", skips=tuple(skips))
    with serving(store) as served:
        yield served
    store.close()


def walked(program: Program, path: str, limit: int, **parameters: Any) -> list[str]:  # noqa: ANN401 (parameters)
    """Return all items by ``next``, having seen that ``previous`` leads back through the same."""
    pages = [program.get(path, limit=limit, **parameters)]
    while pages[-1]["next"] is not None:
        pages.append(program.get(path, limit=limit, cursor=pages[-1]["next"], **parameters))
    for before, after in zip(reversed(pages[:-1]), reversed(pages), strict=False):
        back = program.get(path, limit=limit, cursor=after["previous"], **parameters)
        assert back["items"] == before["items"]
    assert pages[0]["previous"] is None
    assert all(len(page["items"]) == limit for page in pages[:-1])
    return [repr(item) for page in pages for item in page["items"]]


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sort=st.sampled_from(SortBy), descending=st.booleans(), limit=st.integers(1, 30))
def test_findings(program: Program, sort: SortBy, *, descending: bool, limit: int) -> None:
    """All of them once."""
    items = walked(program, "/findings", limit, sort=sort.value, descending=str(descending).lower())
    assert len(items) == len(set(items)) == _SECRETS + 1


@pytest.mark.parametrize("sort", [one.value for one in SortProjects])
def test_projects(program: Program, sort: str) -> None:
    """All of them once."""
    items = walked(program, "/projects", 3, sort=sort)
    assert len(items) == len(set(items)) == 8


@pytest.mark.parametrize("limit", [1, 4, 17, 100])
def test_lists_by_number(program: Program, limit: int) -> None:
    """Artifacts, occurrences, skips and runs."""
    files = walked(program, "/artifacts", limit)
    assert len(files) == len(set(files)) == _SECRETS + _RELEASES + 1
    shared = program.get("/findings", project="many")["items"][0]["id"]
    places = walked(program, f"/findings/{shared}/occurrences", limit)
    assert len(places) == len(set(places)) == _RELEASES
    skipped = program.get("/artifacts", reason="too_large")["items"]
    assert len(skipped) == 1
    skips = walked(program, f"/artifacts/{skipped[0]['id']}/skips", limit)
    assert len(skips) == len(set(skips)) == _SECRETS
    assert walked(program, "/runs", limit) == []


def test_a_cursor_belongs_to_one_list(program: Program) -> None:
    """That of another order, and what is none, are refused by name."""
    cursor = program.get("/findings", limit=1)["next"]
    for path, parameters in (
        ("/findings", {"sort": "detector"}),
        ("/findings", {"descending": "false"}),
        ("/artifacts", {}),
        ("/runs", {}),
    ):
        answer = program.ask("GET", path, params={"cursor": cursor, **parameters})
        assert answer.status_code == 400
        assert answer.json()["type"] == "/api#bad-cursor"
        assert answer.json()["parameter"] == "cursor"
    for text in ("", "x", "====", "💥", cursor[:-3], cursor + "A", "bnVsbA", "W10"):
        answer = program.ask("GET", "/findings", params={"cursor": text})
        assert (answer.status_code, answer.json()["type"]) == (400, "/api#bad-cursor"), text
