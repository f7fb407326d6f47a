"""How a provider is asked whether a secret works: data, as detectors are.

A ``[[validity]]`` table names the detectors that it is for, one request that changes nothing at the
provider, and how its answers are read. What no condition fits is unknown. The tables are not part
of a ruleset: another endpoint finds no other secrets.

Templates: ``{secret}`` stands for the secret, ``{name}`` for its other half or for what its pattern
names so, ``{name|base64}`` for the base64 of it. In an address ``{name|path}`` stands for what
follows the host in a value that is an address itself (a webhook), from its slash on. Other braces
stand for themselves. In an address a value is percent-encoded.

Where a request must be signed, ``scheme`` names how (``keysift.verify.schemes``): signing is code,
everything else stays data. Its templates, and those of the request, then also know the moment:
``{now_s}`` and ``{now_ms}`` since 1970, ``{now_iso}``, ``{now_http}`` and ``{nonce}``.
"""

from __future__ import annotations

import hashlib
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import Struct, structs

from keysift.catalogue.privilege import PrivilegeSpec

Json: TypeAlias = dict[str, Any] | list[Any]


class Condition(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an answer looks like; all that is named must hold.

    Attributes:
        status: Its status, or one of several.
        json: JMESPath expression over its JSON that gives something true (https://jmespath.org).
        text: Text that stands in its body.
        header: Names of headers, each with text that stands in it; empty text: it is there.
    """

    status: int | tuple[int, ...]
    json: str = ""
    text: str = ""
    header: dict[str, str] = {}

    @property
    def statuses(self) -> tuple[int, ...]:
        """All statuses."""
        return (self.status,) if isinstance(self.status, int) else self.status


class Sample(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An answer as the provider documents it, for the test.

    Attributes:
        status: Its status.
        headers: Headers that matter.
        json: Its body; or
        text: its body when that is no JSON.
        privilege: What is made of it, ``unknown`` where that stays open; empty: it is not tested.
        detector: The type of secret that ``privilege`` is of; empty: the table's first.
        more: The answers to the requests of ``[[validity.more]]`` that then are sent, in order.
    """

    status: int
    headers: dict[str, str] = {}
    json: Json | None = None
    text: str = ""
    privilege: Literal["", "unknown", "low", "medium", "high", "admin"] = ""
    detector: str = ""
    more: tuple[Sample, ...] = ()

    @property
    def body(self) -> bytes:
        """The body."""
        return self.text.encode() if self.json is None else msgspec.json.encode(self.json)


class Samples(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Documented answers.

    Attributes:
        active: To a secret that works.
        inactive: To one that does not, or not any more.
        limited: To one that works, yet may not do what is asked; empty when that cannot happen.
    """

    active: tuple[Sample, ...]
    inactive: tuple[Sample, ...]
    limited: tuple[Sample, ...] = ()


class More(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A second request; what it leaves out of method, headers and log-in is as in the table.

    Its templates also know the facts that the first answer told.

    Attributes:
        secret: Regular expression that the secret begins with: it is sent for that kind alone.
        method: Of the request.
        url: Template of its address.
        headers: Templates of headers.
        basic: Template of ``user:password``.
        query: Templates of the parameters in the address.
        form: Templates of a form in the body; or
        json: of a JSON body.
        told_when: Any of these: it is an answer.
        facts: What it tells, as in the table.
        privilege: How it is read for what the secret may do.
        side_effects: What it changes at the provider.
        references: The provider's documentation of it.
    """

    secret: str = ""
    method: Literal["", "GET", "POST"] = ""
    url: str
    headers: dict[str, str] = {}
    basic: str = ""
    query: dict[str, str] = {}
    form: dict[str, str] = {}
    json: Json | None = None
    told_when: tuple[Condition, ...]
    facts: dict[str, str] = {}
    privilege: PrivilegeSpec
    side_effects: Literal["none"]
    references: tuple[str, ...]


class Validity(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How to ask whether secrets of some types work.

    Attributes:
        detectors: Ids of the types.
        not_checkable: Why they cannot be checked safely; then nothing else is said.
        by_name: Why they are asked about only when the user names the type: asking has a price
            that cannot be known beforehand, such as an alarm.
        method: Of the request.
        url: Template of its address. Without a ``host``, no placeholder stands in the host.
        host: Regular expression that the whole host must match, when part of it is a placeholder:
            what stands in a file must not lead a secret to a stranger.
        also: Origins (``https://eu.api.acme.com``) that are asked in turn when those before refuse:
            the provider's other regions. A secret does not work when all of them refuse it.
        doubtful: Why a refusal proves nothing, such as regions that are not asked; it is unknown.
        headers: Templates of headers.
        basic: Template of ``user:password`` for basic authentication.
        query: Templates of the parameters in the address.
        form: Templates of a form in the body; or
        json: of a JSON body; or
        text: of any other body.
        defaults: For placeholders that may have no value.
        scheme: How the request is signed: ``name`` and the parameters of that scheme, whose texts
            are templates. Empty: it is not.
        active_when: Any of these: the secret works.
        inactive_when: Any of these: it does not.
        facts: What an answer tells, by the names of ``keysift.model.FACTS``: JMESPath over its
            JSON, or ``header:`` and a header's name, or ``xml:`` and the name of an element.
        side_effects: What the request changes at the provider.
        references: The provider's documentation of the request.
        samples: Documented answers.
        privilege: How the answer is read for what the secret may do.
        more: Requests that are sent when it is active, for what it may do; what comes of them
            never changes the verdict.
    """

    detectors: tuple[str, ...]
    not_checkable: str = ""
    by_name: str = ""
    method: Literal["GET", "POST", "HEAD"] = "GET"
    url: str = ""
    host: str = ""
    also: tuple[str, ...] = ()
    doubtful: str = ""
    headers: dict[str, str] = {}
    basic: str = ""
    query: dict[str, str] = {}
    form: dict[str, str] = {}
    json: Json | None = None
    text: str = ""
    defaults: dict[str, str] = {}
    scheme: dict[str, Any] = {}
    active_when: tuple[Condition, ...] = ()
    inactive_when: tuple[Condition, ...] = ()
    facts: dict[str, str] = {}
    side_effects: Literal["", "none"] = ""
    references: tuple[str, ...] = ()
    samples: Samples | None = None
    privilege: PrivilegeSpec | None = None
    more: tuple[More, ...] = ()

    def second(self, more: More) -> Validity:
        """Return a table whose request is a second one of this one."""
        return structs.replace(
            self,
            method=more.method or self.method,
            url=more.url,
            headers=more.headers or self.headers,
            basic=more.basic or ("" if more.headers else self.basic),
            query=more.query,
            form=more.form,
            json=more.json,
            text="",
            facts=more.facts,
        )

    @property
    def version(self) -> str:
        """12 hex digits over what is asked and how answers are read; texts do not count."""
        asked = structs.replace(
            self,
            detectors=(),
            references=(),
            samples=None,
            by_name="",
            privilege=self.privilege and self.privilege.read_so,
            more=tuple(
                structs.replace(one, references=(), privilege=one.privilege.read_so)
                for one in self.more
            ),
        )
        return hashlib.sha256(msgspec.json.encode(asked)).hexdigest()[:12]
