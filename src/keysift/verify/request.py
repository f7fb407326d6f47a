"""From a validity table and the values of a secret to a request."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import structs

from keysift.catalogue.validity import Validity
from keysift.model import CannotAskError, Doubt
from keysift.verify.message import MOMENT, Moment, Request
from keysift.verify.schemes import SCHEMES, Parameters, Scheme

PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z0-9_-]*)(?:\|(base64|path))?\}")

_PATH_SAFE: Final = ":@!$&'()*+,;=-._~"
"""What may stand in a segment of a path as it is (RFC 3986, section 3.3)."""

_HOST: Final = re.compile(r"(?:\{(?![\w-]+\|path\})[^}]*\}|[^/{])*")
"""The host of an address, up to its path, which ``{name|path}`` begins too."""

_HEADER: Final = re.compile(r"[\x20-\x7e]*")
"""What a header's value may hold here: no line break can end it (RFC 9110, section 5.5)."""

_LABEL: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


def placeholders(table: Validity) -> set[str]:
    """Return the names of what a table wants to know of a secret."""
    texts = [table.url, table.basic, table.text, *_texts(table.json), *_texts(table.scheme)]
    for templates in (table.headers, table.query, table.form):
        texts.extend(templates.values())
    return {found[1] for text in texts for found in PLACEHOLDER.finditer(text)} - made(table)


def made(table: Validity) -> frozenset[str]:
    """Return the names of what a table's templates use that comes from its scheme."""
    scheme = SCHEMES.get(str(table.scheme.get("name")))
    if scheme is None:
        return frozenset()
    own = scheme.makes
    return MOMENT | (frozenset(table.scheme.get("messages", ())) if own is None else own)


def host_of(table: Validity) -> str:
    """Return the host of the address, as a template."""
    found = _HOST.match(table.url.partition("://")[2])
    return found[0] if found else ""


def at(table: Validity, origin: str) -> Validity:
    """Return a table that asks at another origin."""
    rest = table.url.partition("://")[2]
    return structs.replace(table, url=origin + rest.removeprefix(host_of(table)))


def is_asked_at(table: Validity, origin: str) -> bool:
    """Tell whether a request of a table may go to an origin."""
    if table.not_checkable:
        return False
    for url in (table.url, *table.also, *(more.url for more in table.more)):
        host = host_of(structs.replace(table, url=url))
        if PLACEHOLDER.search(host):
            if re.fullmatch(f"https://(?:{table.host})", origin):
                return True
        elif origin == f"https://{host}":
            return True
    return False


def endpoint_of(table: Validity, method: str, url: str) -> str:
    """Return what may be written down of where a request goes: its path as a template.

    Args:
        table: The table it was built from.
        method: Of the request.
        url: The address, of which no more than scheme and host are shown.
    """
    parts = urlsplit(url)
    for template in (table.url, *(more.url for more in table.more)):
        path = _path_template(template)
        literal = "".join(
            re.escape(text) if index % 2 == 0 else ".*"
            for index, text in enumerate(re.split(r"(\{[^}]*\})", path))
        )
        if re.fullmatch(literal, parts.path):
            break
    else:
        path = "/…"
    return f"{method} {parts.scheme}://{parts.netloc}{path}"


def _path_template(url: str) -> str:
    """Return the path of a template of an address."""
    rest = url.partition("://")[2]
    host = _HOST.match(rest)
    return rest[host.end() if host else 0 :].partition("?")[0]


def build(table: Validity, values: Mapping[str, bytes], moment: Moment | None = None) -> Request:
    """Return the request about one secret, signed if the table says so.

    Args:
        table: How to ask.
        values: The secret and its other halves by name, and what its pattern names.
        moment: When it is made; None for now.

    Raises:
        CannotAskError: Part of it is missing, or cannot stand where the table puts it.
    """
    if not table.scheme:
        return _plain(table, values)
    scheme = SCHEMES.get(str(table.scheme.get("name")))
    if scheme is None:
        raise CannotAskError(Doubt.MALFORMED, "how its requests are signed is not known")
    moment = moment or Moment.current()
    values = {**values, **moment.values()}
    parameters = _parameters(table, scheme, values)
    if scheme.values is not None:
        own = scheme.values(parameters, moment)
        values |= {name: value.encode() for name, value in own.items()}
    request = _plain(table, values)
    if scheme.sign is None:
        return request
    request = scheme.sign(request, parameters, moment)
    for value in request.headers.values():
        _check_header(value)
    return request


