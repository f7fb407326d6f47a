"""Families: texts in a pack that were made of each other, and what of them is one piece of work."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from keysift.sources.git.command import Git
from keysift.sources.git.edits import Edit
from keysift.sources.git.packs import BLOB, COMMIT, TAG, Entry, Pack, PackError, apply

CONTEXT: Final = 0
"""Mark of a text that only others are made of."""

BASE: Final = 1
"""Mark of one that others are compared with, but nobody asked for."""

MARKS: Final = {"commit": 2, "tag": 3, "blob": 4}
"""Marks of what was asked for, by kind."""

_NUMBERS: Final = {COMMIT: MARKS["commit"], TAG: MARKS["tag"], BLOB: MARKS["blob"]}
"""The same by git's numbers of kinds."""

_DEEPEST: Final = 4096
"""Differences to differences; git makes no more than 4095 (``pack.depth``)."""

_KEPT_BYTES: Final = 256 * 1024 * 1024
"""Texts that others are made of, which are kept at a time: a pack may be made to ask for more."""

_BATCH_BYTES: Final = 4 * 1024 * 1024
_AROUND_BYTES: Final = 2048
"""What is looked at of a text beside what is new in it, about."""


class Batch(Struct, frozen=True):
    """Texts of one pack, none before the one that it was made of.

    Attributes:
        pack: The pack.
        ids: The ids of all, one behind the other.
        id_bytes: Length of one.
        places: For each, as numbers of 8 bytes: where in the pack it begins, bytes of what is
            compressed there, and the place in the batch of what it was made of, or -1.
        marks: For each, a byte: `CONTEXT`, `BASE`, or one of `MARKS`.
        size_bytes: About what there is to look at.
    """

    pack: Path
    ids: bytes
    id_bytes: int
    places: bytes
    marks: bytes
    size_bytes: int

    @property
    def last(self) -> str:
        """The last id, in hex digits."""
        return self.ids[-self.id_bytes :].hex()

    def names(self) -> list[str]:
        """Return the ids in hex digits."""
        text, width = self.ids.hex(), 2 * self.id_bytes
        return [text[start : start + width] for start in range(0, len(text), width)]


class Packed:
    """The objects of a repository that are in packs.

    Args:
        git: The repository.
        wanted: The marks of objects by their ids.

    Attributes:
        left: Ids of those that are not in packs, or cannot be read there, once all batches were
            yielded; git may have them.
    """

    def __init__(self, git: Git, wanted: Mapping[bytes, int]) -> None:
        self._git = git
        self._wanted = wanted
        self.left = set(wanted)

    def batches(self) -> Iterator[Batch]:
        """Yield the objects, those of a family together as far as it is not too large."""
        if not self.left:
            return
        id_bytes = len(next(iter(self.left)))
        for path in sorted((self._git.objects() / "pack").glob("*.pack")):
            if not self.left:
                return
            try:
                pack = Pack(path, id_bytes)
                offsets = pack.offsets(self.left)
            except PackError:
                continue
            # Messages first: they are ready at once, and what a file was made of takes a while.
            for is_file in (False, True):
                chosen = {
                    name: offset
                    for name, offset in offsets.items()
                    if (self._wanted[name] == MARKS["blob"]) == is_file
                }
                for batch, names in _Families(pack, chosen, self._wanted).batches():
                    self.left.difference_update(names)
                    yield batch


class Text(Struct, frozen=True, gc=False):
    """A text of a batch.

    Attributes:
        text: The text; None when it cannot be read here, or is too large.
        base: The place in the batch of what it was made of, or -1.
        edit: How it differs from that.
    """

    text: bytes | None
    base: int = -1
    edit: Edit | None = None


def texts(batch: Batch, most: int) -> Iterator[Text]:
    """Yield the texts of a batch, in its order.

    Args:
        batch: The batch.
        most: Bytes of a text that is read here.
    """
    try:
        pack = Pack(batch.pack, batch.id_bytes)
    except PackError:
        # It was there a moment ago: packed anew since.
        yield from [_UNREAD] * len(batch.marks)
        return
    places = array("q")
    places.frombytes(batch.places)
    waiting = Counter(places[2::3])
    kept: dict[int, bytes] = {}
    held = 0
    for place in range(len(batch.marks)):
        start, size, above = places[3 * place : 3 * place + 3]
        read = _read(pack, start, size, most, above, kept)
        if above >= 0:
            waiting[above] -= 1
            if not waiting[above]:
                held -= len(kept.pop(above, b""))
        if read.text is not None and waiting[place] and held < _KEPT_BYTES:
            kept[place] = read.text
            held += len(read.text)
        yield read


