"""What is measured: the figures of a report, each with what it counts.

Unless a figure says otherwise:

* A **secret** is a type and a value. It is counted once, wherever it stands, when it is *counted*:
  it stands in a project of the scope, the ruleset that looked last still finds it, it is no canary,
  its confidence (the best of its occurrences) and severity (the worst of its matches) reach those
  of the scope, and no person set it aside as a false positive or a test. How many were left out,
  and why, says ``NotCounted``.
* An **occurrence** is a match at a path of an artifact; only those of counted secrets count, of
  matches that the ruleset that looked last still finds, in projects of the scope.
* A secret is **introduced** at the earliest upload, in the scope, of an artifact that has it (UTC);
  when no index says when that was, it has no date.
* Its **verdict** is the one that stands now: a provider that could not be asked once more changes
  nothing. A **clear answer** is active or inactive.
* A project, release or artifact is **affected** when a counted secret stands in it, now or in the
  past: what is yanked or deleted is counted as long as the store has it.
* A **share** has the interval of Wilson, at the level of ``Made``.
* In an anonymised report None stands for what would tell about fewer than ``k`` projects.

All of it is written as ``keysift.report/1``: fields may be added, none is renamed, removed or given
another meaning.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from keysift.survival import Median, Step


class Share(Struct, frozen=True):
    """So many of so many.

    Attributes:
        count: How many.
        of: Of how many.
        share: The one by the other, from 0 to 1; None: of nothing.
        lower: Lower end of its interval.
        upper: Upper end of its interval.
    """

    count: int
    of: int
    share: float | None
    lower: float | None
    upper: float | None


class Count(Struct, frozen=True):
    """Secrets, and the projects that they are in.

    Attributes:
        secrets: Counted secrets.
        projects: Projects in which at least one of them stands.
    """

    secrets: int
    projects: int


class Verdicts(Struct, frozen=True, kw_only=True):
    """Numbers by the verdict that stands now; what they count, says where they stand.

    Attributes:
        active: The provider said last that it works.
        inactive: It said last that it does not.
        unknown: It was asked, and never gave a clear answer that still stands.
        not_checkable: It cannot be checked safely, and somebody wanted to know.
        unchecked: Nobody ever asked.
    """

    active: int
    inactive: int
    unknown: int
    not_checkable: int
    unchecked: int


class Group(Struct, frozen=True, kw_only=True):
    """Counted secrets with something in common.

    Attributes:
        name: What they have in common, as a word of the store, catalogue or calendar; empty: not
            known. ``others``: several small groups together.
        title: The same for people; empty: the name is that.
        merged: How many groups these are; 1: this is one.
        secrets: Counted secrets in the group.
        occurrences: Occurrences of these; in a table by place, those in this place.
        projects: Projects in which at least one of them stands; of several groups together, at
            least so many.
        verdicts: Secrets of the group by the verdict that stands now.
        projects_by_verdict: Projects in which at least one secret of the group with that verdict
            stands; a project may be in several.
        active: Active secrets of those with a clear answer.
        within: Groups of other tables that hold all of this one, by the table: ``provider``,
            ``category``, ``severity`` of a detector, ``category`` of a provider, ``year`` of a
            month.
    """

    name: str
    title: str = ""
    merged: int = 1
    secrets: int
    occurrences: int | None
    projects: int
    verdicts: Verdicts | None
    projects_by_verdict: Verdicts | None
    active: Share | None
    within: dict[str, str] = {}


class PlaceGroup(Group, frozen=True, kw_only=True):
    """Counted secrets that stand in files of one kind; one may stand in several.

    Attributes:
        only: Those that stand in files of no other kind.
        projects_only: Projects in which one of these stands.
    """

    only: int | None
    projects_only: int | None


class Made(Struct, frozen=True, kw_only=True):
    """How the figures were made.

    Attributes:
        version: Version of keysift.
        at: When they were measured (UTC).
        level: Confidence of all intervals and bands, such as 0.95.
        k: Projects that every group of an anonymised report has at least; None: not anonymised.
        is_demo: Whether the store is made up.
    """

    version: str
    at: datetime
    level: float
    k: int | None = None
    is_demo: bool = False


class Scope(Struct, frozen=True, kw_only=True):
    """What was measured.

    Attributes:
        projects: Globs of names of which a project fulfils one; empty: all projects. Always empty
            in an anonymised report.
        org: Name of the configured list that they are from; None: of none, or anonymised.
        is_part: Whether projects were chosen, whether it is told which or not.
        indexes: Addresses of the indexes that the projects are in; none in an anonymised report.
        index_count: How many these are.
        confidence: Secrets count from this confidence on.
        severity: Secrets count from this severity on.
    """

    projects: tuple[str, ...] = ()
    org: str | None = None
    is_part: bool = False
    indexes: tuple[str, ...] = ()
    index_count: int = 0
    confidence: str = "medium"
    severity: str = "info"


class Period(Struct, frozen=True, kw_only=True):
    """Which time the figures are about (UTC); None: nothing has such a time.

    Attributes:
        first_upload: Earliest upload of a scanned artifact of the scope.
        last_upload: Latest upload of one.
        first_scan: Earliest of the last scans of these artifacts.
        last_scan: Latest of them.
        last_read: When the page of a project of the scope was last read.
        first_check: When a provider was first asked about a counted secret.
        last_check: When one was last asked.
    """

    first_upload: datetime | None = None
    last_upload: datetime | None = None
    first_scan: datetime | None = None
    last_scan: datetime | None = None
    last_read: datetime | None = None
    first_check: datetime | None = None
    last_check: datetime | None = None

    @property
    def known_until(self) -> datetime | None:
        """When the store last learned anything: the latest scan, reading or check."""
        times = (self.last_scan, self.last_read, self.last_check)
        return max((time for time in times if time is not None), default=None)


class RulesetUse(Struct, frozen=True, kw_only=True):
    """A catalogue of detectors that artifacts of the scope were scanned with.

    Attributes:
        digest: Of the catalogue.
        version: Version of keysift that first used it.
        detectors: Types of secret that it looks for.
        first_used_at: When it was first used (UTC).
        is_newest: Whether it is the one that the store began to use last.
        artifacts: Artifacts whose last scan used it, of those that were scanned.
    """

    digest: str
    version: str
    detectors: int
    first_used_at: datetime
    is_newest: bool
    artifacts: Share


class ProjectCoverage(Struct, frozen=True, kw_only=True):
    """Projects of the scope that the store knows.

    Attributes:
        listed: All of them, those that their index has no more included.
        removed: Those that their index has no more.
        unread: Those whose page was not read yet, and that were not removed.
        scanned: Those of which at least one artifact was scanned.
        complete: Those of which every artifact that the index has was scanned, with nothing passed
            over; at least one.
    """

    listed: int
    removed: int
    unread: int
    scanned: int
    complete: int


class ReleaseCoverage(Struct, frozen=True, kw_only=True):
    """Releases of the projects of the scope, as their index has versions.

    Attributes:
        listed: All that the store knows.
        scanned: Those of which at least one artifact was scanned.
        complete: Those of which every artifact that the index has was scanned, with nothing passed
            over; at least one.
        yanked: Those whose artifacts are all yanked, as far as the index still has them.
        deleted: Those of which the index has no artifact any more.
    """

    listed: int
    scanned: int
    complete: int
    yanked: int
    deleted: int


class ArtifactCoverage(Struct, frozen=True, kw_only=True):
    """Artifacts of the projects of the scope: files of releases.

    ``listed`` is the sum of ``scanned``, ``unreadable``, ``failed``, ``pending`` and ``gone``.

    Attributes:
        kind: sdist, wheel, egg or other; empty: all of them.
        listed: All that the store knows, deleted ones included.
        scanned: Those that were opened and looked at.
        incomplete: Those of the scanned ones in which something was passed over that may hold a
            secret.
        unreadable: Those that were fetched and of which nothing could be read.
        failed: Those whose last scan failed.
        pending: Those that were not scanned yet.
        gone: Those that the index deleted before they were scanned.
        yanked: Those that are yanked, and not deleted, scanned or not.
        deleted: Those that the index has no more, scanned or not.
        bytes: Sum of their sizes, as far as these are known.
        unsized: Those whose size is not known.
        scanned_bytes: Sum of the sizes of the scanned ones, as far as known.
        fetched_bytes: Bytes fetched for their last scans.
        content_bytes: Bytes of the content of their members that were looked at.
        members: Files in the scanned ones.
    """

    kind: str
    listed: int
    scanned: int
    incomplete: int
    unreadable: int
    failed: int
    pending: int
    gone: int
    yanked: int
    deleted: int
    bytes: int
    unsized: int
    scanned_bytes: int
    fetched_bytes: int
    content_bytes: int
    members: int


class Skipped(Struct, frozen=True, kw_only=True):
    """What was not looked at inside artifacts of the scope, for one reason.

    Attributes:
        reason: Why, as in ``keysift.scan/1``.
        is_gap: Whether a secret may have been missed; not with links, devices and what was
            excluded on purpose.
        skips: How often: members, or whole artifacts.
        artifacts: Artifacts in which it happened.
        bytes: Sum of the sizes, as far as these are known.
        unsized: Skips of an unknown size.
    """

    reason: str
    is_gap: bool
    skips: int
    artifacts: int
    bytes: int
    unsized: int


class Coverage(Struct, frozen=True, kw_only=True):
    """The denominators: what there is, and what of it was looked at.

    Attributes:
        projects: Projects.
        releases: Releases.
        artifacts: Artifacts, all kinds together.
        kinds: The same for each kind that there is.
        skipped: What was passed over, the most frequent reason first.
        rulesets: What they were scanned with, the newest first.
    """

    projects: ProjectCoverage
    releases: ReleaseCoverage
    artifacts: ArtifactCoverage
    kinds: tuple[ArtifactCoverage, ...]
    skipped: tuple[Skipped, ...]
    rulesets: tuple[RulesetUse, ...]


class NotCounted(Struct, frozen=True, kw_only=True):
    """Secrets that stand in projects of the scope and are in no other figure.

    Each is counted once, for the first of these reasons that holds. In an anonymised report None
    stands for numbers below ``k``, and for a larger one when a single number would be None.

    Attributes:
        outdated: The ruleset that looked last finds them no more.
        canaries: They are known to raise an alarm when they are used, and open nothing.
        low_confidence: No occurrence of theirs is as sure as the scope asks for.
        low_severity: None of their matches is as severe as the scope asks for.
        false_positives: People set them aside as no secrets.
        tests: People set them aside as made for tests.
    """

    outdated: int | None
    canaries: int | None
    low_confidence: int | None
    low_severity: int | None
    false_positives: int | None
    tests: int | None


class Headline(Struct, frozen=True, kw_only=True):
    """The figures that a report begins with.

    The denominators of the affected ones are what was scanned; an artifact that holds a counted
    secret and could not be scanned again since is among them.

    Attributes:
        secrets: Counted secrets.
        occurrences: Their occurrences.
        detectors: Types of secret that they are of.
        providers: Providers that they are of.
        projects: Affected projects, of those of which an artifact was scanned.
        releases: Affected releases, of those of which an artifact was scanned.
        artifacts: Affected artifacts, of those that were scanned.
        verdicts: Secrets by the verdict that stands now.
        active: Active secrets, of those with a clear answer.
        active_projects: Projects in which an active secret stands, of those of which an artifact
            was scanned.
        still_present: Secrets that the newest release of a project has, in a file that is neither
            yanked nor deleted, of those of which that is known.
        active_and_present: Secrets that are active and that such a release has.
        oldest_active: When the active secret was introduced that has been published for longest
            (UTC); None: no active one has a date.
    """

    secrets: int
    occurrences: int
    detectors: int
    providers: int
    projects: Share
    releases: Share
    artifacts: Share
    verdicts: Verdicts | None
    active: Share | None
    active_projects: Share | None
    still_present: Share | None
    active_and_present: Count | None
    oldest_active: datetime | None


class Year(Struct, frozen=True, kw_only=True):
    """What was published in a year (UTC), for telling the growth of leaks from that of the index.

    Attributes:
        year: The year; None: no index says when.
        secrets: Secrets introduced in it.
        cumulated: Secrets introduced in it or before; those without a date are in none but theirs.
        newly_affected: Projects whose first upload with a counted secret was in it.
        affected: Projects with an affected artifact that was uploaded in it, of ``projects``.
        projects: Projects with an artifact that was uploaded in it and scanned.
        new_projects: Those of them whose first upload, of all artifacts that the store knows, was
            in it.
        artifacts: Artifacts uploaded in it that were scanned and in which a counted secret stands,
            of all that were uploaded in it and scanned.
        per_1000_projects: ``secrets`` for every 1,000 of ``projects``; None: there are none.
        per_1000_artifacts: ``secrets`` for every 1,000 scanned artifacts uploaded in it.
    """

    year: int | None
    secrets: int | None
    cumulated: int | None
    newly_affected: int | None
    affected: Share | None
    projects: int
    new_projects: int
    artifacts: Share | None
    per_1000_projects: float | None
    per_1000_artifacts: float | None


class Bin(Struct, frozen=True, kw_only=True):
    """A bar of a histogram.

    Attributes:
        lower: Least value that falls into it.
        upper: First value that does not any more; None: there is no limit.
        secrets: Secrets that fall into it.
        projects: Projects in which at least one of them stands; of bars that were joined in an
            anonymised report, at least so many.
    """

    lower: float
    upper: float | None
    secrets: int
    projects: int


class Distribution(Struct, frozen=True, kw_only=True):
    """How a number is distributed over secrets.

    Attributes:
        bins: Histogram, without bars at either end that would be empty.
        number: How many it is made of.
        lower_quartile: Value that a quarter of them do not exceed; None: there are none.
        median: Value that half of them do not exceed.
        upper_quartile: Value that three quarters of them do not exceed.
        mean: Their mean.
        largest: The largest value; None in an anonymised report too.
    """

    bins: tuple[Bin, ...]
    number: int
    lower_quartile: float | None
    median: float | None
    upper_quartile: float | None
    mean: float | None
    largest: int | None


class At(Struct, frozen=True, kw_only=True):
    """Survival at one age.

    Attributes:
        age: In days.
        at_risk: How many are under observation just before; at the beginning just after.
        survival: Share that lasts longer; None: the curve does not tell about this age.
        lower: Lower end of its band.
        upper: Upper end of its band.
    """

    age: float
    at_risk: int | None
    survival: float | None
    lower: float | None
    upper: float | None


class CurveValues(Struct, frozen=True, kw_only=True):
    """A survival curve (Kaplan-Meier): 1 from ``begin`` to the first step, then as each step says.

    Attributes:
        begin: Age in days from which it is known; when that is not 0, all of it is about those
            that lasted until then.
        end: Age up to which it is known.
        is_cut: Whether others were observed at later ages, which nothing connects with these.
        is_thin: Whether fewer are under observation at its beginning than one should rely on.
        median: Age by which it was over for half of them, with its interval; None: not reached.
        at: Survival at some ages.
        steps: All of the curve; empty in an anonymised report, where ``at`` is all there is.
    """

    begin: float
    end: float
    is_cut: bool
    is_thin: bool
    median: Median
    at: tuple[At, ...]
    steps: tuple[Step, ...]


class Removal(Struct, frozen=True, kw_only=True):
    """How long secrets stay in a project: from its first release that has one to its removal.

    It counts lives: a secret in a project; one in three projects has three. A life begins with the
    first upload that has it and ends with the upload of the first later release that was looked at
    and does not have it (or with the last upload that has it, when that came after: an old branch).
    Lives that have not ended are censored, and are part of the curve: a mean of those that ended
    would make removal look quicker than it is. Old releases stay on the index after that.

    Attributes:
        lives: All lives of counted secrets with a date.
        undated: Lives that no index dates; they are not in the curve.
        removed: Lives that ended, by a release without the secret.
        present: Lives of which the newest release still has it, censored when the project was last
            read.
        withdrawn: Lives that ended otherwise, when nobody knows: what had it was yanked or deleted;
            censored at the last upload that has it.
        unknown: Lives of which nobody knows, since the newest release was not looked at; censored
            at the last upload that has it.
        projects: Projects with a life that has a date.
        projects_by_end: Projects with a life of each kind, by the name of its field: ``undated``,
            ``removed``, ``present``, ``withdrawn``, ``unknown``.
        curve: Share of lives that last longer than an age; None: there is none.
    """

    lives: int | None
    undated: int | None
    removed: int | None
    present: int | None
    withdrawn: int | None
    unknown: int | None
    projects: int
    projects_by_end: dict[str, int]
    curve: CurveValues | None


class SurvivalGroup(Struct, frozen=True, kw_only=True):
    """How long secrets with something in common kept working after they were published.

    Attributes:
        name: What they have in common; empty for all of them; ``others``: small groups together.
        merged: How many groups these are; 1: this is one.
        asked: Counted secrets of which a provider said whether they work.
        watched: Those of them that the curve rests on.
        projects: Projects in which one of the watched stands; of small groups together, at least
            so many.
        revoked: Those of the watched that were seen to die.
        active: Those of the watched that worked when last asked about; they are censored then.
        once: Those that worked when asked about for the only time, long after publication.
        late: Those that were dead when first asked about, long after publication: at which age?
        unborn: Those that were dead before they were published.
        unasked: Counted secrets of which no provider said whether they work.
        gap: Median of the days between the two checks that a death lies between; None: none died.
        curve: Share that works longer than an age, in days from publication; None: there is none.
    """

    name: str
    merged: int
    asked: int | None
    watched: int | None
    projects: int
    revoked: int | None
    active: int | None
    once: int | None
    late: int | None
    unborn: int | None
    unasked: int | None
    gap: float | None
    curve: CurveValues | None


class Revocation(Struct, frozen=True, kw_only=True):
    """How long secrets keep working: from publication to revocation (``docs/survival.md``).

    Secrets count from when they were introduced, else from when the store first saw them. Those
    that still work are censored when they were last asked about.

    Attributes:
        whole: All counted secrets.
        providers: The same by provider, the largest first; small ones together, last.
        years: By year of publication, in their order; small ones together, last.
        p_providers: The log-rank test whether providers differ: the probability of a difference so
            large if they did not; None: it cannot be said.
        p_years: The same of years.
    """

    whole: SurvivalGroup
    providers: tuple[SurvivalGroup, ...]
    years: tuple[SurvivalGroup, ...]
    p_providers: float | None
    p_years: float | None


class SharedGroup(Struct, frozen=True, kw_only=True):
    """Counted secrets that stand in the same projects, two or more.

    Attributes:
        projects: How many projects.
        secrets: How many secrets stand in all of these, and in no other project of the scope.
        active: Those of them that are active.
        detectors: Types of the secrets, sorted; at most ten.
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


