"""The labelled sample: candidates from real packages, and how often each confidence is right.

A candidate is a text in a file that might be a secret. They come from 219 packages, popular ones
and small ones of single authors: what detectors report (``reported.toml``), what they find and
suppress (``suppressed.toml``), and text beside a name such as ``password`` or ``token`` that no
detector touches (``untouched.toml``), as it was when the sample was drawn. No project gives more
than three of one kind and label. Each was read with one question: would a security engineer of that
project want to know of it, because it opens something or looks issued?

No value is a real one: a template of the same shape stands in its place
(``keysift.catalogue.samples``). Only placeholders, identifiers and words that never were secrets
stand as they were.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct, structs

from keysift.catalogue import Detector
from keysift.catalogue.samples import expand
from keysift.catalogue.schema import Category
from keysift.detect.scanner import Scanner
from keysift.detect.setting import is_recorded, setting_of_path
from keysift.detect.weighing import weigh
from keysift.model import Confidence, Match, Severity, Suppressed

SAMPLE: Final = Path(__file__).parent / "labelled"
SEED: Final = 1
OPEN, CLOSE = "«", "»"
"""What encloses the candidate in its text."""

LEVELS: Final = tuple(sorted(Confidence, key=lambda level: -level.rank))
"""The confidences, the highest first."""


class Label(Enum):
    """What a candidate is."""

    SECRET = "secret"  # noqa: S105 (a word)
    NOT = "not"
    UNSURE = "unsure"
    """Left out of every figure: the file does not tell."""


class Candidate(Struct, frozen=True):
    """One place in one file.

    Attributes:
        id: Number of the project, then of the candidate in it: ``p012-3``.
        path: Where the file stands in its artifact; names of projects and people are replaced.
        label: What it is.
        kind: What it is or only looks like, and where: ``client secret``, ``token in a test``.
        reason: Why it has its label, in a few words.
        text: A template of the lines around it; ``«`` and ``»`` enclose the candidate.
        stratum: The file that it comes from: ``reported``, ``suppressed`` or ``untouched``.
    """

    id: str
    path: str
    label: Label
    kind: str
    reason: str
    text: str
    stratum: str = ""


class Outcome(Struct, frozen=True):
    """What a scan makes of one candidate.

    Attributes:
        candidate: The candidate.
        level: The highest confidence with which any part of it is reported; None when it is not.
            Public identifiers, of severity ``info``, do not count.
        detector: What reports it so, or suppresses it; empty when nothing does.
        why: Why it is suppressed.
        is_weak: Whether ``detector`` is generic or needs a keyword: the form of the value alone
            does not tell what it is.
    """

    candidate: Candidate
    level: Confidence | None = None
    detector: str = ""
    why: str = ""
    is_weak: bool = True


class Figure(Struct, frozen=True):
    """How many of the candidates at one confidence are secrets."""

    secrets: int
    others: int

    @property
    def precision(self) -> float:
        """The share of secrets, 0 to 1; 1 when there is none of either."""
        total = self.secrets + self.others
        return self.secrets / total if total else 1.0


def read() -> list[Candidate]:
    """Return the candidates, in the order of their files.

    Raises:
        msgspec.ValidationError: A file does not have the form of ``Candidate``.
    """
    found = []
    for path in sorted(SAMPLE.glob("*.toml")):
        document = tomllib.loads(path.read_text("utf-8"))
        candidates = msgspec.convert(document["candidate"], list[Candidate])
        found += [structs.replace(one, stratum=path.stem) for one in candidates]
    return found


def expanded(candidate: Candidate) -> tuple[bytes, int, int]:
    """Return a made-up file with the candidate in it, and where that begins and ends."""
    before, _, rest = expand(candidate.text, f"{SEED}/{candidate.id}").partition(OPEN)
    value, _, after = rest.partition(CLOSE)
    start = len(before.encode())
    return (before + value + after).encode(), start, start + len(value.encode())


def examine(scanner: Scanner, candidates: Iterable[Candidate]) -> list[Outcome]:
    """Scan each candidate as a file of its path, inside an artifact."""
    return [_outcome(scanner, candidate) for candidate in candidates]


def _outcome(scanner: Scanner, candidate: Candidate) -> Outcome:
    content, start, end = expanded(candidate)
    examined = scanner.examine(content)
    best: Match | None = None
    suppressed = list(examined.suppressed)
    for match in examined.matches:
        if match.start < end and start < match.end:
            detector = scanner.catalogue.by_id[match.detector]
            weighed = weigh(
                match,
                detector,
                lambda: setting_of_path(candidate.path),
                is_recorded=is_recorded(candidate.path),
            )
            if isinstance(weighed, Suppressed):
                suppressed.append(weighed)
                continue
            if weighed.severity is Severity.INFO:
                # A public identifier, reported as one: nobody says that it is a secret.
                continue
            if best is None or weighed.confidence.rank > best.confidence.rank:
                best = weighed
    if best is not None:
        weak = is_weak(scanner.catalogue.by_id[best.detector])
        return Outcome(candidate, best.confidence, best.detector, is_weak=weak)
    for one in suppressed:
        if one.match.start < end and start < one.match.end:
            weak = is_weak(scanner.catalogue.by_id[one.match.detector])
            return Outcome(candidate, None, one.match.detector, one.detail, is_weak=weak)
    return Outcome(candidate)


def is_weak(detector: Detector) -> bool:
    """Tell whether a detector is generic or needs a keyword."""
    return detector.category is Category.GENERIC or bool(detector.keywords)


def figure(outcomes: Iterable[Outcome], level: Confidence) -> Figure:
    """Return how many of the outcomes at one confidence are secrets."""
    labels = [one.candidate.label for one in outcomes if one.level is level]
    return Figure(labels.count(Label.SECRET), labels.count(Label.NOT))


def recall(outcomes: Iterable[Outcome], least: Confidence) -> float:
    """Return the share of the secrets that are reported at ``least`` or above."""
    ranks = [
        -1 if one.level is None else one.level.rank
        for one in outcomes
        if one.candidate.label is Label.SECRET
    ]
    return sum(rank >= least.rank for rank in ranks) / len(ranks)


def mistakes(outcomes: Iterable[Outcome]) -> str:
    """Return a table of what is wrong, by class: how many, what happened, by which detector.

    What is reported and no secret comes first, by confidence; then the secrets that are missed.
    """
    classes: dict[tuple[str, str, str], list[str]] = {}
    for one in outcomes:
        is_secret = one.candidate.label is Label.SECRET
        if one.candidate.label is Label.UNSURE or is_secret is (one.level is not None):
            continue
        happened = (
            f"{one.level}, but not a secret" if one.level else f"missed: {one.why or 'unseen'}"
        )
        classes.setdefault((happened, one.detector, one.candidate.kind), []).append(
            one.candidate.id
        )
    rows = sorted(classes.items(), key=lambda row: (row[0][0], -len(row[1]), row[0]))
    return "\n".join(
        f"{len(ids):4}  {happened}  {detector}  {kind}  {' '.join(ids[:3])}"
        for (happened, detector, kind), ids in rows
    )


def table(outcomes: Iterable[Outcome]) -> str:
    """Return the figures as tables in Markdown: precision by confidence, then where secrets end."""
    everything = list(outcomes)
    weak = [one for one in everything if one.is_weak]
    rows = ["| confidence | generic and keyword detectors | right | all detectors | right |"]
    rows.append("| --- | --- | --- | --- | --- |")
    for level in LEVELS:
        cells = " | ".join(_cell(figure(part, level)) for part in (weak, everything))
        rows.append(f"| {level} | {cells} |")
    rows += ["", "| candidates | secrets | others | not told |", "| --- | --- | --- | --- |"]
    groups = {str(level): [one for one in everything if one.level is level] for level in LEVELS}
    groups["not reported"] = [one for one in everything if one.level is None]
    for name, group in (groups | {"all": everything}).items():
        labels = [one.candidate.label for one in group]
        rows.append(f"| {name} | {' | '.join(str(labels.count(label)) for label in Label)} |")
    return "\n".join(rows) + "\n"


def _cell(counted: Figure) -> str:
    total = counted.secrets + counted.others
    share = f"{counted.precision:.0%}" if total else "none reported"
    return f"{counted.secrets} of {total} | {share}"
