"""What all tests share."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from hypothesis import settings

from keysift.catalogue import load
from keysift.catalogue.cache import Cache
from keysift.detect.scanner import Scanner
from tests.index_server import IndexServer
from tests.ring import Ring

pytest_plugins = ["tests.databases"]

# A slow machine is no failure.
settings.register_profile("keysift", deadline=None)
settings.load_profile("keysift")


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache directory that all processes of a run share: compiling takes a minute."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "shared-cache"


@pytest.fixture(scope="session")
def full_scanner(shared_cache: Path) -> Scanner:
    """Return a scanner of the whole catalogue."""
    cache = Cache(shared_cache)
    return Scanner(load(cache=cache), cache)


@pytest.fixture(autouse=True)
def _no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tests away from the keyring of whoever runs them."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the tests away from the keys and data of whoever runs them."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


@pytest.fixture
def unused_origin() -> str:
    """Return scheme, host and port of where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture
def ring() -> Iterator[Ring]:
    """Let the library use a keyring that is empty, and return it."""
    before = keyring.get_keyring()
    chosen = Ring()
    keyring.set_keyring(chosen)
    yield chosen
    keyring.set_keyring(before)


@pytest.fixture
def server() -> Iterator[IndexServer]:
    """Serve an empty index."""
    with IndexServer() as running:
        yield running
