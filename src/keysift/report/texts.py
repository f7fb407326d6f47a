"""The texts about detectors, copied from a catalogue for whoever writes a report."""

from __future__ import annotations

from collections.abc import Collection

from keysift.catalogue import Catalogue
from keysift.report.result import DetectorText


def texts(catalogue: Catalogue, used: Collection[str]) -> dict[str, DetectorText]:
    """Return the texts about those detectors that were used, by their ids."""
    return {
        detector.id: DetectorText(
            name=detector.name,
            provider=detector.provider,
            what=detector.what,
            severity=detector.severity,
            revoke=detector.revoke,
            rotate=detector.rotate,
            references=detector.references,
        )
        for detector in catalogue.detectors
        if detector.id in used
    }
