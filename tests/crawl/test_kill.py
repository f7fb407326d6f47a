"""A crawl that is killed at any point and run again ends as one that nobody disturbed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from keysift.store.database import Store
from tests.crawl.world import DETECTORS, World, world
from tests.index_server import IndexServer
from tests.store.logical import logical

KILLS = 50


class Crawls:
    """Crawls of one index by the real command, each in processes of its own.

    Args:
        directory: For the detectors and the caches.
        url: The index.

    Attributes:
        seconds: How long the last one took that was not killed.
    """

    seconds = 0.0

    def __init__(self, directory: Path, url: str) -> None:
        self._detectors = directory / "acme.toml"
        self._detectors.write_text(DETECTORS)
        self._url = url
        self._variables = {
            **os.environ,
            "KEYSIFT_CACHE_DIR": str(directory / "cache"),
            "KEYSIFT_FINGERPRINT_KEY": "k" * 32,
            "PIP_CONFIG_FILE": os.devnull,
        }

    def begin(self, store: str) -> subprocess.Popen[bytes]:
        """Begin a crawl."""
        words = [
            *("--all", "--index-url", self._url, "--store", store, "--jobs", "2", "--quiet"),
            *("--detectors", str(self._detectors), "--detector", "acme-*"),
        ]
        return subprocess.Popen(
            [sys.executable, "-m", "keysift", "crawl", *words],
            env=self._variables,
            start_new_session=True,
            stderr=subprocess.PIPE,
        )

    def finish(self, store: str) -> None:
        """Run a crawl to its end."""
        began = time.monotonic()
        process = self.begin(store)
        _, errors = process.communicate()
        self.seconds = time.monotonic() - began
        assert process.returncode == 0, errors.decode()

    def kill_after(self, store: str, seconds: float) -> bool:
        """Begin a crawl and kill all of it after a while; tells whether it had ended by then."""
        process = self.begin(store)
        try:
            process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return False
        assert process.returncode == 0
        return True


@pytest.fixture(scope="module")
def truth() -> World:
    """Return the world that is crawled: its projects are done in pieces, by both processes."""
    return world(projects=7, releases=14)


@pytest.fixture(scope="module")
def index(truth: World) -> Iterator[IndexServer]:
    """Serve it."""
    with IndexServer() as serving:
        truth.serve(serving)
        yield serving


def contents(location: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return what a store says."""
    store = Store(location, create=False)
    try:
        with store.reading() as connection:
            return logical(connection)
    finally:
        store.close()


def test_a_crawl_may_be_killed_at_any_point(
    new_location: Callable[[], str], tmp_path: Path, index: IndexServer, truth: World
) -> None:
    """Killed fifty times in all, a few times on the way to each store, it makes the same stores."""
    crawls = Crawls(tmp_path, index.url)
    calm = str(tmp_path / "calm.db")
    crawls.finish(calm)
    crawls.finish(calm)
    idle = crawls.seconds  # of a run that finds nothing to do: mostly imports
    expected = contents(calm)
    found = {(row[0], row[1], row[2], row[3]) for row in expected["occurrences"]}
    assert found == {place[:4] for place in truth.truth()}

    source = random.Random(7)
    kills = 0
    while kills < KILLS:
        location = new_location()
        # From the first imports on; a little later each time, so that each store gets done.
        latest = 1.2 * idle
        while not crawls.kill_after(location, source.uniform(0.4 * idle, latest)):
            kills += 1
            latest *= 1.1
        assert contents(location) == expected
