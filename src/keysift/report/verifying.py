"""How a type of secret is verified, in words: the request, its answers, or why there is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from keysift.catalogue.privilege import PrivilegeSpec
from keysift.catalogue.validity import Condition, More, Validity
from keysift.model import Power
from keysift.report.statement import Kind, Statement

_ASKED: Final = "`keysift verify` sends its provider one request, which changes nothing."
_NOBODY: Final = "Nobody has described yet how its provider can be asked."
_UNREAD: Final = "What it may do is not read from an answer."


def verifying(table: Validity | None, detector: str) -> Iterator[Statement]:
    """Yield how secrets of a type are verified.

    Args:
        table: How they are asked about; None: nobody has described it.
        detector: Id of the type.
    """
    if table is None:
        yield Statement("verified", _NOBODY)
        return
    if table.not_checkable:
        yield Statement("verified", f"It cannot be checked safely: {table.not_checkable}.")
        return
    yield Statement("verified", _ASKED, joint=" ")
    if table.by_name:
        only = f"Only when the type is named (`--ask-also {detector}`): {table.by_name}."
        yield Statement("verified", only, joint=" ")
    yield from _request(table)
    yield from _answers(table)
    for more in table.more:
        yield Statement("second", _second(table, more), Kind.CODE, _only(more))
    for name in dict.fromkeys(
        (*table.facts, *(name for more in table.more for name in more.facts))
    ):
        yield Statement("told", name.replace("_", " "), joint=", ")
    yield from _powers(table)
    for link in dict.fromkeys(
        (*table.references, *(x for one in table.more for x in one.references))
    ):
        yield Statement("request docs", link, Kind.LINK)


def _request(table: Validity) -> Iterator[Statement]:
    yield Statement("request", f"{table.method} {table.url}", Kind.CODE)
    if table.host:
        yield Statement("host", table.host, Kind.CODE, "all of it must fit; no other is asked")
    for sent in _sent(table):
        yield Statement("sent", sent, Kind.CODE, joint=", ")
    if table.scheme:
        yield Statement("signed", _scheme(table.scheme), Kind.CODE)
    for origin in table.also:
        yield Statement("regions", origin, Kind.CODE, joint=", ")


def _sent(table: Validity | More) -> Iterator[str]:
    """Yield what of a request carries the secret or its other half, the address aside."""
    for name, template in table.headers.items():
        if "{" in template:
            yield f"{name}: {template}"
    if table.basic:
        yield f"Authorization: Basic {table.basic}"
    for name, template in table.query.items():
        if "{" in template:
            yield f"?{name}={template}"
    for name, template in table.form.items():
        if "{" in template:
            yield f"form {name}={template}"
    if table.json is not None and "{" in (body := _json(table.json)).strip("{}"):
        yield f"JSON {body}"
    if isinstance(table, Validity) and "{" in table.text:
        yield f"body {table.text}"


def _scheme(scheme: dict[str, Any]) -> str:
    named = ", ".join(f"{name} {_json(one)}" for name, one in scheme.items() if name != "name")
    return f"{scheme['name']} ({named})" if named else str(scheme["name"])


def _answers(table: Validity) -> Iterator[Statement]:
    for condition in table.active_when:
        yield Statement("works when", _condition(condition), Kind.CODE, joint=" or ")
    if table.doubtful:
        # Then a refusal is no answer, whatever it fulfils.
        yield Statement("refused", f"A refusal proves nothing: {table.doubtful}.")
        return
    for condition in table.inactive_when:
        yield Statement("dead when", _condition(condition), Kind.CODE, joint=" or ")


def _condition(condition: Condition) -> str:
    """Return what an answer looks like: ``status 200, JSON: login``."""
    pieces = ["status " + " or ".join(map(str, condition.statuses))]
    if condition.json:
        pieces.append(f"JSON: {condition.json}")
    if condition.text:
        pieces.append(f"text: {condition.text}")
    for name, text in condition.header.items():
        pieces.append(f"header {name}: {text}" if text else f"header {name}")
    return ", ".join(pieces)


def _second(table: Validity, more: More) -> str:
    sent = list(_sent(more))
    request = f"{more.method or table.method} {more.url}"
    return f"{request} ({', '.join(sent)})" if sent else request


def _only(more: More) -> str:
    return f"for what begins with `{more.secret}`" if more.secret else ""


def _powers(table: Validity) -> Iterator[Statement]:
    """Yield what can be known of powers, why it is not always, and how a secret has fewer."""
    specs = [one for one in (table.privilege, *(more.privilege for more in table.more)) if one]
    if not specs:
        yield Statement("may do", _UNREAD)
        return
    known = {power for spec in specs for grant in spec.grants for power in grant.powers}
    for power in Power:
        if power in known:
            yield Statement("may do", power.value, joint=", ")
    for gap in dict.fromkeys(grant.partial for spec in specs for grant in spec.grants):
        if gap:
            yield Statement("not known", gap, joint="; ")
    yield from _narrower(specs)


def _narrower(specs: list[PrivilegeSpec]) -> Iterator[Statement]:
    spec = next((one for one in specs if one.narrower), None)
    if spec is not None:
        yield Statement("narrower", spec.narrower)
        if spec.docs:
            yield Statement("narrower docs", spec.docs, Kind.LINK)


def _json(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
