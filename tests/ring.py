"""A keyring for tests."""

from __future__ import annotations

import keyring.backend
import keyring.errors


class Ring(keyring.backend.KeyringBackend):
    """A keyring that keeps what it is given, unless it is locked or may only be read."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # of the library
        self.kept: dict[tuple[str, str], str] = {}
        self.is_locked = False
        self.is_read_only = False

    def get_password(self, service: str, username: str) -> str | None:
        """Return what was kept."""
        if self.is_locked:
            raise keyring.errors.KeyringLocked
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""
        if self.is_read_only:
            raise keyring.errors.PasswordSetError
        self.kept[service, username] = password
