"""Jupyter notebooks, formats 3 and 4: every cell and every output as text.

The format is nbformat's (https://nbformat.readthedocs.io). Source and output stand in JSON strings,
in lists of lines or as one; here they become the text that a reader of the notebook sees.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, TypeAlias

from keysift.model import Blob, SkipReason
from keysift.unpack.budget import Budget, StoppedError
from keysift.unpack.formats.extraction import Parts

_LARGEST: Final = 32 * 1024 * 1024
"""Notebooks beyond this stay raw: parsed JSON takes many times its size."""

_MOST_NODES: Final = 1_500_000
"""Objects, lists and strings that are parsed at most: an empty one takes more than 50 bytes."""

_COLOUR: Final = re.compile(rb"\x1b\[[0-9;]*m")
_TEXT_IMAGE: Final = "image/svg+xml"
_OLD_MIME: Final = {"png": "image/png", "jpeg": "image/jpeg", "svg": _TEXT_IMAGE}
_OLD_TEXT: Final = ("text", "html", "latex", "javascript", "json", "svg")

Node: TypeAlias = dict[str, Any]


class _Repeated:
    """Whether an object had the same key twice, so that parsing lost a value."""

    def __init__(self) -> None:
        self.found = False

    def __call__(self, pairs: list[tuple[str, Any]]) -> Node:
        node = dict(pairs)
        self.found |= len(node) != len(pairs)
        return node


def read_notebook(blob: Blob, budget: Budget) -> Parts:
    """Yield the source and the outputs of each cell, then everything else as JSON.

    Pictures are left out. A JSON file that is no notebook has no parts.

    Raises:
        StoppedError: It is too large, or no valid JSON.
    """
    repeated = _Repeated()
    notebook = _parse(blob.content, repeated)
    cells = _cells(notebook)
    if not isinstance(notebook, dict) or "nbformat" not in notebook or cells is None:
        return False
    for number, cell in enumerate(cells, 1):
        if not budget.step():
            raise budget.stopped()
        source, output = _split(cell)
        if source:
            yield Blob(path=blob.path, part=f"cell {number}", content=source)
        if output:
            yield Blob(path=blob.path, part=f"cell {number} output", content=output)
    rest = _encoded(json.dumps(notebook, indent=1, ensure_ascii=False))
    yield Blob(path=blob.path, part="metadata", content=rest)
    return not repeated.found


def _parse(content: bytes, repeated: _Repeated) -> object:
    if len(content) > _LARGEST:
        detail = f"notebooks are read up to {_LARGEST} bytes"
        raise StoppedError(SkipReason.TOO_LARGE, detail)
    if sum(map(content.count, (b"{", b"[", b'",'))) > _MOST_NODES:
        detail = f"notebooks are read up to {_MOST_NODES} objects, lists and strings"
        raise StoppedError(SkipReason.TOO_LARGE, detail)
    try:
        return json.loads(content.decode("utf-8-sig", "replace"), object_pairs_hook=repeated)
    except ValueError:  # not the decoder's message: it may quote the content
        raise StoppedError(SkipReason.CORRUPT, "a notebook that is no valid JSON") from None
    except RecursionError:
        raise StoppedError(SkipReason.TOO_DEEP, "JSON that is nested too deeply") from None


def _cells(notebook: object) -> list[object] | None:
    """Return all cells, which format 3 has in worksheets; None when it is no notebook."""
    if not isinstance(notebook, dict):
        return None
    holders = [notebook]
    worksheets = notebook.get("worksheets")
    if isinstance(worksheets, list):
        holders += [sheet for sheet in worksheets if isinstance(sheet, dict)]
    lists = [holder["cells"] for holder in holders if isinstance(holder.get("cells"), list)]
    return [cell for cells in lists for cell in cells] if lists else None


def _split(cell: object) -> tuple[bytes, bytes]:
    """Take source and outputs out of a cell, and return them as text."""
    if not isinstance(cell, dict):
        return b"", b""
    sources = [_take(cell, key) for key in ("source", "input") if key in cell]
    attachments = cell.get("attachments")
    if isinstance(attachments, dict):
        sources += [text for bundle in attachments.values() for text in _data(bundle)]
    outputs = cell.get("outputs")
    texts: list[bytes] = []
    if isinstance(outputs, list):
        texts += [text for one in outputs if isinstance(one, dict) for text in _output(one)]
    # Colours stand between the words of a traceback.
    return b"\n".join(sources), _COLOUR.sub(b"", b"\n".join(texts))


def _output(output: Node) -> list[bytes]:
    """Take the texts out of an output: of a stream, of an error, of each form of a result."""
    texts = [_take(output, key) for key in ("text", "evalue") if _is_text(output.get(key))]
    traceback = output.get("traceback")
    if _is_text(traceback):
        lines = output.pop("traceback")
        texts.append(_encoded(lines if isinstance(lines, str) else "\n".join(lines)))
    texts += _data(output.get("data"))
    for key, kind in _OLD_MIME.items():  # format 3 has the forms in the output itself
        if key in output and kind != _TEXT_IMAGE and _is_text(output[key]):
            del output[key]
    return texts + [_take(output, key) for key in _OLD_TEXT if _is_text(output.get(key))]


def _data(bundle: object) -> list[bytes]:
    """Take the forms of a result that are text; drop its pictures."""
    texts: list[bytes] = []
    if not isinstance(bundle, dict):
        return texts
    for kind in list(bundle):
        if not _is_text(bundle[kind]):
            continue
        if kind.startswith("image/") and kind != _TEXT_IMAGE:
            del bundle[kind]
        else:
            texts.append(_take(bundle, kind))
    return texts


def _is_text(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(line, str) for line in value)
    return isinstance(value, str)


def _take(node: Node, key: str) -> bytes:
    """Remove a text from a node and return it; anything else stays where it is."""
    value = node[key]
    if not _is_text(value):
        return b""
    del node[key]
    return _encoded(value if isinstance(value, str) else "".join(value))


def _encoded(text: str) -> bytes:
    # JSON may hold lone surrogates; as UTF-8 they are invalid, which any scanner of bytes can take.
    return text.encode("utf-8", "surrogatepass")
