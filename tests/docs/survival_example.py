"""The example of docs/survival.md: ``python -m tests.docs.survival_example`` writes it anew."""

from __future__ import annotations

import io
import re
import sys
import tempfile
from pathlib import Path
from typing import Final

from keysift.cli.environment import Environment
from keysift.cli.main import main
from keysift.store.database import Store
from tests.survival.world import Law, fill, world

DOCS: Final = Path(__file__).parents[2] / "docs"
PAGE: Final = DOCS / "survival.md"
PICTURE: Final = DOCS / "survival.svg"
LAWS: Final = {"acme-token": Law(60, 0.7), "example-key": Law(900, 0.8)}
EACH: Final = 200

_EXAMPLE: Final = re.compile(r"(?<=<!-- example -->\n)```console\n\$ (.*)\n([\s\S]*?)```\n")


def build(location: str) -> None:
    """Write the made-up ledger of the page."""
    store = Store(location)
    for number, (detector, law) in enumerate(LAWS.items()):
        fill(store, list(world(law, EACH, number)), detector, begin=number * EACH)
    store.close()


def printed(location: str, *arguments: str) -> str:
    """Return what a command prints about this ledger."""
    stream = io.StringIO()
    variables = {"KEYSIFT_STORE": location, "KEYSIFT_CACHE_DIR": str(Path(location).parent)}
    main(arguments, Environment(variables, Path(location).parent, stream, sys.stderr))
    return stream.getvalue()


def example() -> tuple[str, str]:
    """Return the command of the page, and what it shows of its output."""
    [(command, output)] = _EXAMPLE.findall(PAGE.read_text("utf-8"))
    return command, output


def write(location: str) -> None:
    """Write the example and the picture."""
    command, _ = example()
    output = printed(location, *command.split()[1:])
    text = f"```console\n$ {command}\n{output}```\n"
    PAGE.write_text(_EXAMPLE.sub(lambda _: text, PAGE.read_text("utf-8")), "utf-8")
    PICTURE.write_text(printed(location, *command.split()[1:], "-f", "svg"), "utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        build(f"{folder}/store.db")
        write(f"{folder}/store.db")
