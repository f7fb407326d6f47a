"""The command ``keysift``, and ``python -m keysift``."""

from __future__ import annotations

import sys


def start() -> None:
    """Run the command line of this process; Ctrl-C while it is being loaded is no traceback."""
    try:
        from keysift.cli.main import run  # noqa: PLC0415 (inside, to be interruptible)

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    start()
