"""Tests of what people decided to ignore."""
