"""Make ``src/keysift/detect/evidence/words.txt``: the words that several projects use.

``python -m benchmarks.plausibility.words FOLDER`` reads extracted packages, a folder each, and
prints the words. What is counted is projects, not uses. The committed list was made from 106
projects of PyPI, in November 2026; the same packages give the same list.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

SUFFIXES = frozenset(
    ".py .md .rst .txt .js .ts .yaml .yml .json .html .cfg .toml".split()  # noqa: SIM905 (shorter)
)
LARGEST_FILE = 300_000
LARGEST_PROJECT = 12 << 20
SHORTEST, LONGEST = 4, 16
PROJECTS = 12
PROJECTS_OF_SHORT = 40

_WORD = re.compile(rb"[A-Z]?[a-z]{2,20}|[A-Z]{3,20}")
_VERSION = re.compile(r"-\d")


def words_of(folders: list[Path]) -> set[bytes]:
    """Return the words in the texts of one project, as far as its share of the reading goes."""
    found: set[bytes] = set()
    left = LARGEST_PROJECT
    for path in (path for folder in folders for path in sorted(folder.rglob("*"))):
        if path.suffix not in SUFFIXES or not path.is_file() or path.is_symlink():
            continue
        size = path.stat().st_size
        if size > LARGEST_FILE or left < 0:
            continue
        left -= size
        found.update(word.lower() for word in set(_WORD.findall(path.read_bytes())))
    return found


def main(root: Path) -> None:
    """Print the words that enough projects use, in order."""
    projects: dict[str, list[Path]] = defaultdict(list)
    for folder in sorted(root.iterdir()):
        name = _VERSION.split(folder.name)[0].lower().replace("_", "-")
        projects[name].append(folder)
    counts = Counter(word for folders in projects.values() for word in words_of(folders))
    for word, count in sorted(counts.items()):
        is_long = SHORTEST <= len(word) <= LONGEST and count >= PROJECTS
        if is_long or (len(word) == SHORTEST - 1 and count >= PROJECTS_OF_SHORT):
            print(word.decode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
