"""Detector files are data with a strict schema; errors name file and line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from keysift.catalogue import load, loader
from keysift.catalogue.cache import Cache
from keysift.catalogue.loader import parse
from keysift.errors import CatalogueError, UsageError
from tests.detector_file import TEXT as FILE
from tests.detector_file import detector_file


def write(folder: Path, text: str, name: str = "acme.toml") -> Path:
    """Write a detector file."""
    return detector_file(folder / name, text)


def test_a_users_file_is_added(tmp_path: Path) -> None:
    """Detectors of one's own stand beside the built-in ones."""
    catalogue = load((write(tmp_path, FILE),))
    assert catalogue.by_id["acme-token"].provider == "Acme"
    assert len(catalogue.detectors) > 1


@pytest.mark.parametrize(
    ("change", "line", "word"),
    [
        (("severity", "severty"), 9, "severty"),
        (('"high"\nconfidence', '"awful"\nconfidence'), 9, "awful"),
        (('name = "Acme token"\n', ""), 5, "name"),
        (('["qzt_{lower:8}", "Acme token: qzt_{lower:8}"]', "3"), 15, "int"),
    ],
)
def test_errors_name_file_and_line(
    tmp_path: Path, change: tuple[str, str], line: int, word: str
) -> None:
    """Unknown keys, bad values and missing fields say where they are."""
    path = write(tmp_path, FILE.replace(*change, 1))
    with pytest.raises(CatalogueError, match=rf"{re.escape(str(path))}:{line}: .*{word}"):
        parse(path, path.read_bytes())


def test_all_problems_of_a_file_are_named(tmp_path: Path) -> None:
    """Everything that breaks the schema is reported at once, each problem at its line."""
    second = FILE[FILE.index("[[detector]]") :].replace("text =", "txt =").replace('"high"', "1", 1)
    text = FILE.replace("rotate", "rotat") + second + "colour = 3\n"
    path = write(tmp_path, text)
    with pytest.raises(CatalogueError) as caught:
        parse(path, path.read_bytes())
    *problems, last = [problem.removeprefix(f"{path}:") for problem in caught.value.problems]
    assert problems == [
        "13: unknown key `rotat`; did you mean `rotate`?",
        "21: `severity`: Expected `str`, got `int`; one of info, low, medium, high, critical",
        "28: unknown key `txt`; did you mean `text`?",
    ]
    assert last.startswith("29: unknown key `colour`; known: id, name")


@pytest.mark.parametrize(
    "text", ["detector = 3", "[[detector]]\nnear_misses = [3]", "provider = []"]
)
def test_wrong_shapes_are_problems(tmp_path: Path, text: str) -> None:
    """A value where tables belong is a problem, not a crash."""
    path = write(tmp_path, text)
    with pytest.raises(CatalogueError):
        parse(path, path.read_bytes())


def test_all_files_with_problems_are_named(tmp_path: Path) -> None:
    """One run reports the problems of every file."""
    write(tmp_path, FILE.replace('"Acme"', "3"), "one.toml")
    write(tmp_path, "provider = [", "two.toml")
    with pytest.raises(CatalogueError) as caught:
        load((tmp_path,))
    assert len(caught.value.problems) == 2


def test_pieces_stand_for_themselves_in_patterns(tmp_path: Path) -> None:
    """An expression that several patterns share is written once, also inside of other pieces."""
    pieces = "[pieces]\nletter = '[a-z]'\nname = 'qzt_|(?&letter)y_'\n\n[[detector]]"
    text = FILE.replace("[[detector]]", pieces).replace("qzt_[a-z]{8}", "(?&name)(?&letter){8}")
    (detector,) = parse(write(tmp_path, text), text.encode())
    assert detector.pattern == "(?:qzt_|(?:[a-z])y_)(?:[a-z]){8}"


def test_an_unknown_piece_is_a_problem(tmp_path: Path) -> None:
    """A piece that comes later, or never, is named together with the file."""
    text = FILE.replace("qzt_[a-z]{8}", "(?&name)(?&letter){8}")
    with pytest.raises(CatalogueError, match=r"acme\.toml: no piece is called 'name'"):
        parse(write(tmp_path, text), text.encode())


def test_an_id_may_stand_once(tmp_path: Path) -> None:
    """Two files of the user must not define the same detector."""
    write(tmp_path, FILE, "one.toml")
    write(tmp_path, FILE, "two.toml")
    with pytest.raises(CatalogueError, match="is also in"):
        load((tmp_path,))


def test_a_glob_that_matches_nothing_is_an_error(tmp_path: Path) -> None:
    """A typing error in an option must not look like a clean scan."""
    catalogue = load((write(tmp_path, FILE),))
    assert [one.id for one in catalogue.select(("acme-*",), ()).detectors] == ["acme-token"]
    with pytest.raises(UsageError, match="acne"):
        catalogue.select(("acne-*",), ())


def test_the_cache_gives_the_same_catalogue(tmp_path: Path) -> None:
    """A second load comes from the cache and is equal."""
    cache = Cache(tmp_path / "cache")
    extra = (write(tmp_path, FILE),)
    first, second = load(extra, cache=cache), load(extra, cache=cache)
    assert first.detectors == second.detectors
    assert first.digest == second.digest


def test_a_changed_file_of_ours_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The remembered digest of the built-in files is that of their sizes and times, too."""
    built_in = tmp_path / "providers"
    built_in.mkdir()
    monkeypatch.setattr(loader, "BUILTIN", built_in)
    cache = Cache(tmp_path / "cache")
    path = write(built_in, FILE)
    before = load(cache=cache)
    assert load(cache=cache).digest == before.digest == load().digest
    path.write_text(FILE.replace("Acme token", "Acme Token"))
    assert path.stat().st_size == len(FILE.encode())
    after = load(cache=cache)
    assert after.digest == load().digest != before.digest
    assert after.by_id["acme-token"].name == "Acme Token"


def test_a_damaged_cache_entry_is_a_miss(tmp_path: Path) -> None:
    """A torn or altered file is never handed out."""
    cache = Cache(tmp_path)
    cache.put("x", b"content")
    assert cache.get("x") == b"content"
    path = tmp_path / "x"
    path.write_bytes(path.read_bytes()[:-1])
    assert cache.get("x") is None
