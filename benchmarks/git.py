"""Git: what a hook costs, and the whole history of a repository beside keysift's peers.

Whether keysift, which looks at what is new in each version, finds what a scan of all of each one
finds is counted as well.

The hook is run on a commit of 20 files, in a repository with few files and in one with many. The
history is made by ``benchmarks.histories``; each peer reads it as its manual says. Prints
medians of runs that follow each other in turn, ratios to keysift, and how many of the planted
secrets each found.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import sysconfig
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.corpus import CACHE
from benchmarks.histories import repository
from benchmarks.measuring import Cost, environment, measure
from benchmarks.peers import binary, gitleaks, install
from keysift.catalogue import load
from keysift.catalogue.cache import Cache
from keysift.crawl.packed import everything
from keysift.crawl.runner import Settings
from keysift.crawl.seen import Sighting
from keysift.model import Match, Suppressed
from keysift.sources.git.command import Git
from keysift.sources.git.families import MARKS
from keysift.sources.git.objects import Content, contents, listed
from keysift.sources.git.walk import Walk

_OUT: Final = CACHE / "history.json"
_CHANGED: Final = 20
_SECRETS: Final = 200


@dataclass(frozen=True)
class _Tool:
    """A command that scans a history.

    Attributes:
        name: As the table shows it.
        command: From the repository to the arguments.
    """

    name: str
    command: Callable[[Path], list[str]]


def _tools() -> list[_Tool]:
    keysift = [sys.executable, "-m", "keysift", "scan", "-q", "--reveal", "-f", "json", "-o"]
    out = str(_OUT)
    return [
        _Tool("keysift", lambda path: [*keysift, out, "--git", str(path)]),
        _Tool("betterleaks", lambda path: [binary("betterleaks"), "git", "-o", out, str(path)]),
        _Tool(
            "gitleaks",
            lambda path: [gitleaks(), "git", "--no-banner", "-f", "json", "-r", out, str(path)],
        ),
        _Tool(
            "kingfisher",
            lambda path: [
                binary("kingfisher"),
                *("scan", "--no-validate", "--no-update-check", "--format", "jsonl"),
                *("--output", out, str(path)),
            ],
        ),
    ]


def histories(blobs: int, rounds: int, only: list[str] | None) -> None:
    """Print the table of whole histories."""
    install()
    path, planted = repository(blobs, _SECRETS)
    tools = [one for one in _tools() if not only or one.name in only]
    costs: dict[str, list[Cost]] = {one.name: [] for one in tools}
    found: dict[str, int] = {}
    for _ in range(rounds + 1):
        for tool in tools:
            _OUT.unlink(missing_ok=True)
            costs[tool.name].append(measure(tool.command(path)))
            text = _OUT.read_text("utf-8", "replace")
            found[tool.name] = sum(secret in text for secret in planted)
    print(f"history: {blobs} blobs, rounds: {rounds}, planted: {len(planted)}")
    print(f"{'tool':<12} {'seconds':>8} {'CPU s':>8} {'ratio':>6} {'peak MB':>8} {'found':>6}")
    ours = median(cost.seconds for cost in costs[tools[0].name][1:])
    for tool in tools:
        runs = costs[tool.name][1:]  # the first fills caches
        seconds = median(cost.seconds for cost in runs)
        cpu = median(cost.cpu for cost in runs)
        peak = max(cost.peak for cost in runs) / 1e6
        print(
            f"{tool.name:<12} {seconds:>8.2f} {cpu:>8.2f} {seconds / ours:>6.2f} {peak:>8.0f}"
            f" {found[tool.name]:>6}"
        )


def exactness(blobs: int) -> None:
    """Print how many versions a scan of each as a whole finds anything else in."""
    path, _ = repository(blobs, _SECRETS)
    settings = Settings(catalogue=load(), cache=Cache(CACHE / "cache"))
    total, matches, differing = compared(path, settings)
    print(f"{total} versions, {matches} matches in them; differing: {differing or 'none'}")


def compared(path: Path, settings: Settings) -> tuple[int, int, dict[str, int]]:
    """Compare what is known of each file's versions with a scan of all of each.

    Args:
        path: A repository.
        settings: How to scan.

    Returns:
        How many versions there are, what a scan of all of each finds, and in how many something
        else is known: of matches (value, place, confidence, score), and of what is suppressed.
    """
    git = Git.at(path, path, os.environ)
    scanner = settings.scanner()
    known: dict[str, set[tuple[object, ...]]] = defaultdict(set)
    doubted: dict[str, set[tuple[object, ...]]] = defaultdict(set)
    with Walk.of(git, 1, unreachable=False) as walk:
        for job in everything(git, "history", walk):
            seen = job.scan(scanner, settings.limits)
            echoed = (one for echoes in seen.echoes.values() for one in echoes.sightings())
            for one in (*seen.sightings, *seen.suppressed, *echoed):
                if isinstance(one, Sighting):
                    known[one.artifact.name].add(_told(one.match))
                else:
                    doubted[one.artifact.name].add(_doubted(one.suppressed))
        wanted = walk.wanted()
    blobs = [name.hex() for name, mark in wanted.items() if mark == MARKS["blob"]]
    matches = 0
    differing: Counter[str] = Counter()
    for item in contents(git, listed(blobs)):
        if not isinstance(item, Content):
            raise TypeError("git cannot read what it made")
        name = item.object.id
        whole = scanner.examine(item.read(item.object.size_bytes))
        matches += len(whole.matches)
        differing["matches"] += {_told(one) for one in whole.matches} != known[name]
        differing["suppressed"] += {_doubted(one) for one in whole.suppressed} != doubted[name]
    return len(blobs), matches, dict(+differing)


def _told(match: Match) -> tuple[object, ...]:
    place = (match.start, match.end, match.line, match.column)
    return match.detector, match.secret, match.confidence, match.score, *place


def _doubted(one: Suppressed) -> tuple[object, ...]:
    return one.match.detector, one.match.secret, one.reason


def hooks(blobs: int, rounds: int) -> None:
    """Print what the hook takes before a commit of changed and of new files."""
    keysift = [sys.executable, "-P", "-m", "keysift", "hook", "run", "pre-commit"]
    for label, size in (("small", 200), ("large", blobs)):
        work = CACHE / f"hook-{label}"
        shutil.rmtree(work, ignore_errors=True)
        path, _ = repository(size, _SECRETS if size == blobs else 4)
        subprocess.run(["git", "clone", "-q", str(path), str(work)], check=True)  # noqa: S607
        listed = _git(work, "ls-files", "-z").decode().split("\0")
        for kind, write in (("changed", _change), ("new", _add)):
            _git(work, "reset", "-q", "--hard")
            write(work, listed)
            _git(work, "add", "-A")
            times = [_timed(keysift, work) for _ in range(rounds + 1)][1:]
            print(
                f"hook, {label} repository ({len(listed) - 1} files), {_CHANGED} {kind} files: "
                f"{median(times) * 1000:.0f} ms"
            )


def _change(work: Path, listed: list[str]) -> None:
    chance = random.Random(1)
    for name in chance.sample([one for one in listed if one.endswith(".py")], _CHANGED):
        lines = (work / name).read_bytes().splitlines(keepends=True)
        at = chance.randrange(len(lines) + 1)
        lines[at:at] = [b"step(%d)\n" % number for number in range(5)]
        (work / name).write_bytes(b"".join(lines))


def _add(work: Path, _: list[str]) -> None:
    folder = Path(sysconfig.get_path("stdlib"), "email")
    for path in sorted(folder.rglob("*.py"))[:_CHANGED]:
        shutil.copy(path, work / f"new_{path.name}")


def _git(work: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(work), *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout


def _timed(command: list[str], work: Path) -> float:
    began = time.perf_counter()
    nowhere = subprocess.DEVNULL
    subprocess.run(
        command, cwd=work, stdout=nowhere, stderr=nowhere, env=environment(), check=False
    )
    return time.perf_counter() - began


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each; the median counts")
    parser.add_argument("--blobs", type=int, default=50_000)
    parser.add_argument("--only", nargs="*", help="names of tools; keysift first")
    parser.add_argument("--part", choices=("hook", "history", "exact"))
    options = parser.parse_args()
    print(f"{os.cpu_count()} processors")
    if options.part in (None, "hook"):
        hooks(options.blobs, options.rounds)
    if options.part in (None, "history"):
        histories(options.blobs, options.rounds, options.only)
    if options.part == "exact":
        exactness(options.blobs)


if __name__ == "__main__":
    main()
