"""``keysift crawl``: an index into the store, resumable and incremental."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from keysift.cli import options as shared
from keysift.cli import stores
from keysift.cli.configuration import Configuration
from keysift.cli.crawl_options import add_crawl_options, wish
from keysift.cli.crawl_progress import Lines, Silent, View, Watch
from keysift.cli.crawl_summary import write_crawl_summary
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.cli.signals import Interruptions

if TYPE_CHECKING:
    from keysift.crawl.crawler import Crawler
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
    add_crawl_options(parser)
    shared.add_detector_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Crawl, and print what was done."""
    configured = shared.configuration(options, environment)
    wanted = wish(options)
    with Interruptions() as interruptions, ExitStack() as stack:
        store = stack.enter_context(stores.opened(options, configured, environment, create=True))
        crawler = _crawler(store, options, configured, environment, stack)
        with interruptions.asks(crawler.stop):
            standing = crawler.run(wanted)
    if not options.quiet:
        _summarise(crawler, environment, _as_option(store, options.store))
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
    """Make the crawl; what it needs is closed by ``stack``.

    Raises:
        StoreError: Another crawl is at work on the store.
    """
    # Only a crawl pays for importing these.
    from keysift.cli.sealing import writing_sealer  # noqa: PLC0415
    from keysift.crawl.bounds import share  # noqa: PLC0415
    from keysift.crawl.crawler import Crawler  # noqa: PLC0415
    from keysift.crawl.pool import Pool  # noqa: PLC0415
    from keysift.crawl.task import Equipment  # noqa: PLC0415
    from keysift.net.politeness import Politeness  # noqa: PLC0415
    from keysift.net.session import open_session  # noqa: PLC0415
    from keysift.sources.pypi import Index, index_address  # noqa: PLC0415
    from keysift.store.held import HeldStore  # noqa: PLC0415
    from keysift.store.keys import adopt_fingerprint_key  # noqa: PLC0415
    from keysift.store.ledger import Ledger  # noqa: PLC0415

    held = HeldStore(store)
    stack.callback(held.close)
    url = shared.index_url(options.index_url, configured, environment)
    address = index_address(url, environment.variables)
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
        excerpts=own is not None,
        contact=options.contact,
        cache=environment.cache,
        memory_bytes=each.memory_bytes,
    )
    pool = Pool(options.jobs, equipment, politeness=politeness)
    stack.callback(pool.close)
    watch = _watch(options, environment, lambda: politeness.received_bytes)
    stack.callback(watch.close)
    return Crawler(
        store=held,
        index=Index(address, session),
        writer=lambda ruleset: Ledger(ruleset, key, own),
        pool=pool,
        connections=options.connections,
        observer=watch,
    )


def _watch(
    options: argparse.Namespace, environment: Environment, received: Callable[[], int]
) -> Watch:
    from keysift.cli.metrics import Metrics  # noqa: PLC0415 (loads a web server)

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


def _as_option(store: Store, given: str | None) -> str | None:
    """Return what ``--store`` takes in the advice at the end; None when it need not be said.

    The name of a database is not its address where that has a password or more: then the user has
    to put it there.
    """
    if given is None:
        return None
    return store.name if store.is_sqlite or store.name == given else "URL"


def _summarise(crawler: Crawler, environment: Environment, store: str | None) -> None:
    with environment.output() as stream:
        write_crawl_summary(
            crawler.standing,
            stream,
            color=environment.color,
            width=environment.width,
            is_stopped=crawler.is_stopping,
            store=store,
        )
