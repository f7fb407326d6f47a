"""Canaries: credentials that raise an alarm when they are used, known by list.

Each line of a list is a rule: ``account NUMBER NOTE``, ``host NAME NOTE`` or ``text GLOB NOTE``.
What keysift knows is in ``canaries.txt``; users add lists of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import translate
from functools import cached_property
from pathlib import Path
from typing import Final

from msgspec import Struct

from keysift.errors import CatalogueError

BUILTIN: Final = Path(__file__).parent / "canaries.txt"
"""The list that comes with keysift."""

KINDS: Final = {
    "account": "an account of AWS: 12 digits, as they are decoded from an access key id",
    "host": "a server, or everything below a domain, that a secret gives access to",
    "text": "a shell pattern (`*`, `?`, `[…]`) of the whole secret or one of its parts",
}
"""What the kinds of rules mean."""

_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_NO_NOTE: Final = "listed as a canary"


class Rule(Struct, frozen=True):
    """One line of a list.

    Attributes:
        kind: One of ``KINDS``.
        what: The account, the host in lower case, or the shell pattern.
        note: Who issues these, or why they are known; for people.
    """

    kind: str
    what: str
    note: str


class Canaries:
    """Recognises canaries.

    Args:
        own: Rules of the user, beside those of keysift.
    """

    def __init__(self, own: Iterable[Rule] = ()) -> None:
        self.own = tuple(own)

    def why(self, facts: Mapping[str, str], values: Iterable[bytes]) -> str | None:
        """Return why a secret is known to be a canary; None when it is not known to be one.

        Args:
            facts: What proofs learned of it.
            values: The secret and its parts.
        """
        by_what = self._by_what
        note = by_what.get(("account", facts.get("account", "")))
        if note is not None:
            return note
        labels = facts.get("host", "").lower().rpartition("@")[2].split(":")[0].split(".")
        for place in range(len(labels)):
            note = by_what.get(("host", ".".join(labels[place:])))
            if note is not None:
                return note
        texts = [value.decode("latin-1") for value in values]
        return next(
            (note for glob, note in self._globs if any(glob.fullmatch(text) for text in texts)),
            None,
        )

    @cached_property
    def _rules(self) -> tuple[Rule, ...]:
        return (*_parse(BUILTIN, BUILTIN.read_text("utf-8")), *self.own)

    @cached_property
    def _by_what(self) -> dict[tuple[str, str], str]:
        return {(rule.kind, rule.what): rule.note for rule in self._rules}

    @cached_property
    def _globs(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        return tuple(
            (re.compile(translate(rule.what)), rule.note)
            for rule in self._rules
            if rule.kind == "text"
        )


def read(files: Iterable[Path]) -> tuple[Rule, ...]:
    """Read lists of canaries.

    Raises:
        CatalogueError: A file cannot be read, or a line is no rule; all problems are in it.
    """
    rules: list[Rule] = []
    problems: list[str] = []
    for path in files:
        try:
            rules.extend(_parse(path, path.read_text("utf-8")))
        except OSError as error:
            problems.append(f"{path}: {error.strerror}")
        except UnicodeDecodeError:
            problems.append(f"{path}: not a text file in UTF-8")
        except CatalogueError as error:
            problems.extend(error.problems)
    if problems:
        raise CatalogueError(tuple(problems))
    return tuple(rules)


def _parse(path: Path, text: str) -> tuple[Rule, ...]:
    rules: list[Rule] = []
    problems: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        kind, what, note = (*line.split(maxsplit=2), "", "", "")[:3]
        if not kind or kind.startswith("#"):
            continue
        if problem := _problem(kind, what):
            problems.append(f"{path}:{number}: {problem}")
            continue
        rules.append(Rule(kind, what.lower() if kind == "host" else what, note or _NO_NOTE))
    if problems:
        raise CatalogueError(tuple(problems))
    return tuple(rules)


def _problem(kind: str, what: str) -> str | None:
    if kind not in KINDS:
        return f"{kind!r} is no kind of canary; known are {', '.join(KINDS)}"
    if not what.strip("*?"):
        return f"nothing to look for after {kind!r}"
    if kind == "account" and not _ACCOUNT.fullmatch(what):
        return f"{what!r} is no account of AWS, which has 12 digits"
    return None
