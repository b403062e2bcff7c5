"""Answers that are complete: a command in between ends an answer, so that later words do not join it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("answer") as table:
        table.add_column(sa.Column("is_complete", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("answer") as table:
        table.alter_column("is_complete", server_default=None)
