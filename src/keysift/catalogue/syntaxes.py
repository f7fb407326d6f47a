"""The ways in which files carry a secret: each takes a name and a value and returns a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final, TypeAlias
from xml.sax.saxutils import escape, quoteattr

Syntax: TypeAlias = Callable[[str, str], str | None]
"""From a name and a value to text; None when the value cannot stand in this syntax."""


def _plain(form: str, forbidden: str = "") -> Syntax:
    """Return a syntax without escapes; values with ``forbidden`` characters cannot stand in it."""

    def dress(name: str, value: str) -> str | None:
        if any(char in value for char in forbidden):
            return None
        upper = name.upper().replace(".", "_").replace("-", "_")
        return form.replace("<name>", name).replace("<NAME>", upper).replace("<value>", value)

    return dress


def _json(name: str, value: str) -> str:
    return json.dumps({"version": 1, name: value}, indent=2) + "\n"


def _notebook(name: str, value: str) -> str:
    cell = {"cell_type": "code", "source": ["import x\n", f"{name} = {json.dumps(value)}\n"]}
    return json.dumps({"cells": [cell], "nbformat": 4}, indent=1)


def _one_long_line(name: str, value: str) -> str | None:
    if any(char in value for char in '"\n\\'):
        return None
    filler = "function(a,b){return a+b};" * 400
    return f'{filler}var {name}="{value}";{filler}'


def _xml_element(name: str, value: str) -> str:
    return f"<config>\n  <{name}>{escape(value)}</{name}>\n</config>\n"


def _xml_attribute(name: str, value: str) -> str:
    return f"<add key={quoteattr(name)} value={quoteattr(value)} />\n"


_QUOTED: Final = '"\n\\'
_LINE: Final = "\n \"'#`$\\"

SYNTAXES: Final[dict[str, Syntax]] = {
    "python": _plain('import os\n\n<name> = "<value>"\n', _QUOTED),
    "python-single": _plain("class A:\n    <name> = '<value>'\n", "'\n\\"),
    "python-keyword": _plain('client = Client(<name>="<value>", timeout=3)\n', _QUOTED),
    "python-f-string": _plain('<name> = f"<value>"\n', _QUOTED + "{}"),
    "python-dict": _plain('CONFIG = {"debug": True, "<name>": "<value>"}\n', _QUOTED),
    "python-environ": _plain('os.environ["<NAME>"] = "<value>"\n', _QUOTED),
    "docstring": _plain('def f():\n    """Do it.\n\n    <name>: <value>\n    """\n', '\n"\\'),
    "comment": _plain("# <name> = <value>\n", "\n"),
    "json": _json,
    "yaml": _plain("a: 1\n<name>: <value>\nb: 2\n", _LINE),
    "yaml-quoted": _plain('env:\n  - name: <NAME>\n    value: "<value>"\n', _QUOTED),
    "toml": _plain('[section]\n<name> = "<value>"\n', _QUOTED),
    "ini": _plain("[section]\n<name> = <value>\n", _LINE + ";"),
    "properties": _plain("<name>=<value>\n", _LINE),
    "env": _plain("<NAME>=<value>\n", _LINE),
    "shell": _plain("export <NAME>='<value>'\n", "'\n"),
    "shell-option": _plain("tool --<name> <value> run\n", _LINE + "&;|"),
    "javascript": _plain('const <name> = "<value>";\n', _QUOTED),
    "javascript-object": _plain("const c = { <name>: '<value>', b: 1 };\n", "'\n\\"),
    "java": _plain('    private static final String <NAME> = "<value>";\n', _QUOTED),
    "c-define": _plain('#define <NAME> "<value>"\n', _QUOTED),
    "xml-element": _xml_element,
    "xml-attribute": _xml_attribute,
    "markdown": _plain("Settings:\n\n- `<name>`: `<value>`\n", "`\n"),
    "url": _plain("GET https://api.internal/v1/x?<name>=<value>&limit=3\n", "\n &#+%\"'<>"),
    "header": _plain('curl -H "X-<name>: <value>" https://api.internal\n', _QUOTED),
    "csv": _plain("id,<name>,note\n7,<value>,old\n", '\n,"'),
    "notebook": _notebook,
    "crlf": _plain('a = 1\r\n<name> = "<value>"\r\nb = 2\r\n', _QUOTED),
    "one-long-line": _one_long_line,
    "end-of-file": _plain("<name> = <value>", _LINE),
    "dockerfile": _plain("FROM x\nENV <NAME>=<value>\n", _LINE),
}
"""Every syntax by name."""
