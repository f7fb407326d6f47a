"""JUnit XML: each file that was looked at is a test case, which what was found makes fail.

A test case has one ``failure`` at most, with everything that speaks against the file, and one
``error`` with everything in it that could not be looked at: viewers show the first of each only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from keysift.report.ci.review import Annotation, Kind, Review
from keysift.report.escape import visible
from keysift.report.summary import count

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


def write_junit(review: Review, stream: TextIO) -> None:
    """Write a review as test results."""
    groups: dict[str, list[Annotation]] = {name: [] for name in review.containers}
    for one in review.annotations:
        for name in one.containers or ("",):
            groups.setdefault(name, []).append(one)
    suite = ET.Element("testsuite", name=review.command)
    for name, told in groups.items():
        suite.append(_case(review.command, name or "the run itself", told))
    if review.others:
        others = f"{count(review.others, 'other file')}: nothing found"
        suite.append(_case(review.command, others, ()))
    for number, test in (("tests", "testcase"), ("failures", "*/failure"), ("errors", "*/error")):
        suite.set(number, str(len(suite.findall(test))))
    words = map(visible, (review.conclusion, *review.remarks))
    ET.SubElement(suite, "system-out").text = "\n".join(words)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    stream.write(_DECLARATION + ET.tostring(root, encoding="unicode") + "\n")


def _case(command: str, name: str, annotations: Sequence[Annotation]) -> ET.Element:
    case = ET.Element("testcase", classname=command, name=visible(name))
    failing = [one for one in annotations if one.fails]
    gaps = [one for one in failing if one.kind is Kind.GAP]
    found = [one for one in failing if one.kind is not Kind.GAP]
    _outcome(case, "error", gaps)
    _outcome(case, "failure", found)
    rest = [one for one in annotations if not one.fails]
    if rest:
        ET.SubElement(case, "system-out").text = _texts(rest)
    return case


def _outcome(case: ET.Element, name: str, annotations: Sequence[Annotation]) -> None:
    if not annotations:
        return
    first = annotations[0]
    more = f" (and {len(annotations) - 1:,} more)" if len(annotations) > 1 else ""
    message = visible(first.message) + more
    ET.SubElement(case, name, type=first.rule, message=message).text = _texts(annotations)


def _texts(annotations: Sequence[Annotation]) -> str:
    return "\n\n".join(map(_text, annotations))


def _text(one: Annotation) -> str:
    line = "" if one.line is None else f":{one.line}:{one.column}"
    known = "known: " if one.is_known else ""
    inner = f" {visible(one.inner)}" if one.inner else ""
    head = f"{known}{visible(one.path)}{line}{inner} [{one.rule}]".strip()
    return "\n".join((head, *(f"  {visible(text)}" for text in (one.message, *one.steps))))
