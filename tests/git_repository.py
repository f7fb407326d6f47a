"""Real repositories for tests, which no configuration of whoever runs them reaches."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

VARIABLES = {
    "PATH": os.environ.get("PATH", os.defpath),
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ann Author",
    "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_COMMITTER_NAME": "Carl Committer",
    "GIT_COMMITTER_EMAIL": "carl@example.org",
    "GIT_AUTHOR_DATE": "2024-03-01T12:00:00+02:00",
    "GIT_COMMITTER_DATE": "2024-03-01T12:00:00+02:00",
}


class Repository:
    """A repository in a directory."""

    def __init__(self, path: Path, *options: str) -> None:
        self.path = path
        self.variables = dict(VARIABLES)
        path.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main", *options)

    def git(self, *arguments: str, given: bytes = b"") -> str:
        """Run git, and return what it prints without the end of the line."""
        done = subprocess.run(
            ["git", *arguments],  # noqa: S607 (wherever it is)
            cwd=self.path,
            env=self.variables,
            input=given,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise AssertionError(done.stderr.decode())
        return done.stdout.decode().strip()

    def write(self, **files: str | bytes | None) -> None:
        """Write files, by names with ``__`` for a slash and ``_`` for a dot; None deletes."""
        self.put({_name(name): content for name, content in files.items()})

    def put(self, files: dict[str, str | bytes | None]) -> None:
        """Write files, by their paths; None deletes."""
        for name, content in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, message: str = "Change", **files: str | bytes | None) -> str:
        """Commit all that is there, after writing files; returns the id of the commit."""
        self.write(**files)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


def _name(name: str) -> str:
    return name.replace("__", "/").replace("_", ".")
