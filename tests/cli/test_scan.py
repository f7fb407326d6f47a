"""``keysift scan`` as a user runs it: targets, formats, exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import signal
import string
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from keysift.cli.exit import ExitCode
from tests.cli.conftest import Console
from tests.detector_file import detector_file
from tests.index_server import Answer, IndexServer
from tests.tokens import token


def wheel(members: dict[str, str]) -> bytes:
    """Return the bytes of a zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def sdist(members: dict[str, str]) -> bytes:
    """Return the bytes of a compressed tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


def test_a_clean_file_is_clean(keysift: Console, tmp_path: Path) -> None:
    """Nothing found is exit code 0 and one line that says what was looked at."""
    (tmp_path / "a.py").write_text("x = 1\n")
    assert keysift("scan", str(tmp_path / "a.py")) == ExitCode.CLEAN
    assert "No secrets found" in keysift.out


def test_a_secret_in_a_wheel_is_found_and_masked(keysift: Console, tmp_path: Path) -> None:
    """The report names artifact, member, line and column, and never the value."""
    path = tmp_path / "demo-1.0-py3-none-any.whl"
    path.write_bytes(wheel({"demo/a.py": f"x = 1\nkey = '{token()}'\n"}))
    assert keysift("scan", "-f", "json", str(path)) == ExitCode.FINDINGS
    [finding] = json.loads(keysift.out)["findings"]
    [place] = finding["occurrences"]
    assert (finding["detector"], finding["proof"]) == ("github-pat", "checksum")
    assert (place["path"], place["line"], place["column"]) == ("demo/a.py", 2, 8)
    assert place["artifact"].endswith("demo-1.0-py3-none-any.whl")
    assert token() not in keysift.out


def test_reveal_shows_the_value(keysift: Console, tmp_path: Path) -> None:
    """Only ``--reveal`` gives a value out, and a file with values is private."""
    (tmp_path / "a.env").write_text(f"K={token()}\n")
    report = tmp_path / "report.json"
    keysift("scan", "--reveal", "-f", "json", "-o", str(report), str(tmp_path / "a.env"))
    assert json.loads(report.read_text())["findings"][0]["value"] == token()
    assert report.stat().st_mode & 0o077 == 0


def test_members_shared_by_two_artifacts_are_scanned_once(keysift: Console, tmp_path: Path) -> None:
    """Wheel and sdist of a project share their members; occurrences list both."""
    text = f"key = '{token()}'\n"
    (tmp_path / "demo-1.0-py3-none-any.whl").write_bytes(wheel({"demo/a.py": text}))
    (tmp_path / "demo-1.0.tar.gz").write_bytes(sdist({"demo-1.0/demo/a.py": text}))
    keysift("scan", "-f", "json", str(tmp_path))
    result = json.loads(keysift.out)
    assert len(result["findings"][0]["occurrences"]) == 2
    assert result["coverage"]["duplicates"] == 1


def test_nested_archives_are_opened(keysift: Console, tmp_path: Path) -> None:
    """The path of a nested member joins archives with ``!/``."""
    inner = sdist({"package/index.js": f"const k = '{token()}';\n"})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("vendor/inner.tgz", inner)
    (tmp_path / "outer.zip").write_bytes(buffer.getvalue())
    keysift("scan", "-f", "json", str(tmp_path / "outer.zip"))
    [place] = json.loads(keysift.out)["findings"][0]["occurrences"]
    assert place["path"] == "vendor/inner.tgz!/package/index.js"


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "csv", "sarif"])
def test_every_format_reports_without_the_value(
    keysift: Console, tmp_path: Path, form: str
) -> None:
    """Each format names the detector and hides the secret."""
    (tmp_path / "a.py").write_text(f"k = '{token()}'\n")
    assert keysift("scan", "-f", form, str(tmp_path / "a.py")) == ExitCode.FINDINGS
    assert "github-pat" in keysift.out
    assert token() not in keysift.out
    if form == "csv":
        assert len(list(csv.reader(io.StringIO(keysift.out)))) == 2


def test_filters_leave_out_and_count(keysift: Console, tmp_path: Path) -> None:
    """A finding below the asked severity is not reported."""
    (tmp_path / "a.py").write_text(f"k = '{token()}'\n")
    assert keysift("scan", "--exclude-detector", "github-*", str(tmp_path)) == ExitCode.CLEAN
    assert keysift("scan", "--detector", "no-such-*", str(tmp_path)) == ExitCode.USAGE
    assert "no detector matches" in keysift.err


def test_a_missing_target_does_not_lose_the_others(keysift: Console, tmp_path: Path) -> None:
    """What is wrong with one target is said, and the others are reported."""
    (tmp_path / "a.py").write_text(f"k = '{token()}'\n")
    code = keysift("scan", "-f", "json", str(tmp_path / "gone"), str(tmp_path / "a.py"))
    assert code == ExitCode.USAGE
    assert "gone" in keysift.err
    report = json.loads(keysift.out)
    assert len(report["findings"]) == 1
    assert report["coverage"]["skipped"] == {"target_failed": 1}
    assert report["coverage"]["complete"] is False


def test_a_target_alone_that_fails_is_one_sentence(keysift: Console) -> None:
    """Without anything to report there is no report, only the error."""
    assert keysift("scan", "no-such-file") == ExitCode.USAGE
    assert keysift.out == ""
    assert keysift.err.count("\n") == 1


@pytest.mark.parametrize("form", ["csv", "text"])
def test_a_file_that_is_not_the_announced_one_is_incomplete(
    keysift: Console, form: str, server: IndexServer
) -> None:
    """A wrong digest is exit code 3, and is said even where the report has no room for it."""
    server.add("demo", "demo-1.0.tar.gz", sdist({"a": "x"}), hashes={"sha256": "0" * 64})
    code = keysift("scan", "-q", "-f", form, "--index-url", server.url, "pypi:demo")
    assert code == ExitCode.INCOMPLETE
    assert "demo-1.0.tar.gz" in keysift.err
    assert "its sha256 is not the one that the index announces" in keysift.err
    assert "1 item could not be looked at" in keysift.err


def test_a_download_that_fails_keeps_the_findings(keysift: Console, server: IndexServer) -> None:
    """One artifact that cannot be had is exit code 3; what the others hold is reported."""
    server.add("demo", "demo-1.0-py3-none-any.whl", wheel({"a.py": f"k = '{token()}'\n"}))
    server.answers[server.add("demo", "demo-1.0.tar.gz", b"")] = [Answer(404)]
    code = keysift("scan", "-f", "json", "--index-url", server.url, "pypi:demo")
    report = json.loads(keysift.out)
    assert code == ExitCode.INCOMPLETE
    assert len(report["findings"]) == 1
    assert report["coverage"]["skipped"] == {"not_served": 1}


def test_standard_input_is_scanned(keysift: Console) -> None:
    """What comes through a pipe is a target like a file, archives too."""
    keysift.stdin = sdist({"a/a.py": f"k = '{token()}'\n"})
    assert keysift("scan", "-f", "json", "-") == ExitCode.FINDINGS
    [place] = json.loads(keysift.out)["findings"][0]["occurrences"]
    assert (place["target"], place["artifact"], place["path"]) == ("-", "stdin", "a/a.py")


def test_an_incomplete_scan_can_fail(keysift: Console, tmp_path: Path) -> None:
    """A cut archive is incomplete; ``--fail-on-incomplete`` makes that exit code 3."""
    source = random.Random(3)
    text = "".join(source.choices(string.printable, k=200_000))
    (tmp_path / "a.tar.gz").write_bytes(sdist({"a/a.txt": text})[:-20_000])
    assert keysift("scan", str(tmp_path / "a.tar.gz")) == ExitCode.CLEAN
    assert "incomplete" in keysift.out.lower()
    assert keysift("scan", "--fail-on-incomplete", str(tmp_path)) == ExitCode.INCOMPLETE


def test_suppressed_matches_are_listed_on_request(keysift: Console, tmp_path: Path) -> None:
    """Each suppression is counted, and listed with its reason when asked."""
    (tmp_path / "a.py").write_text("k = 'ghp_" + "x" * 36 + "'\n")
    assert keysift("scan", "--show-suppressed", str(tmp_path)) == ExitCode.CLEAN
    assert "proof failed" in keysift.out or "placeholder" in keysift.out


def test_a_users_detectors_and_configuration(keysift: Console, tmp_path: Path) -> None:
    """Detectors of one's own come from the configuration in the working directory."""
    detector_file(tmp_path / "mine.toml")
    (tmp_path / "keysift.toml").write_text('detectors = ["mine.toml"]\n')
    (tmp_path / "a.txt").write_text("qzt_" + "bdfhkmpr")
    assert keysift("scan", "-f", "json", str(tmp_path / "a.txt")) == ExitCode.FINDINGS
    assert json.loads(keysift.out)["findings"][0]["detector"] == "acme-token"


