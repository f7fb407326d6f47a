"""What names of groups are called for people."""

from __future__ import annotations

from typing import Final

OTHERS: Final = "others"

WORDS: Final[dict[str, dict[str, str]]] = {
    "by_year": {"": "no date known"},
    "by_month": {"": "no date known"},
    "by_provider": {"": "types that the catalogue has no more"},
    "by_category": {
        "": "types that the catalogue has no more",
        "ai": "AI",
        "ci": "continuous integration",
        "cloud": "cloud",
        "code": "code hosting",
        "communication": "communication",
        "crypto": "cryptocurrency",
        "data": "data services",
        "database": "databases",
        "email": "mail",
        "finance": "payment and finance",
        "generic": "no provider",
        "identity": "identity",
        "key": "keys",
        "monitoring": "monitoring",
        "packages": "package registries",
        "productivity": "productivity",
        "secrets": "secret managers",
        "shop": "shops",
        "social": "social networks",
        "storage": "storage",
    },
    "by_verdict": {"not_checkable": "not checkable"},
    "by_presence": {
        "newest": "in the newest release",
        "unknown": "newest release not looked at",
        "old": "in older releases only",
        "yanked": "in yanked files only",
        "deleted": "in deleted files only",
    },
    "by_artifact": {
        "sdist": "sdists only",
        "wheel": "wheels only",
        "sdist+wheel": "sdists and wheels",
        "other": "eggs and others",
    },
    "by_mode": {"unknown": "not known"},
    "by_place": {
        "readme": "README and package metadata",
        "example": "examples",
        "test": "tests",
        "notebook": "notebooks",
        "source": "source code",
    },
    "by_extension": {"none": "no extension", "other": "any other"},
    "by_privilege": {"": "not known"},
    "by_power": {
        "identity": "learn whose it is",
        "read": "read what is not public",
        "write": "change data",
        "delete": "delete data or machines",
        "use": "use what the owner pays for",
        "message": "send messages in the owner's name",
        "people": "reach personal data",
        "publish": "publish what others install",
        "code": "change code or what is deployed",
        "secrets": "read further secrets",
        "money": "move money",
        "admin": "rule the organisation",
        "root": "everything that the account may",
    },
}
"""By table and name; a name that is not here stands for itself."""

_STATES: Final[dict[str, str]] = {
    "outdated": "the ruleset that looked last finds them no more",
    "canaries": "canaries, which open nothing and raise an alarm",
    "low_confidence": "less sure than asked for",
    "low_severity": "less severe than asked for",
    "false_positives": "set aside by people: false positives",
    "tests": "set aside by people: made for tests",
}
NOT_COUNTED: Final = _STATES
"""Why secrets are in no figure."""


def word(table: str, name: str, title: str = "") -> str:
    """Return what a group is called for people.

    Args:
        table: Its table.
        name: Its name.
        title: What the catalogue calls it; empty: nothing.
    """
    if name == OTHERS and not title:
        return "others together"
    return title or WORDS.get(table, {}).get(name, name)
