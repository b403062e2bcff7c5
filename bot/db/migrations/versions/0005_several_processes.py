"""Several processes: who fetches updates and who sends, with a fencing number; what was said without the outbox."""

import sqlalchemy as sa
from alembic import op

import bot.db.types

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('lease',
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('holder', sa.String(length=64), nullable=False),
    sa.Column('fence', sa.Integer(), nullable=False),
    sa.Column('until', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_lease'))
    )
    op.add_column('person', sa.Column('aside_at', bot.db.types.UtcDateTime(timezone=True), nullable=True))
    op.add_column('inbound', sa.Column('message_id', sa.BigInteger(), nullable=True))