class Changes(Struct, frozen=True, kw_only=True):
    """What the store learned since a time, from its own history. Canaries are in none.

    Attributes:
        since: The time (UTC).
        new: Counted secrets that the store first saw since.
        newly_published: Those of them that were introduced since as well; the others are old and
            were found late.
        revoked: Counted secrets that do not work now and did, by the last clear answer before.
        newly_active: Counted secrets that work now, and of which that was not known before: there
            was no clear answer, or it said that they do not.
        removed: Counted secrets that the newest release of every project is rid of, the last one
            by a release that was uploaded since.
    """

    since: datetime
    new: Count | None
    newly_published: Count | None
    revoked: Count | None
    newly_active: Count | None
    removed: Count | None


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


class Statistics(Struct, frozen=True, kw_only=True):
    """Everything that is measured of a store.

    In the tables every counted secret is in exactly one group, but for those that say that a secret
    may be in several.

    Attributes:
        made: How the figures were made.
        scope: What was measured.
        period: Which time they are about.
        coverage: The denominators.
        headline: What to say first.
        not_counted: Secrets that are in no figure but these.
        by_year: Secrets by the year (UTC) in which they were introduced, in its order; the last
            without a name: no date. With the verdict of today: leaked then, active now.
        by_month: The same by month (``2017-03``).
        by_detector: By type, the most secrets first; so in all tables below where groups have no
            order of their own.
        by_provider: By who issues them; an empty name: their types are in the catalogue no more.
        by_category: By what the provider is for, as the catalogue says.
        by_severity: By severity, the worst first.
        by_confidence: By confidence, the surest first.
        by_verdict: By the verdict that stands now, in the order of ``Verdicts``.
        by_triage: By what people decided: ``open``, ``accepted``, ``revoked``.
        by_presence: ``newest``: the newest release of a project has it; ``unknown``: that was not
            looked at, nobody knows; ``old``: only older releases; ``yanked``: all that the index
            still has of it is yanked; ``deleted``: the index has nothing of it any more.
        by_artifact: By the kinds of artifacts that have it: ``sdist``, ``wheel`` (alone),
            ``sdist+wheel``, ``other`` (anything with eggs or other files).
        by_mode: ``live`` or ``test``, as the value itself or its provider says; else ``unknown``.
        by_place: By kind of file (``keysift.statistics.place``); a secret may be in several.
        by_extension: By extension of the file's name; a secret may be in several.
        by_privilege: Active secrets alone, by how much they may do; empty name: not known, which
            is not little.
        by_power: Active secrets alone, by what they may do; a secret may be in several.
        broad: Active secrets that seem broader than they need to be, of all active ones.
        broad_projects: Projects in which one of these stands.
        growth: Year by year, in their order; the last one without a year.
        releases: Number of releases (of all projects of the scope) that a secret stands in.
        removal: How long until projects are rid of secrets.
        revocation: How long until secrets stop working.
        shared: Secrets in several projects.
        returns: Secrets that came back.
        most_secrets: Projects with the most counted secrets; at most twenty.
        most_active: Projects with the most active secrets; at most twenty.
        repository: Packaged, but not in the repository.
        changes: What is new since a time that was asked for; None: none was.
        examples: Some secrets, masked; only when they were asked for.
    """

    made: Made
    scope: Scope
    period: Period
    coverage: Coverage
    headline: Headline
    not_counted: NotCounted
    by_year: tuple[Group, ...]
    by_month: tuple[Group, ...]
    by_detector: tuple[Group, ...]
    by_provider: tuple[Group, ...]
    by_category: tuple[Group, ...]
    by_severity: tuple[Group, ...]
    by_confidence: tuple[Group, ...]
    by_verdict: tuple[Group, ...]
    by_triage: tuple[Group, ...]
    by_presence: tuple[Group, ...]
    by_artifact: tuple[Group, ...]
    by_mode: tuple[Group, ...]
    by_place: tuple[PlaceGroup, ...]
    by_extension: tuple[PlaceGroup, ...]
    by_privilege: tuple[Group, ...]
    by_power: tuple[Group, ...]
    broad: Share | None
    broad_projects: int | None
    growth: tuple[Year, ...]
    releases: Distribution | None
    removal: Removal | None
    revocation: Revocation | None
    shared: Shared | None
    returns: Returns | None
    most_secrets: tuple[ProjectFigures, ...]
    most_active: tuple[ProjectFigures, ...]
    repository: Repository
    changes: Changes | None = None
    examples: tuple[Example, ...] = ()


