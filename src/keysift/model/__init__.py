"""The nouns of keysift as values: what every other layer passes around.

Nothing here reads a file, asks the network or knows a command line.
"""

from __future__ import annotations

from keysift.model.artifact import Artifact
from keysift.model.blob import Blob, Position
from keysift.model.commit import Commit
from keysift.model.coverage import Coverage
from keysift.model.facts import CANARY_FACT, FACTS
from keysift.model.finding import Finding, Occurrence
from keysift.model.grade import Confidence, Severity
from keysift.model.match import Excerpt, Match, Part, Reason, Suppressed, SuppressReason
from keysift.model.passed import Passed
from keysift.model.privilege import (
    EXCESSES,
    PRIVILEGES,
    Excess,
    Power,
    Privilege,
    excesses_of,
    privilege_of,
)
from keysift.model.remark import Remark, RemarkKind
from keysift.model.role import Role
from keysift.model.secret import FingerprintKey, Secret, fingerprint_key, masked
from keysift.model.skip import Skip, SkipReason
from keysift.model.triage import TriageStatus
from keysift.model.verdict import CannotAskError, Doubt, Outcome, Verdict

__all__ = [
    "CANARY_FACT",
    "EXCESSES",
    "FACTS",
    "PRIVILEGES",
    "Artifact",
    "Blob",
    "CannotAskError",
    "Commit",
    "Confidence",
    "Coverage",
    "Doubt",
    "Excerpt",
    "Excess",
    "Finding",
    "FingerprintKey",
    "Match",
    "Occurrence",
    "Outcome",
    "Part",
    "Passed",
    "Position",
    "Power",
    "Privilege",
    "Reason",
    "Remark",
    "RemarkKind",
    "Role",
    "Secret",
    "Severity",
    "Skip",
    "SkipReason",
    "SuppressReason",
    "Suppressed",
    "TriageStatus",
    "Verdict",
    "excesses_of",
    "fingerprint_key",
    "masked",
    "privilege_of",
]
