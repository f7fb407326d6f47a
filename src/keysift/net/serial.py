"""Numbers of changes, as PyPI counts them. Loads nothing: the command line reads them too."""

from __future__ import annotations


def as_serial(value: object) -> int | None:
    """Return a serial as an index gives it, a number or its digits; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    return value if type(value) is int and 0 <= value < 10**18 else None
