"""Problems that a project accepts, because its configuration says so and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from keysift.errors import ConfigurationError

if TYPE_CHECKING:
    from keysift.report.gate.result import Problem
    from keysift.sources.ignore import Rules


class Allowed(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Problems that are accepted.

    Attributes:
        reason: Why.
        rules: Ids of rules (``docs/gate-rules.md``); empty for all.
        paths: Globs of paths in the project, as in ``.gitignore``; empty for all.
    """

    reason: str
    rules: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


def check_allowed(allowed: Iterable[Allowed]) -> None:
    """Refuse what accepts everything, says no reason, or names a rule that there is not.

    Raises:
        ConfigurationError: It does.
    """
    import difflib  # noqa: PLC0415 (every command reads the configuration, and starts)

    from keysift.gate.catalogue import RULE_IDS  # noqa: PLC0415 (the same)

    for one in allowed:
        if not one.reason.strip():
            raise ConfigurationError("check.allow: the reason is empty; say why this is accepted")
        if not one.rules and not one.paths:
            raise ConfigurationError(
                f"check.allow ({one.reason}): accepts everything; name rules, or paths"
            )
        for rule in one.rules:
            if rule not in RULE_IDS:
                near = difflib.get_close_matches(rule, RULE_IDS, 1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise ConfigurationError(f"check.allow: there is no rule {rule}{hint}")


def accepted_of(
    found: Iterable[Problem], allowed: Sequence[Allowed]
) -> tuple[list[tuple[Problem, str]], list[Problem]]:
    """Return the problems that are accepted, each with the reason, and the others."""
    from keysift.sources.ignore import Rules  # noqa: PLC0415 (as above)

    accepted: list[tuple[Problem, str]] = []
    left: list[Problem] = []
    rules = [(one, Rules(one.paths)) for one in allowed]
    for problem in found:
        reason = next((one.reason for one, paths in rules if _is_about(one, paths, problem)), None)
        if reason is None:
            left.append(problem)
        else:
            accepted.append((problem, reason))
    return accepted, left


def _is_about(allowed: Allowed, paths: Rules, problem: Problem) -> bool:
    if allowed.rules and problem.rule not in allowed.rules:
        return False
    if not allowed.paths:
        return True
    # As in .gitignore, a pattern about a directory is about what stands in it.
    from keysift.gate.grouping import parents  # noqa: PLC0415 (as above)

    path = problem.path.rstrip("/")
    return bool(
        paths.decide(path, is_dir=problem.path.endswith("/"))
        or any(paths.decide(above.rstrip("/"), is_dir=True) for above in parents(path))
    )
