"""``keysift store``: keeps a store sound, its values sealed, and no longer than they are needed."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final, TypeAlias

from keysift.cli import options as shared
from keysift.cli.dates import moment
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.cli.stores import add_store_option, opened
from keysift.report.escape import visible
from keysift.report.summary import count

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from keysift.cli.sealing import KeyPlace
    from keysift.store.database import Store
    from keysift.store.purge import Purged

_ROTATE: Final = """\
Seal all values with a new key. It is put before the present one, which still opens values, in the
place where that is: the system's keyring or sealing.key in the user's configuration directory.
Killed in the middle, run it again: it goes on where it stopped. Several stores with one key: run it
once for each.

The variable KEYSIFT_SEALING_KEY is yours to change: put a new key of 64 hexadecimal digits and a
comma before the present one, then run this.
"""
_PURGE: Final = """\
Delete the sealed values of secrets that were last public before a date. As long as a file that
holds a secret is listed, it was last public when its project was last read; after that, when the
crawl saw that the file was gone. Fingerprints, places, verdicts and decisions stay.
"""


_REBUILD: Final = """\
Make the lists of the dashboard anew. They are kept added up, and brought up to date when somebody
looks; this empties them first. Nothing that was found, said or decided is touched, a crawl may go
on, and the dashboard says what is left to do meanwhile.
"""


_Actions: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 (argparse has no public name for it)


def add_parser(commands: _Actions) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "store",
        help="check, purge and describe a store; change its key",
        description="Keep a store: the database of what was crawled.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for add in (_add_info, _add_check, _add_purge, _add_rebuild, _add_rotate):
        action = add(actions)
        add_store_option(action)
        shared.add_config_option(action)


def _add_info(actions: _Actions) -> argparse.ArgumentParser:
    parser = actions.add_parser(
        "info",
        help="where it is, how large, what was looked at",
        description="Print where a store is, how large it is, its last runs and what they covered.",
    )
    parser.set_defaults(run=run_info)
    return parser


def _add_check(actions: _Actions) -> argparse.ArgumentParser:
    parser = actions.add_parser(
        "check",
        help="report what is wrong with it",
        description="Report what is wrong with a store, a line each; then exit with 1.",
    )
    parser.set_defaults(run=run_check)
    return parser


def _add_purge(actions: _Actions) -> argparse.ArgumentParser:
    parser = actions.add_parser(
        "purge", help="delete old values, or old findings", description=_PURGE
    )
    parser.add_argument(
        "--older-than", required=True, metavar="WHEN", help="90d, 12w or a date such as 2026-01-31"
    )
    parser.add_argument(
        "--findings",
        action="store_true",
        help="delete the secrets and their places too; those with a decision keep it",
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be deleted")
    parser.set_defaults(run=run_purge)
    return parser


def _add_rebuild(actions: _Actions) -> argparse.ArgumentParser:
    parser = actions.add_parser(
        "rebuild", help="make the lists of the dashboard anew", description=_REBUILD
    )
    parser.set_defaults(run=run_rebuild)
    return parser


def _add_rotate(actions: _Actions) -> argparse.ArgumentParser:
    parser = actions.add_parser(
        "rotate-key",
        help="seal all values with a new key",
        description=_ROTATE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--forget-old",
        action="store_true",
        help="delete older keys at the end; other stores and backups sealed with them are lost",
    )
    parser.set_defaults(run=run_rotate)
    return parser


def run_info(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Print what a store holds."""
    from keysift.cli.overview import write_overview  # noqa: PLC0415 (SQLAlchemy is slow to import)
    from keysift.store.overview import overview  # noqa: PLC0415 (the same)

    with _store(options, environment) as store:
        found = overview(store)
        with environment.output() as stream:
            write_overview(store.name, found, stream, environment)
    return ExitCode.CLEAN


