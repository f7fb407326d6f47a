"""What a history is known to hold, beside a scan of all of each version."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import histories
from benchmarks.git import compared
from keysift.catalogue import load
from keysift.catalogue.cache import Cache
from keysift.crawl.runner import Settings


def test_a_history_is_known_as_if_all_of_each_version_had_been_scanned(
    tmp_path: Path, shared_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same matches, at the same places, as sure; and the same doubts, with few exceptions.

    What string literals say together is judged by what stands in all of them, however far they
    reach, and may be doubted for another reason where something far away has changed.
    """
    monkeypatch.setattr(histories, "CACHE", tmp_path)
    path, planted = histories.repository(1_000, 60)
    cache = Cache(shared_cache)
    total, matches, differing = compared(path, Settings(catalogue=load(cache=cache), cache=cache))
    assert total > 900
    assert matches > len(planted)
    assert differing.get("matches", 0) == 0
    assert differing.get("suppressed", 0) < total / 50
