"""Detector files in, a catalogue out, with every problem of every file reported at once."""

from __future__ import annotations

import gc
import hashlib
import os
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec
from msgspec import structs

from keysift.catalogue import canaries as lists
from keysift.catalogue import introduction
from keysift.catalogue.cache import Cache
from keysift.catalogue.schema import Detector, ProviderFile
from keysift.catalogue.violations import violations
from keysift.errors import CatalogueError, UsageError

BUILTIN: Final = Path(__file__).parent / "providers"
"""The detectors that come with keysift."""

_FORMAT: Final = b"keysift.catalogue/2"
_PIECE: Final = re.compile(r"\(\?&(\w+)\)")

_SILENT: Final = {
    "name": "",
    "what": "",
    "revoke": "",
    "rotate": "",
    "references": (),
    "examples": (),
    "near_misses": (),
}
"""What a detector says, and what proves it, without any weight for what it finds."""


class Catalogue:
    """All detectors of a run, in order of their ids.

    Attributes:
        detectors: The detectors.
        canaries: What recognises canaries among their secrets.
        digest: 16 hex digits over everything that decides what is found; the ruleset of a report.
    """

    def __init__(
        self,
        detectors: Iterable[Detector],
        digest: str | None = None,
        canaries: tuple[lists.Rule, ...] = (),
    ) -> None:
        self.detectors = tuple(sorted(detectors, key=lambda detector: detector.id))
        self.canaries = lists.Canaries(canaries)
        own = [msgspec.msgpack.encode(canaries)] if canaries else []
        self.digest = digest or digest_of(msgspec.msgpack.encode(self.detectors), *own)

    @cached_property
    def by_id(self) -> dict[str, Detector]:
        """Detectors by id."""
        return {detector.id: detector for detector in self.detectors}

    def digests(self) -> dict[str, str]:
        """Return a digest of what each detector finds, by its id; its texts do not count.

        Lists of canaries that a user adds have one too: with another list, findings say otherwise.
        """
        digests = {
            one.id: digest_of(msgspec.msgpack.encode(structs.replace(one, **_SILENT)))
            for one in self.detectors
        }
        if self.canaries.own:
            digests[_CANARIES] = digest_of(msgspec.msgpack.encode(self.canaries.own))
        return digests

    def select(self, include: tuple[str, ...], exclude: tuple[str, ...]) -> Catalogue:
        """Return the catalogue of the detectors whose id matches the globs.

        Args:
            include: Globs of which one must match; empty means all.
            exclude: Globs of which none may match.

        Raises:
            UsageError: A glob matches no detector, which is most likely a typing error.
        """
        if not include and not exclude:
            return self
        for glob in (*include, *exclude):
            if not any(fnmatchcase(detector.id, glob) for detector in self.detectors):
                message = f"no detector matches {glob!r}; `keysift detectors list` shows their ids"
                raise UsageError(message)
        chosen = (
            detector
            for detector in self.detectors
            if (not include or any(fnmatchcase(detector.id, glob) for glob in include))
            and not any(fnmatchcase(detector.id, glob) for glob in exclude)
        )
        return Catalogue(chosen, canaries=self.canaries.own)


_CANARIES: Final = "canaries"
"""In place of a detector's id, which has two words at least."""


def load(
    extra: tuple[Path, ...] = (),
    *,
    canaries: tuple[Path, ...] = (),
    cache: Cache | None = None,
) -> Catalogue:
    """Read the built-in detectors and the user's.

    Args:
        extra: Detector files, or directories of them. A detector with the id of a built-in one
            replaces it.
        canaries: The user's lists of canaries (``keysift.catalogue.canaries``).
        cache: Where the decoded catalogue is kept between runs.

    Raises:
        CatalogueError: A file cannot be read or breaks the schema; all problems are in it.
    """
    builtin = _Builtin()
    own = {path.resolve(): path for root in extra for path in toml_files(root)}
    files = [(path, read(path)) for path in own.values()]
    rules = lists.read(canaries)
    whole = msgspec.msgpack.encode(rules) if rules else b""
    digest = digest_of(
        _FORMAT,
        introduction.SIGNATURE,
        _builtin_digest(builtin, cache).encode(),
        # Names, not paths: the same detectors are the same ruleset wherever they are installed.
        *(part for path, raw in files for part in (path.name.encode(), raw)),
    )
    cached = cache.get(f"catalogue-{digest}") if cache else None
    if cached is not None:
        detectors = _decoded(cached)
    else:
        detectors = _merge([*builtin.files, *files], builtin_count=len(builtin.files))
        if cache:
            cache.put(f"catalogue-{digest}", msgspec.msgpack.encode(detectors))
    return Catalogue(detectors, digest_of(digest.encode(), whole) if rules else digest, rules)


def _decoded(cached: bytes) -> tuple[Detector, ...]:
    # While so much is made at once, Python would look for circles in it again and again: half of
    # the time that this takes.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return msgspec.msgpack.decode(cached, type=tuple[Detector, ...])
    finally:
        if was_enabled:
            gc.enable()


