"""The examples of docs/api.md: ``python -m tests.docs.api_example`` writes them anew."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from litestar import Litestar

from keysift.catalogue import load
from keysift.model import Confidence, Role, Secret, Severity
from keysift.store import access
from keysift.store.database import Store
from keysift.store.summaries import refresh
from keysift.web.app import application
from keysift.web.settings import WebSettings
from tests.store.history import History
from tests.store.samples import SEALER, found
from tests.web.site import asking, serving

PAGE: Final = Path(__file__).parents[2] / "docs" / "api.md"

_EXAMPLE: Final = re.compile(r"(?<=<!-- example -->\n)```console\n((?:\$ .*\n)+)([\s\S]*?)```\n")
_STAMP: Final = re.compile(r'("(?:decided|disclosed)": )"[^"]*"')
_THEN: Final = r'\1"2026-09-01T12:00:00.000000Z"'


def examples() -> list[tuple[str, str]]:
    """Return the commands of the page, each with what the page shows of its output."""
    return _EXAMPLE.findall(PAGE.read_text("utf-8"))


def printed(folder: Path) -> list[str]:
    """Run the commands of the page against a dashboard, and return what they print.

    The times of what they do are those of the page.

    Args:
        folder: For the store, and what commands write.
    """
    store = Store(str(folder / "store.db"))
    token = _filled(store)
    known = load()

    def make(port: int, hosts: frozenset[str]) -> Litestar:
        told = WebSettings(
            token=Secret(os.urandom(32)),
            hosts=hosts,
            port=port,
            starter="ada",
            catalogue=known,
            verifying=asking(known),
            sealer=SEALER,
            report=lambda _: None,
        )
        return application(store, told)

    try:
        with serving(make) as origin:
            variables = os.environ | {"API": f"{origin}/api/v1", "TOKEN": token, "no_proxy": "*"}
            return [_run(commands, folder, variables) for commands, _ in examples()]
    finally:
        store.close()


def _filled(store: Store) -> str:
    """Write two projects into a store; returns a token for it."""
    history = History(store)
    for seed, (project, severity) in enumerate(
        (("demo", Severity.CRITICAL), ("demo", Severity.HIGH), ("other", Severity.MEDIUM))
    ):
        uploaded = datetime(2019 + seed, 3, 1, tzinfo=UTC)
        match = found(seed, severity=severity, confidence=Confidence.HIGH)
        history.publish(project, f"{seed + 1}.0", match, uploaded=uploaded)
    refresh(store)
    with store.writing() as connection:
        return access.add(connection, "nightly", tuple(Role), None).reveal_text()


def _run(commands: str, folder: Path, variables: dict[str, str]) -> str:
    script = "".join(line.removeprefix("$ ") for line in commands.splitlines(keepends=True))
    run = subprocess.run(
        ["sh", "-ec", script],  # noqa: S607 (whichever shell there is)
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return _STAMP.sub(_THEN, run.stdout)


def write(outputs: list[str]) -> None:
    """Write what the commands printed into the page."""
    left = iter(outputs)

    def block(match: re.Match[str]) -> str:
        return f"```console\n{match[1]}{next(left)}```\n"

    PAGE.write_text(_EXAMPLE.sub(block, PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        write(printed(Path(name)))
