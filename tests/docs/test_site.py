"""The site that ``make site`` builds from docs/."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from keysift.catalogue import load

ROOT: Final = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site; broken links, missing anchors and pages without a way to them stop it."""
    target = tmp_path_factory.mktemp("site")
    build = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(target)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (build.returncode, build.stdout, build.stderr) == (0, "", "")
    return target


def test_every_detector_can_be_searched(site: Path) -> None:
    """The search knows each id, and leads to the section of its detector."""
    index: dict[str, Any] = json.loads((site / "search/search_index.json").read_bytes())
    found = {
        identifier
        for one in index["docs"]
        if one["location"].startswith("detectors/") and "#" in one["location"]
        for identifier in re.findall("^<p><code>([a-z0-9-]+)</code>", one["text"])
    }
    assert sorted(found) == [one.id for one in load().detectors]


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    """A page brings its own fonts, styles and programs."""
    page = (site / "detectors" / "aws.html").read_text("utf-8")
    assert 'src="http' not in page
    assert 'rel="stylesheet" href="http' not in page
