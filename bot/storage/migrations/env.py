"""Alembic's entry: runs on the connection that `bot.storage.migrate` gives it."""

from __future__ import annotations

from alembic import context

from bot.storage.schema import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=False,  # The caller's transaction holds all of it.
)
context.run_migrations()
