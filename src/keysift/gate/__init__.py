"""The gate before publishing: what wheels and sdists must not hold (`keysift check`).

It is a build backend too (PEP 517): with ``build-backend = "keysift.gate"``, a project gets the
hooks of its real backend, and no wheel or sdist that the check refuses.
"""

from __future__ import annotations


def __getattr__(name: str) -> object:
    """Return a hook of the backend; there are those that the real backend has.

    Raises:
        AttributeError: It is no hook, or the real backend does not have it.
    """
    from keysift.gate.backend import HOOKS, hook  # noqa: PLC0415 (only builds need it)

    if name not in HOOKS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return hook(name)
