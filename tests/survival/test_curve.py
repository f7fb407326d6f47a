"""Kaplan-Meier against a textbook, against lifelines, and where late entry would mislead."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from keysift.survival import Curve, Estimate, Median, Span, estimate

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import lifelines
    from lifelines.exceptions import StatError
    from lifelines.utils import median_survival_times

# Freireich et al. 1963: weeks of remission with 6-mercaptopurine and with a placebo; those of 6-MP
# that ended in a relapse, and those that lasted at least so long.
RELAPSED = (6, 6, 6, 7, 10, 13, 16, 22, 23)
LASTED = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
MERCAPTOPURINE = [
    *(Span(0, week, died=True) for week in RELAPSED),
    *(Span(0, week, died=False) for week in LASTED),
]
PLACEBO = [
    Span(0, week, died=True)
    for week in (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)
]


def curve(spans: list[Span], **options: Any) -> Curve:  # noqa: ANN401 (parameters of estimate)
    """Return a curve that there is."""
    made = estimate(spans, **options)
    assert made is not None
    return made


def test_the_textbook_s_table() -> None:
    """Klein and Moeschberger, tables 4.1A and 4.3: 6-MP, with standard errors turned to bands."""
    made = curve(MERCAPTOPURINE)
    assert [(step.age, step.at_risk, step.deaths) for step in made.steps] == [
        (6, 21, 3), (7, 17, 1), (10, 15, 1), (13, 12, 1), (16, 11, 1), (22, 7, 1), (23, 6, 1),
    ]  # fmt: skip
    shares = [round(step.survival, 3) for step in made.steps]
    assert shares == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    # As R says: survfit(Surv(time, status) ~ 1, conf.type = "log-log").
    bands = [(round(step.lower, 3), round(step.upper, 3)) for step in made.steps]
    assert bands[0] == (0.620, 0.952)
    assert bands[-1] == (0.188, 0.680)
    assert made.median == Median(23, 13, None)
    assert (made.begin, made.end, made.is_cut, made.is_thin) == (0, 35, False, False)


def test_all_die() -> None:
    """The curve of the placebo ends at 0; its median has an interval on both sides."""
    made = curve(PLACEBO)
    assert made.median == Median(8, 4, 11)
    assert made.steps[-1].survival == made.steps[-1].lower == 0
    assert made.at(23) == made.at(1000)
    assert made.at(22.5) == Estimate(
        *(getattr(made.steps[-2], n) for n in Estimate.__struct_fields__)
    )


def test_nothing_is_said_beyond_what_was_watched() -> None:
    """There is no survival before the curve begins and after the last was watched."""
    made = curve(MERCAPTOPURINE)
    assert made.at(5) == Estimate(1, 1, 1)
    assert made.at(35) is not None
    assert made.at(36) is None
    assert [made.at_risk(week) for week in (0, 6, 6.5, 35, 36)] == [21, 21, 17, 1, 0]
    assert estimate([]) is None
    assert estimate([Span(40, 40, died=False)]) is None


times = st.integers(1, 60)
plain = st.lists(st.builds(Span, st.just(0.0), times.map(float), st.booleans()), min_size=1)


@st.composite
def late(draw: st.DrawFn) -> Span:
    """Return a span that may begin late."""
    first, second = draw(st.integers(0, 60)), draw(times)
    entry, leave = sorted((first, second if second != first else second + 1))
    return Span(float(entry), float(leave), died=draw(st.booleans()))


def reference(spans: list[Span]) -> lifelines.KaplanMeierFitter:
    """Return what lifelines makes of spans.

    It lets who enters at an age be under risk at that age, R and keysift only after it; all ages
    here are whole numbers, so half a day more says the same.
    """
    fitter = lifelines.KaplanMeierFitter()
    is_late = any(span.entry for span in spans)
    fitter.fit(
        [span.exit for span in spans],
        [span.died for span in spans],
        entry=[span.entry + 0.5 if span.entry else 0.0 for span in spans] if is_late else None,
    )
    return fitter


def compare(made: Curve, fitter: lifelines.KaplanMeierFitter) -> None:
    """Compare every step, its band, and the median with its interval."""
    band = fitter.confidence_interval_
    died = fitter.event_table[fitter.event_table["observed"] > 0]
    assert [step.age for step in made.steps] == list(died.index)
    assert [step.at_risk for step in made.steps] == list(died["at_risk"])
    assert [step.deaths for step in made.steps] == list(died["observed"])
    for step in made.steps:
        expected = fitter.survival_function_.loc[step.age].item()
        assert step.survival == pytest.approx(expected, abs=1e-9)
        # Where nobody is left lifelines has no band, and writes 1.
        if step.survival:
            assert (step.lower, step.upper) == pytest.approx(tuple(band.loc[step.age]), abs=1e-9)
    shares = [share for step in made.steps for share in (step.survival, step.lower, step.upper)]
    # On 0.5 itself rounding decides.
    if all(abs(share - 0.5) > 1e-6 for share in shares):
        assert (made.median.age or float("inf")) == fitter.median_survival_time_
        if all(step.survival for step in made.steps):
            interval = median_survival_times(band).iloc[0]
            ends = [made.median.lower, made.median.upper]
            assert [float("inf") if end is None else end for end in ends] == list(interval)


@given(plain)
def test_it_is_the_curve_of_lifelines(spans: list[Span]) -> None:
    """Curve, band and median are those of a statistics package."""
    compare(curve(spans), reference(spans))


@given(st.lists(late(), min_size=1))
def test_it_is_the_curve_of_lifelines_with_late_entry(spans: list[Span]) -> None:
    """The same holds when spans begin late, as long as the curve is not ended by an empty set."""
    made = curve(spans, needed=1)
    assume(len(made.entries) == len(spans))
    try:
        fitter = reference(spans)
    except StatError:
        # It gives up in places where we do not.
        assume(False)
    compare(made, fitter)


@given(plain)
def test_a_life_in_two_parts_is_one_life(spans: list[Span]) -> None:
    """Watched up to an age, and by somebody else from there on: the curve does not change."""
    somebody = Span(0, 61, died=False)
    parts = [
        part
        for span in spans
        for part in (
            Span(0, span.exit / 2, died=False),
            Span(span.exit / 2, span.exit, span.died),
        )
    ]
    whole, divided = curve([*spans, somebody]), curve([*parts, somebody], needed=1)
    assert divided.steps == whole.steps
    assert divided.median == whole.median


@given(plain)
def test_a_wider_band_holds_a_narrower_one(spans: list[Span]) -> None:
    """More confidence, more room."""
    for narrow, wide in zip(
        curve(spans, level=0.8).steps, curve(spans, level=0.99).steps, strict=True
    ):
        assert 0 <= wide.lower <= narrow.lower <= narrow.survival <= narrow.upper <= wide.upper <= 1


EARLY = [Span(0, 3, died=True), Span(0, 8, died=True)]
LATE = [Span(5 + number, 400 + number, died=number % 2 == 0) for number in range(20)]


def test_few_at_the_beginning_do_not_end_the_curve() -> None:
    """Two that die early say little; the curve begins where ten are under risk."""
    made = curve([*EARLY, *LATE])
    assert (made.begin, made.is_thin) == (14, False)
    assert (made.at_risk(14), made.at_risk(15), made.at_risk(13)) == (10, 10, 0)
    assert made.at(13) is None
    assert made.at(300) == Estimate(1, 1, 1)
    # All of it would have said that half are dead within 3 days.
    naive = curve([*EARLY, *LATE], needed=1)
    assert (naive.begin, naive.median.age, naive.is_thin) == (0, 3, False)


def test_where_nobody_was_watched_the_curve_does_not_go_on() -> None:
    """Of parts that nothing connects the one with the most observed time counts."""
    early = [Span(0, 2, died=True) for _ in range(12)]
    made = curve([*early, *LATE])
    assert (made.begin, made.end, made.is_cut) == (14, 419, False)
    long = [Span(0, 700 + number, died=True) for number in range(12)]
    cut = curve([*long, Span(800, 900, died=True)])
    assert (cut.begin, cut.end, cut.is_cut) == (0, 711, True)
    # The last one alive died, but another lived then: no zero.
    assert len(cut.steps) == 11
    assert cut.steps[-1].survival == pytest.approx(1 / 12)
    assert cut.at(900) is None


def test_who_enters_when_the_last_leaves_was_not_under_risk() -> None:
    """An age at which all die and others enter divides, too."""
    made = curve([*(Span(0, 5, died=True) for _ in range(3)), Span(5, 6, died=True)])
    assert (made.end, made.is_cut, made.steps) == (5, True, ())


def test_a_small_group_says_so() -> None:
    """With fewer than ten under risk a curve begins where it can, and is marked."""
    made = curve([*EARLY, *LATE[:4]])
    assert (made.begin, made.is_thin) == (0, True)
    assert curve(EARLY).is_thin