def run_check(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Print every problem; exit 1 when there is one."""
    from keysift.cli.sealing import sealer  # noqa: PLC0415 (SQLAlchemy is slow to import)
    from keysift.store.check import counts, problems  # noqa: PLC0415 (the same)

    number = 0
    with _store(options, environment) as store:
        with environment.output() as stream:
            for problem in problems(store, sealer(environment), environment.fingerprint_key()):
                number += 1
                print(visible(problem), file=stream)
        rows = counts(store)
    summary = ", ".join(
        count(rows[name], name.removesuffix("s").replace("_", " ").replace("matche", "match"))
        for name in ("projects", "artifacts", "secrets", "secret_values")
    )
    print(f"{store.name}: {count(number, 'problem')} ({summary})", file=environment.stderr)
    return ExitCode.FINDINGS if number else ExitCode.CLEAN


def run_purge(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Delete what is old, or say what that would be."""
    from keysift.store.ledger import now  # noqa: PLC0415 (SQLAlchemy is slow to import)
    from keysift.store.purge import purge  # noqa: PLC0415 (the same)

    before = moment(options.older_than, "--older-than", now())
    with _store(options, environment) as store:
        if options.dry_run:
            with store.reading() as connection:
                purged = purge(connection, before, findings=options.findings, dry_run=True)
        else:
            with store.alone(), store.writing(durable=True) as connection:
                purged = purge(connection, before, findings=options.findings)
    done = "would be deleted" if options.dry_run else "deleted"
    what = _deleted(purged, findings=options.findings) if purged.secrets else "nothing"
    with environment.output() as stream:
        print(f"{done}, last public before {before:%Y-%m-%d %H:%M} UTC: {what}", file=stream)
    return ExitCode.CLEAN


def run_rebuild(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Make the cache of lists anew."""
    from keysift.store.cached import rebuild  # noqa: PLC0415 (SQLAlchemy is slow to import)

    with _store(options, environment) as store:
        number = rebuild(store)
        with environment.output() as stream:
            print(f"the lists of {count(number, 'project')} are made anew", file=stream)
    return ExitCode.CLEAN


def run_rotate(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Seal every value with a new key."""
    from keysift.cli import sealing  # noqa: PLC0415 (SQLAlchemy is slow to import)
    from keysift.store.rotation import reseal  # noqa: PLC0415 (the same)
    from keysift.store.sealing import Sealer  # noqa: PLC0415 (the same)

    with _store(options, environment) as store, store.alone():
        place, found = sealing.keys_to_rotate_to(store, environment)
        sealer = Sealer(*found)
        done = reseal(store, sealer)
        with environment.output() as stream:
            sealed = count(done.values, "value")
            print(f"{sealed} sealed with key {sealer.key_id} of {place.name}", file=stream)
        if done.left:
            print(
                f"keysift: {count(done.left, 'value')} could not be opened, and stay as they were; "
                "`keysift store check` lists them",
                file=environment.stderr,
            )
            return ExitCode.INCOMPLETE
        if len(found) > 1 and place.is_ours and options.forget_old:
            sealing.write_keys(place, found[:1])
        elif len(found) > 1:
            print(_older_keys(place), file=environment.stderr)
    return ExitCode.CLEAN


def _store(options: argparse.Namespace, environment: Environment) -> AbstractContextManager[Store]:
    return opened(options, shared.configuration(options, environment), environment)


def _older_keys(place: KeyPlace) -> str:
    how = "--forget-old deletes them" if place.is_ours else "leave them out when none needs them"
    return f"older keys stay in {place.name} for other stores and for backups; {how}"


def _deleted(purged: Purged, *, findings: bool) -> str:
    text = f"{count(purged.values, 'value')} of {count(purged.secrets, 'secret')}"
    if findings:
        text += (
            f", {count(purged.findings, 'secret')} with {count(purged.occurrences, 'occurrence')}; "
            f"{count(purged.kept, 'secret')} kept for a decision"
        )
    return text
