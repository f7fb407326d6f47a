"""What one agent asks, and what it was told: scans, checks, and explanations of what they found.

Only masked documents are remembered: no value outlives the call that found it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct, structs

from keysift.agent.described import described, found_of, gaps_of
from keysift.agent.hidden import Hider
from keysift.agent.roots import Roots
from keysift.agent.values import (
    CheckDistributions,
    Checked,
    Explain,
    Explained,
    Explanation,
    Found,
    MoreFindings,
    Remembered,
    Scanned,
    ScanPath,
    ScanText,
)
from keysift.crawl.session import Session, Silent
from keysift.detect.scanner import Scanner
from keysift.errors import KeysiftError, TargetError, UsageError
from keysift.gate.directory import project_directory
from keysift.gate.distribution import find
from keysift.gate.gate import Wishes, check
from keysift.report.advice import remedy
from keysift.report.gate.document import FixDocument, gate_document
from keysift.report.result import ScanResult

if TYPE_CHECKING:
    from typing import BinaryIO

    from keysift.gate.release import File

MAX_BYTES: Final = 4_000_000_000
"""Of files below a path; more of them would keep an agent waiting for minutes."""

_PROBLEMS: Final = 50
_ANSWERS: Final = 20
_REMEMBERED: Final = 5_000

Sessions: TypeAlias = "Callable[[BinaryIO | None, bool], Session]"
"""Makes a session that has scanned nothing: its standard input, whether to see what git ignores."""


class Given(Struct, frozen=True, kw_only=True):
    """What the user gave the server.

    Attributes:
        roots: What may be read.
        scanner: Gives what finds secrets in what would be said; the first time it may compile.
        sessions: Makes sessions.
        wishes: How to check; nothing of it asks an index.
    """

    roots: Roots
    scanner: Callable[[], Scanner]
    sessions: Sessions
    wishes: Wishes


class Conversation:
    """Answers the tools of one client. Nothing is written, and nothing is sent.

    Every method raises ``KeysiftError`` with a message without secrets for what cannot be done.
    """

    def __init__(self, given: Given) -> None:
        self._given = given
        self._remembered: dict[tuple[str, str], Remembered] = {}
        self._answers: dict[int, tuple[Scanned, list[Found]]] = {}
        self._count = 0

    def scan_text(self, asked: ScanText) -> Scanned:
        """Look for secrets in a text."""
        content = io.BytesIO(asked.text.encode(errors="backslashreplace"))
        session = self._given.sessions(content, True)
        session.scan("-", Silent())
        return self._told(self._result(session), asked.limit)

    def scan_path(self, asked: ScanPath) -> Scanned:
        """Look for secrets in a file or directory, archives included."""
        path = self._given.roots.resolve(asked.path)
        session = self._given.sessions(None, asked.include_ignored)
        try:
            session.scan_path(str(path), _Bounded())
        except KeysiftError as error:
            raise self._hidden(error) from None
        return self._told(self._result(session), asked.limit)

    def check_distributions(self, asked: CheckDistributions) -> Checked:
        """Say whether wheels and sdists may be uploaded."""
        try:
            files = self._distributions(asked.paths)
            session = self._given.sessions(None, True)
            checked = check(files, self._wishes(files), session, lambda: session, Silent())
        except KeysiftError as error:
            raise self._hidden(error) from None
        result = checked.result
        hider = self._hider(result.scan)
        document = hider.value(gate_document(result))
        fixes = {(one.detector, one.fingerprint): one for one in document.findings}
        scanned = self._told(result.scan, asked.limit)
        for key, one in fixes.items():
            before = self._remembered[key]
            self._remembered[key] = structs.replace(before, fixes=one.fixes, known=one.known)
        problems = [one for one in document.problems if one.accepted is None]
        return Checked(
            may_be_uploaded=document.passed,
            scanned=scanned,
            problems=problems[:_PROBLEMS],
            more_problems=max(0, len(problems) - _PROBLEMS),
            fixes=_distinct(fix for one in document.findings for fix in one.fixes),
            remarks=document.remarks,
        )

    def more_findings(self, asked: MoreFindings) -> Scanned:
        """Return another page of what was found."""
        number, _, offset = asked.cursor.partition(":")
        known = self._answers.get(int(number)) if number.isdecimal() else None
        if known is None or not offset.isdecimal():
            raise UsageError("there is no such cursor in this session any more; scan again")
        return self._page(int(number), int(offset), asked.limit)

    def explain(self, asked: Explain) -> Explained:
        """Say why something was reported, and what to do."""
        meant = [
            one
            for (_, fingerprint), one in self._remembered.items()
            if fingerprint.startswith(asked.fingerprint)
        ]
        if not meant:
            raise UsageError(
                "no finding of this session has a fingerprint that begins like that; scan first, "
                "and give the fingerprint of a finding"
            )
        if len({one.document.fingerprint for one in meant}) > 1:
            raise UsageError("several findings begin like that; give more of the fingerprint")
        return Explained(explanations=list(map(_explanation, meant)))

    def hidden(self, text: str) -> str:
        """Return a text without the secrets in it."""
        return Hider(self._given.scanner()).text(text)

    def _hidden(self, error: KeysiftError) -> UsageError:
        return UsageError(self.hidden(str(error)))

    def _hider(self, result: ScanResult) -> Hider:
        values = (secret for one in result.findings for secret in (one.secret, *one.parts.values()))
        return Hider(self._given.scanner(), values)

    def _result(self, session: Session) -> ScanResult:
        wishes = self._given.wishes
        return session.result(
            confidence=wishes.confidence, severity=wishes.severity, version=wishes.version
        )

    def _told(self, result: ScanResult, limit: int) -> Scanned:
        """Remember what a scan found, masked, and return the first page of it."""
        hider = self._hider(result)
        remembered = [
            Remembered(document=hider.value(document), remedy=remedy(finding))
            for finding, document in described(result)
        ]
        for one in remembered:
            key = (one.document.detector, one.document.fingerprint)
            self._remembered.pop(key, None)
            self._remembered[key] = one
        while len(self._remembered) > max(_REMEMBERED, len(remembered)):
            del self._remembered[next(iter(self._remembered))]
        gaps, more = gaps_of(result.coverage)
        coverage = result.coverage
        whole = Scanned(
            clean=not remembered and coverage.complete,
            complete=coverage.complete,
            total=len(remembered),
            findings=[],
            next_cursor=None,
            gaps=[hider.value(gap) for gap in gaps],
            more_gaps=more,
            files=coverage.scanned + coverage.duplicates,
            bytes=coverage.bytes,
            hidden=coverage.hidden,
            suppressed=sum(coverage.suppressed.values()),
        )
        self._count += 1
        self._answers[self._count] = (whole, [found_of(one) for one in remembered])
        self._answers.pop(self._count - _ANSWERS, None)
        return self._page(self._count, 0, limit)

    def _page(self, number: int, offset: int, limit: int) -> Scanned:
        whole, found = self._answers[number]
        end = offset + limit
        return structs.replace(
            whole,
            findings=found[offset:end],
            next_cursor=f"{number}:{end}" if end < len(found) else None,
        )

    def _distributions(self, paths: Sequence[str]) -> list[File]:
        """Return the distributions that are meant.

        Raises:
            TargetError: One is outside of the roots, or a link to what is.
        """
        roots = self._given.roots
        files = find([str(roots.resolve(path)) for path in paths])
        for file, _ in files:
            roots.resolve(file.path)
        return files

    def _wishes(self, files: Sequence[File]) -> Wishes:
        """Return how to check: nothing above the roots is looked at."""
        lies_in = Path(files[0][0].path).parent
        root = next(
            (one for one in self._given.roots.directories if lies_in.is_relative_to(one)), lies_in
        )
        wishes = structs.replace(self._given.wishes, working_directory=root)
        if lies_in != root:
            return wishes
        directory = project_directory(files[0][1].project, lies_in / "in" / "it", lies_in)
        return structs.replace(wishes, directory=directory or lies_in, use_git=False)


class _Bounded(Silent):
    """Stops a scan that would take too long."""

    def __init__(self) -> None:
        self._expected = 0

    def expect(self, size_bytes: int) -> None:
        """Count what is to come.

        Raises:
            TargetError: It is too much.
        """
        self._expected += size_bytes
        if self._expected > MAX_BYTES:
            raise TargetError(
                f"there are more than {MAX_BYTES // 10**9} GB of files below this path; scan parts "
                "of it one by one"
            )


def _explanation(one: Remembered) -> Explanation:
    document = one.document
    return Explanation(
        finding=found_of(one),
        what=document.what,
        score=document.score,
        reasons=document.reasons,
        facts=document.facts,
        remedy=one.remedy,
        revoke=document.revoke,
        rotate=document.rotate,
        references=document.references,
        fixes=one.fixes,
    )


def _distinct(fixes: Iterable[FixDocument]) -> list[FixDocument]:
    distinct: list[FixDocument] = []
    for fix in fixes:
        if fix not in distinct:
            distinct.append(fix)
    return distinct
