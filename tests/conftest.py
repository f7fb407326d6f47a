"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.index_server import IndexServer

pytest_plugins = ["tests.databases"]


@pytest.fixture(autouse=True)
def _no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tests away from the keyring of whoever runs them."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


@pytest.fixture
def server() -> Iterator[IndexServer]:
    """Serve an empty index."""
    with IndexServer() as running:
        yield running
