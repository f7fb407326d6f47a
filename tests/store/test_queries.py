"""Findings as the store knows them: their life in projects, and which of them are wanted."""

from __future__ import annotations

from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

import pytest
import sqlalchemy as sa
from msgspec import structs

from keysift.model import Confidence, Reason, Severity, Skip, SkipReason, TriageStatus, Verdict
from keysift.store import tables as t
from keysift.store.database import Store
from keysift.store.queries.choose import Chosen, Filters, Order, choose
from keysift.store.queries.describe import describe
from keysift.store.queries.glob import matches
from keysift.store.queries.history import answers, events, sealed_values
from keysift.store.queries.places import Looked, looked, places
from keysift.store.queries.values import Life, StoredFinding
from keysift.store.records import Found
from keysift.store.triage import trail
from tests.store.history import History
from tests.store.samples import KEY, SEALER, found, value


@pytest.fixture
def history(store: Store) -> History:
    """Return a history without any project."""
    return History(store)


def day(year: int) -> datetime:
    """Return the first day of a year."""
    return datetime(year, 1, 1, tzinfo=UTC)


def finding(history: History, seed: int = 1) -> StoredFinding:
    """Return a finding by the seed of its value."""
    number = history.number(seed)
    with history.store.reading() as connection:
        return next(describe(connection, [number]))


def life(history: History, seed: int = 1) -> Life:
    """Return the only life of a finding."""
    (only,) = finding(history, seed).lives
    return only


def removed_in(history: History) -> str | None:
    """Return the version that removed the first secret."""
    seen = life(history).removed_in
    return None if seen is None else seen.version


def seeds(history: History, order: Order = Order.SEVERITY, **filters: Any) -> list[int]:  # noqa: ANN401 (fields of Filters)
    """Return which made-up secrets are chosen, in order."""
    known = {
        value(seed).fingerprint(KEY, detector): seed
        for seed in range(10)
        for detector in ("github-pat", "npm-token")
    }
    with history.store.reading() as connection:
        chosen = choose(connection, Filters(**filters), order)
        described = describe(connection, [one.id for one in chosen])
        return [known[one.fingerprint] for one in described]


def test_a_life_has_its_releases(history: History) -> None:
    """Introduced, last seen and removed are releases in the order of PEP 440, not of text."""
    for version in ("1.8", "1.9", "1.10", "1.11"):
        has_it = version in {"1.9", "1.10"}
        history.publish("demo", version, *([found(1)] if has_it else []))
    only = life(history)
    assert (only.introduced.version, only.last_seen.version) == ("1.9", "1.10")
    assert (removed_in(history), only.still_present) == ("1.11", False)
    assert (only.releases, only.artifacts, only.places) == (2, 2, 2)


def test_a_backport_does_not_move_the_removal(history: History) -> None:
    """A later upload of an older version is before the removal; the dates are those of uploads."""
    history.publish("demo", "1.0", found(1), uploaded=day(2020))
    history.publish("demo", "2.0", uploaded=day(2021))
    history.publish("demo", "1.1", found(1), uploaded=day(2022))
    only = life(history)
    assert (only.last_seen.version, removed_in(history)) == ("1.1", "2.0")
    assert (only.first_uploaded_at, only.last_uploaded_at) == (day(2020), day(2022))


def test_versions_that_cannot_be_compared_come_first(history: History) -> None:
    """They stand before all others, in the order of their uploads."""
    history.publish("demo", "2004y", found(1), uploaded=day(2004))
    history.publish("demo", "2004x", found(1), uploaded=day(2005))
    history.publish("demo", "0.1", uploaded=day(2003))
    only = life(history)
    assert (only.introduced.version, only.last_seen.version) == ("2004y", "2004x")
    assert (removed_in(history), only.still_present) == ("0.1", False)


def test_without_comparable_versions_the_last_upload_is_newest(history: History) -> None:
    """A project of nothing but such versions has a newest release all the same."""
    history.publish("demo", "2004y", uploaded=day(2004))
    history.publish("demo", "2004x", found(1), uploaded=day(2005))
    assert life(history).still_present is True


