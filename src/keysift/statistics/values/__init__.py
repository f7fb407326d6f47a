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

All of it is written as ``keysift.report/1``: fields may be added (with a
default, so that older reports can be read), none is renamed, removed or given
another meaning.
"""

from __future__ import annotations

from keysift.statistics.values.common import Count, Share, Verdicts
from keysift.statistics.values.comparison import Comparison, Difference
from keysift.statistics.values.coverage import (
    ArtifactCoverage,
    Coverage,
    NotCounted,
    ProjectCoverage,
    ReleaseCoverage,
    RulesetUse,
    Skipped,
)
from keysift.statistics.values.frame import Made, Period, Scope
from keysift.statistics.values.groups import Bin, Distribution, Group, PlaceGroup, Stratum
from keysift.statistics.values.projects import (
    Example,
    ProjectFigures,
    Repository,
    Returns,
    Shared,
    SharedGroup,
)
from keysift.statistics.values.time import At, CurveValues, Removal, Revocation, SurvivalGroup, Year
from keysift.statistics.values.whole import Changes, Headline, Statistics

__all__ = [
    "ArtifactCoverage",
    "At",
    "Bin",
    "Changes",
    "Comparison",
    "Count",
    "Coverage",
    "CurveValues",
    "Difference",
    "Distribution",
    "Example",
    "Group",
    "Headline",
    "Made",
    "NotCounted",
    "Period",
    "PlaceGroup",
    "ProjectCoverage",
    "ProjectFigures",
    "ReleaseCoverage",
    "Removal",
    "Repository",
    "Returns",
    "Revocation",
    "RulesetUse",
    "Scope",
    "Share",
    "Shared",
    "SharedGroup",
    "Skipped",
    "Statistics",
    "Stratum",
    "SurvivalGroup",
    "Verdicts",
    "Year",
]
