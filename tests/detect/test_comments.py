"""Comments that ignore a secret."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.detect.comments import Applied, Comments
from keysift.model import Confidence, Match, RemarkKind, Secret, Severity, SuppressReason

_SECRET = b"s3cr3t-v4lu3"


def _matches(text: bytes, detector: str = "acme-key") -> list[Match]:
    """Return a match for each place where the secret stands."""
    found = []
    start = text.find(_SECRET)
    while start >= 0:
        found.append(
            Match(
                detector=detector,
                secret=Secret(_SECRET),
                start=start,
                end=start + len(_SECRET),
                severity=Severity.HIGH,
                confidence=Confidence.HIGH,
            )
        )
        start = text.find(_SECRET, start + 1)
    return found


def _apply(text: str, comments: Comments | None = None) -> Applied:
    raw = text.replace("SECRET", _SECRET.decode()).encode()
    return (comments or Comments()).apply(raw, _matches(raw), ["acme-key", "other-key"])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("k = 'SECRET'  # keysift: ignore[acme-key] only a test", "only a test"),
        ("k = 'SECRET' // keysift:ignore[acme-*] only a test", "only a test"),
        ("<a k='SECRET'/> <!-- keysift: ignore[x, acme-key] only a test -->", "only a test"),
        ("k: SECRET; /* keysift: ignore[*]: only a test */", "only a test"),
        ("{# keysift: ignore[acme-key] only a test #}\nSECRET", "only a test"),
        ("-- keysift: ignore[acme-key] only a test\r\nSECRET\r\n", "only a test"),
        ("REM keysift: ignore[acme-key] only a test\r\nset K=SECRET\r\n", "only a test"),
        ('  "# keysift: ignore[acme-key] only a test\\n",\n  "k = \'SECRET\'"', "only a test"),
        ("# keysift: ignore[acme-key] old line ends\rk = SECRET\r", "old line ends"),
        ("# keysift: ignore[acme-key] first\n# keysift: ignore[y] other\nSECRET", "first"),
    ],
)
def test_a_comment_ignores_the_secret_beside_it(text: str, reason: str) -> None:
    """On the line of the secret, or alone on the one above, in any language."""
    applied = _apply(text)
    assert applied.kept == []
    [one] = applied.ignored
    assert (one.reason, one.detail) == (SuppressReason.COMMENT, reason)


@pytest.mark.parametrize(
    "text",
    [
        "x = 1  # keysift: ignore[acme-key] of another line\nk = 'SECRET'",
        "# keysift: ignore[acme-key] too far\n\nk = 'SECRET'",
        "k = 'SECRET'\n# keysift: ignore[acme-key] below",
        "k = 'SECRET'  # keysift: ignored[acme-key] not the word",
        "k = 'SECRET'  # gitleaks:allow",
        "})  # keysift: ignore[acme-key] of the line above\nk = 'SECRET'",
    ],
)
def test_a_comment_elsewhere_ignores_nothing(text: str) -> None:
    """What stands further away is somebody else's business."""
    applied = _apply(text)
    assert (len(applied.kept), applied.ignored, applied.remarks) == (1, [], [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SECRET # keysift: ignore because", "names no detector"),
        ("SECRET # keysift: ignore[] because", "names no detector"),
        ("SECRET # keysift: ignore[acme-key]", "write `keysift: ignore[acme-key] reason`"),
        ("<!-- keysift: ignore[acme-key] -->\nSECRET", "gives no reason"),
        ("SECRET # keysift: ignore[acme] almost", "what stands here is of acme-key"),
    ],
)
def test_a_comment_that_says_too_little_is_refused(text: str, words: str) -> None:
    """It ignores nothing, and whoever wrote it is told what to write."""
    applied = _apply(text)
    assert len(applied.kept) == 1
    [(_, remark)] = applied.remarks
    assert remark.kind is RemarkKind.REFUSED_COMMENT
    assert words in remark.text


@pytest.mark.parametrize(
    "text",
    [
        "SECRET # gitleaks:allow",
        "SECRET # betterleaks:allow",
        "SECRET # kingfisher:ignore",
        "SECRET # trufflehog:ignore",
        "SECRET # ggignore",
        "SECRET # pragma: allowlist secret",
        "x # pragma: allowlist nextline secret\nSECRET",
    ],
)
def test_comments_of_peers_count_on_request(text: str) -> None:
    """They name no detector and give no reason: the reason is what they say."""
    assert _apply(text).ignored == []
    [one] = _apply(text, Comments(peers=True)).ignored
    assert one.detail in text


def test_what_ignores_nothing_is_told_on_request() -> None:
    """A comment without a secret is a remark only for whoever tidies up."""
    text = "a = 1  # keysift: ignore[other-key] it has gone\n"
    assert _apply(text).remarks == []
    [(offset, remark)] = _apply(text, Comments(report_unused=True)).remarks
    assert remark.kind is RemarkKind.UNUSED_COMMENT
    assert text[offset:].startswith("keysift: ignore")
    # One about detectors that are not used in this run may well be needed in another.
    unknown = "a = 1  # keysift: ignore[no-such] it has gone\n"
    assert _apply(unknown, Comments(report_unused=True)).remarks == []


@given(st.binary(), st.booleans(), st.booleans())
def test_any_bytes_are_read(text: bytes, peers: bool, unused: bool) -> None:  # noqa: FBT001
    """Nothing raises, and no match is lost."""
    raw = text + b"# keysift: ignore[" + text + b"]" + text + _SECRET + text
    matches = _matches(raw)
    applied = Comments(peers=peers, report_unused=unused).apply(raw, matches, ["acme-key"])
    assert len(applied.kept) + len(applied.ignored) == len(matches)
