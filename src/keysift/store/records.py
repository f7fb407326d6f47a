"""What a crawl tells the store about a file of a release."""

from __future__ import annotations

from msgspec import Struct

from keysift.model import Confidence, Match, Skip


class Found(Struct, frozen=True, kw_only=True):
    """A match in a member.

    Attributes:
        below: Path below the member, for archives inside archives, from its ``!/`` on; empty for
            the member itself.
        part: Part of a structured file, None for raw bytes.
        match: The match.
        confidence: That of the match where the member stands.
    """

    below: str = ""
    part: str | None = None
    match: Match
    confidence: Confidence


class Member(Struct, frozen=True, kw_only=True):
    """A member of an artifact that holds matches.

    Attributes:
        path: Its path in the artifact.
        digest: Of its content: members with the same digest hold the same matches.
        found: The matches.
    """

    path: str
    digest: bytes
    found: tuple[Found, ...]


class Scanned(Struct, frozen=True, kw_only=True):
    """What came of scanning one artifact.

    Attributes:
        members: Its members that hold matches.
        skips: What was not looked at.
        sha256: Digest of the artifact, when all of it was fetched.
        size_bytes: Its size, when known.
        fetched_bytes: Bytes fetched for it.
        files: Members seen.
        content_bytes: Bytes of content looked at.
    """

    members: tuple[Member, ...] = ()
    skips: tuple[Skip, ...] = ()
    sha256: str | None = None
    size_bytes: int | None = None
    fetched_bytes: int = 0
    files: int = 0
    content_bytes: int = 0
