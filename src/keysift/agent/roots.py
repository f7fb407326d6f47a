"""The directories that the user lets an agent look at."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from keysift.errors import TargetError


class Roots:
    """Directories, of which everything below may be read.

    Messages never repeat the path that was asked for.

    Attributes:
        directories: The directories themselves, without links.
    """

    def __init__(self, directories: Sequence[Path]) -> None:
        """Take the directories.

        Raises:
            TargetError: One is no directory.
        """
        self.directories: list[Path] = []
        for directory in directories:
            try:
                resolved = directory.resolve(strict=True)
            except OSError as error:
                raise TargetError(f"{directory}: {error.strerror}") from None
            if not resolved.is_dir():
                raise TargetError(f"{directory}: is no directory; name directories to allow")
            self.directories.append(resolved)

    def resolve(self, path: str) -> Path:
        """Return where a path leads, with all links followed.

        Args:
            path: As the agent gave it; a relative one begins at the first directory.

        Raises:
            TargetError: It leads outside, there is nothing, or it cannot be followed.
        """
        try:
            # Joining with an absolute path gives that path.
            resolved = Path(os.path.realpath(self.directories[0] / path))
            inside = self.holds(resolved)
            exists = inside and resolved.exists()
        except (OSError, ValueError):
            raise TargetError("this is no path of a file or directory") from None
        if not inside:
            raise TargetError(self._refusal())
        if not exists:
            raise TargetError(
                "there is nothing at this path; relative paths begin at " + str(self.directories[0])
            )
        return resolved

    def holds(self, resolved: Path) -> bool:
        """Tell whether a path without links is one of the directories, or below one."""
        return any(resolved.is_relative_to(one) for one in self.directories)

    def _refusal(self) -> str:
        allowed = ", ".join(map(str, self.directories))
        return (
            f"this path is outside of what the user allowed: {allowed}; it was not read. The user "
            "can allow more directories on the command line of keysift mcp"
        )