class Difference(Struct, frozen=True, kw_only=True):
    """One figure of two reports.

    Attributes:
        table: Which table it is of; ``headline`` for those that a report begins with.
        group: Which group of it; empty: the figure is of the whole.
        measure: What it is: ``secrets``, ``projects``, ``active`` and so on.
        before: The earlier value; None: the earlier report does not have it.
        after: The later value; None: the later one does not have it.
    """

    table: str
    group: str
    measure: str
    before: float | None
    after: float | None

    @property
    def difference(self) -> float | None:
        """How much more it is now; None where one of the two is not known."""
        return None if self.before is None or self.after is None else self.after - self.before


class Comparison(Struct, frozen=True, kw_only=True):
    """What changed between two reports, in figures. Identities are compared nowhere.

    Attributes:
        before: How the earlier one was made.
        before_period: Which time it is about.
        after: How the later one was made.
        limits: What limits the comparison, in sentences: another scope, ruleset or version.
        headline: The figures that a report begins with, all of them.
        groups: Those of groups that differ: years, detectors, providers, categories, verdicts and
            places; the largest difference first.
        changes: What the store of the later report says is new; None: it was not asked.
    """

    before: Made
    before_period: Period
    after: Made
    limits: tuple[str, ...]
    headline: tuple[Difference, ...]
    groups: tuple[Difference, ...]
    changes: Changes | None
