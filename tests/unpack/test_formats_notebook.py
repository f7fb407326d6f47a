"""Notebooks give the text of every cell and output, and hide nothing else."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from keysift.model import Blob, Skip, SkipReason
from keysift.unpack import expand
from keysift.unpack.budget import Budget
from keysift.unpack.formats import Format, recognise
from tests.unpack.extracting import extraction, marker, parts, skips


def notebook(*cells: dict[str, Any], **more: object) -> bytes:
    """Return a notebook in format 4."""
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, **more}).encode()


def code(source: str | list[str], *outputs: dict[str, Any]) -> dict[str, Any]:
    """Return a code cell."""
    return {"cell_type": "code", "source": source, "outputs": outputs, "metadata": {}}


def test_sources_are_text() -> None:
    """A list of lines and one string give the same; cells count from 1."""
    found = parts(notebook(code(["a = 'x'\n", "b"]), code("a = 'x'\nb")))
    assert found["cell 1"] == found["cell 2"] == b"a = 'x'\nb"


def test_outputs_are_text() -> None:
    """Streams, results in every text form, and errors without their colours come out."""
    stream = {"output_type": "stream", "name": "stdout", "text": ["one\n", "two"]}
    data = {"text/plain": "plain", "text/html": ["<b>", "html</b>"], "image/svg+xml": "<svg/>"}
    result = {"output_type": "execute_result", "data": data}
    error = {
        "output_type": "error",
        "evalue": "bad",
        "traceback": ["\x1b[0;31mtoken\x1b[0m=1", "x"],
    }
    found = parts(notebook(code("", stream, result, error)))
    assert found["cell 1 output"].splitlines() == [
        *[b"one", b"two", b"plain", b"<b>html</b>", b"<svg/>", b"bad", b"token=1", b"x"]
    ]


def test_pictures_are_left_out() -> None:
    """The data of pictures are in no part, in outputs and attachments alike."""
    cell = code("", {"output_type": "display_data", "data": {"image/png": marker(1)}})
    cell["attachments"] = {"a.png": {"image/jpeg": marker(2), "text/plain": marker(3)}}
    text = b"".join(parts(notebook(cell)).values())
    assert marker(1).encode() not in text
    assert marker(2).encode() not in text
    assert marker(3).encode() in text


def test_everything_else_is_metadata() -> None:
    """Metadata of notebook, cells and outputs, and forms that are no text, are one part."""
    result = {"output_type": "execute_result", "data": {"application/json": {"k": marker(1)}}}
    cell = code("", result)
    cell["metadata"] = {"tags": [marker(2)]}
    found, items = extraction(notebook(cell, more={marker(3): None}))
    text = getattr(items[-1], "content", b"").decode()
    assert all(marker(seed) in text for seed in (1, 2, 3))
    assert found.replaces_raw


def test_format_3_is_read() -> None:
    """Worksheets, inputs and the old names of outputs are known."""
    output = {"output_type": "pyout", "text": ["out\n"], "png": marker(1), "html": "<p>"}
    cell = {"cell_type": "code", "input": ["a = 1\n"], "outputs": [output]}
    old = json.dumps({"metadata": {}, "nbformat": 3, "worksheets": [{"cells": [cell]}]}).encode()
    found = parts(old)
    assert found["cell 1"] == b"a = 1\n"
    assert found["cell 1 output"] == b"out\n\n<p>"
    assert marker(1).encode() not in b"".join(found.values())


def test_json_that_is_no_notebook_has_no_parts() -> None:
    """A file with cells of another kind stays as it is."""
    found, items = extraction(b'{"cells": [1, 2]}')
    assert items == []
    assert not found.replaces_raw


def test_repeated_keys_keep_the_raw_bytes() -> None:
    """Of a key that stands twice only one value can come out, so the raw bytes count as well."""
    found, _ = extraction(b'{"cells": [], "cells": [], "nbformat": 4}')
    assert not found.replaces_raw


def test_broken_json_is_a_skip() -> None:
    """The reason names no content, and the raw bytes are needed."""
    found, items = extraction(notebook(code(marker(1)))[:-5])
    assert [getattr(item, "reason", None) for item in items] == [SkipReason.CORRUPT]
    assert marker(1) not in repr(items)
    assert not found.replaces_raw


def test_deep_json_is_a_skip() -> None:
    """Nesting ends in a skip, not in the interpreter's stack."""
    [skip] = skips(b'{"cells": ' + b"[" * 100_000)
    assert skip.reason is SkipReason.TOO_DEEP


def test_numbers_of_many_digits_are_a_skip() -> None:
    """A number that Python refuses to convert does not raise."""
    assert (
        skips(b'{"cells": [' + b"9" * 5000 + b'], "nbformat": 4}')[0].reason is SkipReason.CORRUPT
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["source", "outputs", "data", "text", "traceback", "image/png", "html"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_cells_are_taken(cell: object) -> None:
    """Whatever stands where cells should, nothing is raised."""
    content = json.dumps({"cells": [cell, cell], "nbformat": 4}).encode()
    assert isinstance(extraction(content, Budget())[1], list)


def test_notebooks_are_recognised_by_content() -> None:
    """White space and a byte order mark may stand before; other JSON is not parsed."""
    assert recognise(b"\xef\xbb\xbf" + notebook()) is Format.NOTEBOOK
    assert recognise(b"\n " + notebook()) is Format.NOTEBOOK
    assert recognise(b'{"name": "x", "dependencies": {}}') is None


def test_a_notebook_of_nothing_but_empty_objects_stays_raw() -> None:
    """Parsed, it would take dozens of times its size."""
    content = b'{"nbformat": 4, "cells": [' + b"{}," * 1_500_000 + b'{"source": "x"}]}'
    items = list(expand(Blob(path="a.ipynb", content=content), Budget()))
    assert [item.reason for item in items if isinstance(item, Skip)] == [SkipReason.TOO_LARGE]
    assert [item.content for item in items if isinstance(item, Blob)] == [content]
