"""``keysift baseline audit``: each entry gets a reason from a person, or is taken out."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from msgspec import structs

from keysift.cli.configuration import Configuration
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.cli.looking import Looked, look
from keysift.errors import UsageError
from keysift.ignoring.baseline import Baseline, Entry, Known, save
from keysift.model import Finding
from keysift.report.escape import visible
from keysift.report.page import Margin, Page, Style
from keysift.report.summary import count
from keysift.report.text import place_words

_PLACES: Final = 3
_MARGIN: Final = Margin(2, 10)
_GONE: Final = "not any more, in what was scanned"
_QUESTION: Final = "[k]eep with a reason, [r]eal: take it out, [s]kip, [q]uit? "


def list_entries(baseline: Baseline, environment: Environment) -> None:
    """Print a line for each entry."""
    entries = _in_order(baseline)
    width = max((len(entry.detector) for entry in entries), default=0)
    with environment.output() as stream:
        for entry in entries:
            reason = visible(entry.reason) or "(no reason)"
            print(f"{visible(entry.detector):<{width}}  {entry.hash[:8]}  {reason}", file=stream)
    print(f"keysift: {count(len(entries), 'entry', 'entries')}", file=environment.stderr)


def check(path: Path, baseline: Baseline, environment: Environment) -> ExitCode:
    """Tell whether each entry has a reason."""
    bare = [entry for entry in _in_order(baseline) if not entry.reason]
    for entry in bare:
        line = f"keysift: {path}: {visible(entry.detector)} {entry.hash[:8]} has no reason"
        print(line, file=environment.stderr)
    return ExitCode.FINDINGS if bare else ExitCode.CLEAN


def review(
    options: argparse.Namespace,
    configured: Configuration,
    environment: Environment,
    known: Known,
) -> ExitCode:
    """Show the entries one by one, and write down what is answered.

    Raises:
        UsageError: There is no terminal to answer at.
    """
    entries = [one for one in _in_order(known.baseline) if options.all or not one.reason]
    if not entries:
        print("keysift: each entry has its reason (--all shows them)", file=environment.stderr)
        return ExitCode.CLEAN
    if environment.stdin is None or not environment.stdin.isatty():
        raise UsageError("baseline audit asks at a terminal; use --list or --check in scripts")
    looked = look(options, configured, environment, None, everything=True)
    findings = {(one.detector, one.secret): one for one in looked.result.findings}
    found = {entry: findings[identity] for identity, entry in known.entries_of(findings).items()}
    decided: dict[tuple[str, str], Entry | None] = {}
    screen = _Screen(environment, looked)
    try:
        for number, entry in enumerate(entries, 1):
            screen.show(f"{number} of {len(entries)}", entry, found.get(entry))
            decided[entry.detector, entry.hash] = screen.answer(entry)
    except (EOFError, KeyboardInterrupt):
        screen.end()
    after = {**known.baseline.entries, **decided}
    kept = [entry for entry in after.values() if entry is not None]
    save(known.path, Baseline.of(known.baseline.scrypt, kept))
    removed = len(after) - len(kept)
    bare = sum(not entry.reason for entry in kept)
    print(
        f"keysift: {known.path}: {removed} removed, {len(kept)} kept, {bare} without a reason",
        file=environment.stderr,
    )
    return looked.code(environment)


def _in_order(baseline: Baseline) -> list[Entry]:
    return sorted(baseline.entries.values(), key=lambda one: (one.detector, one.hash))


class _Screen:
    """Shows entries and reads answers."""

    def __init__(self, environment: Environment, looked: Looked) -> None:
        self._environment = environment
        self._looked = looked
        self._page = Page(environment.stdout, color=environment.color, width=environment.width)

    def show(self, number: str, entry: Entry, finding: Finding | None) -> None:
        """Show what an entry is about, masked."""
        page = self._page
        page.raw()
        page.line((number, Style.FAINT), ("  " + visible(entry.detector), Style.STRONG))
        if finding is None:
            page.labelled("Found", _GONE.split(), Style.PLAIN, margin=_MARGIN)
        else:
            page.labelled("Secret", [visible(finding.secret.mask)], Style.STRONG, margin=_MARGIN)
            label = "Found"
            for place in finding.occurrences[:_PLACES]:
                page.labelled(label, place_words(place), Style.PLAIN, margin=_MARGIN)
                label = ""
            for line in self._around(finding):
                page.labelled("", [line], Style.FAINT, margin=_MARGIN)
        if entry.reason:
            page.labelled("Reason", visible(entry.reason).split(), Style.PLAIN, margin=_MARGIN)

    def answer(self, entry: Entry) -> Entry | None:
        """Ask what to do with an entry; returns what becomes of it.

        Raises:
            EOFError: That was all.
        """
        while True:
            match self._ask(_QUESTION)[:1].lower():
                case "k":
                    reason = self._ask("Why may it stay? ")
                    if reason:
                        return structs.replace(entry, reason=reason)
                case "r":
                    return None
                case "s":
                    return entry
                case "q":
                    raise EOFError
                case _:
                    pass

    def end(self) -> None:
        """End the line of a question that was not answered."""
        print(file=self._environment.stdout)

    def _ask(self, question: str) -> str:
        print(question, end="", file=self._environment.stdout, flush=True)
        stdin = self._environment.stdin
        line = b"" if stdin is None else stdin.readline()
        if not line:
            raise EOFError
        return line.decode(errors="replace").strip()

    def _around(self, finding: Finding) -> Iterable[str]:
        for sighting in self._looked.session.seen.sightings:
            match = sighting.match
            if (match.detector, match.secret) == (finding.detector, finding.secret):
                return self._looked.around(match)
        return ()
