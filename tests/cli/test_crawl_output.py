"""What ``keysift crawl`` prints and serves, and how it takes its bounds."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from typing import TypeAlias

import pytest

from keysift.cli import metrics
from keysift.cli.exit import ExitCode
from keysift.cli.metrics import Metrics
from tests.cli.conftest import Console
from tests.crawl.world import DETECTORS, world
from tests.detector_file import detector_file
from tests.index_server import Answer, IndexServer

Crawl: TypeAlias = Callable[..., int]


@pytest.fixture
def crawl(keysift: Console, server: IndexServer, monkeypatch: pytest.MonkeyPatch) -> Crawl:
    """Return the command for a server with three projects of four files each."""
    world(projects=3, releases=2).serve(server)
    monkeypatch.chdir(keysift.directory)
    detector_file(keysift.directory / "acme.toml", DETECTORS)

    def run(*words: str) -> int:
        return keysift(
            *("crawl", "--all", "--index-url", server.url, "--store", "store.db", "--jobs", "1"),
            *("--detectors", "acme.toml", "--detector", "acme-*", "--no-values", *words),
        )

    return run


def test_piped_it_says_how_it_ended(crawl: Crawl, keysift: Console) -> None:
    """The summary is on standard output, and nothing on standard error when all is well."""
    assert crawl() is ExitCode.CLEAN
    assert "Looked at   3 projects · 3 had changed" in keysift.out
    assert "Scanned     12 artifacts" in keysift.out
    assert keysift.err == ""


def test_quiet_prints_errors_only(crawl: Crawl, keysift: Console, server: IndexServer) -> None:
    """What could not be had is said all the same."""
    server.answers["/files/demo-001/demo_001-1.0.tar.gz"] = [Answer(404)]
    assert crawl("--quiet") is ExitCode.INCOMPLETE
    assert keysift.out == ""
    assert re.fullmatch(r"keysift: demo_001-1\.0\.tar\.gz: .*404.*\n", keysift.err)


def test_programs_get_json(crawl: Crawl, keysift: Console, server: IndexServer) -> None:
    """Troubles are in it, and the last line has everything."""
    server.answers["/files/demo-001/demo_001-1.0.tar.gz"] = [Answer(404)]
    assert crawl("--progress", "json") is ExitCode.INCOMPLETE
    lines = [json.loads(line) for line in keysift.err.splitlines()]
    (trouble,) = [line for line in lines if line["event"] == "trouble"]
    assert trouble["message"].startswith("demo_001-1.0.tar.gz: ")
    last = lines[-1]
    assert last["is_last"]
    assert (last["projects_done"], last["artifacts_done"], last["failed"]) == (3, 12, 1)
    assert last["received_bytes"] > last["fetched_bytes"] > 0


def test_numbers_are_served_while_it_runs(
    crawl: Crawl, keysift: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the address that is printed, until the end."""
    pages: list[str] = []

    class Scraped(Metrics):
        def close(self) -> None:
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(self.url) as answer:
                pages.append(answer.read().decode())
            super().close()

    monkeypatch.setattr(metrics, "Metrics", Scraped)
    assert crawl("--metrics", "0") is ExitCode.CLEAN
    url = rf"http://{re.escape(metrics.HOST)}:\d+/metrics"
    assert re.search(rf"^keysift: metrics at {url}$", keysift.err, re.MULTILINE)
    assert "keysift_crawl_artifacts_done_total 12\n" in pages[0]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--max-memory", "100M"), "--max-memory: with --jobs 1 it must be at least 416M"),
        (("--max-memory", "plenty"), "'plenty' is no size such as 500K, 20M or 1G"),
        (("--max-disk", "0"), "'0' is no size such as 500K, 20M or 1G"),
        (("--metrics", "65536"), "'65536' is no port from 0 to 65535"),
        (("--progress", "loud"), "invalid choice: 'loud'"),
    ],
)
def test_what_makes_no_sense_is_refused(
    crawl: Crawl,
    keysift: Console,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    message: str,
) -> None:
    """The message says what is possible."""
    try:
        code: object = crawl(*words)
    except SystemExit as end:
        code = end.code
    assert code == ExitCode.USAGE
    assert message in keysift.err + capsys.readouterr().err


def test_bounds_that_suffice_change_nothing(crawl: Crawl, keysift: Console) -> None:
    """The least memory that is accepted is enough, and so is next to no disk."""
    assert crawl("--max-memory", "416M", "--max-disk", "1K") is ExitCode.CLEAN
    assert "Scanned     12 artifacts" in keysift.out
