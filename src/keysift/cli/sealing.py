"""Where the keys come from that seal the values of a store.

The first of these that holds one: ``KEYSIFT_SEALING_KEY``, the system's keyring, the file
``sealing.key`` in the user's configuration directory. Each holds one key or several: the first
seals, all open. ``keysift store rotate-key`` puts a new one before the old.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Final, Protocol

from keysift.cli.environment import Environment
from keysift.cli.private import create_private, read_private, replace_private
from keysift.errors import ConfigurationError
from keysift.net.keyrings import keyring_library
from keysift.store import keys
from keysift.store.database import Store
from keysift.store.sealing import KEY_BYTES, Sealer

VARIABLE: Final = "KEYSIFT_SEALING_KEY"
KEYRING_SERVICE: Final = "keysift"
KEYRING_USER: Final = "sealing-key"

_SEPARATOR: Final = re.compile(r"[,\s]+")


class KeyPlace(Protocol):
    """A place that holds sealing keys.

    Attributes:
        name: What to call it in messages.
        is_ours: Whether we can change it.
    """

    name: str
    is_ours: bool

    def read(self) -> str | None:
        """Return the keys as text; None when there are none.

        Raises:
            ConfigurationError: They cannot be read.
        """

    def write(self, text: str) -> None:
        """Replace the keys, in one step.

        Raises:
            ConfigurationError: They cannot be replaced.
        """


def sealer(environment: Environment, *, create: bool = False) -> Sealer | None:
    """Return what seals and opens with the user's keys; None when there is no key.

    Args:
        environment: The environment.
        create: Whether to make a key, in the file, when there is none anywhere.

    Raises:
        ConfigurationError: A key is malformed, can be read by others, or cannot be read or made.
    """
    _, found = sealing_keys(environment)
    if not found and create:
        found = _File(_path()).make()
    return Sealer(*found) if found else None


def writing_sealer(store: Store, environment: Environment) -> Sealer:
    """Return what seals for a store, whose key is made and written down on first use.

    Raises:
        ConfigurationError: As ``sealer``; or the store's key is not among the user's.
        StoreError: The store fails.
    """
    with store.reading() as connection:
        key_id = keys.sealing_key_id(connection)
    own = sealer(environment, create=key_id is None)
    if own is None:
        raise ConfigurationError(keys.missing(key_id or "", None))
    with store.writing() as connection:
        return keys.adopt_sealer(connection, own)


def keys_to_rotate_to(store: Store, environment: Environment) -> tuple[KeyPlace, tuple[bytes, ...]]:
    """Return keys of which the first shall seal the values of a store, and the place of them.

    When the store's own key is the first, a new one is put before it. Else that was done before: a
    rotation of this store was killed, or another store was rotated.

    Raises:
        ConfigurationError: As ``sealer``; there is no key, or the store's is not among them.
        StoreError: The store fails.
    """
    place, found = sealing_keys(environment)
    with store.reading() as connection:
        key_id = keys.sealing_key_id(connection)
    if not found and key_id is None:
        raise ConfigurationError("there is no sealing key yet; the first crawl makes one")
    own = Sealer(*found) if found else None
    if own is None or (key_id is not None and key_id not in own.key_ids):
        raise ConfigurationError(keys.missing(key_id or "", own))
    if key_id in (None, own.key_id):
        found = (secrets.token_bytes(KEY_BYTES), *found)
        write_keys(place, found)
    return place, found


def sealing_keys(environment: Environment) -> tuple[KeyPlace, tuple[bytes, ...]]:
    """Return the place that holds the user's keys, and the keys; the file when there are none.

    Raises:
        ConfigurationError: A key is malformed, can be read by others, or cannot be read.
    """
    file = _File(_path())
    for place in (_Variable(environment), _Keyring(), file):
        text = place.read()
        if text:
            return place, _parsed(text, place.name)
    return file, ()


def write_keys(place: KeyPlace, wanted: tuple[bytes, ...]) -> None:
    """Replace the keys of a place, in one step.

    Raises:
        ConfigurationError: They cannot be replaced.
    """
    place.write("\n".join(key.hex() for key in wanted))


class _Variable:
    """The environment variable, which we cannot change."""

    name = VARIABLE
    is_ours = False

    def __init__(self, environment: Environment) -> None:
        self._text = environment.variables.get(VARIABLE)

    def read(self) -> str | None:
        return self._text

    def write(self, text: str) -> None:  # noqa: ARG002 (of the protocol)
        raise ConfigurationError(
            f"{VARIABLE} is yours to change. Make a key of {KEY_BYTES * 2} hexadecimal digits "
            f"(openssl rand -hex {KEY_BYTES}), put it before the present one "
            f"({VARIABLE}=NEW,PRESENT), and run this again; when it is done, leave the old one out"
        )


class _Keyring:
    """The keyring of the system, for those who put a key there."""

    name = f"the keyring ({KEYRING_SERVICE}, {KEYRING_USER})"
    is_ours = True

    def read(self) -> str | None:
        library = keyring_library()
        if library is None:
            return None
        try:
            text: str | None = library.get_password(KEYRING_SERVICE, KEYRING_USER)
        except (library.errors.KeyringError, OSError, RuntimeError):
            # One that is locked, or has no desktop to ask on, knows nothing.
            return None
        return text

    def write(self, text: str) -> None:
        library = keyring_library()
        if library is None:
            raise ConfigurationError(f"{self.name}: pip install 'keysift[keyring]'")
        try:
            # Some keyrings keep one line only.
            library.set_password(KEYRING_SERVICE, KEYRING_USER, text.replace("\n", ","))
        except (library.errors.KeyringError, OSError, RuntimeError) as error:
            raise ConfigurationError(f"{self.name}: {type(error).__name__}") from None


class _File:
    """The file in the user's configuration directory."""

    is_ours = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = str(path)

    def read(self) -> str | None:
        return read_private(self.path)

    def write(self, text: str) -> None:
        try:
            replace_private(self.path, text)
        except OSError as error:
            raise ConfigurationError(f"{self.path}: {error.strerror}") from error

    def make(self) -> tuple[bytes, ...]:
        """Write a new key, unless another process just did, and return what is there."""
        try:
            create_private(self.path, secrets.token_hex(KEY_BYTES))
        except OSError as error:
            raise ConfigurationError(
                f"{self.path}: {error.strerror}; set {VARIABLE} instead, or crawl with --no-values"
            ) from error
        return _parsed(self.read() or "", self.name)


def _path() -> Path:
    import platformdirs  # noqa: PLC0415 (costs start-up time)

    return platformdirs.user_config_path("keysift") / "sealing.key"


def _parsed(text: str, origin: str) -> tuple[bytes, ...]:
    """Return keys; what is wrong is told without showing it."""
    try:
        found = tuple(bytes.fromhex(word) for word in _SEPARATOR.split(text.strip(", \t\r\n")))
    except ValueError:
        found = ()
    if not found or any(len(key) != KEY_BYTES for key in found):
        raise ConfigurationError(
            f"{origin}: a sealing key has {KEY_BYTES * 2} hexadecimal digits; several are "
            "separated by commas or lines"
        )
    return found
