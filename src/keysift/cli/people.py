"""Who runs a command."""

from __future__ import annotations

import getpass

from keysift.cli.environment import Environment
from keysift.report.escape import well_formed


def user_name(environment: Environment) -> str:
    """Return the name of whoever runs the command; empty when they have none."""
    names = (environment.variables.get(name) for name in ("LOGNAME", "USER", "USERNAME"))
    name = next(filter(None, names), None)
    if name is None:
        try:
            name = getpass.getuser()
        except (OSError, KeyError, ImportError):
            name = ""
    return well_formed(name).strip()
