"""Whether an index is down, or only some of what it offers cannot be had.

Some of the pages and files of every large index are broken for good, and they stand side by side.
So a row of failures is no proof: the index itself is asked then.
"""

from __future__ import annotations

from typing import Final

from keysift.errors import CredentialsError, IndexUnavailableError, NotServedError

DOUBTS: Final = 10
"""Failures in a row after which the index is asked whether it is there."""

MOST: Final = 100
"""Failures in a row after which what it offers is taken to be out of reach: files can be on
another server than the index."""


class Health:
    """Counts the failures of an index.

    Attributes:
        in_a_row: Failures since something came.
    """

    def __init__(self) -> None:
        self.in_a_row = 0
        self._asked_at = 0
        self._has_given = False
        self._is_refused = False

    def gave(self) -> None:
        """Note that a page or a file came."""
        self.in_a_row = self._asked_at = 0
        self._has_given = True

    def failed(self, error: IndexUnavailableError) -> None:
        """Note that a page or a file did not come."""
        if isinstance(error, NotServedError):
            # The server is there and says so. It may say so of everything, so nothing was given.
            return
        self.in_a_row += 1
        if isinstance(error, CredentialsError) and not self._has_given:
            self._is_refused = True

    @property
    def is_doubtful(self) -> bool:
        """Whether the index should be asked if it is there at all, before anything else is."""
        return self._is_refused or self.in_a_row - self._asked_at >= DOUBTS

    @property
    def is_over(self) -> bool:
        """Whether it makes no sense to go on, though the index itself is there."""
        return self.in_a_row >= MOST

    def answered(self) -> None:
        """Note that the index itself was asked, and is there."""
        self._asked_at = self.in_a_row
        self._is_refused = False
