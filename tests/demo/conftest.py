"""What the tests of the demo share."""

from __future__ import annotations

import pytest

from keysift.catalogue.cache import Cache


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    """Return a cache of the catalogue, which takes seconds to read."""
    return Cache(tmp_path_factory.mktemp("cache"))
