"""All rules of the gate by id: those about files, and those about a distribution as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from keysift.gate.rules import RULES
from keysift.report.gate.result import INCOMPLETE, UNREADABLE

OUTSIDE: Final = "outside-packages"
NOT_IN_SDIST: Final = "not-in-sdist"
NOT_IN_WHEEL: Final = "not-in-wheel"
UNTRACKED: Final = "untracked"
IGNORED: Final = "ignored-by-git"
VERSIONS: Final = "several-versions"

STRUCTURE: Final[Mapping[str, str]] = MappingProxyType(
    {
        OUTSIDE: "A warning: the wheel installs something beside the packages that the project "
        "declares, or, when it declares nothing, something that has no name of its own.",
        NOT_IN_SDIST: "A warning: a wheel for all platforms holds a file that does not come from "
        "the sdist. A note for wheels of one platform, whose builds make files, and for data.",
        NOT_IN_WHEEL: "A note: what the sdist holds, and the wheel does not.",
        UNTRACKED: "A warning: a file from the work tree is packaged, and git does not know it.",
        IGNORED: "A warning: a file that git is told to ignore is packaged.",
        VERSIONS: "A warning: several versions of one project are about to be uploaded.",
        INCOMPLETE: "An error: a part of a distribution could not be looked at. Accepted by name "
        "or path, or with `--allow-incomplete`.",
        UNREADABLE: "An error: a distribution could not be read, or not to its end.",
    }
)
"""What the rules about a distribution as a whole say, by id."""

RULE_IDS: Final = (*(rule.id for rule in RULES), *STRUCTURE)
