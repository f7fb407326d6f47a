"""What pages of the dashboard cost with 100,000 findings in a million occurrences, by the clock.

``keysift serve`` runs over the store of ``report.py``, and a client that logged in asks for each
page as a browser does: once, which is the first time anybody does, and then some more times.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx

from benchmarks import report
from benchmarks import store as made_up
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.stale import mark_all
from keysift.store.summaries import refresh

PAGES: Final = {
    "overview": "/",
    "findings, the worst first": "/findings",
    "… the 50,000th": "",
    "by number of places": "/findings?sort=places",
    "by first upload, oldest first": "/findings?sort=introduced&order=asc",
    "critical and active": "/findings?severity=critical&verdict=active",
    "one project": "/findings?project=project-17",
    "projects by glob": "/findings?project=project-1*7",
    "paths by glob": "/findings?path=*/tests/*",
    "first uploaded in 2017": "/findings?year=2017",
    "search": "/findings?q=settings",
    "search, nothing found": "/findings?q=nothing-has-this",
    "200 on a page": "/findings?size=200",
    "one finding": "/findings/1711",
    "projects": "/projects",
    "one project's releases": "/projects/17",
    "coverage": "/coverage",
    "verification": "/verification",
    "crawls": "/crawl",
    "API: findings": "/api/v1/findings",
    "API: paths by glob": "/api/v1/findings?path=*/tests/*",
    "API: one finding": "/api/v1/findings/1711",
    "API: projects": "/api/v1/projects",
}
"""What is asked for; the page in the middle is found by following links."""


@contextmanager
def served(location: str) -> Iterator[httpx.Client]:
    """Serve a store, and give a client that is logged in."""
    command = [sys.executable, "-m", "keysift", "serve", "--port", "0", "--store", location]
    variables = {"PYTHONUNBUFFERED": "1", **os.environ}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=variables) as process:
        try:
            lines = process.stdout or ()
            address = next(found[0] for line in lines if (found := re.search(r"http://\S+", line)))
            with httpx.Client(timeout=600, follow_redirects=True) as client:
                client.get(address).raise_for_status()
                client.base_url = httpx.URL(address).join("/")
                yield client
        finally:
            process.terminate()


def measure(client: httpx.Client, middle: str, times: int) -> None:
    """Print what each page costs."""
    print(f"  {'':<32} {'first':>8} {'median':>8} {'slowest':>8}")
    for name, path in PAGES.items():
        taken = []
        for _ in range(times + 1):
            began = time.perf_counter()
            answer = client.get(path or middle)
            taken.append(1000 * (time.perf_counter() - began))
            answer.raise_for_status()
        first, *more = taken
        row = f"{first:>5.0f} ms {statistics.median(more):>5.0f} ms {max(more):>5.0f} ms"
        print(f"  {name:<32} {row}", flush=True)


def middle_of(client: httpx.Client) -> str:
    """Return the address of a page in the middle of all findings: by following its links."""
    path = "/findings?size=200"
    for _ in range(250):
        text = client.get(path).text
        found = re.search(r'rel="next" href="([^"]+)"', text)
        if found is None:
            break
        path = found[1].replace("&amp;", "&")
    return path


def main() -> None:
    """Fill, add up, serve and measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--secrets", type=int, default=100_000)
    options.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    options.add_argument("--times", type=int, default=15)
    options.add_argument("--store", help="measure this one, which is filled and added up")
    chosen = options.parse_args()
    if chosen.store:
        with served(chosen.store) as client:
            measure(client, middle_of(client), chosen.times)
        return
    for name in chosen.databases:
        with made_up.server() if name == "postgresql" else made_up.file() as location:
            made_up.PATHS.clear()
            store = Store(location)
            report.fill(store, chosen.secrets)
            with store.writing() as connection:
                mark_all(connection)
            began, begun = time.perf_counter(), time.process_time()
            refresh(store)
            taken, spent = time.perf_counter() - began, time.process_time() - begun
            rows = {one.name: made_up.count_of(store, one) for one in (t.secrets, t.occurrences)}
            store.close()
            print(f"{name}: {', '.join(f'{number:,} {what}' for what, number in rows.items())}")
            print(f"  added up for the first time in {taken:.0f} s, {spent:.0f} s of this process")
            with served(location) as client:
                measure(client, middle_of(client), chosen.times)


if __name__ == "__main__":
    sys.exit(main())
