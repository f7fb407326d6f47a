"""What providers advise about secrets that are broader than they need to be."""

from __future__ import annotations

from pathlib import Path

from keysift.catalogue import Catalogue
from keysift.cli.configuration import Configuration
from keysift.cli.environment import Environment


def advice(
    configured: Configuration, environment: Environment, catalogue: Catalogue
) -> dict[str, str]:
    """Return advice for narrower secrets, by detector id; nobody is asked.

    Raises:
        CatalogueError: A detector file is wrong.
    """
    from keysift.catalogue.validities import load_validities  # noqa: PLC0415 (start-up time)
    from keysift.verify.powers import advice_of  # noqa: PLC0415 (the same)

    files = tuple(Path(name) for name in configured.detectors)
    validities = load_validities(files, cache=environment.cache)
    tables = {one: table for one in catalogue.by_id if (table := validities.of(one)) is not None}
    return {one: words for one, table in tables.items() if (words := advice_of(table))}
