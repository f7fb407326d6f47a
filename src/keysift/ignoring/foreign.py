"""What other baselines know: ours with another salt, and those of detect-secrets and Gitleaks.

None of them holds a value in a way that we could use by itself (but Gitleaks' reports), so each is
held against what a scan has found. Whatever fits nothing is told, never dropped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

import msgspec
from msgspec import Struct, field

from keysift.catalogue.cache import Cache
from keysift.errors import ConfigurationError
from keysift.ignoring.baseline import SCHEMA, Known, read
from keysift.ignoring.slow_hash import Identity
from keysift.model import Finding, FingerprintKey

_AUDITED: Final = "marked as no secret in"


class Carried(Struct):
    """What could be carried over.

    Attributes:
        reasons: The findings that are known, each with its reason, which may be empty.
        left: A line for each thing that was not carried over, and why.
    """

    reasons: dict[Identity, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


class Foreign(Protocol):
    """Another baseline."""

    def carry(self, findings: Sequence[Finding]) -> Carried:
        """Return what it knows of findings."""


def read_foreign(path: Path, key: FingerprintKey, cache: Cache | None) -> Foreign:
    """Read a baseline, whoever wrote it.

    Args:
        path: The file: of keysift, of detect-secrets (``.secrets.baseline``), a JSON report of
            Gitleaks, or a ``.gitleaksignore``.
        key: The user's, for what is remembered of hashes.
        cache: Where that is remembered.

    Raises:
        ConfigurationError: It cannot be read, or is none of these.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: is not UTF-8") from error
    if path.name.startswith(".") and path.name.endswith("leaksignore"):
        return _IgnoreFile(path.name, text)
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, ValueError) as error:
        raise ConfigurationError(f"{path}: is no JSON: {error}") from error
    if isinstance(document, dict) and document.get("schema") == SCHEMA:
        return _Own(Known(path, read(path), key, cache))
    try:
        if isinstance(document, dict) and "results" in document:
            return _DetectSecrets(path.name, msgspec.convert(document, _SecretsBaseline))
        if isinstance(document, list):
            return _Report(path.name, msgspec.convert(document, list[_Leak]))
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{path}: {error}") from error
    raise ConfigurationError(
        f"{path}: is no baseline of keysift or detect-secrets, and no report of Gitleaks"
    )


_Places: TypeAlias = Mapping[tuple[str, int], list[Finding]]


def _by_place(findings: Sequence[Finding]) -> _Places:
    """Return findings by line, and by each end of their path: other files begin elsewhere."""
    found: dict[tuple[str, int], list[Finding]] = {}
    for finding in findings:
        for place in finding.occurrences:
            path = place.path
            while path:
                found.setdefault((path, place.line), []).append(finding)
                path = path.partition("/")[2]
    return found


def _there(places: _Places, path: str, line: int) -> list[Finding]:
    return places.get((path.replace("\\", "/").removeprefix("./").lstrip("/"), line), [])


def _names(findings: Sequence[Finding]) -> str:
    names = ", ".join(dict.fromkeys(finding.detector for finding in findings))
    return f"at its place stands another value, of {names}" if names else "nothing stands there now"


class _Own:
    """A baseline of ours with another salt."""

    def __init__(self, known: Known) -> None:
        self._known = known

    def carry(self, findings: Sequence[Finding]) -> Carried:
        entries = self._known.entries_of((one.detector, one.secret) for one in findings)
        used = set(entries.values())
        return Carried(
            {identity: entry.reason for identity, entry in entries.items()},
            [
                f"{entry.detector} {entry.hash[:8]}: was not found"
                for entry in self._known.baseline.entries.values()
                if entry not in used
            ],
        )


class _Potential(Struct, kw_only=True):
    """A finding in a baseline of detect-secrets."""

    hashed_secret: str
    type: str = ""
    line_number: int = 0
    is_secret: bool | None = None


