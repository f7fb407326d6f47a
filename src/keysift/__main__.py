"""The command ``keysift``, and ``python -m keysift``."""

from __future__ import annotations

import sys


def start() -> None:
    """Run the command line of this process; Ctrl-C while it is being loaded is no traceback."""
    try:
        _load_msgspec()
        from keysift.cli.main import run  # noqa: PLC0415 (inside, to be interruptible)

        run()
    except KeyboardInterrupt:
        sys.exit(130)


def _load_msgspec() -> None:
    """Import msgspec as if there were no typing_extensions.

    It would take from there what typing has as well, since Python 3.11. To import that takes a
    twentieth of the time that a hook has.
    """
    name = "typing_extensions"
    if name in sys.modules:
        return
    sys.modules[name] = None  # type: ignore[assignment] # which is how an import is refused
    try:
        import msgspec  # noqa: F401, PLC0415
    finally:
        del sys.modules[name]


if __name__ == "__main__":
    start()
