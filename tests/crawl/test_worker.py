"""What a place in an artifact says about what is found there."""

from __future__ import annotations

import io
import zipfile

import pytest

from keysift.crawl.worker import Project, project_of
from keysift.detect.scanner import Scanner
from keysift.model import Artifact
from keysift.unpack import Limits
from tests.tokens import token


@pytest.mark.parametrize(
    ("member", "count"), [("examples/client.py", 1), ("examples/tests/client.py", 0)]
)
@pytest.mark.parametrize("name", ["examples-1.0-py3-none-any.whl", "dist/Examples-1.0.zip"])
def test_a_package_that_is_called_examples_is_a_package(
    full_scanner: Scanner, member: str, count: int, name: str
) -> None:
    """Its own folder holds what it is; the tests in it are tests."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(member, f"api_key = '{token(3)[4:36]}'\n")
    file.seek(0)
    project = Project(full_scanner, Limits())
    seen = project.scan(Artifact(target="x", name=name), file)
    # A value without a form is hardly a secret in a test.
    assert len(seen.sightings) == count
    assert seen.sightings or seen.suppressed


@pytest.mark.parametrize(
    ("name", "project"),
    [
        ("dist/Load_Tests-1.0.tar.gz", "load-tests"),
        ("c:\\dist\\zope.interface-5.0-cp311-cp311-win32.whl", "zope-interface"),
        ("a-v2.zip", "a"),
        ("", ""),
    ],
)
def test_a_file_is_named_after_its_project(name: str, project: str) -> None:
    """Before the version."""
    assert project_of(name) == project
