"""The coach's side: hypotheses with what speaks for them, notes, calendars, own questions, and how it goes on."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

import bot.db.types

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('note',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('engagement_id', sa.Uuid(), nullable=False),
    sa.Column('leader_id', sa.Uuid(), nullable=False),
    sa.Column('coach_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('answer_id', sa.Uuid(), nullable=True),
    sa.Column('delivery_id', sa.Uuid(), nullable=True),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['answer_id'], ['answer.id'], name=op.f('fk_note_answer_id')),
    sa.ForeignKeyConstraint(['coach_id'], ['person.id'], name=op.f('fk_note_coach_id')),
    sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_note_delivery_id')),
    sa.ForeignKeyConstraint(['engagement_id'], ['engagement.id'], name=op.f('fk_note_engagement_id')),
    sa.ForeignKeyConstraint(['leader_id'], ['person.id'], name=op.f('fk_note_leader_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_note'))
    )
    with op.batch_alter_table('note', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_note_answer_id'), ['answer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_note_coach_id'), ['coach_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_note_delivery_id'), ['delivery_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_note_engagement_id'), ['engagement_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_note_leader_id'), ['leader_id'], unique=False)

    op.create_table('calendar_file',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('coach_id', sa.Uuid(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['coach_id'], ['person.id'], name=op.f('fk_calendar_file_coach_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_file'))
    )
    with op.batch_alter_table('calendar_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_calendar_file_coach_id'), ['coach_id'], unique=False)

    op.create_table('blocker',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('engagement_id', sa.Uuid(), nullable=False),
    sa.Column('leader_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('closed_at', bot.db.types.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['engagement_id'], ['engagement.id'], name=op.f('fk_blocker_engagement_id')),
    sa.ForeignKeyConstraint(['leader_id'], ['person.id'], name=op.f('fk_blocker_leader_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_blocker'))
    )
    with op.batch_alter_table('blocker', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_blocker_engagement_id'), ['engagement_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_blocker_leader_id'), ['leader_id'], unique=False)

    op.create_table('evidence',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('blocker_id', sa.Uuid(), nullable=False),
    sa.Column('answer_id', sa.Uuid(), nullable=False),
    sa.Column('is_for', sa.Boolean(), nullable=False),
    sa.Column('made_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['answer_id'], ['answer.id'], name=op.f('fk_evidence_answer_id')),
    sa.ForeignKeyConstraint(['blocker_id'], ['blocker.id'], name=op.f('fk_evidence_blocker_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence')),
    sa.UniqueConstraint('blocker_id', 'answer_id', name=op.f('uq_evidence_blocker_id_answer_id'))
    )
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_evidence_answer_id'), ['answer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_evidence_blocker_id'), ['blocker_id'], unique=False)

    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.add_column(sa.Column('read_at', bot.db.types.UtcDateTime(timezone=True), nullable=True))

    with op.batch_alter_table('engagement', schema=None) as batch_op:
        batch_op.add_column(sa.Column('lowered', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('addresses', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('agreed_sessions', sa.Integer(), nullable=False, server_default='6'))
        batch_op.add_column(sa.Column('is_open_ended', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('look_at', bot.db.types.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('previous_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('carried', sa.String(length=8), nullable=True))
        batch_op.create_index(batch_op.f('ix_engagement_look_at'), ['look_at'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_engagement_previous_id'), 'engagement', ['previous_id'], ['id'])

    with op.batch_alter_table('enrolment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('own', sa.LargeBinary(), nullable=True))
        batch_op.alter_column('sequence_version_id',
               existing_type=sa.Uuid(),
               nullable=True)

    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('agenda_minutes', sa.Integer(), nullable=False, server_default='1440'))

    with op.batch_alter_table('session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('agenda_due_at', bot.db.types.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('calendar_uid', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('calendar_slot', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('revision', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('revised_at', bot.db.types.UtcDateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f('ix_session_agenda_due_at'), ['agenda_due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_session_calendar_uid'), ['calendar_uid'], unique=False)

    with op.batch_alter_table('engagement', schema=None) as batch_op:
        batch_op.alter_column('lowered', server_default=None)
        batch_op.alter_column('agreed_sessions', server_default=None)
        batch_op.alter_column('is_open_ended', server_default=None)
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.alter_column('agenda_minutes', server_default=None)
    with op.batch_alter_table('session', schema=None) as batch_op:
        batch_op.alter_column('revision', server_default=None)
    _look_at_what_there_is()


def _look_at_what_there_is() -> None:
    """Coaches of before are asked about a next session like those of today, and see what is brought a day ahead."""
    now, when = datetime.now(UTC), bot.db.types.UtcDateTime(timezone=True)
    engagement = sa.table('engagement', sa.column('state'), sa.column('look_at', when))
    op.execute(sa.update(engagement).where(engagement.c.state == 'active').values(look_at=now))
    session = sa.table('session', sa.column('id', sa.Uuid()), sa.column('state'), sa.column('starts_at', when),
                       sa.column('agenda_due_at', when))
    a_day = timedelta(days=1)
    planned = sa.select(session.c.id, session.c.starts_at).where(
        session.c.state == 'planned', session.c.starts_at > now + a_day
    )
    for key, starts_at in op.get_bind().execute(planned).all():
        op.execute(sa.update(session).where(session.c.id == key).values(agenda_due_at=starts_at - a_day))
