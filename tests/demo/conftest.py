"""What the tests of the demo share."""

from __future__ import annotations

from pathlib import Path

import pytest

from keysift.catalogue.cache import Cache


@pytest.fixture(scope="session")
def cache(shared_cache: Path) -> Cache:
    """Return a cache of the catalogue, which takes seconds to read."""
    return Cache(shared_cache)
