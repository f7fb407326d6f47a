"""Detectors as data: the schema, the loader with its cache, the lint and the example templates."""

from __future__ import annotations

from keysift.catalogue.loader import Catalogue, load
from keysift.catalogue.schema import Category, Detector, NearMiss, PartSpec

__all__ = ["Catalogue", "Category", "Detector", "NearMiss", "PartSpec", "load"]
