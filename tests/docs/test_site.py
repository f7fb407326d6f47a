"""The site that ``make site`` builds from docs/."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from keysift.catalogue import load

ROOT: Final = Path(__file__).parents[2]


def test_the_site_is_whole(tmp_path: Path) -> None:
    """Every link and anchor leads somewhere, every detector can be searched, nothing is fetched."""
    build(tmp_path)
    index: dict[str, Any] = json.loads((tmp_path / "search/search_index.json").read_bytes())
    found = {
        identifier
        for one in index["docs"]
        if one["location"].startswith("detectors/") and "#" in one["location"]
        for identifier in re.findall("^<p><code>([a-z0-9-]+)</code>", one["text"])
    }
    assert sorted(found) == [one.id for one in load().detectors]
    for page in ("index.html", "detectors/index.html", "detectors/aws.html"):
        text = (tmp_path / page).read_text("utf-8")
        assert re.findall(r'src="https?://|rel="stylesheet" href="https?://', text) == []


def build(target: Path) -> None:
    """Build it as CI does: a link that is broken or a page without a way to it is an error."""
    run = subprocess.run(
        # Not `--quiet`: what is not logged is not counted as a warning.
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(target)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "WARNING" not in run.stderr
