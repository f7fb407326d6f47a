"""Alembic's entry: runs the changes on the connection that ``keysift.store.database`` gives."""

from __future__ import annotations

from alembic import context

from keysift.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
