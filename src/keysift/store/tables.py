"""The tables. Their comments are the schema page of the documentation, and the database's own.

What can be asked is not stored twice: when a secret was introduced, whether the newest release
still has it, or that only sdists do, are queries over occurrences (``keysift.store.queries``). The
last tables are an exception: a cache of such answers, for lists that are paged through
(``keysift.store.summaries``).
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
)

from keysift.store.types import Bytewise, Id, Json, Long, Stamp, Words

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _table(name: str, comment: str, *parts: Any, **options: Any) -> Table:  # noqa: ANN401 (columns and constraints)
    return Table(name, metadata, *parts, comment=comment, sqlite_strict=True, **options)


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True, comment="Number of the row.")


def _to(table: str, comment: str, **options: Any) -> Column[int]:  # noqa: ANN401 (of Column)
    name = f"{table.removesuffix('ies')}y" if table.endswith("ies") else table.removesuffix("s")
    if table == "matches":
        name = "match"
    target = ForeignKey(f"{table}.id", ondelete="CASCADE")
    return Column(f"{name}_id", Id, target, comment=comment, **({"nullable": False} | options))


def _one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


settings: Final = _table(
    "settings",
    "What belongs to the store as a whole.",
    Column("name", Words, primary_key=True, comment="What it is."),
    Column("value", Words, nullable=False, comment="Its value; never a key, only checks of keys."),
)

registries: Final = _table(
    "registries",
    "Package indexes that were crawled.",
    _id(),
    Column("url", Words, nullable=False, unique=True, comment="Address, without credentials."),
)

cursors: Final = _table(
    "cursors",
    "How far an index was read: the state of its list of projects.",
    _to("registries", "Which index.", primary_key=True),
    Column("serial", Long, comment="Serial of the list, where the index has serials."),
    Column("etag", Words, comment="Entity tag of the list, where it has one."),
    Column("read_at", Stamp, nullable=False, comment="When the list was last read (UTC)."),
)

projects: Final = _table(
    "projects",
    "Projects of an index.",
    _id(),
    _to("registries", "Which index has it."),
    Column("name", Words, nullable=False, comment="Normalised name."),
    Column(
        "listed_serial",
        Long,
        comment="Serial that the list of projects gave when it was last read.",
    ),
    Column("serial", Long, comment="Serial of the project's page when it was last read."),
    Column("etag", Words, comment="Entity tag of that page."),
    Column("status", Words, comment="Status that the index gives: archived, quarantined, …"),
    Column("first_seen_at", Stamp, nullable=False, comment="When we first saw it (UTC)."),
    Column("read_at", Stamp, comment="When its page was last read (UTC); empty: not yet."),
    Column("removed_at", Stamp, comment="When we saw that the index has it no more (UTC)."),
    UniqueConstraint("registry_id", "name"),
)

releases: Final = _table(
    "releases",
    "Versions of projects.",
    _id(),
    _to("projects", "Of which project."),
    Column("version", Words, nullable=False, comment="As its files have it; may be empty."),
    Column(
        "sort_key",
        LargeBinary,
        comment="Made of the version: bytes that sort as PEP 440 does; NULL: not such a version.",
    ),
    Column(
        "is_prerelease",
        Integer,
        nullable=False,
        comment="Made of the version: 1 for a pre-release or development release, else 0.",
    ),
    UniqueConstraint("project_id", "version"),
)

artifacts: Final = _table(
    "artifacts",
    "Files of releases, and what became of scanning them: the ledger of the crawl.",
    _id(),
    _to("releases", "Of which release."),
    Column("name", Words, nullable=False, comment="File name."),
    Column("kind", Words, nullable=False, comment="sdist, wheel, egg or other, by its name."),
    Column("url", Words, nullable=False, comment="Where it is, without credentials."),
    Column("hashes", Json, nullable=False, comment="Digests the index announces, by algorithm."),
    Column("sha256", Words, comment="Digest of what was scanned, else as announced; hexadecimal."),
    Column("size_bytes", Long, comment="Size, when known."),
    Column("uploaded_at", Stamp, comment="Upload time the registry gives (UTC)."),
    Column("yanked", Words, comment="Reason of the yank (may be empty text); NULL: not yanked."),
    Column("first_seen_at", Stamp, nullable=False, comment="When we first saw it (UTC)."),
    Column("deleted_at", Stamp, comment="When we saw that the index has it no more (UTC)."),
    Column(
        "state",
        Words,
        nullable=False,
        comment="pending: not scanned yet; scanned; failed: see failure.",
    ),
    Column("failure", Words, comment="Why the last attempt failed, for people."),
    Column("attempts", Integer, nullable=False, comment="Attempts that failed since the last one."),
    _to("rulesets", "Ruleset of the last scan.", nullable=True),
    Column("scanned_at", Stamp, comment="When it was last scanned (UTC)."),
    Column("fetched_bytes", Long, comment="Bytes fetched for that."),
    Column("files", Long, comment="Files in it."),
    Column("content_bytes", Long, comment="Bytes of their content that were looked at."),
    Column("is_complete", Integer, comment="1 when nothing in it was passed over, else 0."),
    # A file that an index replaced is another one: both are kept.
    UniqueConstraint("release_id", "name", "sha256"),
    _one_of("state", "pending", "scanned", "failed"),
    _one_of("kind", "sdist", "wheel", "egg", "other"),
    # How much was looked at is said with every answer; and which files, page by page.
    Index(None, "state", "is_complete", "deleted_at", "id"),
    Index(None, "sha256"),
)

events: Final = _table(
    "events",
    "What the index changed about a file after we first saw it.",
    _id(),
    _to("artifacts", "Which file.", index=True),
    Column("kind", Words, nullable=False, comment="yanked, unyanked, deleted, restored, replaced."),
    Column("detail", Words, comment="The reason of a yank; the digest that was replaced."),
    Column("seen_at", Stamp, nullable=False, comment="When we saw it (UTC)."),
    _one_of("kind", "yanked", "unyanked", "deleted", "restored", "replaced"),
)

rulesets: Final = _table(
    "rulesets",
    "What was looked for: catalogues of detectors.",
    _id(),
    Column("digest", Words, nullable=False, unique=True, comment="Digest of the catalogue."),
    Column("version", Words, nullable=False, comment="Version of keysift that first used it."),
    Column("detectors", Json, nullable=False, comment="Digest of each detector, by its id."),
    Column("first_used_at", Stamp, nullable=False, comment="When it was first used (UTC)."),
)

blobs: Final = _table(
    "blobs",
    "Contents of files that hold a match; each content once, wherever it stands.",
    _id(),
    Column(
        "digest",
        LargeBinary,
        nullable=False,
        unique=True,
        comment="BLAKE3 of the content; of a segment of a large file, with its offset behind.",
    ),
    _to("rulesets", "Ruleset that last scanned it."),
)

secrets: Final = _table(
    "secrets",
    "Secrets: a type and a value, the identity of a finding wherever it stands.",
    _id(),
    Column("detector", Words, nullable=False, comment="Id of the detector."),
    Column("fingerprint", Words, nullable=False, comment="Keyed fingerprint of the value."),
    Column("mask", Words, nullable=False, comment="What may be shown of the value."),
    Column("first_seen_at", Stamp, nullable=False, comment="When we first saw it (UTC)."),
    UniqueConstraint("detector", "fingerprint"),
)

values: Final = _table(
    "secret_values",
    "Values of secrets and of their other halves, and the lines around them, sealed; empty with "
    "--no-values.",
    _to("secrets", "Of which secret.", primary_key=True),
    Column(
        "name",
        Words,
        primary_key=True,
        comment="Empty for the secret itself, else the name of its other half, or :excerpt for the "
        "lines around it.",
    ),
    Column("key_id", Words, nullable=False, comment="Which key opens it: a check, not the key."),
    Column("nonce", LargeBinary, nullable=False, comment="96 bits, never used twice with a key."),
    Column("sealed", LargeBinary, nullable=False, comment="AES-256-GCM of the value."),
    Column("sealed_at", Stamp, nullable=False, comment="When it was sealed (UTC)."),
)

matches: Final = _table(
    "matches",
    "Places in a blob where a detector found a secret.",
    _id(),
    _to("blobs", "In which blob."),
    _to("secrets", "Which secret.", index=True),
    Column(
        "below",
        Words,
        nullable=False,
        comment="Path below the blob, for archives inside archives; empty for the blob itself.",
    ),
    Column(
        "part", Words, nullable=False, comment="Part of a structured file; empty for raw bytes."
    ),
    Column("line", Long, nullable=False, comment="Line, from 1."),
    Column("column", Long, nullable=False, comment="Column in characters, from 1."),
    Column("start", Long, nullable=False, comment="Byte offset in the file or part."),
    Column("end", Long, nullable=False, comment="One past its last byte."),
    Column("encoding", Json, nullable=False, comment="Encodings undone, outermost first."),
    Column("severity", Words, nullable=False, comment="critical, high, medium, low or info."),
    Column("confidence", Words, nullable=False, comment="high, medium or low."),
    Column("proof", Words, comment="Name of the proof that it passed."),
    Column("facts", Json, nullable=False, comment="What proofs and patterns learned."),
    Column("parts", Json, nullable=False, comment="Masks of its other halves, by name."),
    Column(
        "reasons",
        Json,
        comment="What speaks for and against it: name, points, text; NULL: not kept.",
    ),
    Column(
        "found_by",
        Id,
        ForeignKey("rulesets.id"),
        nullable=False,
        comment="Ruleset that first found it.",
    ),
    Column(
        "confirmed_by",
        Id,
        ForeignKey("rulesets.id"),
        nullable=False,
        comment="Ruleset that last found it; older than the blob's: it finds it no more.",
    ),
    UniqueConstraint("blob_id", "secret_id", "below", "part", "start"),
    _one_of("severity", "critical", "high", "medium", "low", "info"),
    _one_of("confidence", "high", "medium", "low"),
)

paths: Final = _table(
    "paths",
    "Paths inside artifacts, each once: releases repeat them.",
    _id(),
    Column("digest", LargeBinary, nullable=False, unique=True, comment="128 bits of BLAKE2b."),
    Column("path", Words, nullable=False, comment="Path of a member."),
)

occurrences: Final = _table(
    "occurrences",
    "Where a match stands: the member of an artifact that is its blob.",
    _to("artifacts", "In which artifact.", primary_key=True),
    _to("matches", "Which match.", primary_key=True),
    _to("paths", "Path of the member.", primary_key=True),
    Column(
        "confidence",
        Words,
        nullable=False,
        comment="Of the match at this path: low where made-up values are usual, such as tests.",
    ),
    _one_of("confidence", "high", "medium", "low"),
    # What is asked of many findings at once is answered from this index alone.
    Index(None, "match_id", "confidence"),
    sqlite_with_rowid=False,
)

skips: Final = _table(
    "skips",
    "What was not looked at. Could not look is never clean.",
    _id(),
    _to("artifacts", "In which artifact.", index=True),
    Column("path", Words, nullable=False, comment="Path inside it; empty for all of it."),
    Column("reason", Words, nullable=False, comment="Why, as in the JSON report."),
    Column("detail", Words, nullable=False, comment="What exactly, for people."),
    Column("size_bytes", Long, comment="Size, when known."),
    # Files in which something was passed over for one reason, page by page.
    Index(None, "reason", "artifact_id"),
)

verdicts: Final = _table(
    "verdicts",
    "What a provider said about a secret, and when: a history.",
    _id(),
    _to("secrets", "Which secret.", index=True),
    Column("verdict", Words, nullable=False, comment="active, inactive, unknown, …"),
    Column("detail", Words, comment="Why it is unknown; what else was learned."),
    Column("checked_at", Stamp, nullable=False, comment="When (UTC)."),
    Column(
        "doubt",
        Words,
        comment="Why it is unknown, as a word: network, rate_limited, …; else NULL.",
    ),
    Column(
        "facts",
        Json,
        comment="What the provider told of it: user, account, scopes, …; NULL: nothing.",
    ),
    Column("powers", Json, comment="What it may do, as words; NULL: not known."),
    Column(
        "warnings", Json, comment="Why it may do more than it needs, as words; NULL: not known."
    ),
    Column("privilege", Words, comment="low, medium, high or admin; NULL: not known."),
    Column("detector", Words, comment="Digest of the detector then; NULL: before that was kept."),
    Column("validity", Words, comment="Version of the question that was asked; NULL: none was."),
    _one_of("verdict", "unchecked", "active", "inactive", "unknown", "not_checkable", "canary"),
)

triage: Final = _table(
    "triage",
    "What people decided about a secret: an audit trail; its last line counts.",
    _id(),
    _to("secrets", "Which secret.", index=True),
    Column(
        "status",
        Words,
        nullable=False,
        comment="open, false-positive, test, accepted or revoked.",
    ),
    Column("note", Words, nullable=False, comment="Why; may be empty."),
    Column("author", Words, nullable=False, comment="Who decided."),
    Column("decided_at", Stamp, nullable=False, comment="When (UTC)."),
    _one_of("status", "open", "false-positive", "test", "accepted", "revoked"),
)

runs: Final = _table(
    "runs",
    "Crawls.",
    _id(),
    _to("registries", "Of which index."),
    _to("rulesets", "Which ruleset was used."),
    Column("version", Words, nullable=False, comment="Version of keysift."),
    Column("wanted", Json, nullable=False, comment="What was asked for."),
    Column("began_at", Stamp, nullable=False, comment="When it began (UTC)."),
    Column("ended_at", Stamp, comment="When it ended (UTC); empty: it runs, or was killed."),
    Column("counts", Json, nullable=False, comment="What it did, in numbers, when it ended."),
)

stale_projects: Final = _table(
    "stale_projects",
    "Projects whose findings changed since they were last added up.",
    _to("projects", "Which project.", primary_key=True),
    Column("changes", Long, nullable=False, comment="How often since then."),
    Column("since", Stamp, nullable=False, comment="When it first changed (UTC)."),
)


def _number(name: str, comment: str) -> Column[int]:
    return Column(name, Long, nullable=False, comment=comment)


def _release(name: str, comment: str, **options: Any) -> Column[int]:  # noqa: ANN401 (of Column)
    return Column(name, Id, ForeignKey("releases.id"), comment=comment, **options)


lives: Final = _table(
    "lives",
    "Cache: secrets in projects; `Life` in `keysift.store.queries.values` says more.",
    _to("secrets", "Which secret.", primary_key=True),
    _to("projects", "In which project.", primary_key=True, index=True),
    _release("introduced_in", "First release that has it.", nullable=False),
    _release("last_seen_in", "Last release that has it.", nullable=False),
    _release("removed_in", "First release after that which does not; NULL: none, or not known."),
    Column(
        "still_present",
        Integer,
        comment="1: the newest release has it, not yanked nor deleted; 0: no; NULL: not known.",
    ),
    _release("present_in", "That newest release; NULL: it does not have it."),
    Column("first_uploaded_at", Stamp, comment="Earliest upload of a file that has it (UTC)."),
    Column("last_uploaded_at", Stamp, comment="Latest upload of a file that has it (UTC)."),
    _number("releases", "Releases that have it."),
    _number("artifacts", "Files that have it."),
    _number("yanked", "Those of them that are yanked, and not deleted."),
    _number("deleted", "Those of them that the index has no more."),
    _number("places", "Occurrences."),
    Column("kinds", Words, nullable=False, comment="Kinds of these files: sorted, with commas."),
    Column(
        "present_kinds",
        Words,
        nullable=False,
        comment="Kinds of those of the newest release that are neither yanked nor deleted.",
    ),
    sqlite_with_rowid=False,
)

summaries: Final = _table(
    "summaries",
    "Cache: findings in sum, a row for each secret that stands anywhere.",
    _to("secrets", "Which secret.", primary_key=True),
    Column("detector", Bytewise, nullable=False, comment="Id of the detector."),
    Column(
        "severity",
        Integer,
        nullable=False,
        comment="The worst of its matches: 0 info, 1 low, 2 medium, 3 high, 4 critical.",
    ),
    Column(
        "confidence",
        Integer,
        nullable=False,
        comment="The best over its occurrences: 0 low, 1 medium, 2 high.",
    ),
    Column(
        "urgency",
        Integer,
        nullable=False,
        comment="Both in one number, which tells equals apart: 3 * severity + confidence.",
    ),
    Column(
        "is_outdated",
        Integer,
        nullable=False,
        comment="1 when the ruleset that looked last finds it no more, else 0.",
    ),
    Column("first_uploaded_at", Stamp, comment="Earliest upload that has it (UTC)."),
    Column("last_uploaded_at", Stamp, comment="Latest upload that has it (UTC)."),
    _number("projects", "Projects that have it."),
    _number("releases", "Releases that have it."),
    _number("artifacts", "Files that have it."),
    _number("places", "Occurrences."),
    Column("kinds", Words, nullable=False, comment="Kinds of these files: sorted, with commas."),
    Column(
        "still_present",
        Integer,
        comment="1: in any of its projects; 0: in none; NULL: in none as far as is known.",
    ),
    Column(
        "project", Bytewise, nullable=False, comment="Name of the project that was last to have it."
    ),
    Column(
        "version", Words, nullable=False, comment="The last release of that project that has it."
    ),
    Column(
        "verdict",
        Integer,
        nullable=False,
        comment="That stands: 0 inactive, 1 not_checkable, 2 unchecked, 3 unknown, 4 canary, "
        "5 active.",
    ),
    Column("checked_at", Stamp, comment="When that was (UTC); NULL: unchecked."),
    Column("privilege", Integer, comment="0 low, 1 medium, 2 high, 3 admin; NULL: not known."),
    Column(
        "is_canary", Integer, nullable=False, comment="1 when it was ever known to be one, else 0."
    ),
    Column(
        "triage",
        Integer,
        nullable=False,
        comment="The last decision: 0 false-positive, 1 test, 2 revoked, 3 accepted, 4 open.",
    ),
    # One for each order of a list; the secret tells equals apart.
    Index(None, "urgency", "secret_id"),
    *(
        Index(None, column, "urgency", "secret_id")
        for column in (
            *("confidence", "detector", "first_uploaded_at", "last_uploaded_at", "projects"),
            *("releases", "artifacts", "places", "still_present", "project", "verdict"),
            *("checked_at", "privilege", "triage"),
        )
    ),
    # How many there are of each kind is answered from this index alone.
    Index(
        "ix_summaries_kinds",
        *("is_outdated", "severity", "confidence", "verdict", "triage", "still_present"),
        "detector",
    ),
)

haystacks: Final = _table(
    "haystacks",
    "Cache: what a search looks through, a text for each secret that stands anywhere.",
    _to("secrets", "Which secret.", primary_key=True),
    Column(
        "text",
        Words,
        nullable=False,
        comment="Detector, mask, projects and paths (in sdists: below the first folder), in lower "
        "case, a line each.",
    ),
)

tallies: Final = _table(
    "tallies",
    "Cache: projects in sum, a row for each that has a finding which is not outdated.",
    _to("projects", "Which project.", primary_key=True),
    Column("name", Bytewise, nullable=False, comment="Its name."),
    _number("findings", "Findings that are not outdated."),
    *(
        _number(severity, f"Those of severity {severity}.")
        for severity in ("critical", "high", "medium", "low", "info")
    ),
    _number("active", "Those that their providers accept."),
    _number("open", "Those that nobody decided about."),
    _number("present", "Those that its newest release still has."),
    _number("releases", "Its releases."),
    Column("last_uploaded_at", Stamp, comment="Latest upload of any of its files (UTC)."),
)

accounts: Final = _table(
    "accounts",
    "People who may log in to the dashboard with a password.",
    _id(),
    Column("name", Words, nullable=False, unique=True, comment="What they log in with."),
    Column("role", Words, nullable=False, comment="read, triage or reveal; each has the former."),
    Column("password", Words, nullable=False, comment="Argon2id of the password, with its salt."),
    Column("made_at", Stamp, nullable=False, comment="When the account was made (UTC)."),
    Column("changed_at", Stamp, nullable=False, comment="When its password was last set (UTC)."),
    _one_of("role", "read", "triage", "reveal"),
)

access_tokens: Final = _table(
    "access_tokens",
    "Tokens with which programs use the API of the dashboard.",
    _id(),
    Column("name", Words, nullable=False, unique=True, comment="What it is for."),
    Column(
        "digest",
        LargeBinary,
        nullable=False,
        unique=True,
        comment="SHA-256 of the token; it has 256 random bits, so that no guess reaches it.",
    ),
    Column("scopes", Json, nullable=False, comment="What it may do: read, triage, reveal."),
    Column("made_at", Stamp, nullable=False, comment="When it was made (UTC)."),
    Column("expires_at", Stamp, comment="From when on it is refused (UTC); NULL: never."),
    Column("last_used_at", Stamp, comment="When it was last used, give or take a minute (UTC)."),
    Column("revoked_at", Stamp, comment="When it was revoked (UTC); NULL: it was not."),
)

disclosures: Final = _table(
    "disclosures",
    "Values that the dashboard showed: who saw them. Rows are only ever added.",
    _id(),
    # No reference: the entry outlasts the secret.
    Column("secret_id", Id, nullable=False, index=True, comment="Number of the secret, then."),
    Column("detector", Words, nullable=False, comment="Its detector."),
    Column("fingerprint", Words, nullable=False, comment="Its fingerprint."),
    Column("who", Words, nullable=False, comment="Who asked for the value."),
    Column(
        "source",
        Words,
        nullable=False,
        comment="How they were recognised: start token, account, proxy or access token.",
    ),
    Column("address", Words, nullable=False, comment="From where: IPv4, or /64 of IPv6."),
    Column("channel", Words, nullable=False, comment="Where it was shown: page or api."),
    Column("disclosed_at", Stamp, nullable=False, comment="When (UTC)."),
    _one_of("channel", "page", "api"),
)

views: Final = _table(
    "views",
    "Lists of findings that people saved: what was chosen, and how it was sorted.",
    _id(),
    Column("author", Words, nullable=False, comment="Who saved it."),
    Column("name", Words, nullable=False, comment="What they call it."),
    Column("query", Words, nullable=False, comment="What stands behind the ? in its address."),
    Column("saved_at", Stamp, nullable=False, comment="When it was last saved (UTC)."),
    UniqueConstraint("author", "name"),
)
