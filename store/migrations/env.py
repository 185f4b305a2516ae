"""Alembic's entry: runs the migrations on the connection that store.migrate opened."""

from __future__ import annotations

from alembic import context

from models.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