def test_equal_versions_are_one_release(history: History) -> None:
    """1.0 and 1.0.0 are the same release, also for what is newest."""
    history.publish("demo", "1.0", found(1))
    history.upload("demo", "1.0.0", "demo-1.0.0-py3-none-any.whl")
    only = life(history)
    assert (only.releases, only.removed_in, only.still_present) == (1, None, True)


@pytest.mark.parametrize(
    ("later", "change", "present"),
    [
        ("2.0rc1", None, True),
        ("2.0", None, False),
        ("2.0", ("2.0", "yank"), True),
        ("2.0", ("2.0", "delete"), True),
        ("0.9", None, True),
        ("2.0-what", None, True),
        ("0.9", ("1.0", "yank"), False),
        ("0.9", ("1.0", "delete"), False),
    ],
)
def test_present_is_what_pip_would_install(
    history: History, later: str, change: tuple[str, str] | None, *, present: bool
) -> None:
    """The newest final release counts, of what is neither yanked nor deleted."""
    history.publish("demo", "1.0", found(1))
    history.publish("demo", later)
    if change is not None:
        name = f"demo-{change[0]}.tar.gz"
        if change[1] == "yank":
            history.change("demo", name, yanked="broken")
        else:
            history.delete("demo", name)
    assert life(history).still_present is present
    assert seeds(history, still_present=True) == [1] * present


def test_a_prerelease_is_newest_when_there_is_no_final_one(history: History) -> None:
    """Then the newest of the pre-releases counts."""
    history.publish("demo", "1.0a1")
    history.publish("demo", "1.0a2", found(1))
    assert life(history).still_present is True


def test_a_yanked_file_of_the_newest_release_is_not_present(history: History) -> None:
    """The other files of the release keep it the newest one."""
    history.publish("demo", "1.0", found(1), yanked="")
    history.upload("demo", "1.0", "demo-1.0-py3-none-any.whl")
    assert life(history).still_present is False


def test_what_was_not_looked_at_is_not_known(history: History) -> None:
    """A newest release that was not scanned is not free of a secret, nor does it remove it."""
    history.publish("demo", "1.0", found(1))
    history.announce("demo", "1.1", "demo-1.1.tar.gz")
    assert (life(history).still_present, removed_in(history)) == (None, None)
    assert seeds(history, still_present=True) == []
    history.scanned("demo-1.1.tar.gz")
    assert (life(history).still_present, removed_in(history)) == (False, "1.1")


def test_a_release_that_was_not_looked_at_is_passed_over(history: History) -> None:
    """The removal is the first later release of which we know that it is free of the secret."""
    history.publish("demo", "1.0", found(1))
    history.announce("demo", "1.1", "demo-1.1.tar.gz")
    history.publish("demo", "1.2")
    assert (life(history).still_present, removed_in(history)) == (False, "1.2")


def test_a_file_that_cannot_be_opened_is_not_free_of_secrets(history: History) -> None:
    """It was scanned, and nothing in it could be read."""
    history.publish("demo", "1.0", found(1))
    history.announce("demo", "1.1", "demo-1.1.tar.gz")
    broken = Skip(path="", reason=SkipReason.CORRUPT, detail="not a tar archive")
    history.scanned("demo-1.1.tar.gz", skips=(broken,), files=0)
    assert (life(history).still_present, removed_in(history)) == (None, None)


def test_a_secret_that_came_back_is_not_removed(history: History) -> None:
    """What counts is the last release that has it."""
    history.publish("demo", "1.0", found(1))
    history.publish("demo", "1.1")
    history.publish("demo", "1.2", found(1))
    only = life(history)
    assert (only.introduced.version, only.last_seen.version) == ("1.0", "1.2")
    assert (only.removed_in, only.still_present, only.releases) == (None, True, 2)