def _parameters(table: Validity, scheme: Scheme, values: Mapping[str, bytes]) -> Parameters:
    given = {name: value for name, value in table.scheme.items() if name != "name"}
    filled = _mapped(given, _Filled(table, values))
    return scheme.read(msgspec.convert(filled, dict[str, object]))


def _plain(table: Validity, values: Mapping[str, bytes]) -> Request:
    """Return a request that is not signed."""
    filled = _Filled(table, values)
    headers = {name: filled.header(template) for name, template in table.headers.items()}
    if table.basic:
        user = filled.plain(table.basic).encode()
        headers["Authorization"] = "Basic " + base64.b64encode(user).decode()
    body: bytes | None = None
    if table.form:
        pairs = ((name, filled.plain(text)) for name, text in table.form.items())
        body = "&".join(f"{_form(name)}={_form(text)}" for name, text in pairs).encode()
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    elif table.json is not None:
        body = msgspec.json.encode(_mapped(table.json, filled))
        headers.setdefault("Content-Type", "application/json")
    elif table.text:
        body = filled.plain(table.text).encode()
    elif table.method == "POST":
        body = b""
    return Request(table.method, filled.url(), headers, body)


def _check_header(text: str) -> None:
    if not _HEADER.fullmatch(text):
        raise CannotAskError(Doubt.MALFORMED, "it has bytes that no header may hold")


class _Filled:
    """The templates of a table with the values of a secret.

    Args:
        table: The table.
        values: The values by name.
    """

    def __init__(self, table: Validity, values: Mapping[str, bytes]) -> None:
        self._table = table
        self._values = values

    def plain(self, template: str) -> str:
        return PLACEHOLDER.sub(self._value, template)

    def header(self, template: str) -> str:
        text = self.plain(template)
        _check_header(text)
        return text

    def url(self) -> str:
        scheme, rest = self._table.url.split("://")
        host = host_of(self._table)
        path, _, query = rest.removeprefix(host).partition("?")
        pairs = [f"{_form(name)}={_form(self.plain(t))}" for name, t in self._table.query.items()]
        query = PLACEHOLDER.sub(lambda found: _form(self._value(found)), query)
        query = "&".join([*([query] if query else []), *pairs])
        path = PLACEHOLDER.sub(self._segment, path)
        return f"{scheme}://{self._host(host)}{path}" + (f"?{query}" if query else "")

    def _host(self, template: str) -> str:
        if not PLACEHOLDER.search(template):
            return template
        host = PLACEHOLDER.sub(self._value, template).lower()
        if not _LABEL.fullmatch(host) or not re.fullmatch(self._table.host, host):
            # Whoever wrote the file that was scanned may have chosen the host.
            raise CannotAskError(Doubt.BLOCKED, "its host is none of the provider's")
        return host

    def _segment(self, found: re.Match[str]) -> str:
        value = self._value(found)
        if found[2] == "path":
            return quote(_path(value), safe=f"{_PATH_SAFE}/?%")
        return quote(value, safe=_PATH_SAFE)

    def _value(self, found: re.Match[str]) -> str:
        name = found[1]
        value = self._values.get(name)
        if not value:
            default = self._table.defaults.get(name)
            if default is None:
                raise CannotAskError(
                    Doubt.INCOMPLETE, f"its {re.sub('[_-]', ' ', name)} is missing"
                )
            value = default.encode()
        if found[2] == "base64":
            return base64.b64encode(value).decode()
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise CannotAskError(Doubt.MALFORMED, "it is no text") from None


def _path(url: str) -> str:
    """Return what follows the host of an address, which may stand in a string of JavaScript."""
    url = url.replace("\\/", "/")
    rest = url.partition("://")[2] or url
    return rest[rest.find("/") :] if "/" in rest else ""


def _form(text: str) -> str:
    return quote(text, safe="")


def _texts(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for one in value for text in _texts(one)]
        case dict():
            return [text for one in value.values() for text in _texts(one)]
        case _:
            return []


def _mapped(value: object, filled: _Filled) -> object:
    match value:
        case str():
            return filled.plain(value)
        case list():
            return [_mapped(one, filled) for one in value]
        case dict():
            return {name: _mapped(one, filled) for name, one in value.items()}
        case _:
            return value
