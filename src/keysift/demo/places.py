"""Where secrets stand in packages: believable paths, and which files of a release have them."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache
from random import Random
from typing import Final

from msgspec import Struct

from keysift.demo.names import MODULES
from keysift.demo.projects import Project, Release

_SDIST: Final = ("sdist",)
_WHEEL: Final = ("wheel", "egg")
_BOTH: Final = ("sdist", "wheel", "egg")

_OWN_PLACE: Final = 0.6
"""Of secrets that have places of their own, how many stand there."""


class Copy(Struct, frozen=True):
    """One file that holds the secret.

    Attributes:
        path: Template of its path: ``{package}``, ``{module}``, ``{name}`` and ``{code}``, which is
            the package's folder (in ``src/`` of some sdists).
        kinds: Kinds of files of a release that have it.
        part: Part of a structured file.
        below: Path below it, for archives in archives.
    """

    path: str
    kinds: tuple[str, ...] = _BOTH
    part: str = ""
    below: str = ""


class Place(Struct, frozen=True):
    """A place, with copies that come and go together.

    Attributes:
        weight: How frequent it is.
        copies: The files.
        only: Globs of the detectors whose secrets stand there; empty: any.
        since: From which year on.
    """

    weight: float
    copies: tuple[Copy, ...]
    only: tuple[str, ...] = ()
    since: int = 0


def _code(weight: float, path: str, part: str = "", since: int = 0) -> Place:
    return Place(weight, (Copy("{code}/" + path, part=part),), since=since)


def _source(weight: float, path: str, part: str = "", below: str = "") -> Place:
    return Place(weight, (Copy(path, _SDIST, part, below),))


_README: Final = (
    Copy("README.md", _SDIST),
    Copy("PKG-INFO", _SDIST),
    Copy("{package}-{version}.dist-info/METADATA", ("wheel",)),
)
_COMPILED: Final = (
    Copy("{code}/{module}.py"),
    Copy("{code}/__pycache__/{module}.cpython-311.pyc", _BOTH, "code object <module>"),
)

PLACES: Final = (
    _code(17, "{module}.py"),
    _code(10, "config.py"),
    _code(8, "settings.py"),
    _code(5, "utils/{module}.py"),
    _code(4, "constants.py"),
    _code(4, "client.py"),
    _code(3, "__init__.py"),
    _code(4, "config.json"),
    _code(3, "settings.json"),
    _code(3, "data/config.yaml"),
    _code(2, "static/js/app.js"),
    _code(4, "tests/test_{module}.py"),
    _code(2, "examples/{module}.py"),
    _code(2, "notebooks/{module}.ipynb", "cell 3"),
    _code(1, "notebooks/{module}.ipynb", "cell 7 output"),
    _code(1, "data/{module}.sqlite3", "table users"),
    _code(1.5, ".env"),
    Place(2.5, _COMPILED),
    Place(2.5, (Copy("{code}/__pycache__/{module}.cpython-310.pyc", _WHEEL, "code object main"),)),
    Place(1.0, (Copy("build/lib/{package}/config.py", _SDIST), Copy("{code}/config.py"))),
    _source(9, "tests/test_{module}.py"),
    _source(2, "tests/conftest.py"),
    _source(2, "tests/cassettes/{module}.yaml"),
    _source(2, "tests/fixtures/{module}.json"),
    _source(1, "docs/{module}.rst"),
    _source(1, "docs/usage.md"),
    _source(5, "examples/{module}.py"),
    _source(3, "examples/{module}.ipynb", "cell 2"),
    _source(1, "notebooks/demo.ipynb", "cell 5 output"),
    _source(6, ".env"),
    _source(1, ".env.local"),
    _source(1.5, ".travis.yml"),
    _source(1.5, ".github/workflows/publish.yml"),
    _source(2, "docker-compose.yml"),
    _source(1, "Dockerfile"),
    _source(2, "setup.py"),
    _source(1.5, "setup.cfg"),
    _source(2, "scripts/deploy.sh"),
    _source(1, ".vscode/settings.json"),
    _source(1, ".idea/workspace.xml"),
    _source(0.7, "backup/{name}.zip", below="!/{module}/settings.py"),
    _source(0.7, "dist/{name}-0.1.0.tar.gz", below="!/{name}-0.1.0/{package}/config.py"),
    Place(4, _README),
    Place(1.2, (Copy(".vscode/mcp.json", _SDIST),), since=2025),
    Place(0.8, (Copy("mcp.json", _SDIST),), since=2025),
    Place(6, (Copy(".pypirc", _SDIST),), ("pypi-api-token", "pypirc-password")),
    Place(1, (Copy("{code}/.pypirc"),), ("pypi-api-token", "pypirc-password")),
    Place(1, (Copy(".netrc", _SDIST),), ("netrc-password",)),
    Place(1, (Copy(".npmrc", _SDIST),), ("npm*",)),
    Place(1, (Copy(".docker/config.json", _SDIST),), ("docker-*",)),
    Place(1, (Copy(".git/config", _SDIST),), ("github-*", "gitlab-*")),
    Place(3, (Copy("infra/terraform.tfstate", _SDIST),), ("aws-*", "azure-*", "uri-*")),
    Place(2, (Copy("terraform/terraform.tfvars", _SDIST),), ("aws-*", "azure-*", "digitalocean-*")),
    Place(
        4, (Copy("{code}/service_account.json"),), ("google-service-account", "google-private-*")
    ),
    Place(2, (Copy("credentials.json", _SDIST),), ("google-oauth-*", "google-service-account")),
    Place(3, (Copy("{code}/certs/server.key"),), ("private-key-*",)),
    Place(4, (Copy("tests/certs/server.key", _SDIST),), ("private-key-*",)),
    Place(2, (Copy("keys/id_rsa", _SDIST),), ("private-key-*",)),
    Place(2, (Copy("deploy/docker-compose.yml", _SDIST),), ("uri-*", "connection-*")),
)
"""All places."""


def place(detector: str, year: int, chance: Random, *, kinds: Iterable[str]) -> Place:
    """Return a place for a secret.

    Args:
        detector: Id of its type.
        year: When it is published.
        chance: Draws.
        kinds: Kinds of files that the releases have.
    """
    own, common = _fitting(detector, frozenset(kinds), min(year, 2025))
    chosen = own if own and (not common or chance.random() < _OWN_PLACE) else common
    return chance.choices(chosen, [one.weight for one in chosen])[0]


@cache
def _fitting(
    detector: str, kinds: frozenset[str], year: int
) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """Return the places for secrets of a type alone, and those for any."""
    there = [
        one
        for one in PLACES
        if one.since <= year and any(kinds.intersection(copy.kinds) for copy in one.copies)
    ]
    own = (one for one in there if one.only and fits(one, detector))
    return tuple(own), tuple(one for one in there if not one.only)


def fits(chosen: Place, detector: str) -> bool:
    """Tell whether secrets of a type stand in a place."""
    return not chosen.only or any(fnmatchcase(detector, glob) for glob in chosen.only)


class Located(Struct, frozen=True):
    """A copy in a project, with what is drawn once for all its releases.

    Attributes:
        copy: The copy.
        module: A module of the package.
    """

    copy: Copy
    module: str

    @property
    def key(self) -> str:
        """What tells it from other files of a project."""
        return self.copy.path.replace("{module}", self.module)

    def path(self, project: Project, release: Release, kind: str) -> str:
        """Return the path in a file of a release."""
        # Everything in an sdist stands in a folder.
        folder = f"{release.root}/" if kind == "sdist" else ""
        return folder + self._filled(self.copy.path, project, release, kind)

    def below(self, project: Project, release: Release) -> str:
        """Return the path below it."""
        return self._filled(self.copy.below, project, release, "")

    def whole(self, project: Project, release: Release, kind: str) -> str:
        """Return the path in a file of a release, with the one below it."""
        return self.path(project, release, kind) + self.below(project, release)

    def _filled(self, template: str, project: Project, release: Release, kind: str) -> str:
        code = f"src/{project.package}" if project.has_src and kind == "sdist" else project.package
        return template.format(
            code=code,
            package=project.package,
            module=self.module,
            name=project.name,
            version=release.version,
        )


def located(chosen: Place, chance: Random) -> tuple[Located, ...]:
    """Return the copies of a place."""
    module = chance.choice(MODULES)
    return tuple(Located(copy, module) for copy in chosen.copies)
