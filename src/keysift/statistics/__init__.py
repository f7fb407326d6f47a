"""The state of secrets sprawl in numbers: measured from a store, and everything else is a view.

``values`` says what the figures are and what each counts; ``measure`` makes them from a store,
``anonymise`` takes from them what could point at somebody, ``compare`` sets two of them side by
side. Nothing here writes a format.
"""
