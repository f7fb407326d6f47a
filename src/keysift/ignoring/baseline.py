"""A baseline: findings that are known, in a file that is committed and public.

An entry is a detector, a slow hash of detector and value, and the reason; no path, line, time or
number, so that nothing but a decision changes the file.

The file is JSON with a line for each entry, sorted by hash. Branches that add entries touch
different places of it: hashes are random, and 256 marks, one for each first byte, keep additions
apart that would otherwise be neighbours, which git takes for a conflict. Every line stands for
itself, commas included, so that lines of both sides may be kept in any order, or twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

from keysift.catalogue.cache import Cache
from keysift.errors import ConfigurationError
from keysift.ignoring.slow_hash import Hasher, Identity, Scrypt
from keysift.model import FingerprintKey

SCHEMA: Final = "keysift.baseline/1"
"""Name of the format."""

_MARKS: Final = tuple(f"{number:02x}" for number in range(256))
_END: Final = "end"
_CONFLICT: Final = ("<<<<<<< ", "=======", ">>>>>>> ")


class Entry(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One finding that is known.

    Attributes:
        detector: Its detector.
        hash: Of the detector and the value, 32 hexadecimal digits.
        reason: Why it may stay; empty until somebody says it.
    """

    detector: str
    hash: str
    reason: str = ""


class BaselineDocument(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The file.

    Attributes:
        schema: Name and version of the format.
        hash: How values are hashed.
        entries: The entries. Texts between them keep additions apart, and mean nothing.
    """

    schema: Literal["keysift.baseline/1"]
    hash: Scrypt
    entries: list[Entry | str]


class Baseline(Struct, frozen=True):
    """What a baseline says.

    Attributes:
        scrypt: How values are hashed.
        entries: The entries by detector and hash.
    """

    scrypt: Scrypt
    entries: Mapping[tuple[str, str], Entry]

    @classmethod
    def of(cls, scrypt: Scrypt, entries: Iterable[Entry]) -> Baseline:
        """Return the baseline of entries; of two for one finding, one with a reason counts."""
        chosen: dict[tuple[str, str], Entry] = {}
        for entry in entries:
            known = chosen.get((entry.detector, entry.hash))
            if known is None or not known.reason:
                chosen[entry.detector, entry.hash] = entry
        return cls(scrypt, chosen)


def read(path: Path) -> Baseline:
    """Read a baseline, also one that a merge has left unsorted or with lines twice.

    Raises:
        ConfigurationError: It cannot be read, or is no baseline.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        hint = (
            "; `keysift baseline create` makes one" if isinstance(error, FileNotFoundError) else ""
        )
        raise ConfigurationError(f"baseline {path}: {error.strerror}{hint}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"baseline {path}: is not UTF-8") from error
    if any(line.startswith(_CONFLICT) for line in text.splitlines()):
        raise ConfigurationError(
            f"baseline {path}: a merge has left conflicts in it; where only entries differ keep "
            "the lines of both sides, where the salt does keep one file and run "
            "`keysift baseline update --from` with the other"
        )
    try:
        document = msgspec.json.decode(text, type=BaselineDocument)
    except (msgspec.DecodeError, ValueError) as error:
        raise ConfigurationError(f"baseline {path}: {error}") from error
    if document.hash.problem:
        raise ConfigurationError(f"baseline {path}: hash: {document.hash.problem}")
    return Baseline.of(document.hash, (one for one in document.entries if isinstance(one, Entry)))


def write(baseline: Baseline) -> str:
    """Return the text of a baseline, the same for the same entries."""
    by_mark: dict[str, list[Entry]] = {mark: [] for mark in _MARKS}
    for entry in sorted(baseline.entries.values(), key=lambda one: (one.hash, one.detector)):
        by_mark.setdefault(entry.hash[:2], []).append(entry)
    lines: list[str] = []
    for mark, entries in by_mark.items():
        lines.append(_line(mark))
        lines.extend(_line(msgspec.structs.asdict(entry)) for entry in entries)
    head = [
        f'"schema": {_line(SCHEMA)}',
        f'"hash": {_line(msgspec.structs.asdict(baseline.scrypt))}',
    ]
    body = "".join(f"{line},\n" for line in lines)
    return "{\n" + ",\n".join(head) + f',\n"entries": [\n{body}{_line(_END)}\n]\n}}\n'


def save(path: Path, baseline: Baseline) -> None:
    """Write a baseline in one step: whoever reads the file gets the old or the new.

    Raises:
        ConfigurationError: It cannot be written.
    """
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(write(baseline), "utf-8", newline="\n")
        new.replace(path)
    except OSError as error:
        raise ConfigurationError(f"baseline {path}: {error.strerror}") from error
    finally:
        new.unlink(missing_ok=True)


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


class Known:
    """A baseline that findings are looked up in.

    Args:
        path: Where it stands.
        baseline: What it says.
        key: The user's, for what is remembered of hashes.
        cache: Where that is remembered.

    Attributes:
        path: Where it stands.
        baseline: What it says.
    """

    def __init__(
        self, path: Path, baseline: Baseline, key: FingerprintKey, cache: Cache | None
    ) -> None:
        self.path = path
        self.baseline = baseline
        self._hasher = Hasher(baseline.scrypt, key, cache)
        self._detectors = frozenset(detector for detector, _ in baseline.entries)

    def entries_of(self, identities: Iterable[Identity]) -> dict[Identity, Entry]:
        """Return the entries of those that are known.

        Only values of detectors that have entries are hashed.
        """
        wanted = [one for one in identities if one[0] in self._detectors]
        found = {
            one: self.baseline.entries.get((one[0], digest))
            for one, digest in self._hasher.hash_all(wanted).items()
        }
        return {one: entry for one, entry in found.items() if entry is not None}

    def new_entries(self, identities: Iterable[Identity], reason: str) -> list[Entry]:
        """Return entries for findings that are not known yet."""
        hashes = self._hasher.hash_all(identities)
        return [
            Entry(detector=detector, hash=digest, reason=reason)
            for (detector, _), digest in hashes.items()
        ]
