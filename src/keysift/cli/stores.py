"""Which store a command works on."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from keysift.cli.configuration import Configuration
from keysift.cli.environment import Environment

if TYPE_CHECKING:
    from keysift.store.database import Store


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
