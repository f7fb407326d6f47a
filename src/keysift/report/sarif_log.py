"""The part of a SARIF 2.1.0 log that keysift writes.

Names and meanings are those of the OASIS standard "Static Analysis Results Interchange Format
(SARIF) Version 2.1.0"; the section of each object is given with it. Fields that hold their
default are left out.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import UNSET, Struct, UnsetType, field

from keysift.report.document import CoverageDocument

Level = Literal["error", "warning", "note"]


class _SarifObject(Struct, kw_only=True, rename="camel"):
    pass


class Text(_SarifObject):
    """A message (3.11) or a multi-format string (3.12)."""

    text: str
    markdown: str | UnsetType = UNSET


class ArtifactLocation(_SarifObject):
    """Where a file is (3.4)."""

    uri: str
    uri_base_id: str | UnsetType = UNSET


class Region(_SarifObject):
    """A part of a file (3.30); the end column is one past the last character."""

    start_line: int
    start_column: int | UnsetType = UNSET
    end_column: int | UnsetType = UNSET


class PhysicalLocation(_SarifObject):
    """A place in a file (3.29)."""

    artifact_location: ArtifactLocation
    region: Region | UnsetType = UNSET


class LogicalLocation(_SarifObject):
    """A place that is not a file: here a member of an archive (3.33)."""

    fully_qualified_name: str
    kind: Literal["member"] = "member"


class Location(_SarifObject):
    """A physical location, and the logical one inside it (3.28)."""

    physical_location: PhysicalLocation
    logical_locations: list[LogicalLocation] | UnsetType = UNSET


class ResultProperties(_SarifObject):
    """What SARIF has no field for.

    ``finding`` numbers the secrets of this log, so that the places of one secret can be grouped.
    What is about a commit is there in scans of git only.
    """

    finding: int
    secret: str
    severity: str
    confidence: str
    verdict: str
    facts: dict[str, str]
    proof: str | UnsetType = UNSET
    reason: str | UnsetType = UNSET
    privilege: str | UnsetType = UNSET
    warnings: list[str] | UnsetType = UNSET
    commit: str | UnsetType = UNSET
    author: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    authored: datetime | UnsetType = UNSET
    in_head: bool | UnsetType = UNSET


class ProblemProperties(_SarifObject):
    """What SARIF has no field for, about something that should not be in a package."""

    path: str
    places: list[str]
    files: int


class Suppression(_SarifObject):
    """Why a result is not to be acted on (3.35): the configuration accepts it."""

    justification: str
    kind: Literal["external"] = "external"
    status: Literal["accepted"] = "accepted"


class Result(_SarifObject):
    """One place of one secret, or one problem (3.27).

    All results of a run have a baseline state, or none has one; so with suppressions.
    """

    rule_id: str
    rule_index: int
    level: Level
    message: Text
    locations: list[Location]
    partial_fingerprints: dict[str, str]
    rank: float
    properties: ResultProperties | ProblemProperties
    baseline_state: Literal["new", "unchanged"] | UnsetType = UNSET
    suppressions: list[Suppression] | UnsetType = UNSET


class RuleConfiguration(_SarifObject):
    """How a rule reports (3.50)."""

    level: Level


class RuleProperties(Struct, kw_only=True):
    """What code-scanning viewers read: a score from 0.0 to 10.0 as a string, and tags."""

    security_severity: str = field(name="security-severity")
    tags: list[str]


class Rule(_SarifObject):
    """A detector, or a rule about files (3.49)."""

    id: str
    name: str
    short_description: Text
    full_description: Text
    help: Text
    default_configuration: RuleConfiguration
    properties: RuleProperties
    help_uri: str | UnsetType = UNSET


class Driver(_SarifObject):
    """keysift itself (3.19)."""

    name: str
    version: str
    rules: list[Rule]


class Tool(_SarifObject):
    """The tool of a run (3.18)."""

    driver: Driver


class Descriptor(_SarifObject):
    """A reference to what a notification is about (3.52)."""

    id: str


class Notification(_SarifObject):
    """Something that was not looked at, or not compared (3.58)."""

    descriptor: Descriptor
    level: Level
    message: Text


class Invocation(_SarifObject):
    """How the run went (3.20)."""

    execution_successful: bool
    tool_execution_notifications: list[Notification]


class RunProperties(_SarifObject):
    """The coverage, and which detectors were used."""

    ruleset: str
    coverage: CoverageDocument


class Run(_SarifObject):
    """One run (3.14)."""

    tool: Tool
    invocations: list[Invocation]
    results: list[Result]
    properties: RunProperties
    column_kind: Literal["unicodeCodePoints"] = "unicodeCodePoints"


class Log(_SarifObject):
    """The whole file (3.13)."""

    runs: list[Run]
    schema: str = field(name="$schema")
    version: Literal["2.1.0"] = "2.1.0"
