"""Evidence: what speaks for and against a value being a secret, and how much.

A value that only its name makes a secret (``password = …``) is judged by many small observations:
its shape, its name, the text around it, the file it stands in. Each has a name, points and words
for people (``weights.json``); the sum decides. A value of a form that only one provider has needs
few.
"""
