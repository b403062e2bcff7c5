"""The first schema."""

import sqlalchemy as sa
from alembic import op

import bot.db.types

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Uuid(), nullable=True),
    sa.Column('action', sa.String(length=64), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit'))
    )
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_subject_id'), ['subject_id'], unique=False)

    op.create_table('inbound',
    sa.Column('update_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('chat_id', sa.BigInteger(), nullable=True),
    sa.Column('callback_query_id', sa.String(length=64), nullable=True),
    sa.Column('received_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('update_id', name=op.f('pk_inbound')),
    sa.UniqueConstraint('callback_query_id', name=op.f('uq_inbound_callback_query_id')),
    sa.UniqueConstraint('id', name=op.f('uq_inbound_id'))
    )
    with op.batch_alter_table('inbound', schema=None) as batch_op:
        batch_op.create_index('ix_inbound_state_update_id', ['state', 'update_id'], unique=False)

    op.create_table('marker',
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('value', sa.String(length=255), nullable=False),
    sa.Column('at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_marker'))
    )
    op.create_table('person',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('telegram_id', sa.BigInteger(), nullable=True),
    sa.Column('chat_id', sa.BigInteger(), nullable=True),
    sa.Column('name', sa.LargeBinary(), nullable=True),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('is_leader', sa.Boolean(), nullable=False),
    sa.Column('is_coach', sa.Boolean(), nullable=False),
    sa.Column('is_admin', sa.Boolean(), nullable=False),
    sa.Column('joined_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('last_seen_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('zone', sa.String(length=64), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=True),
    sa.Column('subdivision', sa.String(length=8), nullable=True),
    sa.Column('window_start', sa.Time(), nullable=False),
    sa.Column('window_end', sa.Time(), nullable=False),
    sa.Column('work_days', sa.String(length=7), nullable=False),
    sa.Column('paused_until', bot.db.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('digest_day', sa.Integer(), nullable=False),
    sa.Column('digest_at', sa.Time(), nullable=False),
    sa.Column('next_digest_at', bot.db.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('brief_minutes', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('telegram_id', name=op.f('uq_person_telegram_id'))
    )
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_person_is_coach'), ['is_coach'], unique=False)
        batch_op.create_index(batch_op.f('ix_person_next_digest_at'), ['next_digest_at'], unique=False)

    op.create_table('consent',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('text_version', sa.String(length=64), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', bot.db.types.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_consent_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consent'))
    )
    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_consent_person_id'), ['person_id'], unique=False)

    op.create_table('digest',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('coach_id', sa.Uuid(), nullable=False),
    sa.Column('due_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('cut_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['coach_id'], ['person.id'], name=op.f('fk_digest_coach_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_digest')),
    sa.UniqueConstraint('coach_id', 'due_at', name=op.f('uq_digest_coach_id_due_at'))
    )
    op.create_table('draft',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('made_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_draft_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draft'))
    )
    with op.batch_alter_table('draft', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_draft_person_id'), ['person_id'], unique=False)

    op.create_table('engagement',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('leader_id', sa.Uuid(), nullable=False),
    sa.Column('coach_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('organisation', sa.LargeBinary(), nullable=True),
    sa.Column('role', sa.LargeBinary(), nullable=True),
    sa.Column('promoted_on', sa.Date(), nullable=True),
    sa.Column('focus', sa.JSON(), nullable=False),
    sa.Column('started_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ended_at', bot.db.types.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['coach_id'], ['person.id'], name=op.f('fk_engagement_coach_id')),
    sa.ForeignKeyConstraint(['leader_id'], ['person.id'], name=op.f('fk_engagement_leader_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_engagement'))
    )
    with op.batch_alter_table('engagement', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_engagement_coach_id'), ['coach_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_engagement_leader_id'), ['leader_id'], unique=False)

    op.create_table('expecting',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('what', sa.String(length=64), nullable=False),
    sa.Column('context', sa.JSON(), nullable=False),
    sa.Column('until', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_expecting_person_id')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_expecting'))
    )
    op.create_table('invite',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('role', sa.String(length=64), nullable=False),
    sa.Column('name', sa.LargeBinary(), nullable=True),
    sa.Column('inviter_id', sa.Uuid(), nullable=True),
    sa.Column('coach_id', sa.Uuid(), nullable=True),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('sequences', sa.JSON(), nullable=False),
    sa.Column('made_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('used_at', bot.db.types.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['coach_id'], ['person.id'], name=op.f('fk_invite_coach_id')),
    sa.ForeignKeyConstraint(['inviter_id'], ['person.id'], name=op.f('fk_invite_inviter_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_invite_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invite')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_invite_token_hash'))
    )
    op.create_table('sequence_version',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('origin', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('made_by', sa.Uuid(), nullable=True),
    sa.Column('made_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['made_by'], ['person.id'], name=op.f('fk_sequence_version_made_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sequence_version')),
    sa.UniqueConstraint('name', 'number', name=op.f('uq_sequence_version_name_number'))
    )
    op.create_table('enrolment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('engagement_id', sa.Uuid(), nullable=False),
    sa.Column('leader_id', sa.Uuid(), nullable=False),
    sa.Column('sequence_version_id', sa.Uuid(), nullable=False),
    sa.Column('sequence', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('joined_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('next_due_at', bot.db.types.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['engagement_id'], ['engagement.id'], name=op.f('fk_enrolment_engagement_id')),
    sa.ForeignKeyConstraint(['leader_id'], ['person.id'], name=op.f('fk_enrolment_leader_id')),
    sa.ForeignKeyConstraint(['sequence_version_id'], ['sequence_version.id'], name=op.f('fk_enrolment_sequence_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enrolment'))
    )
    with op.batch_alter_table('enrolment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_enrolment_engagement_id'), ['engagement_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_enrolment_leader_id'), ['leader_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_enrolment_next_due_at'), ['next_due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_enrolment_sequence_version_id'), ['sequence_version_id'], unique=False)

    op.create_table('session',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('engagement_id', sa.Uuid(), nullable=False),
    sa.Column('starts_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ends_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('brief_due_at', bot.db.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('brief_cut_at', bot.db.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('made_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['engagement_id'], ['engagement.id'], name=op.f('fk_session_engagement_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session'))
    )
    with op.batch_alter_table('session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_session_brief_due_at'), ['brief_due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_session_engagement_id'), ['engagement_id'], unique=False)
        batch_op.create_index('ix_session_state_ends_at', ['state', 'ends_at'], unique=False)

    op.create_table('occurrence',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('enrolment_id', sa.Uuid(), nullable=False),
    sa.Column('leader_id', sa.Uuid(), nullable=False),
    sa.Column('step', sa.String(length=64), nullable=False),
    sa.Column('anchor', sa.String(length=64), nullable=False),
    sa.Column('due_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('until', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.String(length=64), nullable=True),
    sa.Column('asked_at', bot.db.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('closes_at', bot.db.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('look_at', bot.db.types.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_occurrence_enrolment_id')),
    sa.ForeignKeyConstraint(['leader_id'], ['person.id'], name=op.f('fk_occurrence_leader_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_occurrence')),
    sa.UniqueConstraint('enrolment_id', 'step', 'anchor', name=op.f('uq_occurrence_enrolment_id_step_anchor'))
    )
    with op.batch_alter_table('occurrence', schema=None) as batch_op:
        batch_op.create_index('ix_occurrence_leader_id_state', ['leader_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_occurrence_look_at'), ['look_at'], unique=False)

    op.create_table('asked_question',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('occurrence_id', sa.Uuid(), nullable=False),
    sa.Column('leader_id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('asked_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('chosen', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['leader_id'], ['person.id'], name=op.f('fk_asked_question_leader_id')),
    sa.ForeignKeyConstraint(['occurrence_id'], ['occurrence.id'], name=op.f('fk_asked_question_occurrence_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_asked_question'))
    )
    with op.batch_alter_table('asked_question', schema=None) as batch_op:
        batch_op.create_index('ix_asked_question_leader_id_state', ['leader_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_asked_question_occurrence_id'), ['occurrence_id'], unique=False)

    op.create_table('answer',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('leader_id', sa.Uuid(), nullable=False),
    sa.Column('engagement_id', sa.Uuid(), nullable=False),
    sa.Column('question_id', sa.Uuid(), nullable=True),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('theme', sa.String(length=64), nullable=False),
    sa.Column('sharing', sa.String(length=64), nullable=False),
    sa.Column('value', sa.LargeBinary(), nullable=True),
    sa.Column('given_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('shared_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('last_bubble_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('sent_to_coach_at', bot.db.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('digest_id', sa.Uuid(), nullable=True),
    sa.Column('for_session', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['digest_id'], ['digest.id'], name=op.f('fk_answer_digest_id')),
    sa.ForeignKeyConstraint(['engagement_id'], ['engagement.id'], name=op.f('fk_answer_engagement_id')),
    sa.ForeignKeyConstraint(['leader_id'], ['person.id'], name=op.f('fk_answer_leader_id')),
    sa.ForeignKeyConstraint(['question_id'], ['asked_question.id'], name=op.f('fk_answer_question_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answer')),
    sa.UniqueConstraint('question_id', name=op.f('uq_answer_question_id'))
    )
    with op.batch_alter_table('answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_answer_digest_id'), ['digest_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_answer_engagement_id'), ['engagement_id'], unique=False)
        batch_op.create_index('ix_answer_leader_id_given_at', ['leader_id', 'given_at'], unique=False)

    op.create_table('answer_part',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('answer_id', sa.Uuid(), nullable=False),
    sa.Column('chat_id', sa.BigInteger(), nullable=False),
    sa.Column('message_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['answer_id'], ['answer.id'], name=op.f('fk_answer_part_answer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answer_part')),
    sa.UniqueConstraint('chat_id', 'message_id', 'version', name=op.f('uq_answer_part_chat_id_message_id_version'))
    )
    with op.batch_alter_table('answer_part', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_answer_part_answer_id'), ['answer_id'], unique=False)

    op.create_table('delivery',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('about_id', sa.Uuid(), nullable=True),
    sa.Column('chat_id', sa.BigInteger(), nullable=False),
    sa.Column('lane', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('method', sa.String(length=64), nullable=False),
    sa.Column('dedupe_key', sa.String(length=160), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.String(length=64), nullable=True),
    sa.Column('due_at', bot.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', bot.db.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('lease_token', sa.Uuid(), nullable=True),
    sa.Column('lease_until', bot.db.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('watermark', sa.BigInteger(), nullable=True),
    sa.Column('message_id', sa.BigInteger(), nullable=True),
    sa.Column('sent_at', bot.db.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('payload', sa.LargeBinary(), nullable=True),
    sa.Column('target_id', sa.Uuid(), nullable=True),
    sa.Column('question_id', sa.Uuid(), nullable=True),
    sa.Column('answer_id', sa.Uuid(), nullable=True),
    sa.Column('nonce', sa.String(length=16), nullable=True),
    sa.Column('actions', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['about_id'], ['person.id'], name=op.f('fk_delivery_about_id')),
    sa.ForeignKeyConstraint(['answer_id'], ['answer.id'], name=op.f('fk_delivery_answer_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_delivery_person_id')),
    sa.ForeignKeyConstraint(['question_id'], ['asked_question.id'], name=op.f('fk_delivery_question_id')),
    sa.ForeignKeyConstraint(['target_id'], ['delivery.id'], name=op.f('fk_delivery_target_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery')),
    sa.UniqueConstraint('dedupe_key', name=op.f('uq_delivery_dedupe_key')),
    sa.UniqueConstraint('nonce', name=op.f('uq_delivery_nonce'))
    )
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_delivery_about_id'), ['about_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_delivery_answer_id'), ['answer_id'], unique=False)
        batch_op.create_index('ix_delivery_chat_id_message_id', ['chat_id', 'message_id'], unique=False)
        batch_op.create_index('ix_delivery_chat_id_state', ['chat_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_delivery_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_delivery_question_id'), ['question_id'], unique=False)
        batch_op.create_index('ix_delivery_state_lane_due_at', ['state', 'lane', 'due_at'], unique=False)
        batch_op.create_index('ix_delivery_state_lease_until', ['state', 'lease_until'], unique=False)

