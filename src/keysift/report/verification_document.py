"""The types of the JSON document ``keysift.verify/1``: what came of asking providers.

``docs/schemas/verify-1.schema.json`` is generated from these classes. Fields may be added to this
version of the format; none is renamed, removed or given another meaning.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from msgspec import Struct

from keysift.model import Verdict
from keysift.report.escape import well_formed
from keysift.report.outcome_document import OutcomeDocument, outcome_document

if TYPE_CHECKING:
    from typing import TextIO

    from keysift.report.verification import AnswerRow, Verification

VERIFY_SCHEMA: Final = "keysift.verify/1"
"""Name of the format; a change that breaks readers gets another number."""


class AnswerDocument(Struct, kw_only=True):
    """What came of asking about one secret.

    Attributes:
        id: Number of the secret in the store; null when it is in none.
        detector: Id of its type.
        provider: Who issues it.
        name: Name of the type.
        fingerprint: Keyed fingerprint.
        secret: What may be shown of it.
        verdict: The verdict.
        before: The verdict that stood before; null: nobody had asked.
        changed: Whether it was active before and is inactive now, or the reverse.
        checked: When (UTC).
        revoke: Where to revoke it.
        outcome: What the provider told.
    """

    id: int | None
    detector: str
    provider: str
    name: str
    fingerprint: str
    secret: str
    verdict: Verdict
    before: Verdict | None
    changed: bool
    checked: datetime
    revoke: str
    outcome: OutcomeDocument


class AnswerLine(AnswerDocument, kw_only=True, tag="answer", tag_field="type"):
    """An answer as a line of ``jsonl``."""


class PostponedDocument(Struct, kw_only=True):
    """Secrets of one provider that could not be asked about in this run.

    Attributes:
        provider: Whose.
        secrets: How many.
        why: For people.
    """

    provider: str
    secrets: int
    why: str


class RunDocument(Struct, kw_only=True):
    """A run of asking in numbers.

    Attributes:
        requests: Requests sent.
        verdicts: Numbers of secrets by verdict.
        reasons: Numbers of unknown ones by reason.
        postponed: What could not be asked in this run.
        unasked: Numbers of secrets that were not asked about, by reason.
        complete: Whether nothing was postponed.
    """

    requests: int
    verdicts: dict[str, int]
    reasons: dict[str, int]
    postponed: list[PostponedDocument]
    unasked: dict[str, int]
    complete: bool


class VerifyDocument(Struct, kw_only=True):
    """What came of asking providers.

    Attributes:
        schema: The format.
        version: Version of keysift.
        run: The run in numbers.
        answers: What came of asking, in the order of the answers.
    """

    schema: Literal["keysift.verify/1"]
    version: str
    run: RunDocument
    answers: list[AnswerDocument]


class VerifySummaryLine(Struct, kw_only=True, tag="summary", tag_field="type"):
    """The last line of ``jsonl``."""

    schema: Literal["keysift.verify/1"]
    version: str
    run: RunDocument


def write_verification_json(run: Verification, stream: TextIO) -> None:
    """Write a run as one indented JSON document."""
    document = VerifyDocument(
        schema=VERIFY_SCHEMA,
        version=run.version,
        run=_run(run),
        answers=[AnswerDocument(**_fields(row, run)) for row in run.rows],
    )
    stream.write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")


def write_verification_jsonl(run: Verification, stream: TextIO) -> None:
    """Write one answer a line, a summary last; ``type`` is ``answer`` or ``summary``."""
    encoder = msgspec.json.Encoder()
    for row in run.rows:
        line = AnswerLine(**_fields(row, run))
        stream.write(encoder.encode(line).decode() + "\n")
    last = VerifySummaryLine(schema=VERIFY_SCHEMA, version=run.version, run=_run(run))
    stream.write(encoder.encode(last).decode() + "\n")


def _fields(row: AnswerRow, run: Verification) -> dict[str, Any]:
    text = run.detectors.get(row.detector)
    return {
        "id": row.id,
        "detector": row.detector,
        "provider": text.provider if text else "",
        "name": text.name if text else "",
        "fingerprint": row.fingerprint,
        "secret": well_formed(row.mask),
        "verdict": row.outcome.verdict,
        "before": row.before,
        "changed": row.is_changed,
        "checked": row.checked_at,
        "revoke": text.revoke if text else "",
        "outcome": outcome_document(row.outcome),
    }


def _run(run: Verification) -> RunDocument:
    return RunDocument(
        requests=run.requests,
        verdicts=Counter(row.outcome.verdict.value for row in run.rows),
        reasons=Counter(row.outcome.doubt.value for row in run.rows if row.outcome.doubt),
        postponed=[
            PostponedDocument(provider=one.provider, secrets=one.secrets, why=one.why)
            for one in run.postponed
        ],
        unasked={why: number for why, (number, _) in run.unasked.items()},
        complete=not run.postponed,
    )