class _Builtin:
    """The built-in files, which are read when first needed."""

    @cached_property
    def files(self) -> list[tuple[Path, bytes]]:
        return [(path, read(path)) for path in sorted(BUILTIN.glob("*.toml"))]


def _builtin_digest(builtin: _Builtin, cache: Cache | None) -> str:
    """Return a digest over the names and contents of the built-in files.

    They are a thousand, and to read them takes longer than to scan a small file: while none of them
    has another size or another time of change, the cache remembers the digest.
    """
    with os.scandir(BUILTIN) as listing:
        states = sorted(
            (entry.name, state.st_size, state.st_mtime_ns)
            for entry in listing
            if entry.name.endswith(".toml")
            for state in [entry.stat()]
        )
    name = f"builtin-{digest_of(os.fsencode(BUILTIN), msgspec.msgpack.encode(states))}"
    remembered = cache.get(name) if cache else None
    if remembered is not None:
        return remembered.decode()
    digest = digest_of(*(part for path, raw in builtin.files for part in (path.name.encode(), raw)))
    if cache:
        cache.put(name, digest.encode())
    return digest


def toml_files(root: Path) -> list[Path]:
    """Return the detector files that ``root`` names: itself, or all below it.

    Raises:
        CatalogueError: There is no such file, or the directory has no detector file.
    """
    if root.is_file():
        return [root]
    found = sorted(root.rglob("*.toml"))
    if not found:
        raise CatalogueError((f"{root}: no such file, or a directory without .toml files",))
    return found


def parse(path: Path, raw: bytes) -> tuple[Detector, ...]:
    """Return the detectors of a file.

    Raises:
        CatalogueError: It is no TOML, or breaks the schema; names the file and line.
    """
    return parse_file(path, raw).detector


def parse_file(path: Path, raw: bytes) -> ProviderFile:
    """Parse a detector file; its detectors are complete.

    Raises:
        CatalogueError: It is no TOML, or breaks the schema; names the file and line.
    """
    import tomllib  # noqa: PLC0415 (a warm cache makes it needless, and start-up counts)

    try:
        text = raw.decode()
        document = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError((f"{path}: not a TOML file: {error}",)) from error
    try:
        file = msgspec.convert(document, ProviderFile)
    except msgspec.ValidationError as error:
        found = violations(path, text, document)
        raise CatalogueError(found or (f"{path}: {error}",)) from error
    try:
        pieces = _whole_pieces(file.pieces)
        completed = tuple(_completed(detector, file, pieces) for detector in file.detector)
    except KeyError as error:
        raise CatalogueError((f"{path}: no piece is called {error}",)) from error
    return structs.replace(file, detector=completed)


def _whole_pieces(pieces: dict[str, str]) -> dict[str, str]:
    """Return pieces without references to those before them; KeyError for an unknown one."""
    whole: dict[str, str] = {}
    for name, pattern in pieces.items():
        whole[name] = _with_pieces(pattern, whole)
    return whole


def _with_pieces(pattern: str, pieces: dict[str, str]) -> str:
    return _PIECE.sub(lambda found: f"(?:{pieces[found[1]]})", pattern)


def _completed(detector: Detector, file: ProviderFile, pieces: dict[str, str]) -> Detector:
    """Return the detector with what its file says once for all, and what its labels stand for."""
    detector = structs.replace(
        detector,
        provider=file.provider,
        category=file.category,
        pattern=_with_pieces(detector.pattern, pieces),
        anchor=detector.anchor and _with_pieces(detector.anchor, pieces),
    )
    if not detector.labels:
        return detector
    value = detector.pattern
    pattern = introduction.introduced(value, detector.labels, detector.keywords)
    return structs.replace(detector, pattern=pattern, value=value)


def read(path: Path) -> bytes:
    """Return the bytes of a detector file.

    Raises:
        CatalogueError: It cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise CatalogueError((f"{path}: {error.strerror}",)) from error


def _merge(files: list[tuple[Path, bytes]], *, builtin_count: int) -> tuple[Detector, ...]:
    merged: dict[str, tuple[Detector, Path]] = {}
    problems: list[str] = []
    for number, (path, raw) in enumerate(files):
        try:
            detectors = parse(path, raw)
        except CatalogueError as error:
            problems.extend(error.problems)
            continue
        for detector in detectors:
            earlier = merged.get(detector.id)
            replaces_builtin = number >= builtin_count and earlier and earlier[1].parent == BUILTIN
            if earlier and not replaces_builtin:
                problems.append(f"{path}: detector {detector.id!r} is also in {earlier[1]}")
            merged[detector.id] = (detector, path)
    if problems:
        raise CatalogueError(tuple(problems))
    return tuple(detector for detector, _ in merged.values())


def digest_of(*parts: bytes) -> str:
    """Return 16 hex digits over byte strings and their lengths."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()[:16]