def test_kinds_yanks_and_deletions(history: History) -> None:
    """A finding says whether only sdists, only yanked or only deleted files have it."""
    history.publish("demo", "1.0", found(1))
    history.upload("demo", "1.0", "demo-1.0-py3-none-any.whl", found(2))
    history.publish("demo", "1.1", found(1), found(2, start=60))
    assert (finding(history, 1).kinds, finding(history, 2).kinds) == (
        ("sdist",),
        ("sdist", "wheel"),
    )
    history.change("demo", "demo-1.1.tar.gz", yanked="leak")
    history.delete("demo", "demo-1.0.tar.gz")
    one, two = finding(history, 1), finding(history, 2)
    assert (one.is_yanked_only, one.is_deleted_only) == (True, False)
    assert (two.is_yanked_only, two.is_deleted_only) == (False, False)
    history.delete("demo", "demo-1.1.tar.gz")
    assert (finding(history, 1).is_yanked_only, finding(history, 1).is_deleted_only) == (
        False,
        True,
    )


def test_a_secret_in_two_projects_has_two_lives(history: History) -> None:
    """It is introduced by the first of them, and present as long as any of them has it."""
    history.publish("late", "1.0", found(1), uploaded=day(2022))
    history.publish("early", "7.0", found(1), uploaded=day(2019))
    history.publish("early", "7.1", uploaded=day(2020))
    both = finding(history)
    assert [one.introduced.project for one in both.lives] == ["early", "late"]
    assert (both.introduced.version, both.last_seen.project) == ("7.0", "late")
    assert (both.still_present, both.removed_in, both.projects) == (True, None, 2)
    history.publish("late", "1.1", uploaded=day(2023))
    gone = finding(history).removed_in
    assert gone is not None
    assert (gone.project, gone.version, gone.uploaded_at) == ("late", "1.1", day(2023))


def test_grades_are_the_worst_and_the_best(history: History) -> None:
    """The severity is the worst of the matches, the confidence the best of the places."""
    test = found(1, severity=Severity.LOW, confidence=Confidence.LOW, facts={"kind": "test"})
    history.publish("demo", "1.0", test)
    both = finding(history)
    assert (both.severity, both.confidence) == (Severity.LOW, Confidence.LOW)
    history.publish("demo", "2.0", found(1, start=20, proof="checksum"))
    both = finding(history)
    assert (both.severity, both.confidence) == (Severity.CRITICAL, Confidence.HIGH)
    assert (both.proof, both.facts) == ("checksum", {"kind": "personal"})


def test_reasons_are_kept_with_the_worst_match(history: History) -> None:
    """They add up to its score; where every place lowers it, that is told too."""
    reasons = (Reason("random", 30, "looks random"), Reason("comment", -4, "in a comment"))
    plain = found(1, reasons=reasons)
    lowered = structs.replace(found(2, reasons=reasons), confidence=Confidence.LOW)
    history.publish("demo", "1.0", plain, lowered, found(3))
    assert (finding(history).reasons, finding(history).score) == (reasons, 26)
    assert [finding(history, seed).is_lowered for seed in (1, 2)] == [False, True]
    assert (finding(history, 3).reasons, finding(history, 3).score) == ((), None)


def test_what_is_found_no_more_is_left_out(history: History) -> None:
    """A finding of an old ruleset is kept, marked, and listed only when it is asked for."""
    before = (found(1), found(2, start=60))
    history.publish("demo", "1.0", *before)
    history.rescanned("demo-1.0.tar.gz", found(1), before=before)
    assert seeds(history) == [1]
    assert seeds(history, outdated=True) == [1, 2]
    kept, gone = finding(history, 1), finding(history, 2)
    assert (kept.is_outdated, gone.is_outdated) == (False, True)
    assert kept.found_by != kept.confirmed_by
    assert (gone.confirmed_by.version, gone.places) == ("1.0", 1)


def test_verdict_and_triage_are_the_latest(history: History) -> None:
    """The last line of each history counts."""
    history.publish("demo", "1.0", found(1), found(2, start=60))
    history.judged(1, Verdict.ACTIVE, Verdict.INACTIVE)
    history.decided(1, "accepted", "revoked")
    one, two = finding(history, 1), finding(history, 2)
    assert (one.verdict, one.triage) == (Verdict.INACTIVE, TriageStatus.REVOKED)
    assert one.checked_at is not None
    assert (two.verdict, two.triage, two.checked_at) == (Verdict.UNCHECKED, TriageStatus.OPEN, None)
    assert seeds(history, verdicts=(Verdict.UNCHECKED,)) == [2]
    assert seeds(history, triage=(TriageStatus.REVOKED, TriageStatus.TEST)) == [1]


