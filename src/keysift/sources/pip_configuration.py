"""The package index that pip uses on this machine.

Files, their order and their sections are those of pip (its documentation, "Configuration"); only
``index-url`` is read.
"""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from keysift.errors import ConfigurationError

_SECTIONS = ("global", "install", "download")
# Later ones win. pip reads [global] and the section of its command; getting files is ``download``,
# and ``install`` is where most people write it.


def pip_index_url(environ: Mapping[str, str], files: Iterable[Path] | None = None) -> str | None:
    """Return the index that pip is configured for, None for its default.

    Args:
        environ: The environment.
        files: pip's configuration files, later ones win; None for those of this machine.

    Raises:
        ConfigurationError: One of the files is not in pip's format.
    """
    given = environ.get("PIP_INDEX_URL", "").strip()
    if given:
        return given
    by_section: dict[str, str] = {}
    for file in pip_config_files(environ) if files is None else files:
        by_section.update(_index_urls(file))
    urls = [by_section[section] for section in _SECTIONS if section in by_section]
    return urls[-1] if urls else None


def pip_config_files(environ: Mapping[str, str]) -> list[Path]:
    """Return where pip looks for its configuration, in order: global, user, environment."""
    chosen = environ.get("PIP_CONFIG_FILE")
    if chosen == os.devnull:
        return []
    windows = sys.platform == "win32"
    name = "pip.ini" if windows else "pip.conf"
    files = [directory / name for directory in _global_directories(environ)]
    if chosen is None or not Path(chosen).exists():
        files += [directory / name for directory in _user_directories(environ)]
    files.append(Path(sys.prefix) / name)
    if chosen:
        files.append(Path(chosen))
    return files


def _global_directories(environ: Mapping[str, str]) -> list[Path]:
    if sys.platform == "win32":
        return [Path(environ.get("PROGRAMDATA", r"C:\ProgramData")) / "pip"]
    if sys.platform == "darwin":
        return [Path("/Library/Application Support/pip")]
    shared = environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    return [*(Path(one) / "pip" for one in shared.split(os.pathsep) if one), Path("/etc")]


def _user_directories(environ: Mapping[str, str]) -> list[Path]:
    if sys.platform == "win32":
        homes = [environ.get("USERPROFILE"), environ.get("APPDATA")]
        return [Path(home) / "pip" for home in homes if home]
    home = environ.get("HOME")
    if not home:
        return []
    configuration = Path(environ.get("XDG_CONFIG_HOME") or Path(home) / ".config") / "pip"
    if sys.platform == "darwin":
        own = Path(home) / "Library" / "Application Support" / "pip"
        configuration = own if own.is_dir() else Path(home) / ".config" / "pip"
    return [Path(home) / ".pip", configuration]


def _index_urls(file: Path) -> dict[str, str]:
    """Return the index of each section that names one."""
    parser = configparser.RawConfigParser()
    parser.optionxform = _option  # type: ignore[method-assign,assignment] # documented as settable
    try:
        parser.read_string(file.read_text(encoding="utf-8-sig"))
    except OSError:
        return {}
    except (configparser.Error, UnicodeDecodeError) as error:
        # The message of the error would quote lines, which may hold a password.
        kind = type(error).__name__
        raise ConfigurationError(f"{file}: not a configuration file of pip ({kind})") from None
    urls = {
        section: parser.get(section, "index-url", fallback="").strip()
        for section in parser.sections()
    }
    return {section: url for section, url in urls.items() if url}


def _option(name: str) -> str:
    return name.lower().replace("_", "-").removeprefix("--")
