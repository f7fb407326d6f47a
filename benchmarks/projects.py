"""Real projects with all their releases: what a crawl costs, and what scanning one by one would.

Downloads 30 projects once, by name, from pip's index into ``keysift-peers/projects`` of the
temporary directory, and serves them from loopback, so that the figures do not depend on the
network; ``--online`` crawls the index itself, too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import sqlalchemy as sa
from msgspec import Struct
from pypi_simple import DistributionPackage, PyPISimple

from benchmarks.corpus import CACHE
from benchmarks.hosting import File, Host
from benchmarks.measuring import Cost, environment, measure
from keysift.store import tables as t
from keysift.store.database import Store

FOLDER: Final = CACHE / "projects"
MOST: Final = 1_500
"""Files of all projects together."""

PROJECTS: Final = (
    *("argon2-cffi-bindings", "arrow", "attrs", "blinker", "docopt", "ecdsa", "et-xmlfile", "h11"),
    *("idna", "iniconfig", "itsdangerous", "jinja2", "mccabe", "oauthlib", "passlib", "pathspec"),
    *("pluggy", "ptyprocess", "pycparser", "pysftp", "pysqlite3-binary", "requests-oauthlib"),
    *("six", "slackclient", "sniffio", "structlog", "tabulate", "termcolor", "toml"),
    "webencodings",
)
"""Small and middling ones; two have wheels that are mostly shared libraries."""


class Totals(Struct):
    """What the store says of a crawl."""

    artifacts: int
    incomplete: int
    files: int
    content_bytes: int
    fetched_bytes: int
    published_bytes: int
    parts_fetched_bytes: int
    parts_published_bytes: int
    occurrences: int
    secrets: int


def fetch() -> list[File]:
    """Download what is missing; returns all files."""
    found: list[File] = []
    with PyPISimple() as index:
        for project in PROJECTS:
            packages = index.get_project_page(project).packages
            found += [_fetched(index, project, package) for package in packages]
            if len(found) > MOST:
                sys.exit(f"more than {MOST} files up to {project}: name fewer projects")
    return found


def _fetched(index: PyPISimple, project: str, package: DistributionPackage) -> File:
    target = FOLDER / project / package.filename
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        index.download_package(package, target, verify=True)
    with target.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    uploaded = package.upload_time
    return File(
        project=project,
        name=package.filename,
        path=str(target),
        sha256=digest,
        size_bytes=target.stat().st_size,
        uploaded=uploaded.isoformat() if uploaded else "",
        yanked=(package.yanked_reason or "") if package.is_yanked else None,
    )


def crawl(index_url: str | None) -> tuple[Cost, Totals]:
    """Crawl the projects into a new store; returns what it cost and found."""
    with TemporaryDirectory() as folder:
        store = str(Path(folder) / "store.db")
        words = ["crawl", *PROJECTS, "--store", store, "--no-values"]
        if index_url is not None:
            words += ["--index-url", index_url]
        cost = measure([sys.executable, "-m", "keysift", *words])
        return cost, totals(store)


def totals(location: str) -> Totals:
    """Read the figures out of a store."""
    a = t.artifacts.c
    in_parts = sa.and_(a.kind == "wheel", sa.not_(a.name.like("%-any.whl")))
    columns = [
        sa.func.count(),
        sa.func.count().filter(a.is_complete == 0),
        sa.func.sum(a.files),
        sa.func.sum(a.content_bytes),
        sa.func.sum(a.fetched_bytes),
        sa.func.sum(a.size_bytes),
        sa.func.coalesce(sa.func.sum(a.fetched_bytes).filter(in_parts), 0),
        sa.func.coalesce(sa.func.sum(a.size_bytes).filter(in_parts), 0),
    ]
    store = Store(location, create=False)
    try:
        with store.reading() as connection:
            row = connection.execute(sa.select(*columns).where(a.state == "scanned")).one()
            counted = [
                connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for table in (t.occurrences, t.secrets)
            ]
    finally:
        store.close()
    return Totals(*(int(value) for value in (*row, *counted)))


def coverage(paths: list[str]) -> dict[str, int]:
    """Scan files with one command, and return its coverage."""
    command = [sys.executable, "-m", "keysift", "scan", "-q", "--no-ignore", "-f", "json", *paths]
    found = subprocess.run(
        command, capture_output=True, check=False, env=environment(), stdin=subprocess.DEVNULL
    )
    read: dict[str, int] = json.loads(found.stdout)["coverage"]
    return read


def one_by_one(files: list[File], sample: int) -> list[tuple[Cost, int]]:
    """Scan some files, each with a command of its own; returns the cost and the size of each."""
    command = [sys.executable, "-m", "keysift", "scan", "-q", "--no-ignore"]
    return [
        (measure([*command, file.path]), file.size_bytes)
        for file in random.Random(1).sample(files, sample)
    ]


def show(label: str, cost: Cost, seen: Totals) -> None:
    """Print what a crawl did."""
    print(f"\ncrawl of {label} (exit code {cost.code})")
    print(f"  {seen.artifacts} artifacts, {seen.incomplete} of them with something not looked at")
    print(
        f"  {cost.seconds:.1f} s, {cost.cpu:.1f} s of processors, {cost.peak / 1e6:.0f} MB at most"
    )
    print(
        f"  {seen.artifacts / cost.seconds:.1f} artifacts/s, "
        f"{seen.content_bytes / 1e6 / cost.seconds:.0f} MB/s of content"
    )
    print(
        f"  fetched {seen.fetched_bytes / 1e6:.1f} of {seen.published_bytes / 1e6:.1f} MB: "
        f"{1 - seen.fetched_bytes / seen.published_bytes:.1%} saved; of platform wheels "
        f"{seen.parts_fetched_bytes / 1e6:.1f} of {seen.parts_published_bytes / 1e6:.1f} MB: "
        f"{1 - seen.parts_fetched_bytes / max(1, seen.parts_published_bytes):.1%} saved"
    )
    print(f"  {seen.secrets} secrets in {seen.occurrences} places")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=60, help="files to scan one by one")
    parser.add_argument("--online", action="store_true", help="crawl pip's index as well")
    options = parser.parse_args()
    files = fetch()
    size = sum(file.size_bytes for file in files)
    print(f"{len(PROJECTS)} projects, {len(files)} files, {size / 1e6:.0f} MB")
    seen = coverage([str(FOLDER)])
    print(
        f"{seen['files']} members, {seen['bytes'] / 1e6:.0f} MB of content, {seen['scanned']} "
        f"scanned: each {seen['files'] / seen['scanned']:.1f} times"
    )
    with Host() as host:
        host.add(files)
        cost, found = crawl(host.url)
    show("loopback", cost, found)
    if options.online:
        show("pip's index", *crawl(None))
    alone = one_by_one(files, min(options.sample, len(files)))
    each = [sum(values) / len(alone) for values in zip(*map(_parts, alone), strict=True)]
    print(
        f"\none by one, a sample of {len(alone)} ({each[2] / 1e6:.2f} MB on average): "
        f"{each[0]:.2f} s each, {each[1]:.2f} s of processor; all {len(files)} of them: "
        f"{each[0] * len(files) / cost.seconds:.1f} times the seconds of the crawl, "
        f"{each[1] * len(files) / cost.cpu:.1f} times its processor time"
    )


def _parts(one: tuple[Cost, int]) -> tuple[float, float, float]:
    cost, size = one
    return cost.seconds, cost.cpu, size


if __name__ == "__main__":
    main()
