"""The answers of the tools as text, for clients that show it and models that read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from keysift.agent.values import Checked, Explained, Explanation, Found, Scanned
from keysift.report.escape import visible
from keysift.report.gate.document import FixDocument
from keysift.report.summary import count, human_bytes

Answer = Scanned | Checked | Explained


def text_of(answer: Answer) -> str:
    """Return an answer as lines; names of files are escaped."""
    match answer:
        case Scanned():
            lines = _scanned(answer)
        case Checked():
            lines = _checked(answer)
        case Explained():
            lines = (line for one in answer.explanations for line in _explanation(one))
    return "\n".join(map(visible, lines))


def _scanned(answer: Scanned) -> Iterator[str]:
    seen = f"{count(answer.files, 'file')}, {human_bytes(answer.bytes)}"
    found = count(answer.total, "secret") if answer.total else "No secrets"
    yield f"{found} found in {seen}."
    for one in answer.findings:
        yield from _found(one)
    if answer.next_cursor is not None:
        yield f"There are more: call more_findings with the cursor {answer.next_cursor}."
    if not answer.complete:
        gaps = len(answer.gaps) + answer.more_gaps
        yield f"Not looked at, and may hold secrets: {count(gaps, 'item')}"
        for gap in answer.gaps:
            yield f"- {gap.path}: {gap.reason.value}" + (f": {gap.detail}" if gap.detail else "")
    if answer.findings:
        yield "Values are masked. Call explain with a fingerprint for the reasons and what to do."


def _found(one: Found) -> Iterator[str]:
    notes = [one.severity.value, f"{one.confidence.value} confidence"]
    notes += [f"proved by {one.proof}"] if one.proof else []
    notes += ["a canary: do not use or revoke it"] if one.is_canary else []
    notes += ["known from the release before"] if one.known else []
    yield f"- {one.name} {one.secret} [{one.detector}], {', '.join(notes)}, {one.fingerprint}"
    for place in one.places:
        path = "!/".join(filter(None, (place.artifact, place.path)))
        encoded = f" ({', '.join(place.encoding)})" if place.encoding else ""
        part = f" ({place.part})" if place.part else ""
        yield f"  at {path}:{place.line}:{place.column}{part}{encoded}"
    if one.more_places:
        yield f"  and {count(one.more_places, 'other place')}"


def _checked(answer: Checked) -> Iterator[str]:
    yield "May be uploaded." if answer.may_be_uploaded else "Do not upload."
    yield from _scanned(answer.scanned)
    for problem in answer.problems:
        known = ", known from the release before" if problem.known else ""
        detail = f" ({problem.detail})" if problem.detail else ""
        yield (
            f"- {problem.level.value}{known}: {problem.path}: {problem.title}{detail} "
            f"[{problem.rule}]"
        )
        yield from _fixes(problem.fixes)
    if answer.more_problems:
        yield f"and {count(answer.more_problems, 'other problem')}"
    if answer.fixes:
        yield "To leave the files with secrets out:"
        yield from _fixes(answer.fixes)
    yield from (f"Not compared: {remark}" for remark in answer.remarks)


def _fixes(fixes: Iterable[FixDocument]) -> Iterator[str]:
    for fix in fixes:
        where = f", in {fix.file}" if fix.file else ""
        yield f"  {fix.what}{where}:" if fix.lines else f"  {fix.what}{where}"
        yield from (f"    {line}" for line in fix.lines)
        yield from (f"    {remark}" for remark in fix.remarks)


def _explanation(one: Explanation) -> Iterator[str]:
    yield from _found(one.finding)
    yield f"What it is: {one.what}" if one.what else "What it is: nothing more is known of its type"
    if one.score is not None:
        yield f"Why it was reported: {one.score} points"
    yield from (f"  {reason.points:+d} {reason.text}" for reason in one.reasons)
    yield from (f"Fact: {name} {fact}" for name, fact in sorted(one.facts.items()))
    yield f"What to change: {one.remedy}"
    yield from _fixes(one.fixes)
    yield from (
        f"{label}: {text}"
        for label, text in (("Revoke it at", one.revoke), ("Rotate it", one.rotate))
        if text
    )
    yield from (f"See: {link}" for link in one.references)
