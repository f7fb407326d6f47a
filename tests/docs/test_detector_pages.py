"""The pages of docs/detectors: one for each provider, with all that is known of its secrets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from keysift.catalogue import Catalogue, load
from keysift.catalogue.loader import BUILTIN

FOLDER: Final = Path(__file__).parents[2] / "docs" / "detectors"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Return the detectors that come with keysift."""
    return load()


def test_each_provider_has_a_page() -> None:
    """A detector file and its page have the same name; there is no page besides."""
    pages = {path.stem for path in FOLDER.glob("*.md")} - {"index"}
    assert pages == {path.stem for path in BUILTIN.glob("*.toml")}


def test_each_detector_stands_on_its_page(catalogue: Catalogue) -> None:
    """Detectors, providers and sections of pages agree, in number and by name."""
    sections: dict[str, list[str]] = {}
    for page in FOLDER.glob("*.md"):
        text = page.read_text("utf-8")
        title = text.partition("\n")[0].removeprefix("# ")
        sections[title] = re.findall(r"^## .*\n\n`([a-z0-9-]+)`", text, re.MULTILINE)
    sections.pop("Detectors")
    by_provider: dict[str, list[str]] = {}
    for one in catalogue.detectors:
        by_provider.setdefault(one.provider, []).append(one.id)
    assert {name: sorted(ids) for name, ids in sections.items()} == by_provider


def test_the_overview_leads_to_every_page(catalogue: Catalogue) -> None:
    """It names every detector, and links the page of every provider once."""
    text = (FOLDER / "index.md").read_text("utf-8")
    links = re.findall(r"^- \[.*\]\(([a-z0-9.-]+)\.md\): ", text, re.MULTILINE)
    assert sorted(links) == sorted(path.stem for path in BUILTIN.glob("*.toml"))
    named = re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`", text)
    assert sorted(named) == [one.id for one in catalogue.detectors]
    count = f"{len(catalogue.detectors)} types of secret of {len(links)} providers."
    assert count in text
