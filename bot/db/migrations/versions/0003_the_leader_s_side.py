"""The leader's side: plans, pins, aliases, voice, own hours and sharing, and when words went to the coach."""

import sqlalchemy as sa
from alembic import op

import bot.db.types

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('alias',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('leader_id', sa.Uuid(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('used_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['leader_id'], ['person.id'], name=op.f('fk_alias_leader_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alias'))
    )
    with op.batch_alter_table('alias', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_alias_leader_id'), ['leader_id'], unique=False)

    op.create_table('pin',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('leader_id', sa.Uuid(), nullable=False),
    sa.Column('engagement_id', sa.Uuid(), nullable=False),
    sa.Column('answer_id', sa.Uuid(), nullable=True),
    sa.Column('occurrence_id', sa.Uuid(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('made_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('cleared_at', bot.db.types.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['answer_id'], ['answer.id'], name=op.f('fk_pin_answer_id')),
    sa.ForeignKeyConstraint(['engagement_id'], ['engagement.id'], name=op.f('fk_pin_engagement_id')),
    sa.ForeignKeyConstraint(['leader_id'], ['person.id'], name=op.f('fk_pin_leader_id')),
    sa.ForeignKeyConstraint(['occurrence_id'], ['occurrence.id'], name=op.f('fk_pin_occurrence_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pin'))
    )
    with op.batch_alter_table('pin', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_pin_answer_id'), ['answer_id'], unique=False)
        batch_op.create_index('ix_pin_leader_id_cleared_at', ['leader_id', 'cleared_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_pin_occurrence_id'), ['occurrence_id'], unique=False)

    op.create_table('plan',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('leader_id', sa.Uuid(), nullable=False),
    sa.Column('answer_id', sa.Uuid(), nullable=False),
    sa.Column('outcome_id', sa.Uuid(), nullable=True),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('cue_at', bot.db.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('asked_at', bot.db.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('closes_at', bot.db.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('look_at', bot.db.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('made_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['answer_id'], ['answer.id'], name=op.f('fk_plan_answer_id')),
    sa.ForeignKeyConstraint(['leader_id'], ['person.id'], name=op.f('fk_plan_leader_id')),
    sa.ForeignKeyConstraint(['outcome_id'], ['answer.id'], name=op.f('fk_plan_outcome_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan')),
    sa.UniqueConstraint('answer_id', name=op.f('uq_plan_answer_id'))
    )
    with op.batch_alter_table('plan', schema=None) as batch_op:
        batch_op.create_index('ix_plan_leader_id_state', ['leader_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_plan_look_at'), ['look_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_plan_outcome_id'), ['outcome_id'], unique=False)

    op.create_table('disclosure',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('answer_id', sa.Uuid(), nullable=False),
    sa.Column('delivery_id', sa.Uuid(), nullable=False),
    sa.Column('how', sa.String(length=8), nullable=False),
    sa.ForeignKeyConstraint(['answer_id'], ['answer.id'], name=op.f('fk_disclosure_answer_id')),
    sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_disclosure_delivery_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_disclosure'))
    )
    with op.batch_alter_table('disclosure', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_disclosure_answer_id'), ['answer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_disclosure_delivery_id'), ['delivery_id'], unique=False)

    op.create_table('recording',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('part_id', sa.Uuid(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('mime', sa.String(length=64), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['part_id'], ['answer_part.id'], name=op.f('fk_recording_part_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recording')),
    sa.UniqueConstraint('part_id', name=op.f('uq_recording_part_id'))
    )
    with op.batch_alter_table('answer', schema=None) as batch_op:
        batch_op.drop_column('for_session')

    with op.batch_alter_table('answer_part', schema=None) as batch_op:
        batch_op.add_column(sa.Column('field', sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column('is_forwarded', sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table('engagement', schema=None) as batch_op:
        batch_op.add_column(sa.Column('tags', sa.LargeBinary(), nullable=True))

    with op.batch_alter_table('occurrence', schema=None) as batch_op:
        batch_op.add_column(sa.Column('snoozed_until', bot.db.types.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('is_short', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('said_why', sa.LargeBinary(), nullable=True))

    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('usual_at', sa.Time(), nullable=False, server_default='17:30:00'))
        batch_op.add_column(sa.Column('default_sharing', sa.String(length=8), nullable=False, server_default='words'))
        batch_op.add_column(sa.Column('acknowledged', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('snoozes', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('was_asked_hours', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_index(batch_op.f('ix_person_paused_until'), ['paused_until'], unique=False)

    with op.batch_alter_table('answer_part', schema=None) as batch_op:
        batch_op.alter_column('is_forwarded', server_default=None)
    with op.batch_alter_table('occurrence', schema=None) as batch_op:
        batch_op.alter_column('is_short', server_default=None)
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.alter_column('usual_at', server_default=None)
        batch_op.alter_column('default_sharing', server_default=None)
        batch_op.alter_column('acknowledged', server_default=None)
        batch_op.alter_column('snoozes', server_default=None)
        batch_op.alter_column('was_asked_hours', server_default=None)
