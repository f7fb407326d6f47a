"""``keysift detectors list|show|check`` as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from keysift.cli.exit import ExitCode
from tests.cli.conftest import Console
from tests.detector_file import detector_file


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """Return the file of a sound detector."""
    return detector_file(tmp_path / "mine.toml")


def test_a_sound_file_has_no_problem(keysift: Console, mine: Path) -> None:
    """Only the detectors of the file are checked, among all the others."""
    assert keysift("detectors", "check", str(mine)) == ExitCode.CLEAN
    assert (keysift.out, keysift.err) == ("", "1 detector checked, 0 problems\n")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("what =", "waht ="), "mine.toml:8: unknown key `waht`; did you mean `what`?"),
        (("acme-token", "Acme"), "Acme: the id is not kebab-case"),
        (("https://example.com/revoke", ""), "acme-token: `revoke` is empty"),
        (("[a-z]{8}", "[a-z]{8}("), "acme-token: pattern: not a regular expression"),
        (("[a-z]{8}", "(?P<secret>[a-z]+)+$"), "acme-token: pattern can blow up"),
        (("qzt_[a-z]{8}", r"\s+qzt_[a-z]{8}"), "acme-token: pattern begins with a repeat"),
    ],
)
def test_a_problem_is_named(
    keysift: Console, mine: Path, change: tuple[str, str], problem: str
) -> None:
    """What is wrong with a detector is one line that says what."""
    mine.write_text(mine.read_text().replace(*change))
    assert keysift("detectors", "check", str(mine)) == ExitCode.FINDINGS
    assert problem in keysift.out


def test_examples_and_near_misses_are_tried(keysift: Console, mine: Path) -> None:
    """The whole engine must find the examples, and must not report the near-misses."""
    head, _, table = mine.read_text().partition("[[detector]]")
    changes = {
        "one": ("qzt_[a-z]", "qzu_[a-z]"),
        "two": ('"qzt_short"', '"qzt_{lower:8}"'),
        "three": ('["qzt_{lower:8}"', '["qzt_{lowest:8}"'),
    }
    for name, change in changes.items():
        changed = table.replace("acme-token", f"acme-{name}").replace(*change)
        head += f"[[detector]]{changed.replace('qzt', f'qzt{name}')}"
    mine.write_text(head)
    assert keysift("detectors", "check", str(mine)) == ExitCode.FINDINGS
    assert "acme-one: example 'qztone_{lower:8}' (seed 0): not reported" in keysift.out
    assert "acme-two: near-miss 'qzttwo_{lower:8}' is reported, though too short" in keysift.out
    assert "acme-three: example 'qztthree_{lowest:8}': no macro is called" in keysift.out
    assert keysift.err == "3 detectors checked, 4 problems\n"


def test_several_files_may_be_named(keysift: Console, mine: Path) -> None:
    """They are checked together, each once."""
    other = mine.with_name("other.toml")
    other.write_text(
        mine.read_text("utf-8").replace("acme-token", "acme-other").replace("qzt_", "qzu_"), "utf-8"
    )
    assert keysift("detectors", "check", str(mine), str(other)) == ExitCode.CLEAN
    assert keysift.err == "2 detectors checked, 0 problems\n"


def test_all_files_are_checked_at_once(keysift: Console, mine: Path) -> None:
    """A file that breaks the schema does not hide what is wrong with another one."""
    mine.write_text(mine.read_text().replace("https://example.com/revoke", ""))
    (mine.parent / "other.toml").write_text('provider = "Other"\nwebsit = ""\n')
    assert keysift("detectors", "check", str(mine.parent)) == ExitCode.FINDINGS
    assert "`revoke` is empty" in keysift.out
    assert "other.toml:2: unknown key `websit`" in keysift.out


def test_a_missing_file_is_an_error(keysift: Console) -> None:
    """Nothing to check is not "no problem"."""
    assert keysift("detectors", "check", "gone.toml") == ExitCode.USAGE
    assert "gone.toml" in keysift.err


def test_list_has_a_line_for_each(keysift: Console, mine: Path) -> None:
    """Detectors of one's own stand among the others; globs choose."""
    assert keysift("detectors", "list", "--detectors", str(mine)) == ExitCode.CLEAN
    assert any(line.startswith("acme-token ") for line in keysift.out.splitlines())
    keysift("detectors", "list", "--detectors", str(mine), "--detector", "acme-*")
    assert keysift.out == "acme-token  high      high    Acme token\n"


