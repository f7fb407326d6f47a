"""Fetch the benchmark corpus: real sdists and wheels, pinned by name, version and SHA-256.

``corpus.tsv`` is the pin. ``--pin NAME…`` writes it anew from the release that the index lists last
(its sdist and one wheel); without arguments the pinned files are fetched and verified.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from pypi_simple import DistributionPackage, PyPISimple

HERE: Final = Path(__file__).parent
PINS: Final = HERE / "corpus.tsv"
CACHE: Final = Path(
    os.environ.get("KEYSIFT_BENCHMARKS", Path(tempfile.gettempdir()) / "keysift-peers")
)
"""Outside any repository, whose ignore files some scanners would follow."""

FOLDER: Final = CACHE / "corpus"
_LARGEST: Final = 120 * 1024 * 1024
_COLUMNS: Final = "project\tversion\tfile\tsha256\tbytes\n"


class Pin(NamedTuple):
    """A file of a release.

    Attributes:
        project: Name in the index.
        version: Of the release.
        file: Name of the file.
        sha256: Hexadecimal digest.
        size_bytes: How large it is.
    """

    project: str
    version: str
    file: str
    sha256: str
    size_bytes: int


def pins(table: Path = PINS) -> list[Pin]:
    """Return the pinned files of a table."""
    rows = [line.split("\t") for line in table.read_text("utf-8").splitlines()[1:]]
    return [
        Pin(name, version, file, digest, int(size)) for name, version, file, digest, size in rows
    ]


def fetch(wanted: list[Pin], folder: Path = FOLDER) -> None:
    """Download what is missing, and verify everything.

    Raises:
        SystemExit: A file is not what was pinned.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with PyPISimple() as index:
        for one in wanted:
            target = folder / one.file
            if not target.exists():
                packages = index.get_project_page(one.project).packages
                package = next(each for each in packages if each.filename == one.file)
                index.download_package(package, target)
            found = hashlib.sha256(target.read_bytes()).hexdigest()
            if found != one.sha256:
                sys.exit(f"{one.file}: SHA-256 is {found}, pinned is {one.sha256}")
    total = sum(one.size_bytes for one in wanted)
    print(f"{len(wanted)} files, {total / 1e6:.0f} MB, in {folder}", file=sys.stderr)


def pin(projects: list[str]) -> None:
    """Write ``corpus.tsv`` from the newest release of each project."""
    lines = [_COLUMNS]
    with PyPISimple() as index:
        for project in projects:
            for package in _newest(index.get_project_page(project).packages):
                digest = package.digests["sha256"]
                row = (project, package.version, package.filename, digest, package.size)
                lines.append("\t".join(map(str, row)) + "\n")
            print(project, file=sys.stderr)
    PINS.write_text("".join(lines), "utf-8")


def _newest(packages: list[DistributionPackage]) -> Iterator[DistributionPackage]:
    """Yield sdist and wheel, if not too large, of the version that the index lists last."""
    usable = [
        one
        for one in packages
        if one.package_type in {"sdist", "wheel"}
        and one.digests.get("sha256")
        and (one.size or 0) < _LARGEST
        and not one.is_yanked
    ]
    if not usable:
        return
    version = usable[-1].version
    for kind in ("sdist", "wheel"):
        of_kind = [one for one in usable if one.version == version and one.package_type == kind]
        linux = [one for one in of_kind if "x86_64" in one.filename]
        yield from (linux or of_kind)[-1:]


def main() -> None:
    """Pin or fetch."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pin", nargs="+", metavar="NAME")
    options = parser.parse_args()
    if options.pin:
        pin(options.pin)
    fetch(pins())


if __name__ == "__main__":
    main()
