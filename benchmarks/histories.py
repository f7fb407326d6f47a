"""Repositories of a chosen size, made from the texts that are installed here; the same every time.

Each commit changes a few lines of a few files, as people do, so that git keeps most blobs as small
differences; branches leave and are merged. Secrets are planted in some commits, and taken out again
in others. ``planted`` says which; it lies beside the repository, never in it.
"""

from __future__ import annotations

import json
import random
import subprocess
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from benchmarks.corpus import CACHE
from keysift.catalogue.samples import expand

_LARGEST: Final = 60_000
_EPOCH: Final = 1_500_000_000
_FILES_OF_10: Final = 1
"""Of ten blobs, so many are new files; the others are new versions."""

_SECRETS: Final = (
    "ghp_{base62:30}{crc32_base62}",
    "AKIA{base32:16}",
    "xoxb-{digits:12}-{digits:12}-{base62:24}",
    "glpat-{base62:20}",
    "sk_live_{base62:24}",
    "npm_{base62:30}{crc32_base62}",
)


@dataclass
class _World:
    """What the writer knows of the repository so far."""

    chance: random.Random
    texts: list[list[bytes]]
    out: IO[bytes]
    files: dict[bytes, list[bytes]] = field(default_factory=dict)
    names: list[bytes] = field(default_factory=list)
    planted: list[str] = field(default_factory=list)
    dirty: list[tuple[bytes, bytes]] = field(default_factory=list)
    blobs: int = 0
    mark: int = 0


def repository(blobs: int, secrets: int) -> tuple[Path, list[str]]:
    """Return a repository with about so many blobs, packed as a clone is, and what was planted."""
    path = CACHE / f"history-{blobs}.git"
    listed = path.with_suffix(".json")
    if not listed.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _git("init", "-q", "--bare", "-b", "main", str(path))
        planted = _import(path, blobs, secrets)
        _git("-C", str(path), "repack", "-adfq")
        listed.write_text(json.dumps(planted), "utf-8")
    return path, json.loads(listed.read_text("utf-8"))


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], check=True)  # noqa: S607 (wherever it is)


def _import(path: Path, blobs: int, secrets: int) -> list[str]:
    command = ["git", "-C", str(path), "fast-import", "--quiet", "--force"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        if process.stdin is None:
            raise RuntimeError("git fast-import has no standard input")
        world = _World(random.Random(7), list(_texts(blobs // 8)), process.stdin)
        while world.blobs < blobs:
            due = len(world.planted) < secrets * world.blobs // blobs
            _commit(world, b"refs/heads/main", plant=due)
            if world.chance.random() < 0.03:
                _branch(world)
        process.stdin.close()
        if process.wait():
            raise RuntimeError("git fast-import failed")
    return world.planted


def _texts(wanted: int) -> Iterator[list[bytes]]:
    """Yield lines of modules that are installed: of the library of Python, then of packages."""
    found = 0
    for folder in ("stdlib", "purelib"):
        for path in sorted(Path(sysconfig.get_path(folder)).rglob("*.py")):
            if found < wanted and 200 < path.stat().st_size < _LARGEST:
                found += 1
                yield path.read_bytes().splitlines(keepends=True)


def _branch(world: _World) -> None:
    """Leave the main branch for a few commits, and merge them back."""
    before = world.mark
    side = b"refs/heads/topic-%d" % before
    world.out.write(b"reset %s\nfrom :%d\n\n" % (side, before))
    changed: dict[bytes, list[bytes]] = {}
    for _ in range(world.chance.randint(1, 4)):
        changed |= _commit(world, side)
    tip = world.mark
    _head(world, b"refs/heads/main", b"Merge a topic")
    world.out.write(b"from :%d\nmerge :%d\n" % (before, tip))
    _write(world, changed)


def _commit(world: _World, ref: bytes, *, plant: bool = False) -> dict[bytes, list[bytes]]:
    changed: dict[bytes, list[bytes]] = {}
    for _ in range(world.chance.choice((1, 1, 1, 2, 2, 3, 5))):
        name, lines = _changed(world)
        changed[name] = lines
    if plant:
        name = next(iter(changed))
        _plant(world, name, changed[name])
    before = world.mark
    _head(world, ref, b"Change %d files" % len(changed))
    if before:
        world.out.write(b"from :%d\n" % before)
    _write(world, changed)
    world.blobs += len(changed)
    return changed


def _changed(world: _World) -> tuple[bytes, list[bytes]]:
    """Return a file as its next version; sometimes a new file, or one without its secret."""
    chance = world.chance
    if len(world.names) < len(world.texts) and (
        not world.names or chance.randrange(10) < _FILES_OF_10
    ):
        number = len(world.names)
        name = b"src/part%d/module_%d.py" % (number % 40, number)
        world.names.append(name)
        world.files[name] = world.texts[number]
        return name, list(world.texts[number])
    if world.dirty and chance.random() < 0.002:
        name, secret = world.dirty.pop(chance.randrange(len(world.dirty)))
        return name, [line for line in world.files[name] if secret not in line]
    # The older a file, the more often it is changed.
    name = world.names[int(len(world.names) * chance.random() ** 2)]
    return name, _edited(world, list(world.files[name]))


def _edited(world: _World, lines: list[bytes]) -> list[bytes]:
    chance = world.chance
    for _ in range(chance.choice((1, 1, 2, 3))):
        other = chance.choice(world.texts)
        at = chance.randrange(len(lines) + 1)
        taken = chance.randrange(len(other) + 1)
        new = other[taken : taken + chance.randint(1, 8)]
        lines[at : at + chance.randint(0, 6)] = new
    return lines or [b"\n"]


def _plant(world: _World, name: bytes, lines: list[bytes]) -> None:
    number = len(world.planted)
    secret = expand(_SECRETS[number % len(_SECRETS)], number)
    lines.insert(world.chance.randrange(len(lines) + 1), b'API_TOKEN = "%s"\n' % secret.encode())
    world.planted.append(secret)
    world.dirty.append((name, secret.encode()))


def _head(world: _World, ref: bytes, message: bytes) -> None:
    world.mark += 1
    person = b"Person %d <person%d@example.org>" % (world.mark % 23, world.mark % 23)
    when = b"%d +0000" % (_EPOCH + 3600 * world.mark)
    world.out.write(b"commit %s\nmark :%d\nauthor %s %s\n" % (ref, world.mark, person, when))
    world.out.write(b"committer %s %s\ndata %d\n%s\n" % (person, when, len(message), message))


def _write(world: _World, changed: dict[bytes, list[bytes]]) -> None:
    for name, lines in changed.items():
        world.files[name] = lines
        text = b"".join(lines)
        world.out.write(b"M 100644 inline %s\ndata %d\n%s\n" % (name, len(text), text))
    world.out.write(b"\n")