def test_a_misspelt_configuration_key_is_an_error(keysift: Console, tmp_path: Path) -> None:
    """An unknown key is named with the one that was probably meant."""
    (tmp_path / "keysift.toml").write_text("confidense = 'high'\n")
    assert keysift("scan", str(tmp_path)) == ExitCode.USAGE
    assert "did you mean `confidence`" in keysift.err


def test_a_project_of_an_index_is_scanned(keysift: Console, server: IndexServer) -> None:
    """All artifacts of the newest release are scanned, with their package URL and upload time."""
    text = f"key = '{token()}'\n"
    for name, content in {
        "demo-1.0.tar.gz": sdist({"demo-1.0/a.py": "x = 1\n"}),
        "demo-1.1.tar.gz": sdist({"demo-1.1/a.py": text}),
        "demo-1.1-py3-none-any.whl": wheel({"a.py": text}),
    }.items():
        server.add("demo", name, content, uploaded="2024-03-01T12:00:00Z")
    code = keysift("scan", "-f", "json", "--index-url", server.url, "pypi:demo")
    assert code == ExitCode.FINDINGS
    [finding] = json.loads(keysift.out)["findings"]
    assert len(finding["occurrences"]) == 2
    assert finding["occurrences"][0]["artifact"].startswith("pkg:pypi/demo@1.1?file_name=")
    assert finding["occurrences"][0]["uploaded"].startswith("2024-03-01T12:00:00")


