"""``keysift scan``: look for secrets in files, archives, standard input and published projects."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from keysift._version import __version__
from keysift.cli import options as shared
from keysift.cli.asking import add_asking_options
from keysift.cli.configuration import Configuration
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode, worst_of
from keysift.cli.ignoring import add_ignore_options, ignoring, write_remarks
from keysift.cli.output import SCAN_FORMATS, add_format_options, check_outputs, write_report
from keysift.cli.progress import Meter
from keysift.cli.scan_git import add_git_options, check_git_options, scan_git, wants_git
from keysift.crawl.session import Session, Wanted
from keysift.errors import KeysiftError, UsageError
from keysift.model import Confidence, SkipReason, Verdict
from keysift.report.result import ScanResult

if TYPE_CHECKING:
    from keysift.cli.asking_held import Held

_SHOWN_GAPS: Final = 3

_DESCRIPTION: Final = """\
Look for secrets in files, directories, archives, standard input and projects of a package
index. Nothing is sent anywhere but requests for the projects you name, unless --verify asks
providers about what was found."""

_EXAMPLES: Final = """\
examples:
  keysift scan dist/*                     what is about to be published
  keysift scan pypi:paramiko              the newest release of a project
  keysift scan pypi:paramiko==3.5.0       one release
  keysift scan --all-releases pypi:NAME   everything the project has ever published
  git archive HEAD | keysift scan -       standard input
  keysift scan --git                      the whole history of this repository (docs/git.md)
  keysift scan -f sarif -o out.sarif .    a log for code scanning

Values are masked unless --reveal says otherwise. Options may also stand in a configuration
file; environment variables are listed in docs/command-line.md.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "scan",
        help="look for secrets in files, archives and published projects",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="TARGET",
        help="a file, directory or archive; - for standard input; pypi:NAME, pypi:NAME==VERSION or "
        "pkg:pypi/NAME@VERSION (default: the working directory)",
    )
    _add_output(parser)
    _add_filters(parser)
    _add_reading(parser)
    add_ignore_options(parser)
    _add_verifying(parser)
    add_git_options(parser)
    shared.add_detector_options(parser)
    parser.set_defaults(run=run)


def _add_verifying(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("whether it still works")
    group.add_argument(
        "--verify", action="store_true", help="ask the providers whether what was found works"
    )
    group.add_argument(
        "--fail-on",
        choices=("active",),
        help="exit with code 1 only when a secret works, with 3 when that is not known of all",
    )
    add_asking_options(group)


def _add_output(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("output")
    add_format_options(group, SCAN_FORMATS)
    group.add_argument(
        "--reveal",
        action="store_true",
        help="show the values themselves, not masks (never in sarif and what CI systems read)",
    )
    group.add_argument(
        "--show-suppressed",
        action="store_true",
        help="list what matched and was judged not to be a secret, with the reason",
    )
    group.add_argument(
        "-q", "--quiet", action="store_true", help="findings only: no progress, no summary"
    )
    group.add_argument(
        "-v", "--verbose", action="store_true", help="every occurrence and every skip"
    )
    group.add_argument(
        "--stats", action="store_true", help="print what scanning cost, by stage and detector"
    )


def _add_filters(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what to report")
    shared.add_grade_options(group, Confidence.MEDIUM)
    group.add_argument(
        "--fail-on-incomplete",
        action="store_true",
        default=None,
        help="exit with code 3 when anything could not be looked at",
    )


def _add_reading(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what to read")
    shared.add_walk_options(group)
    group.add_argument(
        "--all-releases", action="store_true", help="every release of a project, not the newest"
    )
    group.add_argument("--index-url", metavar="URL", help="the package index (default: pip's)")
    group.add_argument(
        "-j", "--jobs", type=_positive, metavar="N", help="processes (default: one per processor)"
    )


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes; at least 1")
    return int(text)


def run(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Scan, report, and return the exit code."""
    check_outputs(options)
    _check_verifying(options)
    check_git_options(options)
    configured = shared.configuration(options, environment)
    catalogue = shared.catalogue(options, configured, environment)
    session = Session(
        catalogue=catalogue,
        key=environment.fingerprint_key(),
        cache=environment.cache,
        wanted=_wanted(options, configured, environment),
    )
    errors: list[KeysiftError] = []
    interrupted = False
    with Meter(environment, enabled=not options.quiet) as meter:
        try:
            errors.extend(scan_git(session, options, environment, meter))
            for target in options.targets or ([] if wants_git(options) else ["."]):
                errors.extend(_scan(session, target, meter))
        except KeyboardInterrupt:
            interrupted = True
            session.interrupted()
    severity, confidence = shared.grades(options, configured)
    result = session.result(
        confidence=confidence,
        severity=severity,
        version=__version__,
        keep_suppressed=options.show_suppressed,
    )
    held: Held | None = None
    if options.verify and not interrupted:
        from keysift.cli.scan_verify import verify_findings  # noqa: PLC0415 (start-up time)

        try:
            held = verify_findings(result, catalogue, options, configured, environment)
            errors.extend([held.failure] if held.failure else [])
        except KeysiftError as error:
            # What was found is reported all the same.
            errors.append(error)
    is_wanted = options.format != "text" or not errors or result.says_something
    write_report(result, options, environment, is_wanted=is_wanted)
    if options.stats:
        _write_statistics(session, environment)
    _write_errors(result, errors, options, environment)
    if interrupted or (held is not None and held.tally.is_stopped):
        return ExitCode.INTERRUPTED
    return _code(result, errors, held, options, strict=_strict(options, configured))


def _scan(session: Session, target: str, meter: Meter) -> Iterator[KeysiftError]:
    """Scan one target; what is wrong with it does not keep the others from being scanned."""
    try:
        session.scan(target, meter)
    except KeysiftError as error:
        session.failed(error)
        yield error


def _wanted(
    options: argparse.Namespace, configured: Configuration, environment: Environment
) -> Wanted:
    return Wanted(
        exclude=tuple(options.exclude or configured.exclude),
        use_ignore_files=not options.no_ignore,
        all_releases=options.all_releases,
        index_url=shared.index_url(options.index_url, configured, environment),
        environ=environment.variables,
        stdin=environment.stdin,
        jobs=options.jobs or os.cpu_count() or 1,
        measure=options.stats,
        ignoring=ignoring(options, configured, environment),
    )


def _strict(options: argparse.Namespace, configured: Configuration) -> bool:
    if options.fail_on_incomplete is None:
        return configured.fail_on_incomplete
    return bool(options.fail_on_incomplete)


def _check_verifying(options: argparse.Namespace) -> None:
    """Refuse options that say how to ask when nobody is asked.

    Raises:
        UsageError: There is one.
    """
    if options.verify:
        return
    names = ("fail_on", "yes", "dry_run", "ask_also", "allow_private", "endpoint")
    for name in names:
        if getattr(options, name):
            raise UsageError(f"--{name.replace('_', '-')} says how to verify; add --verify")


def _code(
    result: ScanResult,
    errors: list[KeysiftError],
    held: Held | None,
    options: argparse.Namespace,
    *,
    strict: bool,
) -> ExitCode:
    if errors:
        return worst_of(errors)
    gaps = [skip.reason for skip in result.coverage.skips if skip.reason.is_gap]
    if any(reason.is_failure for reason in gaps) or (strict and gaps):
        return ExitCode.INCOMPLETE
    if held is not None and options.fail_on is not None:
        return _code_of_verdicts(result, held)
    return ExitCode.FINDINGS if result.findings else ExitCode.CLEAN


def _code_of_verdicts(result: ScanResult, held: Held) -> ExitCode:
    """Return the exit code when only secrets that work count."""
    if any(one.verdict is Verdict.ACTIVE for one in result.findings):
        return ExitCode.FINDINGS
    doubts = [one.outcome.doubt for one in result.findings if one.outcome is not None]
    is_unsettled = any(doubt is not None and doubt.is_unsettled for doubt in doubts)
    is_asked = held.is_asked and not held.tally.postponed
    return ExitCode.CLEAN if is_asked and not is_unsettled else ExitCode.INCOMPLETE


def _write_errors(
    result: ScanResult,
    errors: list[KeysiftError],
    options: argparse.Namespace,
    environment: Environment,
) -> None:
    """Say what went wrong, also where the report itself has no room for it."""
    for message in dict.fromkeys(map(str, errors)):
        print(f"keysift: {message}", file=environment.stderr)
    if options.quiet or options.format == "csv":
        write_remarks(result, environment)
        _write_gaps(result, environment)


def _write_gaps(result: ScanResult, environment: Environment) -> None:
    """Say what was missed; failed targets have had their sentence."""
    from keysift.report.summary import count, skip_line  # noqa: PLC0415 (start-up time)

    gaps = [
        skip
        for skip in result.coverage.skips
        if skip.reason.is_gap and skip.reason is not SkipReason.TARGET_FAILED
    ]
    for skip in gaps[:_SHOWN_GAPS]:
        print(f"keysift: {skip.reason.value}: {skip_line(skip)}", file=environment.stderr)
    if gaps:
        print(
            f"keysift: the scan is incomplete: {count(len(gaps), 'item')} could not be looked at "
            "and may hold secrets (-f json lists all of them)",
            file=environment.stderr,
        )


def _write_statistics(session: Session, environment: Environment) -> None:
    from keysift.cli.statistics import write_statistics  # noqa: PLC0415 (start-up time)

    write_statistics(session, environment.stderr)
