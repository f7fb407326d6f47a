"""All validity tables, by the detectors they are for. Only checking secrets needs them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
from msgspec import structs

from keysift.catalogue.cache import Cache
from keysift.catalogue.loader import BUILTIN, digest_of, parse_file, read, toml_files
from keysift.catalogue.validity import Validity
from keysift.errors import CatalogueError

_FORMAT: Final = b"keysift.validity/1"


class Validities:
    """How to ask about the secrets of a catalogue.

    Attributes:
        tables: The tables, in order of their files.
    """

    def __init__(self, tables: tuple[Validity, ...]) -> None:
        self.tables = tables
        self._by_detector = {one: table for table in tables for one in table.detectors}

    def of(self, detector: str) -> Validity | None:
        """Return the table of a detector; None when nobody has written one."""
        return self._by_detector.get(detector)


def load_validities(extra: tuple[Path, ...] = (), *, cache: Cache | None = None) -> Validities:
    """Read the validity tables of the built-in detector files and of the user's.

    Args:
        extra: Detector files, or directories of them. What they say of a detector counts more.
        cache: Where the decoded tables are kept between runs.

    Raises:
        CatalogueError: A file cannot be read or breaks the schema, or has a second table for a
            detector; all problems are in it.
    """
    own = {path.resolve(): path for root in extra for path in toml_files(root)}
    builtin = [path for path in sorted(BUILTIN.glob("*.toml")) if path.resolve() not in own]
    files = [(path, read(path)) for path in (*builtin, *own.values())]
    contents = (part for path, raw in files for part in (path.name.encode(), raw))
    name = f"validity-{digest_of(_FORMAT, *contents)}"
    stored = cache.get(name) if cache else None
    if stored is not None:
        return Validities(msgspec.msgpack.decode(stored, type=tuple[Validity, ...]))
    tables = _merged(files, builtin_count=len(builtin))
    if cache:
        cache.put(name, msgspec.msgpack.encode(tables))
    return Validities(tables)


def _merged(files: list[tuple[Path, bytes]], *, builtin_count: int) -> tuple[Validity, ...]:
    """Return the tables of all files; the user's take the place of built-in ones."""
    tables: list[Validity] = []
    seen: dict[str, tuple[Path, int]] = {}
    problems: list[str] = []
    for number, (path, raw) in enumerate(files):
        try:
            found = parse_file(path, raw).validity
        except CatalogueError as error:
            problems.extend(error.problems)
            continue
        for table in found:
            for detector in table.detectors:
                earlier = seen.get(detector)
                if earlier is not None and (number < builtin_count or earlier[0].parent != BUILTIN):
                    problems.append(f"{path}: validity of {detector!r} is also in {earlier[0]}")
                elif earlier is not None:
                    tables[earlier[1]] = _without(tables[earlier[1]], detector)
                seen[detector] = (path, len(tables))
            tables.append(table)
    if problems:
        raise CatalogueError(tuple(problems))
    return tuple(table for table in tables if table.detectors)


def _without(table: Validity, detector: str) -> Validity:
    return structs.replace(table, detectors=tuple(x for x in table.detectors if x != detector))
