"""The end of the text report: what was found, what was looked at, and what was not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keysift.model import Severity, SkipReason, SuppressReason, Verdict
from keysift.report.escape import visible
from keysift.report.page import Margin, Page, Style

if TYPE_CHECKING:
    from keysift.model import Coverage, Remark, Skip
    from keysift.report.result import ScanResult

_GUTTER = 12
_SKIPS = 3
_PATH_CELLS = 240
_UNITS = ("bytes", "KB", "MB", "GB", "TB", "PB")


def write_summary(page: Page, result: ScanResult, *, verbose: bool, listed: bool) -> None:
    """Write the summary; ``listed`` says that suppressed matches were listed already."""
    coverage = result.coverage
    if result.findings:
        page.rule()
        _write_counts(page, result)
    if result.findings or not coverage.complete:
        _row(page, "Looked at", looked_at(coverage))
    write_suppressions(page, coverage, listed=listed)
    write_remarks(page, result.remarks, verbose=verbose)
    _write_skips(page, coverage, verbose=verbose)
    if page.written:
        page.raw()
    page.paragraph(*conclusion(result))


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: ``1 file``, ``1,204 files``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def human_bytes(size: int) -> str:
    """Return a size in decimal units, three digits of precision: ``1.24 MB``."""
    value, unit = float(size), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    if unit == 0:
        return count(size, "byte")
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{digits}f} {_UNITS[unit]}"


def looked_at(coverage: Coverage) -> str:
    """Return what the run looked at: ``2 artifacts · 40 files · 1.24 MB``."""
    files = coverage.scanned + coverage.duplicates
    pieces = [count(files, "file"), human_bytes(coverage.bytes)]
    if coverage.artifacts != files:  # not merely loose files
        pieces.insert(0, count(coverage.artifacts, "artifact"))
    if coverage.duplicates:
        pieces.append(f"{count(coverage.duplicates, 'duplicate')} scanned once")
    return " · ".join(pieces)


def shorten(text: str) -> str:
    """Return ``text`` with its middle left out when it is too long for anyone to read."""
    if len(text) <= _PATH_CELLS:
        return text
    half = _PATH_CELLS // 2
    return f"{text[:half]}…{text[-half:]}"


def _write_counts(page: Page, result: ScanResult) -> None:
    secrets = [one for one in result.findings if one.verdict is not Verdict.CANARY]
    canaries = len(result.findings) - len(secrets)
    by_severity = dict.fromkeys(reversed(Severity), 0)
    for finding in secrets:
        by_severity[finding.severity] += 1
    if secrets:
        places = sum(len(finding.occurrences) for finding in secrets)
        grades = ", ".join(f"{number} {grade}" for grade, number in by_severity.items() if number)
        total = f"{count(len(secrets), 'secret')} in {count(places, 'place')}: {grades}"
        _row(page, "Found", total, Style.ALARM)
    if canaries:
        what = f"{count(canaries, 'canary', 'canaries')}: using one raises an alarm"
        _row(page, "" if secrets else "Found", what, Style.WARNING)


def write_suppressions(page: Page, coverage: Coverage, *, listed: bool) -> None:
    """Write what was found and is not reported; ``listed`` as for ``write_summary``."""
    if coverage.hidden:
        hidden = f"{count(coverage.hidden, 'finding')} below the confidence or severity asked for"
        _row(page, "Hidden", f"{hidden} (--confidence low shows more)")
    chosen = {one.value for one in SuppressReason if one.is_chosen}
    for label, mine in (("Ignored", True), ("Suppressed", False)):
        counts = {
            reason: number
            for reason, number in coverage.suppressed.items()
            if (reason in chosen) is mine
        }
        if not counts:
            continue
        total = sum(counts.values())
        reasons = ", ".join(
            f"{number:,} {_words(reason)}" for reason, number in _most_first(counts)
        )
        hint = "" if listed else " (--show-suppressed lists them)"
        what = f"{count(total, 'match', 'matches')} not reported"
        _row(page, label, f"{what}: {reasons}{hint}")


def write_remarks(page: Page, remarks: list[Remark], *, verbose: bool) -> None:
    """Write which comments, rules and entries of a baseline ignore nothing, and why."""
    shown = remarks if verbose else remarks[:_SKIPS]
    label = "Check"
    for remark in shown:
        _row(page, label, remark_line(remark), Style.WARNING)
        label = ""
    if len(remarks) > len(shown):
        more = f"and {len(remarks) - len(shown):,} more (--verbose lists them)"
        _row(page, "", more, Style.FAINT)


def remark_line(remark: Remark) -> str:
    """Return where something stands that ignores nothing, and why, on one line."""
    path = shorten(visible(remark.path)) + (f":{remark.line}" if remark.line else "")
    part = f"({visible(remark.part)})" if remark.part is not None else ""
    place = " ".join(filter(None, (shorten(visible(remark.artifact)), path, part)))
    return ": ".join(filter(None, (place, visible(remark.text))))


def _write_skips(page: Page, coverage: Coverage, *, verbose: bool) -> None:
    by_reason: dict[SkipReason, list[Skip]] = {}
    for skip in coverage.skips:
        by_reason.setdefault(skip.reason, []).append(skip)
    label = "Skipped"
    # Gaps first: they are what makes a run incomplete.
    for reason in sorted(by_reason, key=lambda reason: (not reason.is_gap, reason.value)):
        skips = by_reason[reason]
        style = Style.WARNING if reason.is_gap else Style.PLAIN
        _row(page, label, f"{len(skips):,} {_words(reason.value)}", style)
        label = ""
        for skip in skips if verbose else skips[:_SKIPS]:
            _row(page, "", skip_line(skip), Style.FAINT, indent=2)
        left = 0 if verbose else len(skips) - _SKIPS
        if left > 0:
            _row(page, "", f"and {left:,} more (--verbose lists them)", Style.FAINT, indent=2)


def skip_line(skip: Skip) -> str:
    """Return what was not looked at, how large it is and why, on one line."""
    place = " ".join(shorten(visible(part)) for part in (skip.artifact, skip.path) if part)
    about = [place] if place else []
    if skip.size_bytes is not None:
        about.append(human_bytes(skip.size_bytes))
    detail = shorten(visible(skip.detail))
    return ": ".join(text for text in (", ".join(about), detail) if text)


def conclusion(result: ScanResult) -> tuple[str, Style]:
    """Return what came of a scan in a sentence, and how to set it."""
    coverage = result.coverage
    gaps = sum(skip.reason.is_gap for skip in coverage.skips)
    found = _found(result)
    missed = f"{count(gaps, 'item')} could not be looked at and may hold"
    if gaps and result.findings:
        return f"✗ {found} found. INCOMPLETE: {missed} more.", Style.ALARM
    if gaps:
        rest = "No secret found, but" if coverage.files else "Nothing was looked at:"
        return f"✗ INCOMPLETE. {rest} {missed} secrets.", Style.ALARM
    if result.findings:
        return f"✗ {found} found. The scan is complete.", Style.ALARM
    if not coverage.scanned + coverage.duplicates:
        return "! Nothing was looked at: there was no file to scan.", Style.WARNING
    return f"✓ No secrets found: {looked_at(coverage)}", Style.GOOD


def _found(result: ScanResult) -> str:
    """Return the number of secrets, and of canaries beside them: ``2 secrets and 1 canary``."""
    canaries = sum(one.verdict is Verdict.CANARY for one in result.findings)
    secrets = len(result.findings) - canaries
    numbers = [count(secrets, "secret")] if secrets or not canaries else []
    numbers += [count(canaries, "canary", "canaries")] if canaries else []
    return " and ".join(numbers)


def _row(page: Page, label: str, text: str, style: Style = Style.PLAIN, *, indent: int = 0) -> None:
    page.labelled(label, text.split(), style, margin=Margin(0, _GUTTER + indent))


def _words(reason: str) -> str:
    return reason.replace("_", " ")


def _most_first(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
