"""Is what a validity table says of privileges right?

Its documented answers are read, without a server: each must give the privilege that stands beside
it, and no pattern, condition or kind of secret may be there that none of them has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from jmespath.exceptions import JMESPathError

from keysift.catalogue.privilege import ELEMENT, HEADER, PrivilegeSpec
from keysift.catalogue.schema import SECRET_GROUP
from keysift.catalogue.validity import More, Sample, Validity
from keysift.model import FACTS, CannotAskError, Outcome, Verdict
from keysift.net.asking import Reply
from keysift.verify.decide import Answer, decide, expression, holds
from keysift.verify.powers import Told, read, with_powers
from keysift.verify.rehearsal import MOMENT
from keysift.verify.request import PLACEHOLDER, build, host_of

_MAX_MORE: Final = 2
_MAX_KINDS: Final = 40
_BEGINNING: Final = 4
"""Bytes of a secret that tell kinds of it apart."""

Values: TypeAlias = Mapping[str, bytes]
"""The secret and its other halves, by name."""


def check_static(table: Validity) -> Iterator[str]:
    """Yield what can be seen in the table alone."""
    specs = [one for one in (table.privilege, *(more.privilege for more in table.more)) if one]
    for spec in specs:
        yield from _check_spec(spec)
    if specs and not any(one.narrower for one in specs):
        yield "`privilege` without `narrower`: how is a narrower secret made?"
    if table.more and table.not_checkable:
        yield "`not_checkable` and `more`: which of them?"
    if len(table.more) > _MAX_MORE:
        yield f"`more` has over {_MAX_MORE} requests for one secret"
    for more in table.more:
        yield from _check_request(table, more)


def _check_request(table: Validity, more: More) -> Iterator[str]:
    host = host_of(table.second(more))
    if host != host_of(table) and PLACEHOLDER.search(host):
        yield f"`more` {more.url}: its host is another one, and has a placeholder"
    if not more.references:
        yield f"`more` {more.url}: where is it documented?"
    yield from _check_pattern("`more`", more.secret)
    for name, source in more.facts.items():
        if name not in FACTS:
            yield f"`more`: no fact is called {name!r}"
        yield from _check_source(f"`more`: fact {name!r}", source)
    for one in more.told_when:
        yield from _check_source("`told_when`", one.json)


def check_samples(table: Validity, examples: Mapping[str, Sequence[Values]]) -> Iterator[str]:
    """Yield what is wrong with how the documented answers are read.

    Args:
        table: The table.
        examples: The values of examples, by the detector's id.
    """
    if table.not_checkable or (table.privilege is None and not table.more):
        return
    samples = table.samples
    if samples is None or not examples:
        return
    fired: set[tuple[int, int, str]] = set()
    for sample in (*samples.active, *samples.limited):
        for values in _kinds(examples):
            told = _read_all(table, sample, values)
            fired.update((n, *one) for n, x in enumerate(told) for one in x.fired)
        yield from _check_expected(table, sample, examples)
    if not any(sample.privilege for sample in samples.active):
        yield "no sample that is active has a `privilege`"
    yield from _check_fired(table, fired)


def _kinds(examples: Mapping[str, Sequence[Values]]) -> list[Values]:
    """Return examples that begin differently: their kinds may have other powers."""
    found: dict[tuple[str, bytes], Values] = {}
    for detector, several in examples.items():
        for values in several:
            found.setdefault((detector, values[SECRET_GROUP][:_BEGINNING]), values)
    return list(found.values())[:_MAX_KINDS]


def _read_all(table: Validity, sample: Sample, values: Values) -> list[Told]:
    """Return what a sample says: its own answer first, then those of the second requests."""
    answer = Answer(_reply(sample))
    told = [read(table.privilege, answer, values) if table.privilege else Told()]
    secret = values[SECRET_GROUP].decode(errors="replace")
    answers = iter(sample.more)
    for more in table.more:
        if more.secret and re.match(more.secret, secret) is None:
            told.append(Told())
            continue
        second = next(answers, None)
        if second is None:
            told.append(Told(gaps=("no answer",)))
            continue
        answer = Answer(_reply(second))
        is_told = any(holds(one, answer) for one in more.told_when)
        told.append(
            read(more.privilege, answer, values) if is_told else Told(gaps=("another answer",))
        )
    return told


def _reply(sample: Sample) -> Reply:
    headers = {name.lower(): value for name, value in sample.headers.items()}
    return Reply(sample.status, headers, sample.body)


def _check_expected(
    table: Validity, sample: Sample, examples: Mapping[str, Sequence[Values]]
) -> Iterator[str]:
    if not sample.privilege:
        return
    detector = sample.detector or next(iter(examples))
    if detector not in examples:
        yield f"sample of {detector}: the table is not for it, or no example of it can be asked"
        return
    values = examples[detector][0]
    outcome = decide(table, _reply(sample), values)
    if outcome.verdict is not Verdict.ACTIVE:
        yield f"sample of privilege {sample.privilege!r} is not active"
        return
    yield from _check_more(table, outcome, values)
    outcome = with_powers(table, outcome, _read_all(table, sample, values))
    found = "unknown" if outcome.privilege is None else str(outcome.privilege)
    if found != sample.privilege:
        powers = ", ".join(one.value for one in outcome.powers) or "none"
        unclear = f"; {outcome.unclear}" if outcome.unclear else ""
        yield f"sample of privilege {sample.privilege!r} is {found!r} (powers: {powers}{unclear})"


def _check_more(table: Validity, outcome: Outcome, values: Values) -> Iterator[str]:
    """Check that second requests can be made of what the first told."""
    facts = {name: text.encode() for name, text in outcome.facts.items()}
    secret = values[SECRET_GROUP].decode(errors="replace")
    for more in table.more:
        if more.secret and re.match(more.secret, secret) is None:
            continue
        try:
            build(table.second(more), facts | dict(values), MOMENT)
        except CannotAskError as error:
            yield f"`more` {more.url}: {error}"


def _check_fired(table: Validity, fired: set[tuple[int, int, str]]) -> Iterator[str]:
    specs = (table.privilege, *(more.privilege for more in table.more))
    for place, spec in enumerate(specs):
        for number, grant in enumerate(spec.grants if spec else ()):
            for pattern in grant.scope or ("",):
                if (place, number, pattern) in fired:
                    continue
                what = f"scope {pattern!r}" if pattern else "its condition"
                yield f"grant {number + 1}: {what} fits no sample"


def _check_spec(spec: PrivilegeSpec) -> Iterator[str]:
    if spec.narrower and not spec.docs.startswith("https://"):
        yield "`narrower` without `docs`: a link to where the provider says so"
    for source in spec.scopes:
        yield from _check_source("`scopes`", source)
    for number, grant in enumerate(spec.grants, 1):
        label = f"grant {number}"
        if not (grant.powers or grant.warnings or grant.partial or grant.at_most):
            yield f"{label} gives nothing"
        if grant.scope and not spec.scopes:
            yield f"{label}: `scope` without `scopes`: where do they stand?"
        yield from _check_source(label, grant.json)
        yield from _check_pattern(label, grant.secret)
    if not spec.grants and spec.scopes:
        yield "`scopes` without a grant"


def _check_source(label: str, source: str) -> Iterator[str]:
    if not source or source.startswith((HEADER, ELEMENT)):
        return
    try:
        expression(source)
    except JMESPathError as error:
        yield f"{label}: no JMESPath: {str(error).splitlines()[0]}"


def _check_pattern(label: str, pattern: str) -> Iterator[str]:
    try:
        re.compile(pattern)
    except re.error as error:
        yield f"{label}: `secret` {error}"
