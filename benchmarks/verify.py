"""What verifying costs: 10,000 secrets of 50 providers that are 50 ms away and not always well.

Fills a store, runs ``keysift verify`` on it by the real command, and compares what came of it with
the truth: how much of the configured rate was used, how much memory it took at the beginning and at
the end, and whether every secret was asked about once. Then once more, killed again and again.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
import sqlalchemy as sa

from benchmarks.providers import NONSENSE, PROVIDERS, Report, is_active, lot
from keysift.model import Confidence, Match, Secret, Severity
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.records import Found
from tests.store.samples import Writer, index_file, member

SECRETS: Final = 10_000
RATE: Final = 4.0
CONCURRENCY: Final = 2
A_FILE: Final = 50
"""Secrets in one file."""

_DETECTOR: Final = """\
provider = "Provider {n}"
website = "https://p{n}.example"
category = "generic"

[[detector]]
id = "p{n}-token"
name = "Token of provider {n}"
what = "Opens nothing."
severity = "high"
confidence = "high"
pattern = '''p{n}_[0-9a-z]{{8}}'''
revoke = ""
rotate = ""
examples = ["p{n}_{{alnum_lower:8}}"]
near_misses = []

[[validity]]
detectors = ["p{n}-token"]
url = "https://api.p{n}.example/me"
headers = {{ Authorization = "Bearer {{secret}}" }}
active_when = [{{ status = 200, json = "login" }}]
inactive_when = [{{ status = 401 }}]
facts = {{ user = "login" }}
side_effects = "none"
references = ["https://p{n}.example/docs"]
"""


def secret(number: int) -> bytes:
    """Return a made-up secret of a provider."""
    digits = ""
    rest = number
    while rest:
        rest, digit = divmod(rest, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return f"p{number % PROVIDERS}_{digits:0>8}".encode()


def fill(location: Path, size: int) -> None:
    """Make a store that holds so many secrets."""
    store = Store(str(location))
    with store.writing() as connection:
        writer = Writer(connection)
        for first in range(0, size, A_FILE):
            name = f"demo{first}-1.0.tar.gz"
            writer.page(f"demo{first}", index_file(f"demo{first}", "1.0", name))
            found = [_found(number) for number in range(first, min(first + A_FILE, size))]
            digest = first.to_bytes(4, "big").ljust(32, b".")
            writer.scanned(name, member("a.py", *found, digest=digest), files=1)
    store.close()


def _found(number: int) -> Found:
    match = Match(
        detector=f"p{number % PROVIDERS}-token",
        secret=Secret(secret(number)),
        start=number * 20,
        end=number * 20 + 12,
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
    )
    return Found(match=match, confidence=match.confidence)


def configure(directory: Path) -> Path:
    """Write the detectors of the providers, and a configuration that names them."""
    providers = directory / "providers"
    providers.mkdir()
    for number in range(PROVIDERS):
        (providers / f"p{number}.toml").write_text(_DETECTOR.format(n=number))
    path = directory / "keysift.toml"
    path.write_text(
        f'detectors = ["{providers}"]\n[verify.limits]\nrate = {RATE}\n'
        f"concurrency = {CONCURRENCY}\ntotal-concurrency = {PROVIDERS * CONCURRENCY}\n"
    )
    return path


class Run:
    """The command, as it runs.

    Args:
        directory: With the store ``store.db``.
        configuration: Of the command.
        port: Of the server.
    """

    def __init__(self, directory: Path, configuration: Path, port: int) -> None:
        words = [
            *(sys.executable, "-m", "keysift", "verify", "--yes", "-f", "json"),
            *("--store", str(directory / "store.db"), "--config", str(configuration)),
            *("-o", str(directory / "report.json")),
        ]
        for number in range(PROVIDERS):
            origin = f"https://api.p{number}.example"
            words += ["--endpoint", f"{origin}=http://127.0.0.1:{port}"]
        variables = os.environ | {
            "KEYSIFT_SEALING_KEY": (b"s" * 32).hex(),
            "KEYSIFT_FINGERPRINT_KEY": "f" * 32,
            "KEYSIFT_AUDIT_LOG": str(directory / "audit"),
        }
        self.began = time.monotonic()
        self.process = subprocess.Popen(words, env=variables)
        self.memory: list[tuple[float, int]] = []

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for its end, and note its memory; tell whether it ended by itself."""
        while self.process.poll() is None:
            elapsed = time.monotonic() - self.began
            if seconds is not None and elapsed > seconds:
                self.process.send_signal(signal.SIGKILL)
                self.process.wait()
                return False
            self.memory.append((elapsed, _resident(self.process.pid)))
            time.sleep(0.1)
        if self.process.returncode:
            sys.exit(f"keysift ended with exit code {self.process.returncode}")
        return True


