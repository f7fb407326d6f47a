"""The two entrances: the members of an artifact, and what to scan of one blob."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, overload

from keysift.model import Blob, Passed, Skip, SkipReason
from keysift.unpack import formats
from keysift.unpack import tar as tar_reader
from keysift.unpack import zip as zip_reader
from keysift.unpack.ar import read_ar
from keysift.unpack.budget import Budget, StoppedError
from keysift.unpack.choice import Choose
from keysift.unpack.compression import StreamReader, decode
from keysift.unpack.deliver import deliver
from keysift.unpack.kind import HEAD, TAIL, Kind, ends_zip, identify
from keysift.unpack.names import NESTING, printable, text, uncompressed
from keysift.unpack.place import Place
from keysift.unpack.reader import BinaryFile, Metered, Pushback, Source, Span, gather
from keysift.unpack.tar import read_tar
from keysift.unpack.zip import read_chosen, read_zip

RAW: Final = "raw bytes of an archive"
"""Part of the blob that stands for a container from which nothing came out."""

AFTER: Final = "data after the compressed stream"

_AS_IT_IS: Final = frozenset({RAW, zip_reader.RAW})
"""Parts that are never opened: what they hold could not be read when it was tried."""

_SEARCHED: Final = frozenset(
    {
        (Kind.ZIP, zip_reader.BEFORE),
        (Kind.ZIP, zip_reader.BETWEEN),
        (Kind.ZIP, zip_reader.AFTER),
        (Kind.TAR, tar_reader.OUTSIDE),
    }
)
"""Left-over bytes that were searched for members of that kind already."""

_GZIP_NAME: Final = 8
_GZIP_EXTRA: Final = 4


@overload
def members(name: str, file: BinaryFile, budget: Budget) -> Iterator[Blob | Skip]: ...


@overload
def members(
    name: str, file: BinaryFile, budget: Budget, choose: Choose
) -> Iterator[Blob | Skip | Passed]: ...


def members(
    name: str, file: BinaryFile, budget: Budget, choose: Choose | None = None
) -> Iterator[Blob | Skip | Passed]:
    """Yield the files in an artifact, or a loose file itself, one level deep.

    Bytes that no member owns come as blobs named ``name``, with a part. Nothing is raised for the
    sake of the content; a file that cannot be read ends in a skip. Errors of a file that are no
    ``OSError`` go through.

    Args:
        name: File name of the artifact.
        file: Binary, seekable; not closed.
        budget: The account of this artifact.
        choose: For a zip archive, which of its members to read: called with path, size in bytes and
            CRC-32 of each, as its central directory has them. Where it says no, nothing is read and
            a ``Passed`` is yielded. Bytes of the file that this does not need are not read.
    """
    path = printable(name)
    try:
        source = Source(file, is_exact=choose is not None)
        if choose is not None and ends_zip(source.at(max(0, source.size - TAIL), TAIL)):
            yield from read_chosen(source, Place(path, is_artifact=True), budget, choose)
            return
        kind = identify(source.at(0, HEAD), source.at(max(0, source.size - TAIL), TAIL))
        if kind is None:
            reader = Metered(Span(source), budget)
            yield from deliver(path, reader, budget, size=source.size)
            return
        seen = _Seen(kind)
        for item in _open(kind, source, Place(path, is_artifact=True), budget):
            seen.note(item)
            yield item
        if seen.misses_raw:
            reader = Metered(Span(source), budget)
            yield from deliver(path, reader, budget, part=RAW, size=source.size)
    except StoppedError as error:
        yield error.skip("")
    except OSError as error:
        yield Skip(path="", reason=SkipReason.UNREADABLE, detail=error.strerror or "read error")


def expand(blob: Blob, budget: Budget) -> Iterator[Blob | Skip]:
    """Yield what to scan for one blob; every path begins with the blob's.

    That is the blob itself, unless it is a container that could be opened or a structured file
    whose parts say everything; the members of containers, at any depth; and the parts of structured
    files.

    Args:
        blob: As ``members`` yields it.
        budget: The account of its artifact.
    """
    return _expand(blob, budget, 1)


def _expand(blob: Blob, budget: Budget, depth: int) -> Iterator[Blob | Skip]:
    if blob.base.offset or blob.part in _AS_IT_IS:
        yield blob
        return
    content = blob.content
    kind = identify(content[:HEAD], _tail(blob))
    if kind is None or (kind, blob.part) in _SEARCHED:
        yield from _with_parts(blob, budget, depth)
        return
    if depth > budget.limits.depth:
        yield blob
        detail = f"more than {budget.limits.depth} containers inside each other"
        yield Skip(
            path=blob.path, reason=SkipReason.TOO_DEEP, detail=detail, size_bytes=len(content)
        )
        return
    seen = _Seen(kind)
    inner = budget.share()
    for item in _open(kind, Source.of(content), Place(blob.path, is_artifact=False), inner):
        seen.note(item)
        if isinstance(item, Skip):
            yield item
        else:
            yield from _expand(item, inner, depth + 1)
    budget.settle(inner)
    if seen.misses_raw:
        yield blob


class _Seen:
    """What came out of a container, to decide whether its raw bytes are still worth a look."""

    __slots__ = ("_is_weak", "blobs", "failures")

    def __init__(self, kind: Kind) -> None:
        self._is_weak = kind in (Kind.ZLIB, Kind.LZMA)
        self.blobs = 0
        self.failures = 0

    def note(self, item: Blob | Skip) -> None:
        """Count an item."""
        if isinstance(item, Blob):
            self.blobs += 1
        elif item.reason.is_gap:
            self.failures += 1

    @property
    def misses_raw(self) -> bool:
        """True when nothing came out, or when it may be no container at all."""
        return not self.blobs or (self._is_weak and self.failures > 0)


def _tail(blob: Blob) -> bytes:
    """Return where a zip archive behind other data would end, unless text makes that absurd."""
    content = blob.content
    if blob.part is not None or len(content) < 22:
        return b""
    if content[-22:-18] == b"PK\x05\x06":
        return content[-22:]
    if content.find(b"\0", -TAIL) >= 0 and content.find(b"PK\x05\x06", -TAIL) >= 0:
        return content[-TAIL:]
    return b""


def _with_parts(blob: Blob, budget: Budget, depth: int) -> Iterator[Blob | Skip]:
    extraction = formats.extract(blob, budget)
    if extraction is None:
        yield blob
        return
    inner = extraction.budget
    for item in extraction.items:
        if isinstance(item, Blob) and (
            item.path != blob.path or identify(item.content[:HEAD]) is not None
        ):
            # A file of its own, or a part that is a container: an archive in a git object.
            yield from _expand(item, inner, depth + 1)
        else:
            yield item
    budget.settle(inner)
    if not extraction.replaces_raw:
        yield blob


def _open(kind: Kind, source: Source, place: Place, budget: Budget) -> Iterator[Blob | Skip]:
    """Yield what is in a container, one level deep (a compressed tar is one container)."""
    if kind is Kind.ZIP:
        yield from read_zip(source, place, budget)
    elif kind is Kind.TAR:
        reader = Metered(Span(source), budget)
        yield from read_tar(reader, place, budget, source.size)
    elif kind is Kind.AR:
        yield from read_ar(source, place, budget)
    elif kind.is_stream:
        yield from _open_stream(kind, source, place, budget)
    else:
        detail = f"{kind.value} archives cannot be opened"
        yield Skip(
            path=place.path, reason=SkipReason.UNSUPPORTED, detail=detail, size_bytes=source.size
        )


def _open_stream(kind: Kind, source: Source, place: Place, budget: Budget) -> Iterator[Blob | Skip]:
    stream = decode(kind, source, budget)
    reader = Metered(stream, budget)
    got = gather(reader, HEAD)
    again = Pushback(got.content, reader)
    if identify(got.content) is Kind.TAR:
        yield from read_tar(again, place, budget)
    elif got.content or got.failure is None:
        if not budget.member():
            yield budget.skip(place.path)
            return
        path = place.prefix + _stored_name(kind, source, place)
        yield from deliver(path, again, budget)
    else:
        yield got.failure.skip(place.path)
    yield from _after(stream, source, place, budget)


def _after(
    stream: StreamReader, source: Source, place: Place, budget: Budget
) -> Iterator[Blob | Skip]:
    if stream.rest is None or stream.rest >= source.size:
        return
    reader = Metered(Span(source, stream.rest), budget)
    yield from deliver(place.name, reader, budget, part=AFTER, size=source.size - stream.rest)


def _stored_name(kind: Kind, source: Source, place: Place) -> str:
    """Return the name of the only file in a compressed one."""
    outer = uncompressed(place.name.rsplit(NESTING, 1)[-1], kind)
    if kind is not Kind.GZIP:
        return outer
    header = source.at(0, HEAD)
    position = 10
    if header[3] & _GZIP_EXTRA:
        position += 2 + int.from_bytes(header[10:12], "little")
    end = header.find(b"\0", position)
    if not header[3] & _GZIP_NAME or end <= position:
        return outer
    return text(header[position:end]).replace("\\", "/").rsplit("/", 1)[-1] or outer
