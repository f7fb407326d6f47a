"""Tests of keysift.report."""
