"""``keysift explain``: why something was reported, or was not."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct, structs

from keysift.cli import options as shared
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.cli.ignoring import known_findings
from keysift.cli.looking import Looked, add_looking_options, look
from keysift.errors import UsageError
from keysift.model import FingerprintKey, Match, Remark, SuppressReason

if TYPE_CHECKING:
    from keysift.ignoring.baseline import Known
    from keysift.report.explanation import Explained

_FINGERPRINT: Final = re.compile(r"[0-9a-f]{4,32}")
_PLACE: Final = re.compile(r"(.+?):(\d+)(?::\d+)?")
_NEAR: Final = 5


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "explain",
        help="say why something was reported, or was not",
        description=(
            "Say why something was reported, or why it was not: what was looked for, what proofs "
            "decide, each thing that counts for and against it, and who decided to ignore it. "
            "Values are masked."
        ),
    )
    parser.add_argument(
        "finding",
        metavar="FINDING",
        help="PATH:LINE, as a report has it, or the beginning of a fingerprint (4 digits at least)",
    )
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="TARGET",
        help="what to scan (default: PATH when there is such a file, else the working directory)",
    )
    parser.add_argument("--baseline", metavar="FILE", help="the file of known findings")
    add_looking_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Scan, and explain what FINDING names."""
    from keysift.report.explanation import (  # noqa: PLC0415 (start-up time)
        Bounds,
        write_explanation,
    )
    from keysift.report.page import Page  # noqa: PLC0415 (the same)

    configured = shared.configuration(options, environment)
    place = _PLACE.fullmatch(options.finding)
    if place is None and not _FINGERPRINT.fullmatch(options.finding):
        raise UsageError(
            f"{options.finding}: is neither PATH:LINE nor the beginning of a fingerprint"
        )
    if place is not None and not options.targets and Path(place[1]).exists():
        options.targets = [place[1]]
    known = known_findings(options.baseline or configured.baseline, environment)
    looked = look(options, configured, environment, None, everything=True)
    code = looked.code(environment)
    key = environment.fingerprint_key()
    spots = list(_spots(looked, known))
    chosen = (
        _of(spots, options.finding, key)
        if place is None
        else _at(spots, looked, place[1], int(place[2]))
    )
    severity, confidence = shared.grades(options, configured)
    with environment.output() as stream:
        page = Page(stream, color=environment.color, width=environment.width)
        for number, one in enumerate(_explained(chosen, looked, key)):
            if number:
                page.raw()
            detector = looked.catalogue.by_id[one.match.detector]
            write_explanation(page, one, detector, Bounds(confidence, severity))
    return code


class _Spot(Struct, frozen=True, kw_only=True):
    """A match at one place, and why it is not reported there."""

    match: Match
    artifact: str | None
    path: str
    part: str | None
    suppressed: SuppressReason | None = None
    detail: str = ""

    @property
    def shown(self) -> str:
        """The place, as an editor opens it."""
        archive = f"{self.artifact} " if self.artifact is not None else ""
        part = f" ({self.part})" if self.part is not None else ""
        return f"{archive}{self.path}:{self.match.line}:{self.match.column}{part}"


def _spots(looked: Looked, known: Known | None) -> Iterator[_Spot]:
    """Yield everything that matched, place by place."""
    seen = looked.session.seen
    matches = {(one.match.detector, one.match.secret): one.placed for one in seen.sightings}
    entries = {} if known is None else known.entries_of(matches)
    for finding in looked.result.findings:
        identity = finding.detector, finding.secret
        entry = entries.get(identity)
        placed = {
            (one.path, one.part, one.match.start): one.placed
            for one in seen.sightings
            if (one.match.detector, one.match.secret) == identity
        }
        for place in finding.occurrences:
            own = placed.get((place.path, place.part, place.start))
            detail = ""
            if own is None:
                own = structs.replace(matches[identity], line=place.line, column=place.column)
                detail = "it would be too doubtful here, but the same value is believed elsewhere"
            yield _Spot(
                match=own,
                artifact=place.artifact,
                path=place.path,
                part=place.part,
                suppressed=None if entry is None else SuppressReason.BASELINE,
                detail=detail if entry is None else entry.reason or "it gives no reason",
            )
    for other in seen.suppressed:
        artifact = other.artifact
        yield _Spot(
            match=other.suppressed.match,
            artifact=artifact.purl or (artifact.name if artifact.is_container else None),
            path=other.path,
            part=other.part,
            suppressed=other.suppressed.reason,
            detail=other.suppressed.detail,
        )


