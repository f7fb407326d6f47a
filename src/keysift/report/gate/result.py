"""What the gate hands to its writers: secrets, other problems, and how to get rid of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final, TypeAlias

from msgspec import Struct, field, structs

from keysift.model import Finding
from keysift.report.result import ScanResult

Identity: TypeAlias = tuple[str, str]
"""Of a finding: id of the detector, fingerprint."""


INCOMPLETE: Final = "incomplete"
UNREADABLE: Final = "unreadable"
GAPS: Final = frozenset({INCOMPLETE, UNREADABLE})
"""Rules about what could not be looked at: a part of a distribution, or all of it."""

_LINE: Final = 88


class Level(Enum):
    """How bad a problem is. The value is the word in every report."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """For comparing: the worst is the largest."""
        return (Level.NOTE, Level.WARNING, Level.ERROR).index(self)


class Fix(Struct, frozen=True, kw_only=True):
    """What to change in a project so that something is not packaged again.

    Attributes:
        what: For a change of a file, what it leaves out of what: ``of the sdist``. Else a sentence.
        file: The file to change, ``/``-separated, below the project's directory; empty when there
            is nothing to add to a file.
        table: The table of a TOML file; empty for other files.
        key: The key in that table, a list.
        values: What to add: to the list, as TOML has it, or to the end of the file, a line each.
        kept: What the list holds now, as TOML has it.
        remarks: What else to know, a sentence each.
    """

    what: str
    file: str = ""
    table: str = ""
    key: str = ""
    values: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        """``what``, as a sentence begins."""
        return f"{self.what[0].upper()}{self.what[1:]}"

    @property
    def lines(self) -> tuple[str, ...]:
        """What is to stand in the file."""
        if not self.key:
            return self.values
        items = [*self.kept, *self.values]
        line = f"{self.key} = [{', '.join(items)}]"
        if len(line) <= _LINE:
            return (f"[{self.table}]", line)
        return (f"[{self.table}]", f"{self.key} = [", *(f"  {item}," for item in items), "]")


def together(fixes: Iterable[Fix]) -> list[Fix]:
    """Return changes of the same list, or of the same file, as one."""
    merged: dict[Fix, Fix] = {}
    for fix in fixes:
        alike = structs.replace(fix, values=(), remarks=())
        known = merged.get(alike, alike)
        merged[alike] = structs.replace(
            known,
            values=tuple(dict.fromkeys((*known.values, *fix.values))),
            remarks=tuple(dict.fromkeys((*known.remarks, *fix.remarks))),
        )
    return list(merged.values())


class Place(Struct, frozen=True, order=True):
    """Where something stands.

    Attributes:
        artifact: Path of the distribution as shown.
        path: Path inside it, as the archive has it.
    """

    artifact: str
    path: str


class Problem(Struct, frozen=True, kw_only=True):
    """Something that should not be in a package, apart from the secrets.

    Attributes:
        rule: Id of the rule (``docs/gate-rules.md``).
        title: What it is, in a few words.
        level: How bad it is.
        why: Why that should not be published, in a sentence.
        path: Where it stands in the project, as far as that is known, else in the distribution. A
            directory ends with ``/``.
        places: Each place in a distribution: one for a directory.
        files: How many files it is, in all places.
        detail: What exactly was noticed; may be empty.
        fixes: How to leave it out.
        is_known: Whether the previous release has it too.
    """

    rule: str
    title: str
    level: Level
    why: str
    path: str
    places: tuple[Place, ...]
    files: int = 1
    detail: str = ""
    fixes: tuple[Fix, ...] = ()
    is_known: bool = False


class Inspected(Struct, frozen=True, kw_only=True):
    """A distribution that was looked at.

    Attributes:
        path: As shown.
        kind: ``wheel``, ``sdist`` or ``signature``.
        project: Normalised name; empty for a signature.
        version: As its name has it; empty for a signature.
        files: Members.
        size_bytes: Of the file.
        backend: Name of the build backend; empty when it is not known.
    """

    path: str
    kind: str
    project: str
    version: str
    files: int
    size_bytes: int
    backend: str = ""


class Previous(Struct, frozen=True, kw_only=True):
    """What distributions were compared with.

    Attributes:
        name: For people: ``demo 1.4.1``, or a path.
        artifacts: The files that were looked at, as shown; none for the first release of a project.
    """

    name: str
    artifacts: tuple[str, ...] = ()


class GateResult(Struct, kw_only=True):
    """Everything a report can tell about one check.

    Attributes:
        scan: The secrets, and what was looked at.
        distributions: What was checked, in the order of their names.
        problems: What else is wrong, the worst first.
        accepted: Problems that the project accepts, each with the reason.
        fixes: How to leave the files of a secret out, by its identity.
        known: Secrets that the previous release has too.
        sources: Where in the project what is named stands, for files that are there: relative to
            the working directory when they are below it.
        previous: What was compared with.
        remarks: What was not compared, a sentence each.
        is_strict: Whether warnings count.
        is_uncompared: Whether a comparison was asked for that could not be made.
    """

    scan: ScanResult
    distributions: list[Inspected]
    problems: list[Problem] = field(default_factory=list)
    accepted: list[tuple[Problem, str]] = field(default_factory=list)
    fixes: Mapping[Identity, tuple[Fix, ...]] = field(default_factory=dict)
    known: frozenset[Identity] = frozenset()
    sources: Mapping[Place, str] = field(default_factory=dict)
    previous: list[Previous] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    is_strict: bool = False
    is_uncompared: bool = False

    @property
    def new_findings(self) -> list[Finding]:
        """The secrets that block: those that the previous release does not have."""
        return [one for one in self.scan.findings if identity(one) not in self.known]

    @property
    def blocking(self) -> list[Problem]:
        """The problems that block."""
        least = Level.WARNING if self.is_strict else Level.ERROR
        return [one for one in self.problems if one.level.rank >= least.rank and not one.is_known]

    def changes(self, problems: Iterable[Problem]) -> list[Fix]:
        """Return what to change in files of the project: what is about one list or file at once.

        Args:
            problems: Those to get rid of, besides the secrets that block.
        """
        of_secrets = (fix for one in self.new_findings for fix in self.fixes.get(identity(one), ()))
        of_problems = (fix for one in problems for fix in one.fixes)
        return together(fix for fix in (*of_secrets, *of_problems) if fix.file)

    @property
    def is_refused(self) -> bool:
        """Whether something that was found speaks against publishing; gaps apart."""
        return bool(self.new_findings or self.blocking)


def identity(finding: Finding) -> Identity:
    """Return what makes a finding the same in another release."""
    return (finding.detector, finding.fingerprint)
