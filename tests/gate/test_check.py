"""``keysift check`` as a maintainer runs it."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from keysift.cli.exit import ExitCode
from tests.cli.conftest import Console
from tests.gate.archives import write_sdist, write_wheel
from tests.gate.projects import commit, git
from tests.index_server import IndexServer
from tests.tokens import token

_PYPROJECT = '[build-system]\nbuild-backend = "hatchling.build"\n[project]\nname = "demo"\n'
_PACKAGE = {"demo/__init__.py": "x = 1\n"}


def _report(keysift: Console, *arguments: str) -> dict[str, Any]:
    keysift("check", "-f", "json", *arguments)
    document: dict[str, Any] = json.loads(keysift.out)
    return document


def _rules(document: dict[str, Any]) -> dict[str, str]:
    return {one["path"]: one["rule"] for one in document["problems"] if one["level"] != "note"}


def test_a_clean_release_passes(keysift: Console, tmp_path: Path) -> None:
    """Both files are named, and what was looked at is said."""
    write_wheel(tmp_path / "dist", _PACKAGE)
    write_sdist(tmp_path / "dist", {**_PACKAGE, "pyproject.toml": _PYPROJECT})
    assert keysift("check", str(tmp_path / "dist")) == ExitCode.CLEAN
    printed = " ".join(keysift.out.split())
    assert "demo-1.0.tar.gz: sdist, 3 files" in printed
    assert "built by hatchling" in printed
    assert "✓ 2 files may be uploaded: no secrets" in keysift.out


def test_a_secret_blocks_with_where_to_revoke_it_and_how_to_leave_it_out(
    keysift: Console, tmp_path: Path
) -> None:
    """And its value is not shown."""
    leak = {"demo/config.json": f'{{"key": "{token()}"}}\n'}
    write_wheel(tmp_path, {**_PACKAGE, **leak})
    inside = {f"src/{path}": text for path, text in {**_PACKAGE, **leak}.items()}
    write_sdist(tmp_path, {**inside, "pyproject.toml": _PYPROJECT})
    assert keysift("check", str(tmp_path)) == ExitCode.FINDINGS
    assert token() not in keysift.out
    assert "Revoke" in keysift.out
    assert "https://" in keysift.out
    for target in ("sdist", "wheel"):
        change = f'[tool.hatch.build.targets.{target}]\n      exclude = ["/src/demo/config.json"]'
        assert change in keysift.out
    assert "✗ Do not upload: 1 secret." in keysift.out


def test_what_a_package_needs_is_not_left_out(keysift: Console, tmp_path: Path) -> None:
    """A module, or what a build wrote; the secret has to go from the source."""
    leak = {**_PACKAGE, "demo/config.py": f"KEY = '{token()}'\n"}
    write_wheel(tmp_path, {**leak, "demo-1.0.dist-info/top_level.txt": f"{token(1)}\n"})
    sources = {"src/demo/config.py": leak["demo/config.py"], "tests/a.py": f"k = '{token(3)}'\n"}
    write_sdist(tmp_path, {"pyproject.toml": f"{_PYPROJECT}# {token(2)}\n", **sources})
    document = _report(keysift, str(tmp_path))
    fixes = {one["occurrences"][0]["path"]: one["fixes"] for one in document["findings"]}
    assert fixes["demo/config.py"] == []
    assert fixes["demo-1.0/pyproject.toml"] == []
    assert fixes["demo-1.0/tests/a.py"][0]["lines"][-1] == 'exclude = ["/tests/a.py"]'
    [fix] = fixes["demo-1.0.dist-info/top_level.txt"]
    assert "from the project's metadata" in fix["what"]


def test_a_pattern_that_no_shell_has_expanded(keysift: Console, tmp_path: Path) -> None:
    """As on Windows."""
    write_wheel(tmp_path, _PACKAGE)
    assert keysift("check", f"{tmp_path}/*.whl") == ExitCode.CLEAN
    assert keysift("check", f"{tmp_path}/*.tar.gz") == ExitCode.USAGE
    assert "no such file" in keysift.err


def test_files_are_named_once_for_wheel_and_sdist(keysift: Console, tmp_path: Path) -> None:
    """By their path in the project; a directory counts as one."""
    hidden = {".env": "A_KEY=b\n", ".idea/a.xml": "<a/>", ".idea/b.xml": "<b/>"}
    write_wheel(tmp_path, {**_PACKAGE, **{f"demo/{path}": text for path, text in hidden.items()}})
    inside = {f"src/demo/{path}": text for path, text in hidden.items()}
    write_sdist(tmp_path, {"src/demo/__init__.py": "x = 1\n", **inside})
    document = _report(keysift, str(tmp_path))
    assert _rules(document) == {"src/demo/.env": "dotenv", "src/demo/.idea/": "editor-settings"}
    assert [one["files"] for one in document["problems"][:2]] == [1, 2]
    assert [len(one["places"]) for one in document["problems"][:2]] == [2, 2]
    assert document["passed"] is False


def test_warnings_block_only_when_strict(keysift: Console, tmp_path: Path) -> None:
    """They are shown all the same."""
    wheel = write_wheel(tmp_path, {**_PACKAGE, "demo/app.log": "x\n"})
    assert keysift("check", str(wheel)) == ExitCode.CLEAN
    assert "demo/app.log" in keysift.out
    assert keysift("check", "--strict", str(wheel)) == ExitCode.FINDINGS
    (tmp_path / "keysift.toml").write_text("[check]\nstrict = true\n")
    assert keysift("check", str(wheel)) == ExitCode.FINDINGS


def test_quiet_says_what_blocks_and_how_to_mend_it(keysift: Console, tmp_path: Path) -> None:
    """Nothing when nothing does."""
    clean = write_wheel(tmp_path / "a", {**_PACKAGE, "demo/app.log": "x\n"})
    assert keysift("check", "-q", str(clean)) == ExitCode.CLEAN
    assert keysift.out == ""
    leaking = write_wheel(
        tmp_path / "b", {**_PACKAGE, "demo/.env": "A=b\n"}, generator="hatchling 1.33.0"
    )
    assert keysift("check", "-q", str(leaking)) == ExitCode.FINDINGS
    assert "demo/.env" in keysift.out
    assert 'exclude = ["/demo/.env"]' in keysift.out
    assert "Looked at" not in keysift.out


def test_what_could_not_be_read_blocks(keysift: Console, tmp_path: Path) -> None:
    """With what and why; it may be accepted by path, or all of it for once."""
    sdist = write_sdist(tmp_path, {"tests/bad.tar.gz": b"\x1f\x8b\x08\0\0\0\0\0\0\3broken"})
    assert keysift("check", str(sdist)) == ExitCode.INCOMPLETE
    assert "tests/bad.tar.gz" in keysift.out
    assert "could not be looked at" in keysift.out
    assert keysift("check", "--allow-incomplete", str(sdist)) == ExitCode.CLEAN
    (tmp_path / "keysift.toml").write_text(
        '[[check.allow]]\nrules = ["incomplete"]\npaths = ["tests/"]\n'
        'reason = "made to be broken"\n'
    )
    assert keysift("check", str(sdist)) == ExitCode.CLEAN
    assert "1 problem by the configuration" in keysift.out
    assert keysift("check", "--show-suppressed", str(sdist)) == ExitCode.CLEAN
    assert "made to be broken" in keysift.out


def test_a_damaged_wheel_blocks(keysift: Console, tmp_path: Path) -> None:
    """Even when the user lets gaps pass: nothing of it was looked at."""
    wheel = write_wheel(tmp_path, _PACKAGE)
    wheel.write_bytes(wheel.read_bytes()[:-60])
    assert keysift("check", "--allow-incomplete", str(wheel)) == ExitCode.INCOMPLETE


def test_problems_are_accepted_with_a_reason(keysift: Console, tmp_path: Path) -> None:
    """By rule and path; the report says how many, and the JSON which."""
    wheel = write_wheel(tmp_path, {**_PACKAGE, "demo/template/.env": "A=b\n", "demo/.env": "A=b\n"})
    (tmp_path / "keysift.toml").write_text(
        '[[check.allow]]\nrules = ["dotenv"]\npaths = ["demo/template/"]\nreason = "a template"\n'
    )
    document = _report(keysift, str(wheel))
    assert {one["path"]: one["accepted"] for one in document["problems"]} == {
        "demo/.env": None,
        "demo/template/.env": "a template",
    }


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('rules = ["dotenv"]', "missing required field `reason`"),
        ('rules = ["dotenv"]\nreason = " "', "the reason is empty"),
        ('reason = "all"', "accepts everything"),
        ('rules = ["dot-env"]\nreason = "x"', "did you mean dotenv?"),
        ('rule = "dotenv"\nreason = "x"', "unknown field `rule`"),
    ],
)
def test_what_is_accepted_carelessly_is_an_error(
    keysift: Console, tmp_path: Path, table: str, message: str
) -> None:
    """It says what to write."""
    wheel = write_wheel(tmp_path, _PACKAGE)
    (tmp_path / "keysift.toml").write_text(f"[[check.allow]]\n{table}\n")
    assert keysift("check", str(wheel)) == ExitCode.USAGE
    assert message in keysift.err


def test_what_is_no_distribution_is_refused(keysift: Console, tmp_path: Path) -> None:
    """With what to do instead."""
    (tmp_path / "notes.txt").write_text("x")
    assert keysift("check", str(tmp_path / "notes.txt")) == ExitCode.USAGE
    assert "is no distribution" in keysift.err
    assert keysift("check", str(tmp_path)) == ExitCode.USAGE
    assert "build them first" in keysift.err
    assert keysift("check", str(tmp_path / "dist")) == ExitCode.USAGE
    assert "no such file" in keysift.err
    (tmp_path / "demo.whl").write_bytes(b"")
    assert keysift("check", str(tmp_path / "demo.whl")) == ExitCode.USAGE
    assert "Invalid wheel filename" in keysift.err


def test_signatures_are_scanned_and_have_no_rules(keysift: Console, tmp_path: Path) -> None:
    """They are uploaded with a distribution."""
    wheel = write_wheel(tmp_path, _PACKAGE)
    (tmp_path / f"{wheel.name}.asc").write_text(f"-----BEGIN x-----\n{token()}\n")
    assert keysift("check", str(tmp_path)) == ExitCode.FINDINGS
    assert f"{wheel.name}.asc" in keysift.out
    alone = str(tmp_path / f"{wheel.name}.asc")
    assert keysift("check", "--against", "latest", alone) == ExitCode.FINDINGS


def test_what_is_left_of_an_earlier_build_is_seen(keysift: Console, tmp_path: Path) -> None:
    """``dist/*`` uploads everything that is there."""
    write_wheel(tmp_path, _PACKAGE, version="1.0")
    write_wheel(tmp_path, _PACKAGE, version="1.1")
    document = _report(keysift, str(tmp_path))
    assert _rules(document) == {"demo": "several-versions"}


def test_a_wheel_that_holds_more_than_its_sdist(keysift: Console, tmp_path: Path) -> None:
    """Such a file comes from the machine; what a build makes is no news."""
    made: dict[str, str | bytes] = {
        "demo/_version.py": "v = 1\n",
        "demo/parser.so": b"\x7fELF",
        "demo/a_pb2.py": "x\n",
        "demo-1.0.data/scripts/run": "#!python\n",
    }
    wheel = write_wheel(tmp_path, {**_PACKAGE, **made, "demo/old.py": "x\n"})
    sources = {"src/demo/__init__.py": "x = 1\n", "src/demo/a.proto": "x\n", "scripts/run": "#!x\n"}
    write_sdist(tmp_path, {**sources, "tests/test_x.py": "x\n"})
    document = _report(keysift, str(tmp_path))
    assert _rules(document) == {"demo/old.py": "not-in-sdist"}
    [note] = [one for one in document["problems"] if one["rule"] == "not-in-wheel"]
    assert "tests/ (1)" in note["detail"]
    assert wheel.name in document["problems"][0]["places"][0]["artifact"]


def test_files_outside_of_the_packages(keysift: Console, tmp_path: Path) -> None:
    """What is declared is meant; else what has a name of its own."""
    outside = {"tests/__init__.py": "x\n", "config/prod.toml": "x\n", "README.md": "x\n"}
    wheel = write_wheel(tmp_path, {**_PACKAGE, **outside, "demo_tools/__init__.py": "x\n"})
    assert set(_rules(_report(keysift, str(wheel)))) == {"tests/", "config/", "README.md"}
    declared = _PYPROJECT + '[tool.hatch.build.targets.wheel]\npackages = ["src/demo"]\n'
    (tmp_path / "pyproject.toml").write_text(declared)
    assert set(_rules(_report(keysift, "--project", str(tmp_path), str(wheel)))) == {
        "tests/",
        "config/",
        "README.md",
        "demo_tools/",
    }


def test_files_that_git_does_not_track(keysift: Console, tmp_path: Path) -> None:
    """Compared with the work tree that the distributions lie in."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "demo").mkdir()
    (project / "pyproject.toml").write_text(_PYPROJECT)
    (project / "demo/__init__.py").write_text("x = 1\n")
    (project / ".gitignore").write_text("demo/local.py\ndist/\n")
    git(project, "init", "-q")
    commit(project)
    extra = {"demo/local.py": "y\n", "demo/new/a.py": "z\n", "demo/new/b.py": "z\n"}
    for path, text in extra.items():
        (project / path).parent.mkdir(exist_ok=True)
        (project / path).write_text(text)
    write_wheel(project / "dist", {**_PACKAGE, **extra})
    write_sdist(project / "dist", {**_PACKAGE, **extra, "pyproject.toml": _PYPROJECT})
    document = _report(keysift, str(project / "dist"))
    assert _rules(document) == {"demo/local.py": "ignored-by-git", "demo/new/": "untracked"}
    assert _rules(_report(keysift, "--no-git", str(project / "dist"))) == {}


def test_git_that_cannot_be_asked_is_said(keysift: Console, tmp_path: Path) -> None:
    """The rest is checked; what was not compared is no secret."""
    (tmp_path / "pyproject.toml").write_text(_PYPROJECT)
    wheel = write_wheel(tmp_path / "dist", _PACKAGE)
    keysift.variables["PATH"] = ""
    assert keysift("check", str(wheel)) == ExitCode.CLEAN
    assert "git is not installed" in keysift.out


def test_known_secrets_are_listed_and_new_ones_block(keysift: Console, tmp_path: Path) -> None:
    """Compared with files, with the newest release, and with a version."""
    old = {**_PACKAGE, "demo/a.py": f"k = '{token(1)}'\n", "demo/.env": "A_B=c\n"}
    new = {**old, "demo/b.py": f"k = '{token(2)}'\n"}
    before = write_wheel(tmp_path / "old", old, version="1.0")
    after = write_wheel(tmp_path / "new", new, version="1.1")
    document = _report(keysift, "--against", str(tmp_path / "old"), str(after))
    assert [one["known"] for one in document["findings"]] == [True, False]
    assert [one["known"] for one in document["problems"]] == [True]
    same = write_wheel(tmp_path / "same", old, version="1.1")
    assert keysift("check", "--against", str(before), str(same)) == ExitCode.CLEAN
    assert "Known from the release before" in keysift.out
    assert "no new secrets" in keysift.out


def test_the_newest_release_of_the_index(
    keysift: Console, tmp_path: Path, server: IndexServer
) -> None:
    """Other than the one that is checked; a first release has none."""
    leak = {**_PACKAGE, "demo/a.py": f"k = '{token(1)}'\n"}
    for version, members in (("0.9", _PACKAGE), ("1.0", leak), ("1.1", _PACKAGE)):
        path = write_wheel(tmp_path / "published", members, version=version)
        server.add("demo", path.name, path.read_bytes())
    wheel = write_wheel(tmp_path / "dist", leak, version="1.1")
    keysift.variables["KEYSIFT_INDEX_URL"] = server.url
    assert keysift("check", "--against", "latest", str(wheel)) == ExitCode.CLEAN
    assert "demo 1.0 (demo-1.0-py3-none-any.whl)" in keysift.out
    assert keysift("check", "--against", "0.9", str(wheel)) == ExitCode.FINDINGS
    assert keysift("check", "--against", "7.0", str(wheel)) == ExitCode.USAGE
    assert "has no demo 7.0" in keysift.err
    assert "Do not upload" in keysift.out
    first = tmp_path / "first/other-1.0-py3-none-any.whl"
    first.parent.mkdir()
    first.write_bytes(wheel.read_bytes())
    assert keysift("check", "--against", "latest", str(first)) == ExitCode.FINDINGS
    assert "no release before it" in " ".join(keysift.out.split())


def test_an_index_that_is_not_there_is_not_clean(
    keysift: Console, tmp_path: Path, unused_origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found is reported, and everything is new."""
    monkeypatch.setattr(time, "sleep", lambda _: None)
    wheel = write_wheel(tmp_path, _PACKAGE)
    keysift.variables["KEYSIFT_INDEX_URL"] = f"{unused_origin}/simple/"
    assert keysift("check", "--against", "latest", str(wheel)) == ExitCode.INCOMPLETE
    assert "not compared" in keysift.err
    assert "Do not upload yet: there was nothing to compare with" in keysift.out


def test_against_says_what_it_takes(keysift: Console, tmp_path: Path) -> None:
    """A path that is not there is no version."""
    wheel = write_wheel(tmp_path, _PACKAGE)
    assert keysift("check", "--against", "./nowhere", str(wheel)) == ExitCode.USAGE
    assert "write latest, a version such as 1.4.2, or a path" in keysift.err


def test_what_somebody_decided_to_ignore_does_not_block(keysift: Console, tmp_path: Path) -> None:
    """A comment beside it, a rule, a baseline; a release before is looked at without them."""
    beside = f"k = '{token(1)}'  # keysift: ignore[github-pat] made up\n"
    wheel = write_wheel(tmp_path, {**_PACKAGE, "demo/a.py": beside, "demo/b.py": beside[:-40]})
    assert keysift("check", str(wheel)) == ExitCode.FINDINGS
    clean = write_wheel(tmp_path, {**_PACKAGE, "demo/a.py": beside})
    assert keysift("check", str(clean)) == ExitCode.CLEAN
    assert keysift("check", "--report-ignored", str(clean)) == ExitCode.FINDINGS
    known = write_wheel(tmp_path / "new", {**_PACKAGE, "demo/a.py": beside[:-40]}, version="1.1")
    assert keysift("check", "--against", str(clean), str(known)) == ExitCode.CLEAN
    assert "Known from the release before" in keysift.out
    (tmp_path / "keysift.toml").write_text('[[ignore]]\npaths = ["demo/a.py"]\nreason = "x"\n')
    assert keysift("check", str(known)) == ExitCode.CLEAN
    assert "1 rule" in keysift.out


def test_hostile_names_are_escaped(keysift: Console, tmp_path: Path) -> None:
    """A member cannot move the cursor, nor write lines of the report."""
    name = "demo/\x1b[2J\n✓ fine/.env"
    wheel = write_wheel(tmp_path, {**_PACKAGE, name: "A=b\n"})
    assert keysift("check", str(wheel)) == ExitCode.FINDINGS
    assert "\x1b" not in keysift.out
    assert "\n✓" not in keysift.out
    assert "fine/.env" in keysift.out


def test_the_working_directory_has_a_dist(
    keysift: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a target that is what is meant."""
    monkeypatch.chdir(tmp_path)
    write_wheel(tmp_path / "dist", _PACKAGE)
    assert keysift("check") == ExitCode.CLEAN
    assert f"dist{os.sep}demo-1.0-py3-none-any.whl".replace(os.sep, "/") in keysift.out