def test_an_unknown_project_is_a_usage_error(keysift: Console, server: IndexServer) -> None:
    """The message names the project."""
    code = keysift("scan", "--index-url", server.url, "pypi:nothing-here")
    assert code == ExitCode.USAGE
    assert "nothing-here" in keysift.err


def test_an_index_that_cannot_be_reached_is_incomplete(keysift: Console) -> None:
    """No connection is exit code 3, never "clean"."""
    code = keysift("scan", "--index-url", "http://127.0.0.1:9/simple/", "pypi:demo")
    assert code == ExitCode.INCOMPLETE
    assert keysift.err


def test_help_names_every_command(keysift: Console) -> None:
    """Both commands are in the help of the program."""
    with pytest.raises(SystemExit) as caught:
        keysift("--help")
    assert caught.value.code == 0


def test_ctrl_c_prints_what_was_found(keysift: Console, tmp_path: Path, cache: str) -> None:
    """After an interruption the findings so far are printed, and the exit code is 130."""
    (tmp_path / "a.py").write_text(f"k = '{token()}'\n")
    keysift("scan", str(tmp_path / "a.py"))  # compiles the detectors, if no test has yet
    environment = os.environ | {"KEYSIFT_CACHE_DIR": cache, "KEYSIFT_FINGERPRINT_KEY": "k" * 32}
    command = [sys.executable, "-m", "keysift", "scan", "-f", "json", str(tmp_path / "a.py"), "-"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
    ) as process:
        # It has scanned the file and waits for standard input when it sleeps in a read.
        state = Path(f"/proc/{process.pid}/wchan")
        for _ in range(100_000):
            if "pipe" in state.read_text():
                break
        process.send_signal(signal.SIGINT)
        out = process.stdout.read() if process.stdout else ""
        process.wait()
    assert process.returncode == ExitCode.INTERRUPTED
    result = json.loads(out)
    assert len(result["findings"]) == 1
    assert result["coverage"]["complete"] is False
