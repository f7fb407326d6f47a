"""What others wrote and we ship: the files are those that the list names."""

from __future__ import annotations

import hashlib
import re

from keysift.web.statics import FOLDER

_ROW = re.compile(
    r"^\| `([^`]+)` \| (\S+) (\S+) \| ([^|]+) \| ([\d,]+) \| `([0-9a-f]{64})` \|$", re.MULTILINE
)


def test_vendored_files_are_as_listed() -> None:
    """Nothing is there that has no line, a licence and a digest."""
    folder = FOLDER / "vendor"
    listed = {row[0]: row for row in _ROW.findall((folder / "README.md").read_text("utf-8"))}
    assert set(listed) == {path.name for path in folder.glob("*.js")}
    licences = (folder / "LICENSES.txt").read_text("utf-8")
    for name, package, version, _, size, digest in listed.values():
        content = (folder / name).read_bytes()
        assert f"{len(content):,}" == size
        assert hashlib.sha256(content).hexdigest() == digest
        assert f"\n{package} {version}\n" in licences
