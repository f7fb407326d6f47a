"""The examples of docs/verify.md: ``python -m tests.docs.verify_example`` writes them anew."""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from keysift.catalogue.samples import expand
from keysift.cli.environment import Environment
from keysift.cli.main import main
from keysift.store.database import Store
from tests.store.history import History
from tests.store.samples import found, value
from tests.verify.providers import Answer, Providers, serving

PAGE: Final = Path(__file__).parents[2] / "docs" / "verify.md"

_SECRETS: Final = 5
_EXAMPLE: Final = re.compile(r"(?<=<!-- example -->\n)```console\n\$ keysift (.*)\n([\s\S]*?)```\n")


def examples() -> list[tuple[str, str]]:
    """Return the commands of the page, each with what the page shows of its output."""
    return _EXAMPLE.findall(PAGE.read_text("utf-8"))


def printed(folder: Path) -> list[str]:
    """Run the commands of the page, one after the other, and return what they print.

    Args:
        folder: For the store, the audit log and the cache.
    """
    _build(str(folder / "store.db"))
    with serving() as github:
        github.answer = _answer
        return [_run(folder, github, command.split()) for command, _ in examples()]


def _build(location: str) -> None:
    """Make a store with tokens of GitHub, a key of AWS and a private key."""
    store = Store(location)
    history = History(store)
    for seed in range(_SECRETS):
        uploaded = datetime(2017 + seed, 3, 1, tzinfo=UTC)
        history.publish("demo", f"{seed + 1}.0", found(seed), uploaded=uploaded)
    history.publish("keys", "1.0", found(50, "aws-access-key"))
    history.publish("keys", "2.0", found(51, "private-key-openssh"))
    store.close()


def _answer(_host: str, secret: str, _times: int) -> Answer:
    known = {value(seed).reveal_text(): seed for seed in range(_SECRETS)}
    match known.get(secret, 0):
        case 0:
            body = b'{"login": "grace", "id": 7, "name": "Grace Hopper"}'
            return 200, {"X-OAuth-Scopes": "repo, workflow"}, body
        case 1:
            return 502, {}, b"<h1>Bad Gateway</h1>"
        case _:
            return 401, {}, b'{"message": "Bad credentials"}'


def _run(folder: Path, github: Providers, arguments: list[str]) -> str:
    stream = io.StringIO()
    variables = {
        "KEYSIFT_STORE": str(folder / "store.db"),
        "KEYSIFT_CACHE_DIR": os.environ.get("KEYSIFT_CACHE_DIR") or str(folder / "cache"),
        "KEYSIFT_AUDIT_LOG": str(folder / "audit"),
        "KEYSIFT_SEALING_KEY": (b"s" * 32).hex(),
        "KEYSIFT_FINGERPRINT_KEY": "f" * 32,
    }
    token = expand("ghp_{base62:30}{crc32_base62}", 1)
    environment = Environment(variables, folder, stream, sys.stderr, io.BytesIO(token.encode()))
    if "--dry-run" not in arguments:
        arguments = [*arguments, "--endpoint", f"https://api.github.com={github.origin}"]
    main(arguments, environment)
    return stream.getvalue()


def write(outputs: list[str]) -> None:
    """Write what the commands printed into the page."""
    left = iter(outputs)

    def block(match: re.Match[str]) -> str:
        return f"```console\n$ keysift {match[1]}\n{next(left)}```\n"

    PAGE.write_text(_EXAMPLE.sub(block, PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        write(printed(Path(name)))
