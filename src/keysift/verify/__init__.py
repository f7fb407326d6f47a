"""Verdicts: which secrets still work. Nothing here is done unless the user asks for it."""
