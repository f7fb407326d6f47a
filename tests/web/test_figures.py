"""Adding up beside the dashboard."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

from litestar.testing import TestClient

from keysift.errors import StoreError
from keysift.store.database import Store
from keysift.web.app import of_dashboard
from keysift.web.dashboard import Dashboard
from keysift.web.figures import Figures
from keysift.web.settings import WebSettings
from tests.web.site import ORIGIN

_SOON_S = 600


class _Steps:
    """Adds up as a test says."""

    def __init__(self) -> None:
        self.begun = Event()
        self.go_on = Event()
        self.calls = 0
        self.ended = 0

    def __call__(self, store: Store, *, progress: Callable[[int, int], None] | None = None) -> int:
        self.calls += 1
        assert store.name
        assert progress is not None
        progress(500, 1_734)
        self.begun.set()
        assert self.go_on.wait(_SOON_S)
        progress(1_000, 1_734)
        self.ended += 1
        return 1_734


def test_pages_say_what_is_not_added_up_yet(empty: Store, told: WebSettings) -> None:
    """Whoever looks at a list knows that it lacks something."""
    steps = _Steps()
    with Figures(empty, steps, print) as figures:
        assert steps.begun.wait(_SOON_S)
        application = of_dashboard(Dashboard(empty, told, figures))
        with TestClient(application, base_url=ORIGIN) as asking:
            asking.get(f"/login?token={told.token.reveal_text()}")
            assert "1,234 projects left" in asking.get("/").text
            steps.go_on.set()
            _until(lambda: figures.left == 0)
            assert "projects left" not in asking.get("/").text
    assert steps.calls == 1


def test_it_stops_between_two_steps(empty: Store) -> None:
    """What is left is done the next time: nobody waits for it when the dashboard ends."""
    steps = _Steps()
    figures = Figures(empty, steps, print)
    with figures:
        assert steps.begun.wait(_SOON_S)
        figures._end.set()
        steps.go_on.set()
    assert steps.ended == 0


def test_it_is_done_again_and_again(empty: Store) -> None:
    """A crawl may write meanwhile. What goes wrong twice in the same way is reported once."""
    reports: list[str] = []
    calls: list[int] = []
    enough = Event()

    def failing(store: Store, *, progress: Any = None) -> int:  # noqa: ANN401, ARG001 (of the protocol)
        calls.append(1)
        if len(calls) == 5:
            enough.set()
        raise StoreError("the disk is full")

    with Figures(empty, failing, reports.append, every_s=0.01):
        assert enough.wait(_SOON_S)
    assert reports == ["the disk is full"]


def _until(condition: Callable[[], bool]) -> None:
    waiting = Event()
    while not condition():
        waiting.wait(0.01)
