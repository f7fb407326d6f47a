"""Comments that ignore a secret: ``keysift: ignore[detector] reason``, where the secret stands.

A comment counts on any line of its secret, and on the line above when nothing else stands there.
The language is not parsed: what begins a comment is up to the file. A comment that does not name
detectors, or gives no reason, ignores nothing; that is a remark, as is one that fits no secret.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

from msgspec import Struct

from keysift.model import Match, Remark, RemarkKind, Suppressed, SuppressReason

_WORD: Final = b"keysift:"
_OWN: Final = re.compile(rb"keysift:[ \t]*ignore\b(?:\[([^\]\r\n]*)\])?([^\r\n]*)")
_PEERS: Final = re.compile(
    rb"gitleaks:allow|betterleaks:allow|kingfisher:ignore|trufflehog:ignore|\bggignore\b"
    rb"|pragma: ?(?:allowlist|whitelist) (nextline )?secret"
)
"""What the documentation of other scanners has people write."""

_ALONE: Final = re.compile(rb"[\s#/*;%<!'\"({\[.@-]*(?:(?i:rem|dnl)[ \t]+)?")
"""What may stand before a comment on a line of its own: what begins one, no code."""

_CLOSERS: Final = re.compile(
    r"(?:\s|\*/|--+>|[#%*-]\}|\*\)|\]\]|%>|\?>|\"\"\"|'''|\\[nr]|[\"',;])+$"
)
"""What ends comments, and the strings of notebooks; no reason ends so."""


class Comments(Struct, frozen=True):
    """Which comments count.

    Attributes:
        peers: Whether those of other scanners do.
        report_unused: Whether one that ignores nothing is a remark, wherever it stands; else only
            one beside a secret is.
    """

    peers: bool = False
    report_unused: bool = False

    def apply(self, text: bytes, matches: list[Match], detectors: Iterable[str]) -> Applied:
        """Sort the matches of a text into those that stay and those that a comment ignores.

        Args:
            text: What the matches stand in; their offsets are in it.
            matches: The matches.
            detectors: Ids that are looked for: a comment that names others cannot be used.
        """
        comments = list(self._find(text, with_peers=self.peers and bool(matches)))
        if not comments:
            return Applied(matches, [], [])
        page = _Page(text, comments)
        kept: list[Match] = []
        ignored: list[Suppressed] = []
        for match in matches:
            comment = page.answer(match)
            if comment is None:
                kept.append(match)
                continue
            ignored.append(
                Suppressed(match=match, reason=SuppressReason.COMMENT, detail=comment.reason)
            )
        known = tuple(detectors)
        remarks = [
            (comment.offset, remark)
            for comment in comments
            for remark in [_remark(comment, known, report_unused=self.report_unused)]
            if remark is not None
        ]
        return Applied(kept, ignored, remarks)

    @staticmethod
    def _find(text: bytes, *, with_peers: bool) -> Iterable[_Comment]:
        if _WORD in text:
            for found in _OWN.finditer(text):
                yield _own(text, found)
        if with_peers:
            for found in _PEERS.finditer(text):
                yield _Comment(
                    offset=found.start(),
                    is_above=found[1] is not None,
                    is_foreign=True,
                    patterns=("*",),
                    reason=found[0].decode(),
                )


class Applied(Struct):
    """What comments made of the matches of a text.

    Attributes:
        kept: Matches that no comment ignores.
        ignored: The others.
        remarks: What is the matter with comments, each with its offset.
    """

    kept: list[Match]
    ignored: list[Suppressed]
    remarks: list[tuple[int, Remark]]


class _Comment(Struct, kw_only=True):
    """One comment.

    Attributes:
        offset: Where it begins.
        is_alone: Whether nothing else stands on its line, so that it counts for the next one too.
        is_above: Whether it counts for the next line only.
        is_foreign: Whether another scanner may need it.
        patterns: Globs of detector ids.
        reason: Why.
        problem: Why it does not count; empty when it does.
        is_used: Whether it ignores something.
        beside: Detectors of what it stands beside and does not ignore.
    """

    offset: int
    is_alone: bool = False
    is_above: bool = False
    is_foreign: bool = False
    patterns: tuple[str, ...] = ()
    reason: str = ""
    problem: str = ""
    is_used: bool = False
    beside: dict[str, None] = {}

    def covers(self, detector: str) -> bool:
        return not self.problem and any(fnmatchcase(detector, glob) for glob in self.patterns)


def _own(text: bytes, found: re.Match[bytes]) -> _Comment:
    begin = 1 + max(text.rfind(b"\n", 0, found.start()), text.rfind(b"\r", 0, found.start()))
    listed = (found[1] or b"").decode(errors="replace").split(",")
    names = tuple(name for name in map(str.strip, listed) if name)
    reason = _CLOSERS.sub("", found[2].decode(errors="replace")).strip(" \t:-")
    problem = ""
    if not names:
        problem = "names no detector"
    elif not re.search(r"\w", reason):
        problem = "gives no reason"
    return _Comment(
        offset=found.start(),
        is_alone=_ALONE.fullmatch(text, begin, found.start()) is not None,
        patterns=names,
        reason=reason,
        problem=problem,
    )


def _remark(comment: _Comment, detectors: tuple[str, ...], *, report_unused: bool) -> Remark | None:
    """Return what is the matter with a comment, if anything is and somebody wants to know."""
    if comment.is_used or comment.is_foreign:
        return None
    if comment.problem:
        if not (comment.beside or report_unused):
            return None
        named = ",".join(comment.patterns or comment.beside or ("detector",))
        return Remark(
            kind=RemarkKind.REFUSED_COMMENT,
            text=f"this comment ignores nothing, since it {comment.problem}; write "
            f"`keysift: ignore[{named}] reason`",
        )
    if comment.beside:
        return Remark(
            kind=RemarkKind.REFUSED_COMMENT,
            text=f"this comment ignores {', '.join(comment.patterns)}; what stands here is of "
            f"{', '.join(comment.beside)}",
        )
    if report_unused and any(map(comment.covers, detectors)):
        return Remark(
            kind=RemarkKind.UNUSED_COMMENT,
            text="there is nothing here for this comment to ignore; remove it",
        )
    return None


class _Page:
    """The comments of a text by the lines that they count for."""

    def __init__(self, text: bytes, comments: list[_Comment]) -> None:
        self._text = text
        self._newline = b"\r" if b"\r" in text and b"\n" not in text else b"\n"
        self._comments = sorted(comments, key=lambda one: one.offset)
        self._offsets = [one.offset for one in self._comments]

    def answer(self, match: Match) -> _Comment | None:
        """Return the comment that ignores a match; those that could have are told about it."""
        beside = list(self._beside(match))
        for comment in beside:
            if comment.covers(match.detector):
                comment.is_used = True
                return comment
        for comment in beside:
            comment.beside = comment.beside | {match.detector: None}
        return None

    def _beside(self, match: Match) -> Iterable[_Comment]:
        begin = self._begin(match.start)
        end = self._text.find(self._newline, max(match.start, match.end - 1))
        end = len(self._text) if end < 0 else end
        yield from (one for one in self._between(begin, end) if not one.is_above)
        while begin > 0:
            stop, begin = begin, self._begin(begin - 1)
            above = [one for one in self._between(begin, stop - 1) if one.is_alone or one.is_above]
            yield from above
            if not any(one.is_alone for one in above):
                return

    def _begin(self, place: int) -> int:
        """Return where the line of a place begins."""
        return self._text.rfind(self._newline, 0, place) + 1

    def _between(self, begin: int, end: int) -> list[_Comment]:
        low = bisect_left(self._offsets, begin)
        return self._comments[low : bisect_right(self._offsets, end)]
