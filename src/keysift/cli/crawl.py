"""``keysift crawl``: an index into the store, resumable and incremental."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from keysift.cli import options as shared
from keysift.cli import stores
from keysift.cli.configuration import Configuration
from keysift.cli.crawl_progress import Lines, Silent, View, Watch
from keysift.cli.crawl_summary import write_crawl_summary
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.cli.metrics import Metrics
from keysift.cli.signals import Interruptions
from keysift.errors import StoreError, UsageError
from keysift.sources.spec import is_name, normalise

if TYPE_CHECKING:
    from keysift.crawl.crawler import Crawler
    from keysift.crawl.plan import Wish
    from keysift.store.database import Store


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "crawl",
        help="scan the releases of an index into the store; run it again to go on",
        description=(
            "Scan projects of an index, release by release, and remember what was found. What was "
            "scanned is not scanned again: stop it at any time, and run it again to go on, or "
            "later to see what is new."
        ),
    )
    what = parser.add_argument_group("what to scan")
    what.add_argument("names", nargs="*", metavar="NAME", help="projects")
    what.add_argument("--projects", metavar="FILE", help="a file with the name of a project a line")
    what.add_argument("--all", action="store_true", help="every project that the index lists")
    what.add_argument(
        "--releases",
        default="all",
        metavar="all|latest|N",
        help="how many releases of each project, the newest (default: all)",
    )
    what.add_argument(
        "--since",
        metavar="SERIAL|DATE",
        help="only projects that changed after a serial, or files since a day (2026-01-31)",
    )
    what.add_argument("--index-url", metavar="URL", help="the package index (default: pip's)")
    again = parser.add_argument_group("again")
    again.add_argument(
        "--rescan", action="store_true", help="scan again what an older ruleset has scanned"
    )
    again.add_argument(
        "--retry-failed", action="store_true", help="try again what could not be scanned"
    )
    how = parser.add_argument_group("how")
    stores.add_store_option(how)
    how.add_argument(
        "--no-values", action="store_true", help="keep fingerprints and masks only, no values"
    )
    how.add_argument(
        "--jobs",
        type=_positive,
        default=os.cpu_count() or 1,
        metavar="N",
        help="processes that scan (default: one for each processor)",
    )
    how.add_argument(
        "--connections",
        type=_positive,
        default=8,
        metavar="N",
        help="requests to the index at the same time (default: 8)",
    )
    how.add_argument(
        "--max-rate",
        type=_bytes,
        metavar="SIZE",
        help="bytes a second from the index at most: 500K, 20M (default: no bound)",
    )
    how.add_argument(
        "--binaries",
        action="store_true",
        help="fetch and scan shared libraries and programs in wheels too",
    )
    how.add_argument(
        "--contact",
        default=None,
        metavar="ADDRESS",
        help="e-mail address or URL at which whoever runs the index can reach you",
    )
    how.add_argument(
        "--max-memory",
        type=_bytes,
        metavar="SIZE",
        help=(
            "memory of all processes together: 2G; a file that needs more has failed (default: "
            "three quarters of the machine's)"
        ),
    )
    how.add_argument(
        "--max-disk",
        type=_bytes,
        metavar="SIZE",
        help=(
            "temporary files, where downloads above 64 MB go: 10G; a file for which there is no "
            "room has failed (default: half of what is free)"
        ),
    )
    _add_output_options(parser)
    shared.add_detector_options(parser)
    parser.set_defaults(run=run)


def _add_output_options(parser: argparse.ArgumentParser) -> None:
    output = parser.add_argument_group("output")
    output.add_argument(
        "--progress",
        choices=("auto", "json", "none"),
        default="auto",
        help=(
            "on standard error while it runs: a bar if that is a terminal, one JSON object a line, "
            "or nothing (default: auto)"
        ),
    )
    output.add_argument(
        "--metrics",
        type=_port,
        metavar="PORT",
        help="serve numbers for Prometheus at 127.0.0.1 while it runs (0: any free port)",
    )
    output.add_argument("--quiet", "-q", action="store_true", help="print errors only")


def run(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Crawl, and print what was done."""
    configured = shared.configuration(options, environment)
    wish = _wish(options)
    with Interruptions() as interruptions, ExitStack() as stack:
        store = stack.enter_context(stores.opened(options, configured, environment, create=True))
        lock = store.lock()
        if not lock.take():
            raise StoreError(f"{store.name}: another crawl is at work on this store")
        stack.callback(lock.give)
        crawler = _crawler(store, options, configured, environment, stack)
        with interruptions.asks(crawler.stop):
            standing = crawler.run(wish)
    if not options.quiet:
        _summarise(crawler, environment)
    if crawler.is_stopping:
        print("keysift: stopped; run the same command again to go on", file=environment.stderr)
        return ExitCode.INTERRUPTED
    failures = standing.counts.failed + standing.counts.unread
    return ExitCode.INCOMPLETE if failures else ExitCode.CLEAN


