"""That a message goes out again is not the reason for which it waits: it has a column of its own."""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

_delivery = sa.table(
    'delivery', sa.column('state', sa.String), sa.column('reason', sa.String), sa.column('is_copy', sa.Boolean)
)


def upgrade() -> None:
    op.add_column('delivery', sa.Column('is_copy', sa.Boolean(), nullable=False, server_default=sa.false()))
    copies = sa.update(_delivery).where(_delivery.c.reason == 'repeated')
    # why they wait was not written down: they go on as soon as something is heard of their readers, as before
    why = sa.case((_delivery.c.state == 'pending', 'unreachable'), else_=None)
    op.execute(copies.values(is_copy=True, reason=why))
