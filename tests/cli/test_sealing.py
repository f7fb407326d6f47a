"""Where sealing keys come from."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from keysift.cli.environment import Environment
from keysift.cli.sealing import KEYRING_SERVICE, KEYRING_USER, VARIABLE, sealer, writing_sealer
from keysift.errors import ConfigurationError
from keysift.store import keys
from keysift.store.database import Store
from keysift.store.sealing import Sealer
from tests.ring import Ring

ONE, TWO, THREE = (letter * 32 for letter in (b"1", b"2", b"3"))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the key file is."""
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / name)
    return tmp_path / "keysift" / "sealing.key"


def environment(**variables: str) -> Environment:
    """Return an environment with these variables."""
    return Environment(variables, Path.cwd(), io.StringIO(), io.StringIO())


def write(file: Path, *wanted: bytes) -> None:
    """Write a key file."""
    file.parent.mkdir()
    file.touch(mode=0o600)
    file.write_text("\n".join(key.hex() for key in wanted) + "\n")


def key_ids(found: Sealer | None) -> tuple[str, ...]:
    """Return the ids of the keys of a sealer."""
    return found.key_ids if found else ()


def test_there_may_be_no_key(file: Path) -> None:
    """Without a key nothing can be sealed or opened, and none is made unasked."""
    assert sealer(environment()) is None
    assert not file.exists()


def test_a_missing_key_is_made_once(file: Path) -> None:
    """The key is made in a file for the user alone, and is the same from then on."""
    made = sealer(environment(), create=True)
    assert made is not None
    assert key_ids(sealer(environment(), create=True)) == made.key_ids
    assert key_ids(sealer(environment())) == made.key_ids
    if os.name != "nt":
        assert file.stat().st_mode & 0o777 == 0o600
    assert key_ids(Sealer(bytes.fromhex(file.read_text()))) == made.key_ids


def test_the_variable_comes_first_then_the_keyring(file: Path, ring: Ring) -> None:
    """The variable wins over the keyring, the keyring over the file."""
    write(file, THREE)
    assert key_ids(sealer(environment())) == Sealer(THREE).key_ids
    ring.kept[KEYRING_SERVICE, KEYRING_USER] = TWO.hex()
    assert key_ids(sealer(environment(), create=True)) == Sealer(TWO).key_ids
    given = environment(**{VARIABLE: ONE.hex().upper()})
    assert key_ids(sealer(given, create=True)) == Sealer(ONE).key_ids


def test_a_locked_keyring_knows_nothing(file: Path, ring: Ring) -> None:
    """Who has no key in the keyring is not bothered with it."""
    ring.is_locked = True
    write(file, THREE)
    assert key_ids(sealer(environment())) == Sealer(THREE).key_ids


@pytest.mark.parametrize("separator", [",", ", ", "\n", " "])
def test_the_first_of_several_keys_seals(file: Path, separator: str) -> None:
    """Older keys follow, and still open."""
    assert not file.exists()
    given = environment(**{VARIABLE: separator.join((ONE.hex(), TWO.hex()))})
    assert key_ids(sealer(given)) == Sealer(ONE, TWO).key_ids


@pytest.mark.parametrize("wrong", ["x" * 64, "ab" * 31, "ab" * 32 + ",", "ab" * 33, "é" * 64])
def test_a_malformed_key_is_refused_and_not_shown(file: Path, wrong: str) -> None:
    """The message says what a key looks like, not what was there."""
    assert not file.exists()
    given = environment(**{VARIABLE: wrong + ",zz"})
    with pytest.raises(ConfigurationError, match="64 hexadecimal digits") as caught:
        sealer(given)
    assert wrong not in str(caught.value)


def test_a_key_that_cannot_be_made_says_what_else_to_do(file: Path) -> None:
    """Without a directory for it, the variable is left."""
    file.parent.write_text("not a directory")
    with pytest.raises(ConfigurationError, match="set KEYSIFT_SEALING_KEY instead"):
        sealer(environment(), create=True)


def test_a_key_others_can_read_is_refused(file: Path) -> None:
    """A key file of another mode than 600 is no secret any more."""
    if os.name == "nt":
        pytest.skip("Windows has no such permissions")
    write(file, ONE)
    file.chmod(0o644)
    with pytest.raises(ConfigurationError, match="others can read it"):
        sealer(environment(), create=True)


def test_a_crawl_makes_the_key_of_a_new_store_only(file: Path, tmp_path: Path) -> None:
    """When the key of a store is lost, a new one would hide that; so none is made."""
    store = Store(str(tmp_path / "store.db"))
    first = writing_sealer(store, environment())
    assert writing_sealer(store, environment()).key_id == first.key_id
    file.unlink()
    with pytest.raises(ConfigurationError, match=f"key {first.key_id}, none was found"):
        writing_sealer(store, environment())
    assert not file.exists()
    with store.reading() as connection:
        assert keys.sealing_key_id(connection) == first.key_id
    store.close()
