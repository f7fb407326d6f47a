"""Measure what confidence means, on the labelled sample, and write the figures into the docs.

Prints the classes of mistakes as well, which is where work on the detectors begins.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import platformdirs

from keysift.catalogue import load
from keysift.catalogue.cache import Cache
from keysift.detect.scanner import Scanner
from tests.detect import labelling

PAGE: Final = Path(__file__).parents[1] / "docs" / "confidence.md"
_FIGURES: Final = re.compile(r"(?<=<!-- figures -->\n\n).*?(?=\n<!-- end -->)", re.DOTALL)


def main() -> None:
    """Measure, print, and write."""
    cache = Cache(platformdirs.user_cache_path("keysift"))
    outcomes = labelling.examine(Scanner(load(cache=cache), cache), labelling.read())
    table = labelling.table(outcomes)
    print(labelling.mistakes(outcomes), table, sep="\n\n")
    PAGE.write_text(_FIGURES.sub(table, PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
