"""What a user asks: findings as values, computed from occurrences each time they are asked for.

``choose`` says which findings, in which order; ``describe`` makes values of them; ``places`` and
``history`` tell the rest. Everything here reads, and takes a connection from ``Store.reading``.
"""