def _resident(process: int) -> int:
    """Return the bytes that a process holds in memory."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    line = next((line for line in status.splitlines() if line.startswith("VmRSS")), "VmRSS: 0")
    return int(line.split()[1]) * 1024


def report(port: int) -> Report:
    """Return what the server was asked."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/report") as answer:
        return msgspec.json.decode(answer.read(), type=Report)


def check(directory: Path, size: int) -> tuple[int, int]:
    """Compare the ledger with the truth; returns secrets without a verdict, and wrong ones."""
    store = Store(str(directory / "store.db"))
    with store.reading() as connection:
        query = sa.select(t.verdicts.c.secret_id, t.verdicts.c.verdict).order_by(t.verdicts.c.id)
        # The numbers of secrets are one more than those that they are made of.
        said = {row.secret_id - 1: row.verdict for row in connection.execute(query)}
    store.close()
    wrong = 0
    for number, verdict in said.items():
        expected = "active" if is_active(number) else "inactive"
        expected = "unknown" if lot(number) == NONSENSE else expected
        wrong += verdict != expected
    return size - len(said), wrong


def measure(size: int, *, kills: int) -> None:
    """Run the command once, killed so many times, and print what came of it."""
    with tempfile.TemporaryDirectory() as name, _server() as server:
        directory = Path(name)
        port = int(server.stdout.readline()) if server.stdout else 0
        configuration = configure(directory)
        fill(directory / "store.db", size)
        ideal_s = size / (PROVIDERS * RATE)
        chance = random.Random(size)
        for _ in range(kills):
            run = Run(directory, configuration, port)
            if run.wait(chance.uniform(0.15, 0.3) * ideal_s + 2):
                break
        run = Run(directory, configuration, port)
        run.wait()
        told = report(port)
        missing, wrong = check(directory, size)
        _print(size, kills, told, run.memory)
        print(f"  {missing} secrets without a verdict, {wrong} with a wrong one")


@contextmanager
def _server() -> Iterator[subprocess.Popen[bytes]]:
    words = [sys.executable, "-m", "benchmarks.providers"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as server:
        try:
            yield server
        finally:
            server.terminate()


def _print(size: int, kills: int, told: Report, memory: list[tuple[float, int]]) -> None:
    print(f"{size:,} secrets of {PROVIDERS} providers, {kills} kills")
    if not kills:
        took_s = told.ended_s - told.began_s
        rate, allowed = told.requests / took_s, PROVIDERS * RATE
        end = memory[-1][0]
        early = max(size for when, size in memory if when < end / 4)
        late = max(size for when, size in memory if when < end * 0.95)
        most = max(size for _, size in memory)
        print(f"  {told.requests:,} requests in {took_s:.1f} s: {rate:.0f} a second")
        print(f"  that is {rate / allowed:.0%} of the {allowed:.0f} a second that are allowed")
        print(f"  memory: {early / 1e6:.0f} MB in the first quarter, {late / 1e6:.0f} MB", end=" ")
        print(f"before the report is written, {most / 1e6:.0f} MB at most")
    print(f"  at most {told.most_at_once} requests at once to one provider ({CONCURRENCY} allowed)")
    again = sum(times > 1 for times in told.settled.values())
    bound = f" ({PROVIDERS * CONCURRENCY} may be under way at each kill)" if kills else ""
    print(f"  {again} asked about again after an answer{bound}")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--secrets", type=int, default=SECRETS)
    parser.add_argument("--kills", type=int, default=5)
    options = parser.parse_args()
    measure(options.secrets, kills=0)
    measure(options.secrets, kills=options.kills)


if __name__ == "__main__":
    main()
