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
from typing import Final

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


def pins() -> list[tuple[str, str, str, str, int]]:
    """Return the pinned files: project, version, file name, SHA-256, size in bytes."""
    rows = [line.split("\t") for line in PINS.read_text("utf-8").splitlines()[1:]]
    return [(name, version, file, digest, int(size)) for name, version, file, digest, size in rows]


def fetch() -> None:
    """Download what is missing, and verify everything."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with PyPISimple() as index:
        for project, _, name, digest, _ in pins():
            target = FOLDER / name
            if not target.exists():
                packages = index.get_project_page(project).packages
                package = next(one for one in packages if one.filename == name)
                index.download_package(package, target)
            found = hashlib.sha256(target.read_bytes()).hexdigest()
            if found != digest:
                sys.exit(f"{name}: SHA-256 is {found}, pinned is {digest}")
    total = sum(size for *_, size in pins())
    print(f"{len(pins())} files, {total / 1e6:.0f} MB, in {FOLDER}")


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
    fetch()


if __name__ == "__main__":
    main()