@pytest.fixture
def mixed(history: History) -> History:
    """Return a history with five secrets that differ in everything one can ask for."""
    history.publish("demo", "1.0", found(1), uploaded=day(2020))
    low = found(2, severity=Severity.LOW, start=60)
    history.publish("demo", "2.0", found(1), low, uploaded=day(2021))
    history.publish("demo-extra", "1.0", found(3, "npm-token"), uploaded=day(2020))
    history.publish("demo-extra", "1.1", uploaded=day(2022))
    unsure = found(4, confidence=Confidence.LOW)
    wheel = "Other-1.0-py3-none-any.whl"
    history.upload("other", "1.0", wheel, unsure, uploaded=None)
    inner = Found(
        below="!/in/b.env", match=found(5).match, confidence=Confidence.MEDIUM, part="cell 3"
    )
    history.announce("other", "1.0", "other-1.0.zip", uploaded=day(2019))
    history.scanned("other-1.0.zip", inner, path="other/x.tgz")
    return history


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [1, 3, 5, 4, 2]),
        ({"severity": Severity.HIGH}, [1, 3, 5, 4]),
        ({"confidence": Confidence.MEDIUM}, [1, 3, 5, 2]),
        ({"detector": "npm-*"}, [3]),
        ({"project": "demo"}, [1, 2]),
        ({"project": "demo*"}, [1, 3, 2]),
        ({"project": "[!d]*"}, [5, 4]),
        ({"year": 2020}, [1, 3]),
        ({"year": 2021}, [2]),
        ({"still_present": True}, [1, 5, 4, 2]),
        ({"still_present": True, "project": "demo*"}, [1, 2]),
        ({"kind": "wheel"}, [4]),
        ({"path": "demo-1.0/a.py"}, [1]),
        ({"path": "*/a.py"}, [1, 3, 4, 2]),
        ({"path": "*.tgz!/in/?.env"}, [5]),
        ({"path": "*.tgz"}, []),
        ({"path": "demo-1.0/*", "still_present": True}, []),
        ({"project": "absent"}, []),
    ],
)
def test_filters(mixed: History, filters: dict[str, Any], expected: list[int]) -> None:
    """What is asked of an occurrence must hold for one and the same occurrence."""
    assert seeds(mixed, **filters) == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.SEVERITY, [1, 3, 5, 4, 2]),
        (Order.ID, [1, 2, 3, 4, 5]),
        (Order.DETECTOR, [1, 5, 4, 2, 3]),
        (Order.INTRODUCED, [2, 1, 3, 5, 4]),
        (Order.LAST_SEEN, [1, 2, 3, 5, 4]),
        (Order.RELEASES, [1, 3, 5, 4, 2]),
        (Order.PLACES, [1, 3, 5, 4, 2]),
        (Order.PROJECTS, [1, 3, 5, 4, 2]),
    ],
)
def test_orders(mixed: History, order: Order, expected: list[int]) -> None:
    """Each order is complete: equal findings are told apart by severity, detector and number."""
    assert seeds(mixed, order) == expected


def test_places_are_told_one_by_one(mixed: History) -> None:
    """A place has its release, file, path and offset, in the order of the releases."""
    numbers = [mixed.number(5), mixed.number(1)]
    with mixed.store.reading() as connection:
        inner, *others = places(connection, numbers)
    assert (inner.secret_id, inner.path, inner.part) == (
        numbers[0],
        "other/x.tgz!/in/b.env",
        "cell 3",
    )
    assert (inner.confidence, inner.kind) == (Confidence.MEDIUM, "sdist")
    assert [(place.version, place.uploaded_at) for place in others] == [
        ("1.0", day(2020)),
        ("2.0", day(2021)),
    ]


