"""What a crawl shows while it runs: on terminals, to programs, and never more often than useful."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import ClassVar

import jsonschema
import msgspec
import pytest

from keysift.cli.crawl_bar import Bar, duration
from keysift.cli.crawl_progress import Lines, Progress, Silent, Trouble, Watch
from keysift.cli.environment import Environment
from keysift.crawl.standing import Counts, Standing
from tests.cli.test_progress import Terminal


def environment(stream: io.StringIO) -> Environment:
    """Return one whose errors go to a stream."""
    return Environment({}, Path(), io.StringIO(), stream)


@pytest.fixture(autouse=True)
def _narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")


class Kept:
    """A view that keeps what it is told."""

    every_s: ClassVar[float] = 0.0

    def __init__(self) -> None:
        self.shown: list[Progress] = []
        self.troubles: list[str] = []
        self.is_closed = False

    def show(self, progress: Progress) -> None:
        """Keep it."""
        self.shown.append(progress)

    def trouble(self, what: str) -> None:
        """Keep it."""
        self.troubles.append(what)

    def close(self) -> None:
        """Note it."""
        self.is_closed = True


class Rare(Kept):
    """A view that wants to be told once."""

    every_s: ClassVar[float] = float("inf")


def standing() -> Standing:
    """Return how a crawl stands that is half done."""
    counts = Counts(
        projects=6, artifacts=30, failed=2, findings=7, fetched_bytes=1000, published_bytes=4000
    )
    made = Standing(counts, projects_known=10)
    made.began("demo", 40)
    return made


def test_a_watch_says_what_the_crawl_says() -> None:
    """The numbers are those of the crawl, and what was not fetched was saved."""
    view = Kept()
    watch = Watch([view], lambda: 1500)
    watch.began("demo", "demo-1.0.tar.gz")
    watch.progressed(standing())
    (shown,) = view.shown
    assert (shown.projects_done, shown.projects_known) == (5, 10)
    assert (shown.artifacts_done, shown.artifacts_known, shown.is_all_known) == (32, 40, False)
    assert (shown.received_bytes, shown.fetched_bytes, shown.saved_bytes) == (1500, 1000, 3000)
    assert (shown.matches, shown.failed) == (7, 2)
    assert shown.current == "demo: demo-1.0.tar.gz"
    assert not shown.is_last


def test_what_is_left_is_guessed_from_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the projects took a minute, so the other half takes another."""
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    view = Kept()
    watch = Watch([view], lambda: 6000)
    watch.progressed(Standing(projects_known=10))
    assert view.shown[-1].left_s is None
    clock[0] += 60
    watch.progressed(standing())
    shown = view.shown[-1]
    assert shown.left_s == pytest.approx(60)
    assert shown.elapsed_s == 60
    assert shown.artifacts_per_s == pytest.approx(32 / 60, abs=0.001)
    assert shown.received_bytes_per_s == pytest.approx(100)


def test_rates_are_those_of_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow beginning is forgotten."""
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    view, received = Kept(), [0]
    watch = Watch([view], lambda: received[0])
    for _ in range(100):
        clock[0] += 1
        watch.progressed(Standing())
    for _ in range(60):
        clock[0] += 1
        received[0] += 5000
        watch.progressed(Standing())
    assert view.shown[-1].received_bytes_per_s == pytest.approx(5000)


def test_each_view_is_told_as_often_as_it_wants() -> None:
    """The one that wants to be told rarely is still told how it ended."""
    often, rarely = Kept(), Rare()
    watch = Watch([often, rarely], lambda: 0)
    for _ in range(5):
        watch.progressed(standing())
    watch.close()
    assert len(often.shown) == 6
    assert [shown.is_last for shown in rarely.shown] == [False, True]
    assert often.is_closed
    assert rarely.is_closed


def test_a_crawl_that_never_began_shows_nothing() -> None:
    """There is no last line without a first one."""
    view = Kept()
    Watch([view], lambda: 0).close()
    assert view.shown == []


def test_lines_are_of_the_published_schema() -> None:
    """Each line is one JSON object, of one of two kinds."""
    stream = io.StringIO()
    watch = Watch([Lines(environment(stream))], lambda: 1)
    watch.progressed(standing())
    watch.trouble("demo: line one\nline two")
    watch.close()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["progress", "trouble", "progress"]
    assert [line.get("is_last") for line in lines] == [False, None, True]
    schema = msgspec.json.schema(Progress | Trouble)
    for line in lines:
        jsonschema.validate(line, schema)


def test_lines_come_once_a_second_at_most() -> None:
    """However often something is done."""
    stream = io.StringIO()
    watch = Watch([Lines(environment(stream))], lambda: 0)
    for _ in range(50):
        watch.progressed(standing())
    assert len(stream.getvalue().splitlines()) == 1


def drawn(progress: Progress) -> str:
    """Return what a terminal of 80 columns is sent."""
    stream = Terminal()
    bar = Bar(environment(stream))
    bar.show(progress)
    bar.close()
    return stream.getvalue()


def test_a_terminal_sees_two_lines() -> None:
    """Projects, files, bytes, matches, speed, the rest of the time and the present file."""
    shown = drawn(
        Progress(
            projects_done=5,
            projects_known=1000,
            artifacts_done=32,
            artifacts_known=40,
            received_bytes=1_240_000,
            saved_bytes=3_400_000_000,
            matches=7,
            artifacts_per_s=3.25,
            received_bytes_per_s=12_000_000.0,
            left_s=11_000.0,
            current="demo: " + "x" * 300,
        )
    )
    first = "5/1,000 projects · 32/40 files so far · 1.24 MB fetched · 3.40 GB saved"
    assert first in shown
    assert "7 matches · 3.2 files/s · 12.0 MB/s · 3 h 3 min left · demo: xx" in shown
    assert "\x1b[2K\x1b[1A\x1b[2K\x1b[1A" not in shown  # three lines up


def test_so_far_is_said_as_long_as_it_is_true() -> None:
    """Once every project was looked at, the number of files is final."""
    known = Progress(projects_known=2, artifacts_done=3, artifacts_known=40, is_all_known=True)
    assert "3/40 files" in drawn(known)
    assert "reading the list of projects" in drawn(Progress())


def test_names_cannot_move_the_cursor() -> None:
    """Control characters of a name are not written."""
    assert "\x1b[7m" not in drawn(Progress(current="demo: \x1b[7m"))


def test_troubles_stand_above_the_bar() -> None:
    """They are printed whole, whatever looks like markup in them."""
    stream = Terminal()
    bar = Bar(environment(stream))
    bar.show(Progress())
    bar.trouble("demo: [red]" + "x" * 100 + "[/red]")
    bar.close()
    assert "keysift: demo: [red]" + "x" * 100 + "[/red]\n" in stream.getvalue()


def test_silence_is_broken_by_troubles_only() -> None:
    """In a pipe the progress is not shown, and what goes wrong is."""
    stream = io.StringIO()
    watch = Watch([Silent(environment(stream))], lambda: 0)
    watch.progressed(standing())
    watch.trouble("demo: gone\x1b[2J")
    watch.close()
    assert stream.getvalue() == "keysift: demo: gone\\x1b[2J\n"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0 s"),
        (89, "89 s"),
        (90, "2 min"),
        (3599, "1 h 0 min"),
        (11_000, "3 h 3 min"),
        (100_000, "1 d 3 h"),
    ],
)
def test_times_for_people(seconds: float, text: str) -> None:
    """Two units are enough."""
    assert duration(seconds) == text
