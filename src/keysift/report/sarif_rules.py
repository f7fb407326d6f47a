"""Detectors as SARIF rules: levels, scores and help texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from keysift.model import Severity
from keysift.report.sarif_log import Level, Rule, RuleConfiguration, RuleProperties, Text

if TYPE_CHECKING:
    from keysift.report.result import DetectorText

_LEVELS: dict[Severity, Level] = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}

_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.5",
    Severity.INFO: "0.5",
}
"""Viewers grade above 9.0 as critical, from 7.0 high, from 4.0 medium, from 0.1 low."""


def level_of(severity: Severity) -> Level:
    """Return SARIF's level for a severity."""
    return _LEVELS[severity]


def rule(detector: str, text: DetectorText) -> Rule:
    """Return the rule for a detector."""
    sentence = text.what or f"{text.name} issued by {text.provider}."
    return Rule(
        id=detector,
        name=text.name,
        short_description=Text(text=text.name),
        full_description=Text(text=sentence),
        help=Text(text=_help(text, sentence), markdown=_markdown(text, sentence)),
        help_uri=_help_uri(text),
        default_configuration=RuleConfiguration(level=level_of(text.severity)),
        properties=RuleProperties(
            security_severity=_SCORES[text.severity], tags=["security", "secret"]
        ),
    )


def _help(text: DetectorText, sentence: str) -> str:
    lines = [
        sentence,
        f"Revoke: {text.revoke}" if text.revoke else "",
        f"Rotate: {text.rotate}" if text.rotate else "",
        *(f"See {reference}" for reference in text.references),
    ]
    return "\n".join(line for line in lines if line)


def _markdown(text: DetectorText, sentence: str) -> str:
    blocks = [
        f"**{text.name}** ({text.provider})",
        sentence,
        f"**Revoke:** <{text.revoke}>" if text.revoke else "",
        f"**Rotate:** {text.rotate}" if text.rotate else "",
        "\n".join(f"- <{reference}>" for reference in text.references),
    ]
    return "\n\n".join(block for block in blocks if block)


def _help_uri(text: DetectorText) -> str | UnsetType:
    """Return the first link, preferring documentation: ``helpUri`` has to be a URI."""
    links = [*text.references, text.revoke]
    return next((link for link in links if link.startswith(("https://", "http://"))), UNSET)
