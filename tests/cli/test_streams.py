"""Standard streams and report files that are closed, full, protected or read only in part."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from keysift.cli import scan
from keysift.cli.exit import ExitCode
from keysift.crawl.session import Session
from tests.cli.conftest import Console
from tests.tokens import token

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the shell is POSIX")


@pytest.fixture
def leak(tmp_path: Path) -> Path:
    """Return a file that holds a secret."""
    path = tmp_path / "leak.py"
    path.write_text(f"k = '{token()}'\n")
    return path


def shell(command: str, cache: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command line in which ``KEYSIFT`` stands for the program."""
    program = shlex.join([sys.executable, "-m", "keysift"])
    environment = os.environ | {
        "KEYSIFT_CACHE_DIR": cache,
        "KEYSIFT_FINGERPRINT_KEY": "k" * 32,
        **variables,
    }
    return subprocess.run(
        ["/bin/sh", "-c", command.replace("KEYSIFT", program)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-"])
def test_a_closed_stream_changes_nothing(closed: str, leak: Path, cache: str) -> None:
    """Without a standard stream the scan is done, and the exit code says what it found."""
    done = shell(f"KEYSIFT scan {leak} {closed}", cache)
    assert done.returncode == ExitCode.FINDINGS
    assert done.stderr == ""


def test_closed_standard_input_cannot_be_a_target(cache: str) -> None:
    """A target that is not there is a usage error."""
    done = shell("KEYSIFT scan - <&-", cache)
    assert done.returncode == ExitCode.USAGE
    assert "no standard input" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("command", ["scan {}", "scan -f json {}", "detectors list"])
def test_a_full_disk_is_one_sentence(command: str, leak: Path, cache: str) -> None:
    """A report that cannot be written is an error with its reason, not a crash."""
    done = shell(f"KEYSIFT {command.format(leak)} >/dev/full", cache)
    assert done.returncode == ExitCode.USAGE
    assert done.stderr.splitlines()[-1] == "keysift: standard output: No space left on device"
    assert "Traceback" not in done.stderr


def test_a_reader_that_leaves_does_not_hide_the_findings(leak: Path, cache: str) -> None:
    """The exit code of a scan is its own also when its output is not read to the end."""
    command = f"(KEYSIFT scan --show-suppressed -v {leak.parent}; echo $? >&2) | true"
    (leak.parent / "noise.txt").write_text(
        "".join(f"k{n} = 'ghp_{'x' * 36}'\n" for n in range(2000))
    )
    done = shell(command, cache)
    assert done.stderr == "1\n"


def test_a_terminal_of_another_age_gets_escapes(leak: Path, cache: str) -> None:
    """What a stream cannot encode is escaped in text, and machine formats are always UTF-8."""
    assert shell(f"KEYSIFT scan {leak}", cache, PYTHONIOENCODING="ascii").returncode == 1
    done = shell(f"KEYSIFT scan -f json {leak}", cache, PYTHONIOENCODING="latin-1")
    assert "…" in json.loads(done.stdout)["findings"][0]["secret"]


def test_a_report_that_cannot_be_written_is_known_before_the_work(
    keysift: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong ``--output`` is refused before anything is scanned."""
    monkeypatch.setattr(scan, "Session", _never)
    for path in (str(keysift.directory), str(keysift.directory / "gone" / "report.txt")):
        assert keysift("scan", "-o", path, ".") == ExitCode.USAGE
        assert path in keysift.err


def _never(**_: object) -> Session:
    raise AssertionError("a scan was begun")


def test_a_report_replaces_the_one_before(keysift: Console, leak: Path, tmp_path: Path) -> None:
    """A shorter report leaves nothing of a longer one, and values are for the owner alone."""
    report = tmp_path / "report.txt"
    report.write_text("x" * 100_000)
    report.chmod(0o644)
    keysift("scan", "--reveal", "-o", str(report), str(leak))
    assert "xxx" not in report.read_text()
    assert report.stat().st_mode & 0o077 == 0


def test_a_device_keeps_its_permissions(keysift: Console, leak: Path) -> None:
    """``--reveal -o /dev/null`` makes nothing private that belongs to everyone."""
    before = Path(os.devnull).stat().st_mode
    assert keysift("scan", "--reveal", "-o", os.devnull, str(leak)) == ExitCode.FINDINGS
    assert Path(os.devnull).stat().st_mode == before
