"""What holds for the files of this repository themselves."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pypi_simple import PYPI_SIMPLE_ENDPOINT

import keysift

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "docs/detectors/index.md"])
LOOK_ALIKES = (ROOT / "tests/detect/labelled", ROOT / "tests/catalogue/facts.tsv")
FOLDERS = ("src", "tests", "docs", "benchmarks")


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_secret_is_committed(folder: str) -> None:
    """Keysift finds nothing in its own package: examples are templates.

    The labelled sample alone has look-alikes as they are, some of which detectors take for secrets,
    and the table of formats has what all values of a type begin with.
    """
    found = [
        (one.detector, place.path, place.line)
        for one in keysift.scan_path(ROOT / folder).findings
        for place in one.occurrences
        if not any(Path(place.path).is_relative_to(known) for known in LOOK_ALIKES)
    ]
    assert found == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_inside_the_repository_resolve(page: Path) -> None:
    """Every relative link of a page leads to a file."""
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_registry_is_not_spelt_out(folder: str) -> None:
    """The address of the index is that of pip or of pypi-simple, and stands nowhere else."""
    host = (urlsplit(PYPI_SIMPLE_ENDPOINT).hostname or "").encode()
    assert host
    files = [path for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".toml", ".md"}]
    assert files
    assert [path for path in files if host in path.read_bytes()] == []


def test_the_readme_runs() -> None:
    """The library's example in the README does what it says."""
    [example] = re.findall(
        r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL
    )
    assert "keysift.scan_path(" in example
    code = example.replace("dist/project-1.0.tar.gz", (ROOT / "README.md").as_posix())
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102 (our own page)
