"""What the process says when it ends: codes, and which error means which."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from keysift.errors import GitError, IndexUnavailableError, KeysiftError, StoreError, UsageError


class ExitCode(IntEnum):
    """Exit codes of every command; ``docs/exit-codes.md`` is generated from this."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    BLOCKED = 2  # what coding agents stop at: to them an error is no permission either
    INCOMPLETE = 3
    BUG = 70
    INTERRUPTED = 130

    @property
    def meaning(self) -> str:
        """What the code says, in a sentence."""
        return _MEANINGS[self]


_MEANINGS = {
    ExitCode.CLEAN: "Everything asked for was done, and nothing was found.",
    ExitCode.FINDINGS: "Secrets were found (or `detectors check` or `store check` found problems).",
    ExitCode.USAGE: (
        "The command, an option, a target or a configuration makes no sense. `agent-hook` also "
        "exits like this when it found secrets: it is the code that coding agents stop at."
    ),
    ExitCode.INCOMPLETE: (
        "Something could not be looked at: an index, a store, a download or a file that cannot be "
        "read, or, "
        "with `--fail-on-incomplete`, any content that was skipped. Findings are reported all the "
        "same."
    ),
    ExitCode.BUG: "A bug of keysift; please report the message.",
    ExitCode.INTERRUPTED: (
        "Ctrl-C (or SIGTERM, for `crawl`): what was found so far has been printed or stored."
    ),
}


def code_of(error: KeysiftError) -> ExitCode:
    """Return the exit code for an error that ended a command."""
    if isinstance(error, UsageError):
        return ExitCode.USAGE
    if isinstance(error, GitError | IndexUnavailableError | StoreError):
        return ExitCode.INCOMPLETE
    return ExitCode.BUG


def worst_of(errors: Iterable[KeysiftError]) -> ExitCode:
    """Return the exit code for errors, of which there is one at least: the worst of theirs."""
    return max(map(code_of, errors))
