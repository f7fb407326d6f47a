"""Tests of what comes from other scanners."""
