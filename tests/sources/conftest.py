"""What the tests of sources share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from keysift.net.session import open_session
from keysift.sources.pypi import Index
from tests.index_server import IndexServer, join_downloads


@pytest.fixture
def index(server: IndexServer) -> Iterator[Index]:
    """Return a client of that index that does not wait between retries."""
    with open_session(server.url, backoff_s=0) as session:
        yield Index(server.url, session)
        join_downloads()
