"""The report of ``keysift check`` that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keysift.model import Finding
from keysift.report.escape import visible
from keysift.report.gate.result import (
    Fix,
    GateResult,
    Inspected,
    Level,
    Problem,
    identity,
)
from keysift.report.page import Margin, Page, Style
from keysift.report.summary import (
    count,
    human_bytes,
    looked_at,
    shorten,
    write_remarks,
    write_suppressions,
)
from keysift.report.text import (
    DEFAULT_VIEW,
    TextView,
    write_field,
    write_findings,
    write_suppressed,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

_BADGES: Final = {
    Level.ERROR: Style.HIGH_BADGE,
    Level.WARNING: Style.MEDIUM_BADGE,
    Level.NOTE: Style.INFO_BADGE,
}
_SHOWN: Final = 4
_NOTES: Final = 3
_MARGIN: Final = Margin(0, 12)
_FALSE_ALARM: Final = (
    "write `keysift: ignore[detector] reason` beside it, or keep a baseline (docs/ignoring.md); "
    "`keysift explain` says why it was taken for one"
)


def write_gate_text(
    result: GateResult,
    stream: TextIO,
    *,
    reveal: bool = False,
    view: TextView = DEFAULT_VIEW,
) -> None:
    """Write the result of a check for a person, masked unless ``reveal``.

    As in ``keysift.report.text``, untrusted text is escaped.
    """
    page = Page(stream, color=view.color, width=view.width)
    scan = result.scan
    if view.summary:
        for one in result.distributions:
            _write_distribution(page, one)
        page.raw()

    def advise(finding: Finding) -> None:
        _write_advice(page, result.fixes.get(identity(finding), ()))

    write_findings(page, scan, result.new_findings, view=view, reveal=reveal, advise=advise)
    shown = result.blocking
    if view.summary:
        rest = [one for one in result.problems if one not in shown and not one.is_known]
        shown = [*shown, *(one for one in rest if one.level is Level.WARNING)]
    _write_problems(page, shown, verbose=view.verbose)
    _write_changes(page, result, shown)
    if view.summary:
        notes = [one for one in result.problems if one not in shown]
        _write_notes(page, notes, verbose=view.verbose)
        _write_known(page, result)
    if view.show_suppressed:
        write_suppressed(page, scan, verbose=view.verbose)
        _write_accepted(page, result)
    if view.summary:
        _write_summary(page, result, view)


def _write_distribution(page: Page, one: Inspected) -> None:
    made = f", built by {one.backend}" if one.backend else ""
    about = f"{one.kind}, {count(one.files, 'file')}, {human_bytes(one.size_bytes)}{made}"
    page.paragraph(f"{visible(one.path)}: {about}", Style.FAINT)


def _write_problems(page: Page, problems: Iterable[Problem], *, verbose: bool) -> None:
    """Write problems, those of one rule and level together."""
    groups: dict[tuple[str, Level], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.rule, problem.level), []).append(problem)
    for alike in groups.values():
        _write_alike(page, alike, verbose=verbose)
        page.raw()


def _write_alike(page: Page, problems: list[Problem], *, verbose: bool) -> None:
    first = problems[0]
    files = sum(problem.files for problem in problems)
    title = first.title + (f" · {count(files, 'file')}" if files > 1 else "")
    badge = (f" {first.level.value.upper()} ", _BADGES[first.level])
    page.heading(badge, (visible(title), Style.STRONG), (first.rule, Style.FAINT))
    shown = problems if verbose else problems[:_SHOWN]
    label = "Found"
    for problem in shown:
        _write_found(page, label, problem)
        label = ""
    if len(problems) > len(shown):
        more = f"and {len(problems) - len(shown):,} more (--verbose lists them)"
        write_field(page, "", more, Style.FAINT)
    write_field(page, "Why", first.why)
    _write_advice(page, (fix for problem in problems for fix in problem.fixes), "Fix")


def _write_found(page: Page, label: str, problem: Problem) -> None:
    """Write where a problem stands: in the project, and in which distributions."""
    artifacts = list(dict.fromkeys(place.artifact for place in problem.places))
    more = f" and {len(artifacts) - 2} more" if len(artifacts) > 2 else ""
    names = " and ".join(shorten(visible(name)) for name in artifacts[:2]) + more
    if not problem.path:
        write_field(page, label, names)
    else:
        several = f" ({count(problem.files, 'file')})" if problem.files > 1 else ""
        write_field(page, label, [shorten(visible(problem.path)) + several], Style.STRONG)
        write_field(page, "", f"in {names}", Style.FAINT, indent=2)
    write_field(page, "", visible(problem.detail), Style.FAINT, indent=2)


def _write_advice(page: Page, fixes: Iterable[Fix], label: str = "") -> None:
    """Write what to do that is no change of a file."""
    for what in dict.fromkeys(fix.what for fix in fixes if not fix.file):
        write_field(page, label, visible(what))
        label = ""


def _write_changes(page: Page, result: GateResult, problems: Sequence[Problem]) -> None:
    """Write what to change in files of the project: all that is about one list or file at once."""
    changes = result.changes(problems)
    if not changes:
        return
    page.line(("How to leave the files out", Style.STRONG))
    page.raw()
    for fix in changes:
        page.paragraph(f"{fix.headline}, in {visible(fix.file)}:", indent=2)
        for line in fix.lines:
            page.line((visible(line), Style.STRONG), indent=6)
        replaced = "It takes the place of the list that is there." if fix.kept else ""
        remarks = " ".join(map(visible, fix.remarks))
        page.paragraph(f"{replaced} {remarks}".strip(), Style.FAINT, indent=4)
        page.raw()


def _write_notes(page: Page, notes: Sequence[Problem], *, verbose: bool) -> None:
    shown = notes if verbose else notes[:_NOTES]
    for note in shown:
        known = "known: " if note.is_known else ""
        where = visible(note.path or (note.places[0].artifact if note.places else ""))
        several = f" ({count(note.files, 'file')})" if note.files > 1 else ""
        detail = f": {visible(note.detail)}" if note.detail else ""
        words = f"{known}{where} {note.title}{several}{detail}".split()
        page.labelled("Note", words, Style.FAINT, margin=_MARGIN)
    if len(notes) > len(shown):
        rest = f"and {len(notes) - len(shown):,} more (--verbose lists them)"
        page.labelled("", rest.split(), Style.FAINT, margin=_MARGIN)
    if notes:
        page.raw()


def _write_known(page: Page, result: GateResult) -> None:
    """List the secrets that the release before has: they are public already."""
    known = [one for one in result.scan.findings if identity(one) in result.known]
    if not known:
        return
    page.line(("Known from the release before: published already, so revoke them", Style.WARNING))
    for finding in known:
        text = result.scan.text_of(finding)
        words = f"{visible(finding.detector)} {visible(finding.secret.mask)}"
        place = finding.occurrences[0]
        where = f"{visible(place.path)}:{place.line}"
        page.labelled("", [words, where], Style.PLAIN, margin=Margin(0, 2))
        if text.revoke:
            page.labelled("", ["revoke:", visible(text.revoke)], Style.LINK, margin=Margin(0, 4))
    page.raw()


def _write_accepted(page: Page, result: GateResult) -> None:
    if not result.accepted:
        return
    page.line(("Accepted by the configuration", Style.STRONG))
    page.raw()
    for problem, reason in result.accepted:
        page.paragraph(f"{problem.rule} {visible(problem.path)}: {visible(reason)}", indent=2)
    page.raw()


def _write_summary(page: Page, result: GateResult, view: TextView) -> None:
    coverage = result.scan.coverage
    if result.scan.findings or result.problems:
        page.rule()
    for previous in result.previous:
        files = f" ({', '.join(map(visible, previous.artifacts))})" if previous.artifacts else ""
        _row(page, "Against", f"{visible(previous.name)}{files}")
    for remark in result.remarks:
        _row(page, "Not done", visible(remark), Style.WARNING)
    _row(page, "Looked at", looked_at(coverage))
    write_suppressions(page, coverage, listed=view.show_suppressed)
    if result.accepted:
        hint = "" if view.show_suppressed else " (--show-suppressed lists them)"
        accepted = count(len(result.accepted), "problem")
        _row(page, "Accepted", f"{accepted} by the configuration{hint}")
    write_remarks(page, result.scan.remarks, verbose=view.verbose)
    if result.new_findings:
        _row(page, "No secret?", _FALSE_ALARM)
    page.raw()
    page.paragraph(*conclusion(result))


def conclusion(result: GateResult) -> tuple[str, Style]:
    """Return what came of a check in a sentence, and how to set it."""
    found = _found(result)
    if result.is_refused:
        return f"✗ Do not upload: {found}.", Style.ALARM
    if result.is_uncompared:
        return "✗ Do not upload yet: there was nothing to compare with.", Style.ALARM
    files = count(len(result.distributions), "file")
    rest = f"; {found}" if found else ""
    return (
        f"✓ {files} may be uploaded: no {'new ' if result.known else ''}secrets{rest}",
        Style.GOOD,
    )


def _found(result: GateResult) -> str:
    """Return what was found: ``1 secret, 2 errors and 1 warning``."""
    secrets = len(result.new_findings)
    numbers = [count(secrets, "secret")] if secrets else []
    for level in (Level.ERROR, Level.WARNING):
        number = sum(one.level is level and not one.is_known for one in result.problems)
        numbers += [count(number, level.value)] if number else []
    return " and ".join(filter(None, (", ".join(numbers[:-1]), *numbers[-1:])))


def _row(page: Page, label: str, text: str, style: Style = Style.PLAIN) -> None:
    page.labelled(label, text.split(), style, margin=_MARGIN)
