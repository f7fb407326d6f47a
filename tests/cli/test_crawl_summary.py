"""The end of a crawl, as people read it."""

from __future__ import annotations

import io
from collections import Counter

import pytest

from keysift.cli.crawl_summary import write_crawl_summary
from keysift.crawl.standing import Counts, Standing


def written(
    standing: Standing,
    *,
    is_stopped: bool = False,
    color: bool = False,
    store: str | None = None,
) -> str:
    """Return the summary at 80 columns."""
    stream = io.StringIO()
    write_crawl_summary(standing, stream, color=color, width=80, is_stopped=is_stopped, store=store)
    return stream.getvalue()


FULL = Standing(
    Counts(
        projects=1200,
        pages=31,
        added=96,
        changed=2,
        artifacts=94,
        findings=5,
        incomplete=1,
        failed=14,
        unread=1,
        fetched_bytes=310_000_000,
        published_bytes=1_240_000_000,
    ),
    reasons=Counter(
        {
            "download failed": 9,
            "hash mismatch": 3,
            "page not read": 1,
            "the process ended (signal SIGKILL)": 1,
            "too large": 1,
        }
    ),
)


def test_everything_at_once() -> None:
    """What was looked at, what is new, what failed and why, and what to do next."""
    assert (
        written(FULL)
        == """\
Looked at   1,200 projects · 31 had changed
New         96 files · 2 other changes
Scanned     94 artifacts · 310 MB fetched of 1.24 GB published · 75% saved
Found       5 matches
Incomplete  1 artifact only in part
Failed      14 artifacts · 1 project page
            9 download failed
            3 hash mismatch
            1 page not read
            and 2 other reasons

✗ Some could not be had. Run the same command again to try them again.
  What failed for good is tried again with --retry-failed.
  See what was found: keysift findings
"""
    )


def test_nothing_new() -> None:
    """A second crawl right after the first has little to say."""
    assert (
        written(Standing(Counts(projects=3)))
        == """\
Looked at   3 projects · 0 had changed
New         0 files · 0 other changes
Scanned     0 artifacts

✓ Nothing new to scan.
"""
    )


def test_all_well() -> None:
    """Without matches nothing is to be looked at."""
    counts = Counts(projects=1, pages=1, added=1, artifacts=1, fetched_bytes=9, published_bytes=9)
    assert (
        written(Standing(counts))
        == """\
Looked at   1 project · 1 had changed
New         1 file · 0 other changes
Scanned     1 artifact · 9 bytes fetched of 9 bytes published

✓ Everything is scanned.
"""
    )


def test_stopped() -> None:
    """It says how to go on, not that everything is done."""
    text = written(Standing(Counts(projects=1, artifacts=1)), is_stopped=True)
    assert text.endswith("\n! Stopped. Run the same command again to go on.\n")
    assert "✓" not in text


@pytest.mark.parametrize("color", [True, False])
def test_colours_are_for_terminals(color: bool) -> None:  # noqa: FBT001
    """In a pipe there is no escape sequence."""
    assert ("\x1b[" in written(FULL, color=color)) is color


def test_it_fits() -> None:
    """No line is wider than the terminal."""
    assert max(map(len, written(FULL).splitlines())) <= 80


def test_the_store_is_named() -> None:
    """What is suggested works as it stands, also for a store of one's own."""
    page = written(Standing(Counts(artifacts=1, findings=1)), store="my store.db")
    assert page.endswith("keysift findings --store 'my store.db'\n")
