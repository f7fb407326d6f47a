"""Local files in parallel, and what becomes of them when the run is stopped."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import multiprocessing.connection
import signal
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from keysift.catalogue import Catalogue
from keysift.catalogue.cache import Cache
from keysift.catalogue.loader import parse
from keysift.crawl import runner
from keysift.crawl.runner import Outcome, Settings, run
from keysift.crawl.seen import Seen
from keysift.crawl.worker import Project
from keysift.sources.files import LocalFile, walk
from keysift.sources.spec import PathTarget
from tests.detector_file import TEXT

SECRET = "qzt_" + "bdfhkmpr"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings with one detector."""
    catalogue = Catalogue(parse(Path("acme.toml"), TEXT.encode()))
    return Settings(catalogue, cache=Cache(tmp_path / "cache"))


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[LocalFile]:
    """Return files that make several jobs, in each of them a secret."""
    monkeypatch.setattr(runner, "SOLO_BYTES", 0)
    monkeypatch.setattr(runner, "BATCH_FILES", 1)
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(8):
        (folder / f"{number}.txt").write_text(f"{SECRET}\n")
    return [one for one in walk(PathTarget(folder)) if isinstance(one, LocalFile)]


def test_every_job_has_an_outcome(settings: Settings, files: list[LocalFile]) -> None:
    """All files are scanned, whichever process takes them."""
    assert sum(len(outcome.seen.sightings) for outcome in run(files, settings, 2)) == 8


def test_copies_of_a_loose_file_are_scanned_once(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copies meet in one batch, however far apart they are listed; each of them is reported."""
    monkeypatch.setattr(runner, "SOLO_BYTES", 0)
    monkeypatch.setattr(runner, "BATCH_FILES", 2)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for number in range(6):
            (tmp_path / folder / f"{number}.txt").write_text(f"{SECRET} {'x' * number}\n")
    files = [one for one in walk(PathTarget(tmp_path)) if isinstance(one, LocalFile)]
    seen = Seen()
    for outcome in run(files, settings, 1):
        seen.add(outcome.seen)
    assert len({one.artifact.name for one in seen.sightings}) == 12
    # Both files of the first batch, which comes as they are listed, have a copy elsewhere.
    assert (seen.coverage.scanned, seen.coverage.duplicates) == (8, 4)


def test_workers_begin_before_everything_is_listed(
    settings: Settings, files: list[LocalFile]
) -> None:
    """A million names are not in the memory of each worker, and they need not wait for them."""
    workers = []

    def listed() -> Iterator[LocalFile]:
        yield from files
        workers.extend(multiprocessing.active_children())

    outcomes = list(run(listed(), settings, 2))
    assert sum(len(outcome.seen.sightings) for outcome in outcomes) == 8
    assert workers


def test_what_is_ready_when_stopped_is_kept(
    settings: Settings, files: list[LocalFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C loses no outcome of a job that had ended."""
    everything = concurrent.futures.wait

    def stop(pending: Iterable[Future[Outcome]], **_: object) -> None:
        everything(pending)
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "_AHEAD", len(files))
    monkeypatch.setattr(concurrent.futures, "wait", stop)
    taken = iter(run(files, settings, 2))
    kept = [next(taken) for _ in files]
    assert sum(len(outcome.seen.sightings) for outcome in kept) == 8
    with pytest.raises(KeyboardInterrupt):
        next(taken)


@pytest.mark.skipif(sys.platform != "linux", reason="the patched worker is inherited by a fork")
def test_nobody_waits_for_what_is_still_being_scanned(
    settings: Settings, files: list[LocalFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Processes of a run that is given up end, even those that would never finish."""

    def endless(file: LocalFile, _: Project) -> Seen:
        while file.name != "0.txt":
            signal.pause()
        return Seen()

    monkeypatch.setattr(runner, "scan_file", endless)
    outcomes = run(files, settings, 2)
    next(outcomes)
    workers = multiprocessing.active_children()
    outcomes.close()  # type: ignore[attr-defined] # an iterator that is a generator
    ends = [worker.sentinel for worker in workers]
    while ends:
        for end in multiprocessing.connection.wait(ends):
            ends.remove(end)  # type: ignore[arg-type] # sentinels are numbers here
