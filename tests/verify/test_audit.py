"""The audit log: what was asked, by whichever process, and how much of it today."""

from __future__ import annotations

import stat
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from keysift.errors import ConfigurationError
from keysift.verify.audit import AuditLog, Line

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        """Return the time."""
        return self.time


def ask(log: AuditLog, provider: str = "Acme") -> Line:
    """Write down a request."""
    return log.ask(provider, "GET https://api.acme.example/me", "acme-token", "0" * 32)


def test_both_lines_of_a_request(tmp_path: Path) -> None:
    """The first is there before the answer is: a kill between them leaves it."""
    log = AuditLog(tmp_path / "made" / "for it", now=Clock())
    asked = ask(log)
    (raw,) = log.path.read_bytes().splitlines()
    assert msgspec.json.decode(raw, type=Line) == asked
    log.answer(asked, "status 200")
    log.close()
    answered = msgspec.json.decode(log.path.read_bytes().splitlines()[1], type=Line)
    assert (answered.run, answered.request) == (asked.run, asked.request)
    assert (asked.event, answered.event, answered.outcome) == ("ask", "answer", "status 200")
    assert log.path.name == "2026-11-27.jsonl"
    if sys.platform != "win32":
        assert stat.S_IMODE(log.path.stat().st_mode) == 0o600


def test_all_processes_count(tmp_path: Path) -> None:
    """A second log sees what the first one writes, while both are open and after that."""
    first, second = AuditLog(tmp_path, now=Clock()), AuditLog(tmp_path, now=Clock())
    for log in (first, second, first):
        log.answer(ask(log), "status 200")
    ask(second, "Globex")
    assert first.asked_today("Acme") == second.asked_today("Acme") == 3
    assert first.asked_today() == 4
    assert (first.requests, second.requests) == (2, 2)
    third = AuditLog(tmp_path, now=Clock())
    assert third.asked_today() == 4
    for log in (first, second, third):
        log.close()


def test_a_new_day_has_a_new_file(tmp_path: Path) -> None:
    """What was asked yesterday is kept, and not counted."""
    clock = Clock()
    log = AuditLog(tmp_path, now=clock)
    ask(log)
    clock.time += timedelta(days=1)
    assert log.asked_today() == 0
    ask(log)
    assert log.asked_today("Acme") == 1
    log.close()
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "2026-11-27.jsonl",
        "2026-11-28.jsonl",
    ]


def test_a_line_that_is_cut_counts(tmp_path: Path) -> None:
    """A machine that lost its power may have sent it."""
    log = AuditLog(tmp_path, now=Clock())
    ask(log)
    with log.path.open("ab") as file:
        file.write(b'{"at":"2026-11-27T\n')
    assert log.asked_today() == 2
    assert log.asked_today("Acme") == 1
    log.close()


def test_without_a_log_nothing_is_asked(tmp_path: Path) -> None:
    """The message names the directory and the way out."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="KEYSIFT_AUDIT_LOG"):
        AuditLog(tmp_path / "file")