def test_list_says_how_providers_would_be_asked(keysift: Console, mine: Path) -> None:
    """A request, the reason why there is none, or that nobody has written it down."""
    listed = ("detectors", "list", "--validity", "--detectors", str(mine), "--detector", "acme-*")
    assert keysift(*listed) == ExitCode.CLEAN
    assert keysift.out == "acme-token  unknown how\n"
    assert keysift.err == "0 detectors with a request, 0 not checkable, 1 unknown\n"
    own = mine.read_text()
    table = '\n[[validity]]\ndetectors = ["acme-token"]\n'
    mine.write_text(f'{own}{table}url = "https://api.acme.example/{{secret}}"\n')
    keysift(*listed)
    assert keysift.out == "acme-token  GET https://api.acme.example/{secret}\n"
    mine.write_text(f'{own}{table}not_checkable = "it signs messages"\n')
    keysift(*listed)
    assert keysift.out == "acme-token  not checkable: it signs messages\n"


def test_a_validity_table_that_is_wrong(keysift: Console, mine: Path) -> None:
    """Everything that is wrong with it is listed, and the exit code says so."""
    table = (
        '\n[[validity]]\ndetectors = ["acme-token"]\nurl = "http://api.acme.example"\n'
        "active_when = [{ status = 200 }]\ninactive_when = [{ status = 429 }]\n"
    )
    mine.write_text(mine.read_text() + table)
    assert keysift("detectors", "check", "--validity", str(mine)) == ExitCode.FINDINGS
    for problem in ("https://", "side_effects", "references", "samples", "200 alone", "429"):
        assert problem in keysift.out


def test_list_searches(keysift: Console, mine: Path) -> None:
    """Each of the words must stand somewhere in names, keywords or texts; case does not matter."""
    mine.write_text(mine.read_text().replace("A token.", "Opens the Qzfarm to strangers."))
    assert keysift("detectors", "list", "--detectors", str(mine), "qzFARM", "token") == 0
    assert [line.split()[0] for line in keysift.out.splitlines()] == ["acme-token"]
    assert keysift.err.startswith("1 detector of 1 provider, ")
    assert keysift("detectors", "list", "--detectors", str(mine), "qzfarm", "nowhere") == 0
    assert keysift.out == ""
    assert keysift.err.startswith("0 detectors of 0 providers, ")


def test_show_tells_everything(keysift: Console) -> None:
    """Texts, links, pattern, settings, examples and near-misses of a detector are shown."""
    assert keysift("detectors", "show", "aws-access-key") == ExitCode.CLEAN
    labels = {line.split(" ")[0] for line in keysift.out.splitlines()}
    assert {"id", "what", "revoke", "rotate", "reference", "pattern", "example"} <= labels
    assert {"recognised", "proofs", "near-miss"} <= labels
    assert "pattern of secret" in keysift.out
    assert "POST https://sts.us-east-1.amazonaws.com/" in keysift.out
    assert "aws-sigv4 (service sts" in keysift.out
    keysift("detectors", "show", "agora-app-certificate")
    assert "keywords      agora, agora app certificate\n" in keysift.out
    assert "\nlabels " in keysift.out


def test_show_guesses_what_was_meant(keysift: Console) -> None:
    """An id that does not exist is answered with similar ones."""
    assert keysift("detectors", "show", "github-pad") == ExitCode.USAGE
    assert "github-pat" in keysift.err
