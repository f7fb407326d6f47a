"""The configuration that ``keysift init`` writes: everything explained, nothing changed."""

from __future__ import annotations

from typing import Final

_HEAD: Final = """\
# keysift looks for secrets in what you publish. Every setting below is commented out and shows its
# default, or an example; `keysift config show` tells what counts.
"""

_SETTINGS: Final = """\
# Report from this confidence (low, medium, high) and this severity (info to critical) on.
# confidence = "medium"
# min-severity = "info"

# Detectors to use, or not to use, as globs of their ids (`keysift detectors list`).
# detector = ["*"]
# exclude-detector = ["generic-*"]

# Detectors of your own: files, or directories of them (`keysift detectors check` proves them).
# detectors = ["keysift-detectors"]

# Paths to leave out when directories are scanned, as in .gitignore. Nothing in them is looked at;
# to look and not to report, use a rule (below).
# exclude = ["third_party/"]

# Exit with code 3 when something could not be looked at.
# fail-on-incomplete = true

# Known findings, which `keysift baseline create` writes.
# baseline = "keysift-baseline.json"

# Whose `keysift: ignore[detector] reason` comments count: local, all or none. And whether the
# comments of other scanners do.
# ignore-comments = "local"
# peer-comments = false

# What is found and may stay. A rule has paths (as in .gitignore), detectors, or both.
"""

_RULE: Final = """\
# paths = ["tests/**"]
# detectors = ["generic-*"]
# reason = "made up for the tests"
"""


_CHECK: Final = """
# What `keysift check` finds in wheels and sdists besides secrets, and may be published all the same
# (docs/gate-rules.md has the rules).
"""

_ALLOWED: Final = """\
# rules = ["incomplete"]
# paths = ["tests/fixtures/"]
# reason = "archives that are damaged on purpose"
"""


def template(table: str) -> str:
    """Return the text of a configuration.

    Args:
        table: Name of the table it stands in; empty for a file of our own.
    """
    opening = f"[{table}]\n" if table else ""
    prefix = f"{table}." if table else ""
    return (
        f"{opening}{_HEAD}\n{_SETTINGS}# [[{prefix}ignore]]\n{_RULE}"
        f"{_CHECK}# [[{prefix}check.allow]]\n{_ALLOWED}"
    )
