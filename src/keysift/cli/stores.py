"""Which store a command works on."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from keysift.cli.configuration import Configuration
from keysift.cli.environment import Environment
from keysift.errors import ConfigurationError

if TYPE_CHECKING:
    from keysift.store.database import Store
    from keysift.store.sealing import Sealer

DEMO_PROJECTS: Final = 20_000
"""Projects of a made-up store."""


def add_store_option(parser: argparse._ActionsContainer, *, default: str | None = None) -> None:
    """Add the option that chooses the store.

    Args:
        parser: The command.
        default: ``argparse.SUPPRESS`` for an action of a command that has the option itself.
    """
    parser.add_argument(
        "--store",
        metavar="PATH|URL",
        default=default,
        help=(
            "a SQLite file, or postgresql://… (default: KEYSIFT_STORE, the configuration, else "
            "keysift.db in the user's data directory)"
        ),
    )


@contextmanager
def opened(
    options: argparse.Namespace,
    configured: Configuration,
    environment: Environment,
    *,
    create: bool = False,
) -> Iterator[Store]:
    """Open the store of a command, and close it at the end.

    Args:
        options: With ``store``.
        configured: The configuration.
        environment: The environment.
        create: Whether to make it when it is not there.

    Raises:
        StoreError: It cannot be opened.
    """
    # SQLAlchemy takes longer to import than a scan of one file.
    from keysift.store.database import Store  # noqa: PLC0415

    store = Store(_location(options, configured, environment), create=create)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def demo_store(
    options: argparse.Namespace,
    environment: Environment,
    saying: str,
    *,
    sealer: Sealer | None = None,
) -> Iterator[Store]:
    """Fill a store with made-up data for a command with ``--demo``, and delete it at the end.

    Args:
        options: With ``store``, which must not be there.
        environment: The environment.
        saying: What is made up, said while that takes its time.
        sealer: Seals the values; None keeps none.

    Raises:
        ConfigurationError: A store was named as well.
        StoreError: It cannot be written.
    """
    from keysift.demo.fill import fill  # noqa: PLC0415 (start-up time)
    from keysift.store.database import Store  # noqa: PLC0415 (the same)

    if options.store:
        raise ConfigurationError("--demo makes a store of its own; leave --store out")
    with TemporaryDirectory(prefix="keysift-demo-") as folder:
        store = Store(str(Path(folder) / "demo.db"))
        try:
            print(f"keysift: making up {saying}…", file=environment.stderr, flush=True)
            fill(store, projects=DEMO_PROJECTS, sealer=sealer, cache=environment.cache)
            yield store
        finally:
            store.close()


def _location(
    options: argparse.Namespace, configured: Configuration, environment: Environment
) -> str:
    chosen: str | None = (
        options.store or environment.variables.get("KEYSIFT_STORE") or configured.store
    )
    if chosen:
        return chosen
    import platformdirs  # noqa: PLC0415 (costs start-up time)

    return str(platformdirs.user_data_path("keysift") / "keysift.db")
