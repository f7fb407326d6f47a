"""What commands that ask providers share: options, consent, and how the asking is set up."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

from keysift.cli.configuration import Configuration
from keysift.cli.environment import Environment
from keysift.cli.private import create_private
from keysift.cli.signals import Interruptions
from keysift.errors import UsageError
from keysift.model import Verdict

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from keysift.catalogue import Catalogue
    from keysift.catalogue.validities import Validities
    from keysift.verify.engine import Answered, Queue, Tally, Told
    from keysift.verify.plan import Planner

AUDIT_VARIABLE: Final = "KEYSIFT_AUDIT_LOG"

EXPLANATION: Final = """\
Verifying sends secrets to the providers that issued them, each to its own provider and to nobody
else: one read-only request that asks whose it is. Nothing is changed there, but the provider sees
the request, may log it, and may tell the owner. Canaries are never sent.

Do this with secrets that are yours, or that you are allowed to test.
Every request is written to an audit log: {log}
"""


_OWN_MACHINE: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def add_asking_options(group: argparse._ArgumentGroup) -> None:
    """Add the options of how providers are asked."""
    group.add_argument(
        "--yes", action="store_true", help="do not ask whether secrets may be sent to providers"
    )
    group.add_argument(
        "--dry-run", action="store_true", help="tell what would be asked, and send nothing"
    )
    group.add_argument(
        "--ask-also",
        action="append",
        metavar="DETECTOR",
        help="ask about a type that is left out unless it is named, such as keys of AWS",
    )
    group.add_argument(
        "--allow-private",
        action="store_true",
        help="ask servers in private networks too, where a secret names its own server",
    )
    group.add_argument(
        "--endpoint",
        action="append",
        metavar="ORIGIN=ORIGIN",
        help="ask a server of your own in the place of the provider's (https://a=https://b)",
    )


def _named_types(options: argparse.Namespace, catalogue: Catalogue) -> frozenset[str]:
    """Return the types that the user named to be asked about.

    Raises:
        UsageError: There is no such detector.
    """
    named = frozenset(options.ask_also or ())
    for one in sorted(named):
        if one not in catalogue.by_id:
            raise UsageError(f"--ask-also: no detector has the id {one!r}")
    # Globs; one that is a whole id names the type as well.
    chosen = options.detector or ()
    return named.union([chosen] if isinstance(chosen, str) else chosen)


def _questions(
    options: argparse.Namespace, configured: Configuration, environment: Environment
) -> Validities:
    """Return how to ask.

    Tables of the user's own files count when the command line, or a configuration that it names,
    names them. A configuration that merely lies in the working directory, perhaps among files of a
    stranger, must not say where secrets are sent.

    Raises:
        CatalogueError: A file is wrong.
    """
    from keysift.catalogue.validities import load_validities  # noqa: PLC0415 (start-up time)

    chosen = options.config or environment.variables.get("KEYSIFT_CONFIG")
    names = getattr(options, "detectors", None) or (configured.detectors if chosen else ())
    return load_validities(tuple(Path(name) for name in names), cache=environment.cache)


def audit_directory(environment: Environment) -> Path:
    """Return where the audit log is."""
    chosen = environment.variables.get(AUDIT_VARIABLE)
    if chosen:
        return Path(chosen)
    import platformdirs  # noqa: PLC0415 (costs start-up time)

    return platformdirs.user_state_path("keysift") / "audit"


def agree(options: argparse.Namespace, environment: Environment, sent: Iterable[str]) -> bool:
    """Explain on first use what is sent where, and ask; tell whether the user agrees.

    Args:
        options: With ``yes``.
        environment: The environment.
        sent: Lines about what would be sent.

    Raises:
        UsageError: Nobody can be asked.
    """
    consent = _consent_path()
    if options.yes or consent.exists():
        return True
    stream = environment.stderr
    print(EXPLANATION.format(log=audit_directory(environment)), file=stream)
    for line in sent:
        print(line, file=stream)
    if environment.stdin is None or not (environment.stdin.isatty() and stream.isatty()):
        raise UsageError("nothing was sent: nobody can be asked here; add --yes to agree")
    print("\nSend them? This is asked once. [y/N] ", end="", file=stream, flush=True)
    answer = environment.stdin.readline().decode(errors="replace").strip().lower()
    if answer not in {"y", "yes"}:
        print("keysift: nothing was sent", file=stream)
        return False
    try:
        create_private(consent, f"agreed {datetime.now(UTC):%Y-%m-%d}\n")
    except OSError as error:
        print(f"keysift: {consent}: {error.strerror}; it will be asked again", file=stream)
    return True


def _consent_path() -> Path:
    import platformdirs  # noqa: PLC0415 (costs start-up time)

    return platformdirs.user_config_path("keysift") / "verify.consent"


def led_elsewhere(options: argparse.Namespace) -> dict[str, str]:
    """Return which origins are asked in the place of others.

    Only the command line says so: a configuration that lies among files of a stranger could else
    have secrets sent to them.

    Raises:
        UsageError: An option is none such.
    """
    led: dict[str, str] = {}
    for text in options.endpoint or ():
        whose, separator, other = text.partition("=")
        if not (separator and _is_origin(whose, ("https",)) and _is_origin(other)):
            raise UsageError(
                f"--endpoint {text!r}: is not ORIGIN=ORIGIN, such as "
                "https://gitlab.com=https://gitlab.acme.example"
            )
        if not (other.startswith("https:") or urlsplit(other).hostname in _OWN_MACHINE):
            raise UsageError(
                f"--endpoint {text!r}: secrets would be sent there without TLS; plain http is "
                "for this machine alone (127.0.0.1)"
            )
        led[_origin(whose)] = other.rstrip("/")
    return led


def _origin(text: str) -> str:
    """Return an origin of https as tables of validity write it."""
    parts = urlsplit(text.lower())
    return f"https://{parts.netloc.removesuffix(':443')}"


def _check_led(options: argparse.Namespace, validities: Validities) -> None:
    """Refuse to lead elsewhere what nobody is asked at: a slip would have secrets sent there.

    Raises:
        UsageError: There is such an option.
    """
    from keysift.verify.request import is_asked_at  # noqa: PLC0415 (start-up time)

    for origin in led_elsewhere(options):
        if not any(is_asked_at(table, origin) for table in validities.tables):
            raise UsageError(
                f"--endpoint: no provider is asked at {origin} "
                "(`keysift verify --list-endpoints` has all)"
            )


def _is_origin(text: str, schemes: tuple[str, ...] = ("https", "http")) -> bool:
    try:
        parts = urlsplit(text)
        is_bare = not (parts.path.strip("/") or parts.query or parts.fragment)
        return bool(parts.scheme in schemes and parts.hostname and is_bare and "@" not in text)
    except ValueError:
        return False


def planner_of(
    options: argparse.Namespace,
    configured: Configuration,
    environment: Environment,
    catalogue: Catalogue,
) -> Planner:
    """Return what decides which secrets are asked about.

    Raises:
        CatalogueError: A detector file is wrong.
        UsageError: An option is wrong.
    """
    from keysift.verify.plan import Planner  # noqa: PLC0415 (start-up time)

    validities = _questions(options, configured, environment)
    _check_led(options, validities)
    named = _named_types(options, catalogue)
    return Planner(catalogue, validities, named, configured.verify.schedule)


def ask_all(
    options: argparse.Namespace,
    configured: Configuration,
    environment: Environment,
    queues: Mapping[str, Queue],
    keep: Told,
) -> Tally:
    """Ask, with a bar on a terminal; the first signal ends it in order.

    Args:
        options: Those of ``add_asking_options``.
        configured: The configuration.
        environment: The environment.
        queues: What to ask.
        keep: Takes the answers.

    Raises:
        ConfigurationError: The audit log cannot be written.
        StoreError: An answer cannot be kept.
        UsageError: An option is wrong.
    """
    from keysift.net.asking import Asker  # noqa: PLC0415 (start-up time)
    from keysift.verify.audit import AuditLog  # noqa: PLC0415 (the same)
    from keysift.verify.engine import Engine  # noqa: PLC0415 (the same)

    limits = configured.verify.limits
    led = led_elsewhere(options)
    asker = Asker(
        allow_private=options.allow_private,
        elsewhere=led,
        # Each provider has its own bound; several may be led to one server.
        connections=limits.total_concurrency,
    )
    audit = AuditLog(audit_directory(environment))
    size = sum(queue.size for queue in queues.values())
    try:
        with AskingMeter(environment, size) as meter, Interruptions() as interruptions:

            def told(answers: Sequence[Answered]) -> None:
                keep(answers)
                meter.told(answers)

            engine = Engine(asker, limits, audit, told, meter.stopping)
            with interruptions.asks(engine.stop):
                return engine.run(queues)
    finally:
        audit.close()
        asker.close()


class AskingMeter:
    """A bar on a terminal: how many secrets were asked about, and how many still work.

    Args:
        environment: Its ``stderr`` shows the bar when it is a terminal.
        size: How many are asked about.
    """

    def __init__(self, environment: Environment, size: int) -> None:
        self._environment = environment
        self._size = size
        self._active = 0
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._environment.stderr.isatty():
            from rich.console import Console  # noqa: PLC0415 (costs start-up time)
            from rich.progress import (  # noqa: PLC0415 (the same)
                BarColumn,
                MofNCompleteColumn,
                Progress,
                TextColumn,
                TimeRemainingColumn,
            )

            self._progress = Progress(
                BarColumn(bar_width=16),
                MofNCompleteColumn(),
                TextColumn("asked about, {task.fields[active]:,} still working"),
                TimeRemainingColumn(),
                console=Console(file=self._environment.stderr),
                transient=True,
            )
            self._task = self._progress.add_task("", total=self._size, active=0)
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def told(self, answers: Sequence[Answered]) -> None:
        """Note answers."""
        self._active += sum(one.outcome.verdict is Verdict.ACTIVE for one in answers)
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, advance=len(answers), active=self._active)

    def stopping(self, waiting: int) -> None:
        """Say that a run ends, and what it waits for."""
        if not waiting:
            return
        waited = "1 answer" if waiting == 1 else f"{waiting:,} answers"
        line = f"keysift: stopping; waiting for {waited} (once more ends at once)"
        if self._progress is not None:
            self._progress.console.print(line, markup=False, highlight=False)
        else:
            print(line, file=self._environment.stderr)
