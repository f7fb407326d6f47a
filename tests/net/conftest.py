"""What the tests of the HTTP client share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from keysift.net.session import open_session
from tests.index_server import IndexServer


@pytest.fixture
def session(server: IndexServer) -> Iterator[requests.Session]:
    """Return a session for that index that does not wait between retries."""
    with open_session(server.url, backoff_s=0) as opened:
        yield opened
