"""Tests of keysift.statistics."""
