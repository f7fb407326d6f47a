"""What several projects share, what came back, and who is affected most."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from keysift.statistics.values.common import Count, Share
from keysift.statistics.values.groups import Distribution


class SharedGroup(Struct, frozen=True, kw_only=True):
    """Counted secrets that stand in the same projects, two or more.

    Attributes:
        projects: How many projects.
        secrets: How many secrets stand in all of these, and in no other project of the scope.
        active: Those of them that are active.
        detectors: Types of the secrets, sorted; at most ten. Empty in an anonymised report.
        names: Names of the projects, sorted; at most ten. Empty in an anonymised report.
    """

    projects: int
    secrets: int
    active: int
    detectors: tuple[str, ...]
    names: tuple[str, ...]


class Shared(Struct, frozen=True, kw_only=True):
    """Secrets that stand in several projects.

    Attributes:
        shared: Counted secrets that stand in two or more projects of the scope, of all.
        projects: Projects in which one of these stands.
        spread: Number of projects of the scope that a secret stands in, over all counted secrets.
        elsewhere: Counted secrets that stand in a project outside of the scope too; None: the
            scope is everything.
        largest: Groups of projects that share secrets, most projects first; at most twenty.
    """

    shared: Share | None
    projects: int | None
    spread: Distribution | None
    elsewhere: int | None
    largest: tuple[SharedGroup, ...]


class Returns(Struct, frozen=True, kw_only=True):
    """Re-leaks: secrets that came back into a project that was rid of them.

    A secret came back when a release has it, a later one was looked at and does not, and a release
    after that has it again; later in the order of versions and not earlier in that of uploads, so
    that a fix in an old branch is none.

    Attributes:
        returned: Counted secrets that came back in a project, of those that any project was ever
            rid of: that came back, or that a later release does not have.
        projects: Projects into which one came back.
        projects_rid: Projects that were rid of one, for good or not.
        times: How often it happened: a secret may come back several times, into several projects.
        present: Those of the returned that the newest release of a project has.
        active: Those of the returned that are active.
        introduced_later: Counted secrets that were not there from the beginning: in the project
            that had them first, an earlier release was looked at and is without them.
    """

    returned: Share | None
    projects: int | None
    projects_rid: int | None
    times: int | None
    present: int | None
    active: int | None
    introduced_later: Count | None


class ProjectFigures(Struct, frozen=True, kw_only=True):
    """A project that is affected more than others.

    Attributes:
        name: Its normalised name.
        index: Address of its index, without credentials.
        secrets: Counted secrets that stand in it.
        occurrences: Their occurrences in it.
        active: Those of the secrets that are active.
        present: Those that its newest release has.
        first: Earliest upload of an artifact of it that has one of them.
        last: Latest upload of one.
    """

    name: str
    index: str
    secrets: int
    occurrences: int
    active: int
    present: int
    first: datetime | None
    last: datetime | None


class Repository(Struct, frozen=True, kw_only=True):
    """Secrets that are packaged and not in the project's repository.

    Attributes:
        only_packaged: Such secrets, of those of which it is known; None: it is not known.
        reason: Why it is not known; empty when it is.
    """

    only_packaged: Share | None
    reason: str


class Example(Struct, frozen=True, kw_only=True):
    """A counted secret, for a report that is asked to show some. Never in an anonymised one.

    Attributes:
        detector: Id of its type.
        mask: What may be shown of its value.
        project: Project that had it first.
        version: First release there.
        severity: The worst of its matches.
        verdict: The one that stands now.
        introduced_at: When it was introduced.
    """

    detector: str
    mask: str
    project: str
    version: str
    severity: str
    verdict: str
    introduced_at: datetime | None
