"""The file around the marshalled code: its header, its code objects, what stands behind them."""

from __future__ import annotations

from typing import Final

from keysift.model import Blob, SkipReason
from keysift.unpack.budget import Budget, StoppedError
from keysift.unpack.formats.extraction import Parts
from keysift.unpack.formats.pyc.render import Allowance
from keysift.unpack.formats.pyc.statements import write
from keysift.unpack.formats.pyc.unmarshal import Code, Unmarshaller
from keysift.unpack.formats.pyc.version import Version, version_of
from keysift.unpack.formats.recognition import code_offset

_MODULE: Final = b"<module>"
_LONGEST_PART: Final = 200


def read_pyc(blob: Blob, budget: Budget) -> Parts:
    """Yield the constants of each code object, outer ones first.

    Raises:
        StoppedError: The file is no compiled module, truncated or corrupt; what was read of it
            until then was yielded.
    """
    content = blob.content
    version = version_of(int.from_bytes(content[:2], "little"))
    reader, failure = _read(content, version, budget)
    allowance = Allowance(len(content), budget)
    for code in _in_order(reader.codes):
        text = write(code, version.instructions, allowance)
        if text:
            yield Blob(path=blob.path, part=_part(code), content=text)
    if failure is not None:
        raise failure
    if content[reader.position :]:
        rest = content[reader.position :]
        yield Blob(path=blob.path, part="data after the code", content=rest)
    return True


def _read(
    content: bytes, version: Version, budget: Budget
) -> tuple[Unmarshaller, StoppedError | None]:
    """Read with the first layout that gives sense, or with the one that comes furthest."""
    best: tuple[Unmarshaller, StoppedError | None] | None = None
    for layout in version.layouts:
        reader = Unmarshaller(content, code_offset(content), layout, budget)
        try:
            module = reader.read()
        except StoppedError as error:
            failure: StoppedError | None = error
        else:
            failure = None
            if not isinstance(module, Code):
                failure = StoppedError(SkipReason.CORRUPT, "there is no code object in it")
        if failure is None:
            return reader, None
        if best is None or len(reader.codes) > len(best[0].codes):
            best = reader, failure
    if best is None:
        raise StoppedError(SkipReason.UNSUPPORTED, "no layout is known for this version")
    return best


def _in_order(codes: list[Code]) -> list[Code]:
    """Return code objects in the order of their source, with dotted names for all versions."""
    ordered: list[Code] = []
    seen: set[int] = set()
    for root in reversed(codes):  # the last one holds the others, unless reading ended early
        pending = [root]
        while pending:
            code = pending.pop()
            if id(code) in seen:
                continue
            seen.add(id(code))
            ordered.append(code)
            inner = [one for one in code.consts if isinstance(one, Code)]
            for one in inner:
                if code.name != _MODULE and one.qualname == one.name:
                    one.qualname = (code.qualname + b"." + one.name)[:_LONGEST_PART]
            pending.extend(reversed(inner))
    return ordered


def _part(code: Code) -> str:
    name = (code.qualname or b"?")[:_LONGEST_PART].decode("utf-8", "replace")
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)
    return f"code object {shown}"