def _at(spots: list[_Spot], looked: Looked, path: str, line: int) -> list[_Spot]:
    """Return what matched on a line.

    Raises:
        UsageError: Nothing did; the message says what is known of the file.
    """
    wanted = path.replace("\\", "/").removeprefix("./")
    here = [one for one in spots if one.path == wanted or one.path.endswith(f"/{wanted}")]
    found = [one for one in here if one.match.line == line]
    if found:
        return found
    skips = [skip for skip in looked.result.coverage.skips if wanted in (skip.path, skip.artifact)]
    if skips:
        reason = skips[0].reason.value.replace("_", " ")
        raise UsageError(f"{path}: was not looked at: {reason} {skips[0].detail}".rstrip())
    lines = sorted({one.match.line for one in here})
    near = sorted(lines, key=lambda one: abs(one - line))[:_NEAR]
    hint = f"; lines where something is: {', '.join(map(str, sorted(near)))}" if near else ""
    raise UsageError(f"{path}:{line}: no detector matches anything there{hint}")


def _of(spots: list[_Spot], beginning: str, key: FingerprintKey) -> list[_Spot]:
    """Return the matches of one secret.

    Raises:
        UsageError: There is none, or there are several.
    """
    found: dict[str, list[_Spot]] = {}
    for spot in spots:
        fingerprint = spot.match.secret.fingerprint(key, spot.match.detector)
        if fingerprint.startswith(beginning):
            found.setdefault(fingerprint, []).append(spot)
    if not found:
        raise UsageError(f"{beginning}: nothing that was scanned has this fingerprint")
    if len(found) > 1:
        raise UsageError(f"{beginning}: begins several fingerprints: {', '.join(sorted(found))}")
    return next(iter(found.values()))


def _explained(spots: list[_Spot], looked: Looked, key: FingerprintKey) -> Iterator[Explained]:
    """Yield what is explained at once: the places of a secret that have the same said of them."""
    from keysift.report.explanation import Explained  # noqa: PLC0415 (start-up time)

    groups: dict[object, list[_Spot]] = {}
    for spot in spots:
        said = (spot.match.detector, spot.match.secret, spot.suppressed, spot.detail)
        groups.setdefault(said, []).append(spot)
    # What is reported comes first, and what somebody decided before what keysift judged.
    for group in sorted(groups.values(), key=lambda group: _rank(group[0])):
        best = max(group, key=lambda one: (one.match.confidence.rank, one.match.score or 0))
        yield Explained(
            match=best.match,
            fingerprint=best.match.secret.fingerprint(key, best.match.detector),
            places=[one.shown for one in group],
            around=list(looked.around(best.match)),
            suppressed=best.suppressed,
            detail=best.detail,
            remarks=[
                remark.text
                for remark in looked.session.seen.remarks
                if any(_is_beside(remark, one) for one in group)
            ],
        )


def _is_beside(remark: Remark, spot: _Spot) -> bool:
    lines = (spot.match.line - 1, spot.match.line)
    return remark.path == spot.path and remark.part == spot.part and remark.line in lines


def _rank(spot: _Spot) -> int:
    if spot.suppressed is None:
        return 0
    return 1 if spot.suppressed.is_chosen else 2
