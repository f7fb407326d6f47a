"""A crawl that is asked to end does so in order, whatever it is waiting for."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from keysift.store import tables as t
from keysift.store.database import Store
from tests.crawl.world import DETECTORS, world
from tests.index_server import Answer, IndexServer, Request
from tests.store.logical import logical

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")


class HoldingServer(IndexServer):
    """Holds back the answers for one path.

    Attributes:
        held: The path.
        is_asked: Set once it was asked for.
        may_go: Answers wait for this.
    """

    def __init__(self) -> None:
        super().__init__()
        self.held = ""
        self.is_asked = threading.Event()
        self.may_go = threading.Event()

    def answer(self, request: Request) -> Answer:
        """Answer, later if it is the one."""
        if request.path == self.held:
            self.is_asked.set()
            self.may_go.wait()
        return super().answer(request)


@pytest.fixture
def holding() -> Iterator[HoldingServer]:
    """Serve a world of six projects."""
    with HoldingServer() as serving:
        world(projects=6, releases=2).serve(serving)
        try:
            yield serving
        finally:
            serving.may_go.set()


class Crawls:
    """Crawls of a server by the real command into one store."""

    def __init__(self, directory: Path, url: str) -> None:
        self.store = directory / "store.db"
        self._detectors = directory / "acme.toml"
        self._detectors.write_text(DETECTORS)
        self._url = url
        self._variables = {
            **os.environ,
            "KEYSIFT_CACHE_DIR": str(directory / "cache"),
            "KEYSIFT_FINGERPRINT_KEY": "k" * 32,
            "PIP_CONFIG_FILE": os.devnull,
        }

    def begin(self) -> subprocess.Popen[str]:
        """Begin one."""
        words = [
            *("--all", "--index-url", self._url, "--store", str(self.store), "--jobs", "2"),
            *("--detectors", str(self._detectors), "--detector", "acme-*"),
            *("--progress", "json", "--no-values"),
        ]
        return subprocess.Popen(
            [sys.executable, "-m", "keysift", "crawl", *words],
            env=self._variables,
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def read(self, query: sa.Select[Any]) -> list[Any]:
        """Ask the store."""
        store = Store(str(self.store), create=False)
        try:
            with store.reading() as connection:
                return list(connection.execute(query))
        finally:
            store.close()

    def occurrences(self) -> int:
        """Return how many there are in the store."""
        store = Store(str(self.store), create=False)
        try:
            with store.reading() as connection:
                return len(logical(connection)["occurrences"])
        finally:
            store.close()


@pytest.fixture
def crawls(tmp_path: Path, holding: HoldingServer) -> Crawls:
    """Return crawls of the holding server."""
    return Crawls(tmp_path, holding.url)


def until_done(process: subprocess.Popen[str], artifacts: int) -> None:
    """Read what a crawl says until it has done so many files."""
    assert process.stderr is not None
    for line in process.stderr:
        if json.loads(line).get("artifacts_done", 0) >= artifacts:
            return
    pytest.fail("it ended before")


@pytest.mark.parametrize(
    ("number", "to_all"), [(signal.SIGINT, True), (signal.SIGTERM, True), (signal.SIGTERM, False)]
)
def test_what_came_is_kept(
    crawls: Crawls,
    holding: HoldingServer,
    number: signal.Signals,
    to_all: bool,  # noqa: FBT001
) -> None:
    """The run has its numbers, nobody waits for the download, and the next run does the rest."""
    holding.held = "/files/demo-005/demo_005-1.0.tar.gz"
    process = crawls.begin()
    until_done(process, 20)
    (os.killpg if to_all else os.kill)(process.pid, number)
    out, errors = process.communicate()
    assert not holding.may_go.is_set()
    assert process.returncode == 130
    assert errors.splitlines()[-1] == "keysift: stopped; run the same command again to go on"
    assert all(json.loads(line) for line in errors.splitlines()[:-1])
    assert "! Stopped. Run the same command again to go on." in out
    (run,) = crawls.read(sa.select(t.runs.c.ended_at, t.runs.c.counts))
    states = crawls.read(sa.select(t.artifacts.c.state))
    assert run.ended_at is not None
    assert run.counts["artifacts"] == sum(state == "scanned" for (state,) in states) >= 20
    assert run.counts["failed"] == sum(state == "failed" for (state,) in states) == 0
    holding.may_go.set()
    process = crawls.begin()
    process.communicate()
    assert process.returncode == 0
    assert crawls.occurrences() == len(world(projects=6, releases=2).truth())


@pytest.mark.parametrize("held", ["/simple/", "/simple/demo-000/"])
def test_no_page_is_waited_for(crawls: Crawls, holding: HoldingServer, held: str) -> None:
    """A server that does not answer, neither with the list nor with a page, keeps nobody."""
    holding.held = held
    process = crawls.begin()
    holding.is_asked.wait()
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate()
    assert not holding.may_go.is_set()
    assert process.returncode == 130
    assert "Traceback" not in errors
    (run,) = crawls.read(sa.select(t.runs.c.ended_at))
    assert run.ended_at is not None


def test_nothing_outlives_a_crawl_that_is_killed(crawls: Crawls, holding: HoldingServer) -> None:
    """Its processes end though a download hangs, and the next crawl has the store to itself."""
    holding.held = "/files/demo-005/demo_005-1.0.tar.gz"
    process = crawls.begin()
    until_done(process, 20)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    while _is_there(process.pid):
        time.sleep(0.05)
    assert not holding.may_go.is_set()
    holding.held = ""
    after = crawls.begin()
    after.communicate()
    assert after.returncode == 0
    assert crawls.occurrences() == len(world(projects=6, releases=2).truth())


def _is_there(group: int) -> bool:
    """Tell whether a group has processes."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
