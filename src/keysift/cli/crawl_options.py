"""The options of ``keysift crawl``, and what they say is to be scanned."""

from __future__ import annotations

import argparse
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from keysift.cli import stores
from keysift.errors import UsageError
from keysift.net.serial import as_serial
from keysift.sources.spec import is_name, normalise

if TYPE_CHECKING:
    from keysift.crawl.plan import Wish


def add_crawl_options(parser: argparse.ArgumentParser) -> None:
    """Add all of them."""
    _add_what(parser)
    _add_again(parser)
    how = parser.add_argument_group("how")
    stores.add_store_option(how)
    how.add_argument(
        "--no-values", action="store_true", help="keep fingerprints and masks only, no values"
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
    _add_bounds(parser)
    _add_output(parser)


def _add_what(parser: argparse.ArgumentParser) -> None:
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


def _add_again(parser: argparse.ArgumentParser) -> None:
    again = parser.add_argument_group("again")
    again.add_argument(
        "--rescan", action="store_true", help="scan again what an older ruleset has scanned"
    )
    again.add_argument(
        "--retry-failed", action="store_true", help="try again what could not be scanned"
    )


def _add_bounds(parser: argparse.ArgumentParser) -> None:
    bounds = parser.add_argument_group("bounds, of all processes together")
    bounds.add_argument(
        "--jobs",
        type=_positive,
        default=os.cpu_count() or 1,
        metavar="N",
        help="processes that scan (default: one for each processor)",
    )
    bounds.add_argument(
        "--connections",
        type=_positive,
        default=8,
        metavar="N",
        help="requests to the index at the same time (default: 8)",
    )
    bounds.add_argument(
        "--max-rate",
        type=_bytes,
        metavar="SIZE",
        help="bytes a second from the index at most: 500K, 20M (default: no bound)",
    )
    bounds.add_argument(
        "--max-memory",
        type=_bytes,
        metavar="SIZE",
        help=(
            "memory of all processes together: 2G; a file that needs more counts as failed "
            "(default: three quarters of the machine's)"
        ),
    )
    bounds.add_argument(
        "--max-disk",
        type=_bytes,
        metavar="SIZE",
        help=(
            "temporary files, where downloads above 64 MB go: 10G; a file for which there is no "
            "room counts as failed (default: half of what is free)"
        ),
    )


def _add_output(parser: argparse.ArgumentParser) -> None:
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


def wish(options: argparse.Namespace) -> Wish:
    """Return what the user asks for.

    Raises:
        UsageError: It makes no sense.
    """
    from keysift.crawl.plan import Wish  # noqa: PLC0415 (it imports the store)

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
    if re.fullmatch(r"[0-9]{1,9}", text) and int(text) > 0:
        return int(text)
    raise UsageError(f"--releases {text[:40]}: must be all, latest or a number from 1")


def _since(text: str | None) -> tuple[int | None, datetime | None]:
    if text is None:
        return None, None
    serial = as_serial(text)
    if serial is not None:
        return serial, None
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
