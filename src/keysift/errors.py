"""Every exception keysift raises, in one tree.

::

    KeysiftError
    ├── UsageError              what the user asked for makes no sense (exit code 2)
    │   ├── ConfigurationError  a configuration file or environment variable
    │   ├── CatalogueError      a detector file
    │   └── TargetError         a target that does not exist or cannot be parsed
    ├── StoreError              the database of what was found (exit code 3)
    ├── GitError                git could not read a repository (exit code 3)
    ├── UnpackError             an archive that is not what it claims to be
    ├── RefusedError            a distribution that was built must not be published
    ├── CannotAskError          a provider cannot be asked about a secret (``keysift.model``)
    └── IndexUnavailableError   the package index did not give what was asked for (exit code 3)
        ├── CredentialsError    the index wants (other) credentials
        └── HashMismatchError   a downloaded file is not the one the index announced

Untrusted input raises nothing else: a leaked ``struct.error`` is a bug. Exceptions never carry a
secret value, and they never end the process: ``keysift.cli`` maps classes to exit codes.
"""

from __future__ import annotations


class KeysiftError(Exception):
    """Root of all errors of keysift."""


class UsageError(KeysiftError):
    """What the user asked for makes no sense; the message says what to change."""


class ConfigurationError(UsageError):
    """A configuration file or an environment variable is wrong."""


class CatalogueError(UsageError):
    """One or more detector files are wrong; ``problems`` holds a line for each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class TargetError(UsageError):
    """A target does not exist, or its notation cannot be parsed."""


class StoreError(KeysiftError):
    """The store cannot be opened, read or written; the message names it, never what is in it.

    Attributes:
        is_passing: Whether the same may succeed later: a server that restarts, a full disk.
    """

    def __init__(self, message: str, *, is_passing: bool = False) -> None:
        super().__init__(message)
        self.is_passing = is_passing


class GitError(KeysiftError):
    """Git could not read what it was asked for; the message is its own."""


class UnpackError(KeysiftError):
    """Bytes that are not a valid archive of the kind they claim to be."""


class RefusedError(KeysiftError):
    """A distribution that was built is not handed out; the message is the report, masked."""


class IndexUnavailableError(KeysiftError):
    """The package index could not be asked, or did not give what it should."""


class CredentialsError(IndexUnavailableError):
    """The index refuses us without (other) credentials."""


class NotServedError(IndexUnavailableError):
    """The server is there, and says that it does not serve this one thing."""


class HashMismatchError(IndexUnavailableError):
    """A downloaded file does not have the digest the index announced."""
