"""What the tools take and give: their JSON Schemas are made from these types.

The descriptions of fields are for a model to read.
"""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from keysift.model import Confidence, Severity, SkipReason
from keysift.report.document import FindingDocument, ReasonDocument
from keysift.report.gate.document import FixDocument, ProblemDocument

MAX_TEXT: Final = 4_000_000
"""Characters of a text, at most."""

MAX_PATH: Final = 4_096
MAX_PATHS: Final = 64
PAGE: Final = 50
MAX_PAGE: Final = 200

Limit = Annotated[
    int, Meta(ge=1, le=MAX_PAGE, description="How many findings to return at most; 50 by default.")
]
Text = Annotated[
    str, Meta(max_length=MAX_TEXT, description="The text to look at. It is not sent back.")
]
PathText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MAX_PATH,
        description="A file or directory below the directories that the user allowed; relative "
        "ones are relative to the first of these.",
    ),
]


class ScanText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Arguments of ``scan_text``."""

    text: Text
    limit: Limit = PAGE


class ScanPath(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Arguments of ``scan_path``."""

    path: PathText = "."
    include_ignored: Annotated[bool, Meta(description="Look at files that git ignores, too.")] = (
        False
    )
    limit: Limit = PAGE


class CheckDistributions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Arguments of ``check_distributions``."""

    paths: Annotated[
        tuple[PathText, ...],
        Meta(
            min_length=1,
            max_length=MAX_PATHS,
            description="Wheels (.whl), sdists (.tar.gz) or directories of them.",
        ),
    ] = ("dist",)
    limit: Limit = PAGE


class MoreFindings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Arguments of ``more_findings``."""

    cursor: Annotated[
        str, Meta(max_length=64, description="The next_cursor of an answer of this session.")
    ]
    limit: Limit = PAGE


class Explain(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Arguments of ``explain``."""

    fingerprint: Annotated[
        str,
        Meta(
            min_length=4,
            max_length=64,
            description="Fingerprint of a finding of this session, or its beginning.",
        ),
    ]


class Place(Struct, frozen=True, kw_only=True):
    """One place where a secret stands.

    Attributes:
        artifact: The archive that holds the file; null for a loose file.
        path: The file, or the member of the archive.
        line: From 1.
        column: From 1, in characters.
        encoding: What was undone to reach it: base64, for instance.
        part: Part of a structured file (``cell 3``); empty when it has none.
    """

    artifact: str | None
    path: str
    line: int
    column: int
    encoding: tuple[str, ...]
    part: str


class Found(Struct, frozen=True, kw_only=True):
    """A secret, masked.

    Attributes:
        fingerprint: Identifies it; ``explain`` takes it.
        detector: Id of its type.
        name: Name of its type.
        provider: Who issues it.
        severity: How much harm it could do.
        confidence: How sure it is a secret.
        secret: The mask.
        proof: The offline proof it passed, or null.
        is_canary: Whether it is a trap that raises an alarm when used.
        places: Where it stands, the first ones.
        more_places: How many others there are.
        known: Whether the release before has it too.
    """

    fingerprint: str
    detector: str
    name: str
    provider: str
    severity: Severity
    confidence: Confidence
    secret: str
    proof: str | None
    is_canary: bool
    places: list[Place]
    more_places: int
    known: bool = False


class Gap(Struct, frozen=True, kw_only=True):
    """Something that was not looked at and may hold secrets.

    Attributes:
        path: What.
        reason: Why.
        detail: What exactly, in words.
    """

    path: str
    reason: SkipReason
    detail: str


class Scanned(Struct, frozen=True, kw_only=True):
    """The answer of ``scan_text``, ``scan_path`` and ``more_findings``.

    Attributes:
        clean: Nothing was found, and everything was looked at.
        complete: False when something could not be looked at; it may hold secrets.
        total: How many secrets were found.
        findings: One page of them, the worst first.
        next_cursor: For ``more_findings``; null on the last page.
        gaps: What could not be looked at, the first ones.
        more_gaps: How many others there are.
        files: Files that were looked at.
        bytes: Bytes that were looked at.
        hidden: Findings below the configured confidence and severity.
        suppressed: Matches that were judged not to be secrets.
    """

    clean: bool
    complete: bool
    total: int
    findings: list[Found]
    next_cursor: str | None
    gaps: list[Gap]
    more_gaps: int
    files: int
    bytes: int
    hidden: int
    suppressed: int


class Checked(Struct, frozen=True, kw_only=True):
    """The answer of ``check_distributions``.

    Attributes:
        may_be_uploaded: Nothing speaks against it.
        scanned: The secrets, as of ``scan_path``.
        problems: What else is wrong, the worst first, with how to leave it out.
        more_problems: How many others there are.
        fixes: How to leave the files with secrets out.
        remarks: What was not compared.
    """

    may_be_uploaded: bool
    scanned: Scanned
    problems: list[ProblemDocument]
    more_problems: int
    fixes: list[FixDocument]
    remarks: list[str]


class Explanation(Struct, frozen=True, kw_only=True):
    """Why a finding was reported, and what to do.

    Attributes:
        finding: The finding.
        what: What an attacker can do with it.
        score: How plausible it is; ten points make it about 2.7 times as likely.
        reasons: What speaks for and against it, the weightiest first.
        facts: What was learned about it offline.
        remedy: What to change where it stands.
        revoke: Where to revoke it; empty when unknown.
        rotate: How to replace it; empty when unknown.
        references: Documentation of the provider.
        fixes: What to change so that its files are not packaged; after ``check_distributions``.
    """

    finding: Found
    what: str
    score: int | None
    reasons: list[ReasonDocument]
    facts: dict[str, str]
    remedy: str
    revoke: str
    rotate: str
    references: tuple[str, ...]
    fixes: list[FixDocument]


class Explained(Struct, frozen=True, kw_only=True):
    """The answer of ``explain``.

    Attributes:
        explanations: One for each finding that was meant.
    """

    explanations: list[Explanation]


class Remembered(Struct, frozen=True, kw_only=True):
    """A finding of this session as it was told: masked, without its value.

    Attributes:
        document: All about it.
        remedy: What to change where it stands.
        fixes: As in ``Explanation``.
        known: As in ``Found``.
    """

    document: FindingDocument
    remedy: str
    fixes: list[FixDocument] = []
    known: bool = False
