"""The highest message id is found without reading every message there ever was: it is asked for at each start."""

from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_delivery_message_id', 'delivery', ['message_id'], unique=False)
