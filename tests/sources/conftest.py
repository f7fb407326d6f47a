"""What the tests of sources share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from keysift.net.session import open_session
from keysift.sources.pypi import Index
from tests.index_server import IndexServer, join_downloads


@pytest.fixture(autouse=True)
def _no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tests away from the keyring of whoever runs them."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


@pytest.fixture
def server() -> Iterator[IndexServer]:
    """Serve an empty index."""
    with IndexServer() as running:
        yield running


@pytest.fixture
def index(server: IndexServer) -> Iterator[Index]:
    """Return a client of that index that does not wait between retries."""
    with open_session(server.url, backoff_s=0) as session:
        yield Index(server.url, session)
        join_downloads()
