"""Where between two checks deaths are: spread evenly, for nobody knows more."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Final

from msgspec.structs import replace

from keysift.survival.observe import Span

_GOLDEN: Final = (sqrt(5) - 1) / 2


def spread(spans: Sequence[Span]) -> list[Span]:
    """Return spans whose deaths are spread over the gaps between the checks they lie between.

    With every death in the middle of its gap the curve would be a stair as coarse as the checks,
    and be wrong by points of percent where gaps are long: Law and Brookmeyer, Effects of mid-point
    imputation, Statistics in Medicine 11 (1992). So deaths in like gaps are spread over them, as
    life tables assume it.

    Nothing is left to chance: the place of the n-th of them is the fractional part of 1/2 plus n
    times the golden section, which fills an interval evenly whatever their number (Kronecker's
    sequence); one alone is in the middle.

    Args:
        spans: As ``observe`` makes them, deaths in the middle.
    """

    def gap(span: Span) -> tuple[float, ...]:
        return (span.exit - span.gap / 2, span.exit + span.gap / 2, span.entry)

    kept = [span for span in spans if not span.died]
    deaths = sorted((span for span in spans if span.died), key=gap)
    for number, span in enumerate(deaths):
        place = (0.5 + number * _GOLDEN) % 1
        kept.append(replace(span, exit=span.exit + (place - 0.5) * span.gap))
    return kept
