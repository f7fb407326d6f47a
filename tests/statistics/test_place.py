"""What kind of file a path names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.statistics.place import Place, extension_of, place_of


@pytest.mark.parametrize(
    ("path", "place", "extension"),
    [
        # Form comes before role.
        ("acme-1.0/tests/__pycache__/test_a.cpython-311.pyc", Place.BYTECODE, "pyc"),
        ("docs/a.PYO", Place.BYTECODE, "pyo"),
        ("acme-1.0/docs/tutorial.ipynb", Place.NOTEBOOK, "ipynb"),
        ("tests/example.ipynb", Place.NOTEBOOK, "ipynb"),
        # A README is one wherever it stands; metadata repeats it.
        ("acme-1.0/README.md", Place.README, "md"),
        ("acme-1.0/tests/README", Place.README, "none"),
        ("acme-1.0/PKG-INFO", Place.README, "none"),
        ("acme-1.0.dist-info/METADATA", Place.README, "none"),
        # Documentation comes before examples and tests.
        ("acme-1.0/docs/examples/run.py", Place.DOCUMENTATION, "py"),
        ("acme/CHANGELOG.rst", Place.DOCUMENTATION, "rst"),
        ("acme/notes.md", Place.DOCUMENTATION, "md"),
        # Tests come before examples: what is made for tests is no example.
        ("acme-1.0/tests/examples/run.py", Place.TEST, "py"),
        ("acme-1.0/examples/run.py", Place.EXAMPLE, "py"),
        ("acme/sample_settings.py", Place.EXAMPLE, "py"),
        ("acme/tests/test_a.py", Place.TEST, "py"),
        ("acme/conftest.py", Place.TEST, "py"),
        ("acme/benchmarks/run.py", Place.TEST, "py"),
        ("acme/cassettes/login.yaml", Place.TEST, "yaml"),
        # Then what the file is for.
        ("acme-1.0/.env", Place.CONFIGURATION, "env"),
        ("acme/.env.local", Place.CONFIGURATION, "other"),
        ("acme/settings.py", Place.CONFIGURATION, "py"),
        ("acme/config.json", Place.CONFIGURATION, "json"),
        ("acme/setup.cfg", Place.CONFIGURATION, "cfg"),
        ("acme/.pypirc", Place.CONFIGURATION, "pypirc"),
        ("acme/keys/server.pem", Place.CONFIGURATION, "pem"),
        ("Dockerfile", Place.CONFIGURATION, "none"),
        ("acme/client.py", Place.SOURCE, "py"),
        ("acme/static/app.min.js", Place.SOURCE, "js"),
        ("acme/templates/index.html", Place.SOURCE, "html"),
        ("acme/data.json", Place.DATA, "json"),
        ("acme/db.sqlite3", Place.DATA, "sqlite3"),
        ("acme/server.log", Place.DATA, "log"),
        ("acme/LICENSE", Place.OTHER, "none"),
        ("acme/thing.acme-internal", Place.OTHER, "other"),
        # The folder of the release is not a name for anything, dashes or not.
        ("acme-test-1.0/client.py", Place.SOURCE, "py"),
        ("examples-2.1/client.py", Place.SOURCE, "py"),
        # Inside archives all of the path counts.
        ("vendor/x.tgz!/package/index.js", Place.SOURCE, "js"),
        ("tests/x.tgz!/package/index.js", Place.TEST, "js"),
        ("", Place.OTHER, "none"),
    ],
)
def test_a_path_has_one_place_and_one_extension(path: str, place: Place, extension: str) -> None:
    """The first kind that it fits, in the order of the kinds."""
    assert place_of(path) is place
    assert extension_of(path) == extension


@given(st.text())
def test_any_path_has_a_place(path: str) -> None:
    """And an extension that is one of those that are known: nobody's name stands in it."""
    assert place_of(path) in Place
    extension = extension_of(path)
    assert extension.isascii()
    assert len(extension) <= len("properties")