class _SecretsBaseline(Struct, kw_only=True):
    """A baseline of detect-secrets; its settings are looked at for what cannot be carried over."""

    results: dict[str, list[_Potential]]
    filters_used: list[dict[str, Any]] = []
    plugins_used: list[dict[str, Any]] = []


class _DetectSecrets:
    """The baseline of detect-secrets: SHA-1 of values, by file."""

    def __init__(self, name: str, document: _SecretsBaseline) -> None:
        self._name = name
        self._document = document

    def carry(self, findings: Sequence[Finding]) -> Carried:
        places = _by_place(findings)
        by_hash: dict[str, list[Finding]] = {}
        for finding in findings:
            digest = hashlib.sha1(finding.secret.reveal(), usedforsecurity=False).hexdigest()
            by_hash.setdefault(digest, []).append(finding)
        carried = Carried(left=list(self._settings()))
        for path, known in self._document.results.items():
            for one in known:
                where = f"{path}:{one.line_number}: {one.type}"
                found = by_hash.get(one.hashed_secret, [])
                if one.is_secret:
                    carried.left.append(f"{where}: is marked as a real secret")
                    continue
                if not found:
                    there = _names(_there(places, path, one.line_number))
                    carried.left.append(f"{where}: no finding has this value; {there}")
                for finding in found:
                    reason = f"{_AUDITED} {self._name}" if one.is_secret is False else ""
                    carried.reasons[finding.detector, finding.secret] = reason
        return carried

    def _settings(self) -> Iterator[str]:
        """Yield the settings that say what to look at or to leave out, in their own words."""
        for kind in (self._document.filters_used, self._document.plugins_used):
            for table in kind:
                name = str(table.get("path") or table.get("name"))
                rest = {key: value for key, value in table.items() if key not in ("path", "name")}
                if rest:
                    yield f"setting {name}: {msgspec.json.encode(rest).decode()}"


class _Leak(Struct, kw_only=True, rename="pascal"):
    """A finding in a report of Gitleaks."""

    secret: str = ""
    file: str = ""
    start_line: int = 0
    rule_id: str = field(default="", name="RuleID")


class _Report:
    """A JSON report of Gitleaks, which it uses as a baseline; values are in it unless redacted."""

    def __init__(self, name: str, leaks: list[_Leak]) -> None:
        self._name = name
        self._leaks = leaks

    def carry(self, findings: Sequence[Finding]) -> Carried:
        places = _by_place(findings)
        by_value: dict[bytes, list[Finding]] = {}
        for finding in findings:
            by_value.setdefault(finding.secret.reveal(), []).append(finding)
        carried = Carried()
        for leak in self._leaks:
            found = by_value.get(leak.secret.encode(errors="surrogateescape"), [])
            for finding in found:
                carried.reasons[finding.detector, finding.secret] = ""
            if not found:
                there = _names(_there(places, leak.file, leak.start_line))
                where = f"{leak.file}:{leak.start_line}: {leak.rule_id}"
                carried.left.append(f"{where}: no finding has this value; {there}")
        return carried


class _IgnoreFile:
    """A ``.gitleaksignore``: places, maybe in one commit; no values."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._lines = [line.strip() for line in text.splitlines()]

    def carry(self, findings: Sequence[Finding]) -> Carried:
        places = _by_place(findings)
        carried = Carried()
        for line in self._lines:
            if not line or line.startswith("#"):
                continue
            pieces = line.rsplit(":", 2)
            if len(pieces) < 3 or not pieces[2].isdecimal():
                carried.left.append(f"{line}: is not [commit:]path:rule:line")
                continue
            before, rule, number = pieces
            commit, _, path = before.rpartition(":")
            found = _there(places, path, int(number))
            for finding in found:
                carried.reasons[finding.detector, finding.secret] = f"{rule} in {self._name}"
            if not found:
                since = f" (as of commit {commit[:12]})" if commit else ""
                carried.left.append(f"{path}:{number}: {rule}: nothing was found there{since}")
        return carried