def _crawler(
    store: Store,
    options: argparse.Namespace,
    configured: Configuration,
    environment: Environment,
    stack: ExitStack,
) -> Crawler:
    """Make the crawl; what it needs is closed by ``stack``."""
    # Only a crawl pays for importing these.
    from keysift.cli.sealing import writing_sealer  # noqa: PLC0415
    from keysift.crawl.bounds import share  # noqa: PLC0415
    from keysift.crawl.crawler import Crawler  # noqa: PLC0415
    from keysift.crawl.pool import Pool  # noqa: PLC0415
    from keysift.crawl.task import Equipment  # noqa: PLC0415
    from keysift.net.politeness import Politeness  # noqa: PLC0415
    from keysift.net.session import open_session  # noqa: PLC0415
    from keysift.sources.pypi import Index, index_address  # noqa: PLC0415
    from keysift.store.keys import adopt_fingerprint_key  # noqa: PLC0415
    from keysift.store.ledger import Ledger  # noqa: PLC0415

    url = options.index_url or environment.variables.get("KEYSIFT_INDEX_URL")
    address = index_address(url or configured.index_url, environment.variables)
    each = share(options.jobs, options.connections, options.max_memory, options.max_disk)
    politeness = Politeness(connections=options.connections, bytes_per_s=options.max_rate)
    session = open_session(address, contact=options.contact, politeness=politeness)
    stack.callback(session.close)
    key = environment.fingerprint_key()
    with store.writing() as connection:
        adopt_fingerprint_key(connection, key)
    own = None if options.no_values else writing_sealer(store, environment)
    equipment = Equipment(
        catalogue=shared.catalogue(options, configured, environment),
        index_url=address,
        bounds=each.bounds,
        binaries=options.binaries,
        contact=options.contact,
        cache=environment.cache,
        memory_bytes=each.memory_bytes,
    )
    pool = Pool(options.jobs, equipment, politeness=politeness)
    stack.callback(pool.close)
    watch = _watch(options, environment, lambda: politeness.received_bytes)
    stack.callback(watch.close)
    return Crawler(
        store=store,
        index=Index(address, session),
        writer=lambda ruleset: Ledger(ruleset, key, own),
        pool=pool,
        connections=options.connections,
        observer=watch,
    )


def _watch(
    options: argparse.Namespace, environment: Environment, received: Callable[[], int]
) -> Watch:
    metrics = [] if options.metrics is None else [Metrics(options.metrics)]
    for one in metrics:
        print(f"keysift: metrics at {one.url}", file=environment.stderr)
    return Watch([_view(options, environment), *metrics], received)


def _view(options: argparse.Namespace, environment: Environment) -> View:
    if options.progress == "json":
        return Lines(environment)
    is_shown = options.progress == "auto" and not options.quiet and environment.stderr.isatty()
    if not is_shown:
        return Silent(environment)
    from keysift.cli.crawl_bar import Bar  # noqa: PLC0415 (pipes need not pay for rich)

    return Bar(environment)


def _summarise(crawler: Crawler, environment: Environment) -> None:
    with environment.output() as stream:
        write_crawl_summary(
            crawler.standing,
            stream,
            color=environment.color,
            width=environment.width,
            is_stopped=crawler.is_stopping,
        )


def _wish(options: argparse.Namespace) -> Wish:
    from keysift.crawl.plan import Wish  # noqa: PLC0415 (as above)

    names = [*options.names, *(_listed(Path(options.projects)) if options.projects else ())]
    if options.all == bool(names or options.projects):
        raise UsageError("name projects, or --projects FILE, or --all")
    for name in names:
        if not is_name(name):
            raise UsageError(f"{name[:60]!r} is not the name of a project")
    serial, day = _since(options.since)
    return Wish(
        names=None if options.all else tuple(sorted({normalise(name) for name in names})),
        releases=_releases(options.releases),
        since_serial=serial,
        since=day,
        rescan=options.rescan,
        retry_failed=options.retry_failed,
    )


def _listed(path: Path) -> list[str]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not a text file in UTF-8") from error
    return [name for line in lines if (name := line.partition("#")[0].strip())]


def _releases(text: str) -> int | None:
    if text == "all":
        return None
    if text == "latest":
        return 1
    if text.isdigit() and int(text) > 0:
        return int(text)
    raise UsageError(f"--releases {text[:40]}: must be all, latest or a number from 1")


def _since(text: str | None) -> tuple[int | None, datetime | None]:
    if text is None:
        return None, None
    if text.isdigit():
        return int(text), None
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return None, datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError:
            pass
    raise UsageError(f"--since {text[:40]}: must be a serial, or a day such as 2026-01-31")


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no number from 1")
    return int(text)


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no port from 0 to 65535")
    return int(text)


def _bytes(text: str) -> int:
    match = re.fullmatch(r"([0-9]{1,15})([KMGT]?)B?", text.upper())
    if match is None or not int(match[1]):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no size such as 500K, 20M or 1G")
    return int(match[1]) << (10 * " KMGT".index(match[2] or " "))
