"""Alembic's entry: runs on the connection it is given, or makes one from the URL."""

from alembic import context

from bot.db.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
