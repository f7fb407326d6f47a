"""The audit log: which provider was asked about which secret, when, and what came of it.

One JSON object a line, in a file a day (UTC). A line is written before a request is sent and
another one when its answer is there, so that a request that was sent before a kill is in the log
all the same. Lines are only ever added, each in one write, by as many processes as like. They hold
fingerprints and templates of addresses, never a value.

The log is also what daily budgets are counted by.
"""

from __future__ import annotations

import os
import secrets
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import FileIO
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from keysift.errors import ConfigurationError
from keysift.model import Outcome

_MODE: Final = 0o600
_RUN_BYTES: Final = 6
_CHUNK: Final = 1 << 16


class Line(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of the log.

    Attributes:
        at: When (UTC, ISO 8601).
        run: Which run of keysift, by a random number.
        request: Which request of that run; its two lines have the same.
        event: ``ask`` or ``answer``.
        provider: Who is asked.
        endpoint: Method and address, as a template.
        detector: Type of the secret.
        fingerprint: Keyed fingerprint of the secret.
        outcome: What came of it: a status, or why there was no answer.
    """

    at: str
    run: str
    request: int
    event: str
    provider: str
    endpoint: str
    detector: str
    fingerprint: str
    outcome: str = ""


class _Asked(Struct):
    """What counting needs of a line."""

    event: str = ""
    provider: str = ""


class AuditLog:
    """Writes the log, and counts what was asked today; may be used by many threads.

    Args:
        directory: Where the files are; it is made.
        now: The clock.

    Attributes:
        requests: How many this run has sent.

    Raises:
        ConfigurationError: The log cannot be written: then nothing may be asked.
    """

    def __init__(self, directory: Path, *, now: Callable[[], datetime] | None = None) -> None:
        self._directory = directory
        self._now = now or (lambda: datetime.now(UTC))
        self._run = secrets.token_hex(_RUN_BYTES)
        self.requests = 0
        self._lock = threading.Lock()
        self._day: date | None = None
        self._file = -1
        self._reader: FileIO | None = None
        self._rest = b""
        self._asked: Counter[str] = Counter()
        with self._lock:
            self._today()

    @property
    def path(self) -> Path:
        """The file of today."""
        return self._directory / f"{self._now().date().isoformat()}.jsonl"

    def ask(self, provider: str, endpoint: str, detector: str, fingerprint: str) -> Line:
        """Write down that a request is about to be sent.

        Raises:
            ConfigurationError: It cannot be written: nothing may be sent.
        """
        line = Line(
            at=self._now().isoformat(timespec="milliseconds"),
            run=self._run,
            request=0,
            event="ask",
            provider=provider,
            endpoint=endpoint,
            detector=detector,
            fingerprint=fingerprint,
        )
        with self._lock:
            self.requests += 1
            line = msgspec.structs.replace(line, request=self.requests)
            self._write(line)
        return line

    def answer(self, asked: Line, outcome: str) -> None:
        """Write down what came of a request.

        Raises:
            ConfigurationError: It cannot be written.
        """
        at = self._now().isoformat(timespec="milliseconds")
        with self._lock:
            self._write(msgspec.structs.replace(asked, at=at, event="answer", outcome=outcome))

    def asked_today(self, provider: str | None = None) -> int:
        """Return the number of requests today, by all processes that write to this log.

        Args:
            provider: To one provider; None for all.
        """
        with self._lock:
            self._today()
            self._count()
            return self._asked.total() if provider is None else self._asked[provider]

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _today(self) -> None:
        """Open the file of today."""
        today = self._now().date()
        if self._day == today and self._file >= 0:
            return
        self._close()
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            self._file = os.open(self.path, flags, _MODE)
            self._reader = FileIO(self.path)
        except OSError as error:
            raise self._failure(error) from None
        self._day, self._rest = today, b""
        self._asked.clear()

    def _write(self, line: Line) -> None:
        # One write of a whole line: those of several processes do not mix (POSIX: O_APPEND).
        raw = msgspec.json.encode(line) + b"\n"
        self._today()
        try:
            written = os.write(self._file, raw)
        except OSError as error:
            raise self._failure(error) from None
        if written != len(raw):
            raise ConfigurationError(f"audit log {self.path}: the disk is full; nothing is asked")

    def _count(self) -> None:
        """Count the lines that came since the last time, from whichever process."""
        if self._reader is None:
            return
        try:
            while chunk := self._reader.read(_CHUNK):
                *lines, self._rest = (self._rest + chunk).split(b"\n")
                for line in lines:
                    self._count_line(line)
        except OSError as error:
            raise self._failure(error) from None

    def _count_line(self, raw: bytes) -> None:
        try:
            line = msgspec.json.decode(raw, type=_Asked)
        except msgspec.DecodeError:
            # Half a line of a machine that lost its power. It was a request, perhaps.
            line = _Asked("ask")
        if line.event == "ask":
            self._asked[line.provider] += 1

    def _failure(self, error: OSError) -> ConfigurationError:
        reason = (error.strerror or type(error).__name__).lower()
        return ConfigurationError(
            f"audit log {self._directory}: {reason}; without it nothing is asked "
            "(KEYSIFT_AUDIT_LOG names another directory)"
        )


def in_words(outcome: Outcome) -> str:
    """Return an outcome as the log has it."""
    if outcome.doubt is None:
        return outcome.verdict.value
    return f"{outcome.verdict.value}: {outcome.doubt.value}"
