"""How much of real wheels with large shared libraries is fetched, and whether the rest is seen.

For the newest wheel of each project that the index has for Linux on x86-64: bytes fetched in ranges
against bytes published, the requests that took, the seconds to fetch and scan it either way, the
libraries that were passed, the blobs that came out (the members, and what stands between them) and
the matches in them. Blobs and matches have to be those of a scan of the whole wheel, but for what
the libraries hold; else the row says how many differ.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from typing import Final, TypeAlias

from msgspec import Struct, field

from keysift.catalogue import load
from keysift.detect.scanner import Scanner
from keysift.model import Blob, Passed
from keysift.net.download import Announced, download
from keysift.sources.pypi import Index, IndexFile
from keysift.sources.spec import ProjectTarget
from keysift.sources.wheel import Wheels, is_library
from keysift.unpack import BinaryFile, Budget, expand, members

PROJECTS: Final = ("scipy", "grpcio", "pyarrow", "lxml", "cryptography")
_PLATFORM: Final = "manylinux"
_MACHINE: Final = "x86_64"


Key: TypeAlias = tuple[str, str | None, str, int, int]
"""Path, part, detector and place of a match."""


class Seen(Struct):
    """What came out of a wheel.

    Attributes:
        blobs: Path, part, offset and SHA-256 of what is no library.
        matches: What was found in them, suppressed or not.
        passed: Members that were not read.
    """

    blobs: set[tuple[str, str | None, int, str]] = field(default_factory=set)
    matches: set[Key] = field(default_factory=set)
    passed: int = 0


def wanted(path: str, _size: int, _crc: int) -> bool:
    """Want everything but libraries."""
    return not is_library(path)


def look(name: str, file: BinaryFile, scanner: Scanner, *, chosen: bool) -> Seen:
    """Scan a wheel; of what is scanned, what is in libraries does not count."""
    seen = Seen()
    budget = Budget()
    items = members(name, file, budget, wanted) if chosen else members(name, file, budget)
    for item in items:
        if isinstance(item, Passed):
            seen.passed += 1
        elif isinstance(item, Blob):
            matches = set(_matches(item, budget, scanner))
            if not is_library(item.path):
                digest = sha256(item.content).hexdigest()
                seen.blobs.add((item.path, item.part, item.base.offset, digest))
                seen.matches |= matches
    return seen


def _matches(blob: Blob, budget: Budget, scanner: Scanner) -> Iterator[Key]:
    for leaf in expand(blob, budget):
        if isinstance(leaf, Blob):
            found = scanner.examine(leaf.content, leaf.base)
            for match in (*found.matches, *(one.match for one in found.suppressed)):
                yield leaf.path, leaf.part, match.detector, match.start, match.end


def newest_wheel(index: Index, project: str) -> IndexFile:
    """Return the largest wheel for Linux on x86-64 of the newest release that has one."""
    for release in index.releases(project):
        usable = [
            file
            for file in index.select(ProjectTarget(project, release.version))
            if _PLATFORM in file.artifact.name and _MACHINE in file.artifact.name
        ]
        if usable:
            return max(usable, key=lambda file: file.artifact.size_bytes or 0)
    sys.exit(f"{project}: no wheel for {_PLATFORM} {_MACHINE}")


def measure(index: Index, project: str, scanner: Scanner) -> tuple[int, int]:
    """Print the row of one project; return bytes published and fetched."""
    file = newest_wheel(index, project)
    name = file.artifact.name
    began = time.perf_counter()
    wheels = Wheels(index.session)
    coming = wheels.send_for(file)
    remote = None if coming is None else wheels.open(coming, wanted)
    if remote is None:
        sys.exit(f"{name}: cannot be read in ranges")
    with remote:
        parts = look(name, remote, scanner, chosen=True)
        ranges_s = time.perf_counter() - began
        fetched, requests = remote.fetched_bytes, remote.requests
    began = time.perf_counter()
    received = download(index.session, file.url, Announced(remote.size_bytes, file.hashes))
    with received.file:
        whole = look(name, received.file, scanner, chosen=False)
        whole_s = time.perf_counter() - began
    differs = len(parts.blobs ^ whole.blobs) + len(parts.matches ^ whole.matches)
    print(
        f"{project:<14}{remote.size_bytes:>12}{fetched:>12}{1 - fetched / remote.size_bytes:>8.1%}"
        f"{requests:>10}{ranges_s:>10.1f}{whole_s:>9.1f}{parts.passed:>11}{len(parts.blobs):>8}"
        f"{len(parts.matches):>9}  {'same' if not differs else f'{differs} differ'}"
    )
    return remote.size_bytes, fetched


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("projects", nargs="*", default=PROJECTS, metavar="PROJECT")
    options = parser.parse_args()
    scanner = Scanner(load())
    index = Index()
    print(
        f"{'wheel of':<14}{'published':>12}{'fetched':>12}{'saved':>8}{'requests':>10}"
        f"{'ranges s':>10}{'whole s':>9}{'libraries':>11}{'blobs':>8}{'matches':>9}  as a whole"
    )
    rows = [measure(index, project, scanner) for project in options.projects]
    published, fetched = (sum(column) for column in zip(*rows, strict=True))
    print(f"{'all':<14}{published:>12}{fetched:>12}{1 - fetched / published:>8.1%}")


if __name__ == "__main__":
    main()
