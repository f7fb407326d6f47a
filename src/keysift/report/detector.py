"""What a detector looks for, in words: the same for the command line and for the pages of docs/."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from keysift.catalogue.introduction import ANY_NAME
from keysift.catalogue.schema import SECRET_GROUP
from keysift.detect.pattern import MAX_WIDTH, derive, secret_width
from keysift.report.statement import Kind, Statement
from keysift.report.verifying import verifying

if TYPE_CHECKING:
    from keysift.catalogue import Detector
    from keysift.catalogue.validities import Validities


MAX_BEGINNINGS: Final = 6
"""More literal beginnings than this are not listed."""

_KINDS: Final = {
    "digit": "a digit",
    "letter": "a letter",
    "lower": "a small letter",
    "symbol": "a symbol",
    "upper": "a capital letter",
}


def statements(detector: Detector, validities: Validities) -> Iterator[Statement]:
    """Yield all that is said about a detector, what people read first at the beginning.

    Args:
        detector: The detector.
        validities: How its secrets are verified.
    """
    yield Statement("id", detector.id, Kind.CODE)
    yield Statement("name", detector.name)
    yield Statement("provider", f"{detector.provider} ({detector.category.value})")
    yield Statement("severity", f"{detector.severity}, if it works")
    yield Statement("confidence", f"{detector.confidence}, before proofs")
    yield Statement("what", detector.what)
    yield Statement("revoke", detector.revoke, Kind.LINK)
    yield Statement("rotate", detector.rotate)
    for link in detector.references:
        yield Statement("reference", link, Kind.LINK)
    for sentence in recognition(detector):
        yield Statement("recognised", sentence, joint=" ")
    for label, words in (
        ("keywords", detector.keywords),
        ("labels", (detector.labels,) if detector.labels else ()),
        ("proofs", detector.proofs),
        ("literals", detector.literals),
    ):
        for word in words:
            yield Statement(label, word, Kind.CODE, joint=", ")
    yield from verifying(validities.of(detector.id), detector.id)
    for template in detector.examples:
        yield Statement("example", template, Kind.CODE)
    for near in detector.near_misses:
        yield Statement("near-miss", near.text, Kind.CODE, near.why)
    yield from _expressions(detector)


def grouped(said: Iterable[Statement]) -> Iterator[tuple[Statement, ...]]:
    """Yield statements together that share a line."""
    for _, group in itertools.groupby(said, lambda one: one.label):
        together = tuple(group)
        if together[0].joint:
            yield together
        else:
            yield from ((one,) for one in together)


def mentions(detector: Detector, words: tuple[str, ...]) -> bool:
    """Return whether each of the words stands in the names, keywords or texts of a detector.

    Case is ignored, and a word may be a part of a longer one. Expressions and templates do not
    count.
    """
    text = "\n".join(
        (
            detector.id,
            detector.name,
            detector.provider,
            detector.category.value,
            detector.what,
            detector.rotate,
            detector.revoke,
            *detector.references,
            *detector.keywords,
            *detector.proofs,
        )
    ).casefold()
    return all(word.casefold() in text for word in words)


def recognition(detector: Detector) -> Iterator[str]:
    """Yield sentences on how a detector tells its secrets from other text."""
    yield _where(detector)
    if detector.keywords:
        yield f"The keyword ends at most {detector.distance} bytes before it."
    yield from _shape(detector)
    for part in detector.parts:
        need = "Without it nothing is reported." if part.required else "It may be missing."
        yield f"{_named(part.name)} stands within {part.within} bytes. {need}"
    if detector.proofs:
        yield "What a proof refutes is not reported."
    if detector.yields:
        yield "It gives way to any other detector that claims the same text."
    if not detector.placeholders:
        yield "Words such as `example` inside a value mean nothing here."


def _where(detector: Detector) -> str:
    if detector.labels == ANY_NAME:
        return "A value that is assigned, passed or told near a keyword, under any name."
    if detector.labels:
        return "A value that follows a keyword, or a name that ends in one of the labels."
    if detector.keywords:
        return "A value of its shape near a keyword."
    _, longest = secret_width(detector.pattern)
    if derive(detector.pattern).width > longest:
        return "The pattern holds what stands around it."
    return "Its shape is enough, wherever it stands."


def _shape(detector: Detector) -> Iterator[str]:
    """Yield what is known of the text that the pattern itself finds."""
    pattern = detector.value or detector.pattern
    least, most = secret_width(pattern)
    beginnings = [text.decode("latin-1") for text in derive(pattern).own_prefixes]
    own = _named(detector.role)
    if 0 < len(beginnings) <= MAX_BEGINNINGS and all(map(str.isprintable, beginnings)):
        marks = [f"`{text}`" for text in beginnings]
        yield f"{own} begins with {_listed(marks, 'or')} and is {_long(least, most)} long."
    else:
        yield f"{own} is {_long(least, most)} long."
    if detector.needs:
        kinds = [_KINDS.get(need, need) for need in detector.needs]
        yield f"It has at least {_listed(kinds, 'and')}."
    if detector.min_entropy:
        yield f"It looks random: at least {detector.min_entropy} bits of entropy a character."


def _named(role: str) -> str:
    return "The secret" if role == SECRET_GROUP else f"The other part (`{role}`)"


def _listed(texts: list[str], last: str) -> str:
    head = ", ".join(texts[:-1])
    return f"{head} {last} {texts[-1]}" if head else texts[-1]


def _long(least: int, most: int) -> str:
    if least == most:
        return f"{least} characters"
    if most >= MAX_WIDTH:
        return f"at least {least} characters"
    return f"{least} to {most} characters"


def _expressions(detector: Detector) -> Iterator[Statement]:
    """Yield the regular expressions; of a detector with labels that of the value alone."""
    yield Statement("pattern", detector.value or detector.pattern, Kind.CODE)
    if detector.anchor:
        yield Statement("anchor", detector.anchor, Kind.CODE)
    for part in detector.parts:
        yield Statement(f"pattern of {part.name}", part.pattern, Kind.CODE)
