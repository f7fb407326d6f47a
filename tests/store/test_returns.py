"""Secrets that come back into a project that was rid of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from keysift.store.database import Store
from keysift.store.queries.lives import Lives
from keysift.store.queries.values import Life
from tests.store.history import History
from tests.store.samples import found


def life(store: Store, releases: str, days: tuple[int, ...] = ()) -> Life:
    """Return the life of a secret in releases 1.0, 1.1 and so on.

    Args:
        store: An empty store.
        releases: One letter each: ``x`` has it, ``-`` does not, ``?`` was not looked at.
        days: Of the uploads, in January 2020; one after the other when there are none.
    """
    history = History(store)
    for number, letter in enumerate(releases):
        day = days[number] if days else number + 1
        uploaded = datetime(2020, 1, day, tzinfo=UTC)
        version, name = f"1.{number}", f"demo-1.{number}.tar.gz"
        if letter == "?":
            history.announce("demo", version, name, uploaded=uploaded)
        else:
            matches = [found(1)] if letter == "x" else []
            history.upload("demo", version, name, *matches, uploaded=uploaded)
    number = history.number(1)
    with store.reading() as connection:
        (only,) = Lives(connection).of([number])[number]
    return only


@pytest.mark.parametrize(
    ("releases", "returns"),
    [
        ("xxx", 0),
        ("xx-", 0),
        ("-x-", 0),
        ("x-x", 1),
        ("x--x-", 1),
        ("x-x-x", 2),
        # What was not looked at says nothing.
        ("x?x", 0),
        ("x?-x", 1),
    ],
)
def test_a_return_is_a_release_with_it_after_one_without(
    store: Store, releases: str, returns: int
) -> None:
    """That was looked at, and that came after another one with it."""
    assert life(store, releases).returns == returns


@pytest.mark.parametrize(
    ("releases", "days", "returns"),
    [
        # 1.1 was fixed first; 1.2 and 1.3 were uploaded before it, so nothing came back.
        ("x-xx", (1, 9, 2, 3), 0),
        # 1.1 is a fix that came before 1.0 had it.
        ("x-x", (5, 1, 9), 0),
        # 1.1 is an old branch; 1.2 was rid of it before, and 1.3 has it again.
        ("xx-x", (1, 8, 4, 9), 1),
        # After a return, what was uploaded before it is no new removal.
        ("x-x-x", (1, 2, 5, 3, 6), 1),
    ],
)
def test_an_old_branch_is_no_return(
    store: Store, releases: str, days: tuple[int, ...], returns: int
) -> None:
    """The order of uploads does not contradict that of versions."""
    assert life(store, releases, days).returns == returns


@pytest.mark.parametrize("releases", ["-x", "?-x"])
def test_a_secret_is_late_when_an_earlier_release_is_without_it(
    store: Store, releases: str
) -> None:
    """As far as that was looked at."""
    assert life(store, releases).is_late


@pytest.mark.parametrize("releases", ["x", "?x", "x-x"])
def test_a_secret_is_there_from_the_beginning_as_far_as_is_known(
    store: Store, releases: str
) -> None:
    """Nothing is known of what was not looked at."""
    assert not life(store, releases).is_late


def test_an_earlier_version_that_was_uploaded_later_says_nothing(store: Store) -> None:
    """It may be a fix."""
    assert life(store, "-x", (9, 1)).is_late is False


def test_times_that_are_not_known_contradict_nothing(store: Store) -> None:
    """Versions decide alone then."""
    history = History(store)
    for version, matches in (("1.0", [found(1)]), ("1.1", []), ("1.2", [found(1)])):
        name = f"demo-{version}.tar.gz"
        history.upload("demo", version, name, *matches, uploaded=None)
    number = history.number(1)
    with store.reading() as connection:
        (only,) = Lives(connection).of([number])[number]
    assert only.returns == 1
    assert only.first_uploaded_at is None
