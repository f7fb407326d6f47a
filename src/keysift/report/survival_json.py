"""A study of survival as data: JSON (``keysift.survival/1``), and CSV of its curves."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

import msgspec

from keysift._version import __version__
from keysift.report.csv import cell
from keysift.report.survival_document import (
    SURVIVAL_SCHEMA,
    AgeDocument,
    ComparisonDocument,
    CurveDocument,
    GroupDocument,
    IntervalDocument,
    LeftOutDocument,
    StepDocument,
    SurvivalDocument,
)
from keysift.statistics.study import AGES, Group, Study
from keysift.survival import GRACE_DAYS, Curve, LeftOut

if TYPE_CHECKING:
    from typing import TextIO

_DAY_DIGITS: Final = 5
"""Digits of an age: about a second."""

_COLUMNS: Final = ("group", "age_days", "at_risk", "revoked", "survival", "lower", "upper")


def write_survival_json(study: Study, stream: TextIO) -> None:
    """Write a study as one indented JSON document."""
    encoded = msgspec.json.encode(survival_document(study))
    stream.write(msgspec.json.format(encoded, indent=2).decode() + "\n")


def write_survival_csv(study: Study, stream: TextIO) -> None:
    """Write a header, then one row a step of each curve; the first and last row are its ends.

    The stream must not translate line ends (``newline=""``).
    """
    writer = csv.writer(stream)
    writer.writerow(_COLUMNS)
    for group in study.shown:
        curve = group.curve
        if curve is None:
            continue
        name = cell(group.name or "all")
        writer.writerow((name, _days(curve.begin), curve.at_risk(curve.begin), 0, 1.0, 1.0, 1.0))
        for step in curve.steps:
            shares = (step.survival, step.lower, step.upper)
            writer.writerow((name, _days(step.age), step.at_risk, step.deaths, *shares))
        if not (curve.steps and curve.steps[-1].age == curve.end):
            last = curve.value(curve.end)
            shares = (last.survival, last.lower, last.upper)
            writer.writerow((name, _days(curve.end), curve.at_risk(curve.end), 0, *shares))


def survival_document(study: Study) -> SurvivalDocument:
    """Return a study as it is written."""
    facts = msgspec.structs.asdict(study)
    names = ("by", "level", "secrets", "canaries", "without_upload", "first_answer", "last_answer")
    test = study.comparison
    return SurvivalDocument(
        schema=SURVIVAL_SCHEMA,
        version=__version__,
        grace=GRACE_DAYS,
        **{name: facts[name] for name in names},
        whole=_group(study.whole),
        groups=[_group(group) for group in study.groups],
        comparison=None if test is None else ComparisonDocument(**msgspec.structs.asdict(test)),
    )


def _group(group: Group) -> GroupDocument:
    return GroupDocument(
        name=group.name,
        merged=group.merged,
        asked=group.asked,
        watched=group.watched,
        revoked=group.revoked,
        active=group.active,
        gap=_some_days(group.gap),
        left_out=LeftOutDocument(
            no_answer=group.left_out[LeftOut.UNASKED],
            inactive_when_first_asked=group.left_out[LeftOut.LATE],
            inactive_when_published=group.left_out[LeftOut.UNBORN],
            asked_once=group.once,
        ),
        curve=None if group.curve is None else _curve(group.curve),
    )


def _curve(curve: Curve) -> CurveDocument:
    median = curve.median
    return CurveDocument(
        begin=_days(curve.begin),
        end=_days(curve.end),
        cut=curve.is_cut,
        thin=curve.is_thin,
        median=IntervalDocument(
            age=_some_days(median.age),
            lower=_some_days(median.lower),
            upper=_some_days(median.upper),
        ),
        at=[_age(curve, age) for age in AGES],
        steps=[
            StepDocument(
                age=_days(step.age),
                at_risk=step.at_risk,
                revoked=step.deaths,
                survival=step.survival,
                lower=step.lower,
                upper=step.upper,
            )
            for step in curve.steps
        ],
    )


def _age(curve: Curve, age: float) -> AgeDocument:
    found = curve.at(age)
    at_risk = curve.at_risk(age)
    if found is None:
        return AgeDocument(age=age, at_risk=at_risk, survival=None, lower=None, upper=None)
    return AgeDocument(age=age, at_risk=at_risk, **msgspec.structs.asdict(found))


def _days(age: float) -> float:
    return round(age, _DAY_DIGITS)


def _some_days(age: float | None) -> float | None:
    return None if age is None else _days(age)