def test_what_happened_to_a_secret_is_told_in_order(history: History) -> None:
    """Events of its files, answers and decisions come first to last, and only its own."""
    history.publish("demo", "1.0", found(1))
    history.publish("other", "1.0", found(2))
    history.change("demo", "demo-1.0.tar.gz", yanked="leak")
    history.change("demo", "demo-1.0.tar.gz", yanked=None)
    history.delete("other", "other-1.0.tar.gz")
    history.judged(1, Verdict.ACTIVE, Verdict.INACTIVE)
    history.decided(1, "accepted", "revoked")
    number = history.number(1)
    with history.store.reading() as connection:
        told = events(connection, number)
        said = answers(connection, number)
        decided = trail(connection, number)
        sealed = sealed_values(connection, [number])
    assert [(one.kind, one.detail) for one in told] == [("yanked", "leak"), ("unyanked", None)]
    assert [one.outcome.verdict for one in said] == [Verdict.ACTIVE, Verdict.INACTIVE]
    assert [one.status for one in decided] == [TriageStatus.ACCEPTED, TriageStatus.REVOKED]
    assert SEALER.open(sealed[number][""], number, "") == value(1)
    assert sealed[number].keys() == {"", "key_id"}


def test_how_much_was_looked_at_is_known(history: History) -> None:
    """Files that wait, that failed and that could not be read to the end are counted."""
    for version in ("1", "2", "3", "4"):
        history.announce("demo", version, f"demo-{version}.tar.gz")
    history.scanned("demo-1.tar.gz")
    cut = Skip(path="b.zip", reason=SkipReason.TRUNCATED)
    history.scanned("demo-2.tar.gz", skips=(cut,))
    with history.store.writing() as connection:
        failed = sa.update(t.artifacts).where(t.artifacts.c.name == "demo-3.tar.gz")
        connection.execute(failed.values(state="failed"))
    with history.store.reading() as connection:
        told = looked(connection)
    assert told == Looked(scanned=2, incomplete=1, failed=1, pending=1)
    assert not told.is_complete
    for version in ("1", "3", "4"):
        history.delete("demo", f"demo-{version}.tar.gz")
    with history.store.reading() as connection:
        assert looked(connection) == Looked(scanned=2, incomplete=1)


def test_many_findings_are_described_in_batches(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches change neither the order nor the values, and unknown numbers are passed over."""
    history.publish("demo", "1.0", *(found(seed, start=60 * seed) for seed in range(5)))
    with history.store.reading() as connection:
        numbers = [one.id for one in choose(connection, Filters())]
        whole = list(describe(connection, [*numbers, 999]))
        monkeypatch.setattr("keysift.store.queries.describe.BATCH", 2)
        assert list(describe(connection, [*numbers, 999])) == whole
    assert [one.id for one in whole] == numbers


def test_chosen_findings_have_their_grades(history: History) -> None:
    """The grades of all findings come with the choice, so that they can be counted."""
    history.publish("demo", "1.0", found(1, severity=Severity.LOW, confidence=Confidence.MEDIUM))
    with history.store.reading() as connection:
        (chosen,) = choose(connection, Filters())
    assert chosen == Chosen(chosen.id, Severity.LOW, Confidence.MEDIUM, is_canary=False)


@pytest.mark.parametrize(
    "glob",
    [
        "a*",
        "*b",
        "?b?",
        "[ab]*",
        "[!a]*",
        "a.c",
        "[",
        "[!]",
        "a[",
        "^a",
        "[^a]b",
        "[]]",
        "%",
        "_",
        "\\*",
    ],
)
def test_globs_match_what_fnmatch_matches(store: Store, glob: str) -> None:
    """In both databases a glob matches the same texts as Python's."""
    texts = [
        "a",
        "b",
        "ab",
        "abc",
        "a.c",
        "[",
        "[!]",
        "a[",
        "^a",
        "^b",
        "]",
        "%",
        "_",
        "\\x",
        "A\n",
    ]
    with store.reading() as connection:
        for text in texts:
            condition = matches(connection, sa.literal(text), glob)
            found_it = connection.execute(sa.select(sa.case((condition, 1), else_=0))).scalar_one()
            assert bool(found_it) is fnmatchcase(text, glob), text
