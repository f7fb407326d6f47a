"""A made-up index in a store, so that reports and the dashboard have something to show.

Nothing here looks at a package: projects, releases, secrets and what providers said are drawn by a
seeded generator, in proportions that were measured elsewhere (``keysift.demo.weights``). Names
and values are made up; no value is of the form of a real secret.
"""
