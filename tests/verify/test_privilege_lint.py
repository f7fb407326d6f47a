"""Data about privileges that would say something wrong does not get through."""

from __future__ import annotations

from typing import Any

import pytest

from keysift.verify.privilege_lint import check_samples, check_static
from tests.verify.tables import SECRET, table

EXAMPLES = {"acme-token": [{"secret": SECRET}]}

SPEC: dict[str, Any] = {
    "scopes": ["scopes"],
    "grants": [{"scope": ["read"], "powers": ["read"]}, {"scope": ["write*"], "powers": ["write"]}],
    "narrower": "Choose fewer scopes.",
    "docs": "https://docs.acme.example/scopes",
}
MORE: dict[str, Any] = {
    "url": "https://api.acme.example/v1/roles",
    "told_when": [{"status": 200, "json": "type(roles) == 'array'"}],
    "privilege": {"scopes": ["roles"], "grants": [{"scope": ["owner"], "powers": ["root"]}]},
    "side_effects": "none",
    "references": ["https://docs.acme.example/roles"],
}


def sample(privilege: str, *scopes: str, **rest: object) -> dict[str, object]:
    """Return a documented answer with scopes."""
    body = {"login": "grace", "scopes": scopes}
    return {"status": 200, "json": body, "privilege": privilege} | rest


def problems(*active: dict[str, object], **changes: Any) -> str:  # noqa: ANN401 (fields of a table)
    """Return what is wrong."""
    samples = {"active": active, "inactive": [{"status": 401}]}
    made = table(**{"privilege": SPEC, "samples": samples} | changes)
    # As `keysift detectors check` does: what is wrong in itself is not tried.
    return "\n".join(list(check_static(made)) or check_samples(made, EXAMPLES))


READ, WRITE = sample("low", "read"), sample("medium", "write:x")


def test_data_that_is_right() -> None:
    """Each answer gives the privilege beside it, and each pattern fits one."""
    assert problems(READ, WRITE) == ""
    more = [sample("admin", "read", more=[{"status": 200, "json": {"roles": ["owner"]}}])]
    assert problems(*more, sample("", "write"), more=[MORE]) == ""


@pytest.mark.parametrize(
    ("active", "changes", "found"),
    [
        ([READ], {}, "scope 'write*' fits no sample"),
        ([READ, sample("low", "write:x")], {}, "'low' is 'medium' (powers: write)"),
        ([READ, WRITE, sample("low", "later")], {}, "'low' is 'unknown'"),
        ([sample("", "read", "write")], {}, "no sample that is active has a `privilege`"),
        ([READ, WRITE], {"privilege": SPEC | {"narrower": ""}}, "without `narrower`"),
        ([READ, WRITE], {"privilege": SPEC | {"docs": ""}}, "without `docs`"),
        ([READ, WRITE], {"privilege": SPEC | {"scopes": []}}, "where do they stand?"),
        ([READ, WRITE], {"privilege": SPEC | {"scopes": ["a["]}}, "no JMESPath"),
        ([READ], {"privilege": SPEC | {"grants": [{"scope": ["read"]}]}}, "gives nothing"),
        (
            [READ],
            {"privilege": SPEC | {"grants": [{"secret": "(", "powers": ["read"]}]}},
            "grant 1: `secret`",
        ),
        ([READ, WRITE], {"more": [MORE] * 3}, "over 2 requests"),
        ([READ, WRITE], {"more": [MORE | {"references": []}]}, "where is it documented?"),
        ([READ, WRITE], {"more": [MORE | {"facts": {"no": "a"}}]}, "no fact is called 'no'"),
        ([READ, WRITE], {"more": [MORE | {"url": "https://api.acme.example/{no}"}]}, "is missing"),
        (
            [READ, WRITE],
            {"more": [MORE | {"url": "https://{user}.evil.example/"}]},
            "its host is another one, and has a placeholder",
        ),
        ([READ, WRITE], {"more": [MORE]}, "'low' is 'unknown'"),
        ([sample("low", "read", detector="other"), WRITE], {}, "the table is not for it"),
    ],
)
def test_data_that_is_wrong(
    active: list[dict[str, object]], changes: dict[str, Any], found: str
) -> None:
    """Each kind of mistake is noticed."""
    assert found in problems(*active, **changes)


def test_advice_is_no_part_of_the_version() -> None:
    """What is made of answers counts; texts do not."""
    texts = table(privilege=SPEC | {"narrower": "Other words."}, more=[MORE])
    same = table(privilege=SPEC, more=[MORE | {"references": ["https://other.example"]}])
    other = table(privilege=SPEC | {"grants": []}, more=[MORE])
    assert texts.version == same.version != other.version