def _read(
    pack: Pack, start: int, size: int, most: int, above: int, kept: Mapping[int, bytes]
) -> Text:
    if size > most:
        return _UNREAD
    try:
        content = pack.inflate(start, size)
        if above < 0:
            return Text(content)
        if above in kept:
            text, edit = apply(kept[above], content, most)
            return Text(text, above, edit)
    except PackError:
        # Git is asked for it.
        pass
    return _UNREAD


_UNREAD: Final = Text(None)


class _Families:
    """The families in one pack that hold any of the wanted objects.

    Args:
        pack: The pack.
        offsets: Where the wanted objects are in it, by their ids.
        wanted: Their marks.
    """

    def __init__(self, pack: Pack, offsets: dict[bytes, int], wanted: Mapping[bytes, int]) -> None:
        self._pack = pack
        self._names = {offset: name for name, offset in offsets.items()}
        self._wanted = wanted
        self._entries: dict[int, Entry] = {}
        self._children: dict[int, list[int]] = {}
        self._roots: list[int] = []
        for offset in sorted(self._names):
            if offset not in self._entries:
                self._enter(offset)

    def _enter(self, offset: int) -> None:
        """Note an object and what it was made of, unless that is somewhere else."""
        entries, read = self._entries, self._pack.entry
        chain: list[tuple[int, Entry]] = []
        while True:
            try:
                entry = read(offset)
            except PackError:
                return
            chain.append((offset, entry))
            base = entry.base
            if not base or base in entries:
                break
            offset = base
        for place, entry in chain:
            entries[place] = entry
            if entry.base:
                self._children.setdefault(entry.base, []).append(place)
            else:
                self._roots.append(place)

    def batches(self) -> Iterator[tuple[Batch, list[bytes]]]:
        """Yield batches, and which of the wanted objects are in each."""
        batch = _Open(self._pack, self._entries)
        for root in self._roots:
            mark = _NUMBERS.get(self._entries[root].kind)
            if mark is None:
                continue
            for offset in self._below(root):
                name = self._names.get(offset)
                if name is None or self._wanted[name] != mark:
                    continue
                batch.add(offset, name, mark)
                if batch.size_bytes > _BATCH_BYTES:
                    yield batch.close(), batch.names
                    batch = _Open(self._pack, self._entries)
        if batch.names:
            yield batch.close(), batch.names

    def _below(self, root: int) -> Iterator[int]:
        """Yield an object and all that were made of it, each before those."""
        if root not in self._children:
            yield root
            return
        stack = [(root, 0)]
        while stack:
            offset, depth = stack.pop()
            yield offset
            if depth < _DEEPEST and offset in self._children:
                stack.extend([(child, depth + 1) for child in self._children[offset]])


class _Open:
    """A batch that is being filled.

    Attributes:
        names: Ids of the wanted objects in it.
        size_bytes: About what there is to look at.
    """

    def __init__(self, pack: Pack, entries: Mapping[int, Entry]) -> None:
        self.names: list[bytes] = []
        self.size_bytes = 0
        self._pack = pack
        self._entries = entries
        self._index: dict[int, int] = {}
        self._ids: list[bytes] = []
        self._places = array("q")
        self._marks = bytearray()

    def add(self, offset: int, name: bytes, mark: int) -> None:
        """Add an object, and before it what it was made of."""
        base = self._entries[offset].base
        above = -1
        if base:
            known = self._index.get(base)
            above = self._add_above(base, bytes(len(name))) if known is None else known
            if self._marks[above] == CONTEXT:
                self._marks[above] = BASE
        self._append(offset, name, mark, above)
        self.names.append(name)

    def _add_above(self, offset: int, nothing: bytes) -> int:
        """Add what others are made of, and before it what it was made of; returns its place."""
        missing = [offset]
        while (base := self._entries[missing[-1]].base) and base not in self._index:
            missing.append(base)
        above = self._index.get(base, -1)
        for one in reversed(missing):
            above = self._append(one, nothing, CONTEXT, above)
        return above

    def _append(self, offset: int, name: bytes, mark: int, above: int) -> int:
        entry = self._entries[offset]
        place = self._index[offset] = len(self._ids)
        self._ids.append(name)
        self._places.extend((entry.start, entry.size_bytes, above))
        self._marks.append(mark)
        self.size_bytes += entry.size_bytes + _AROUND_BYTES
        return place

    def close(self) -> Batch:
        """Return the batch."""
        return Batch(
            self._pack.path,
            b"".join(self._ids),
            len(self._ids[0]),
            self._places.tobytes(),
            bytes(self._marks),
            self.size_bytes,
        )
