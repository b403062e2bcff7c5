"""How an engagement ends, be it closed or passed on: what was on its way to the coach about this leader goes no further."""

from uuid import UUID

from sqlalchemy import or_, select, update

from bot.db import enrolments
from bot.db.tables import Answer, Delivery, Disclosure, Engagement, Enrolment, Note, Person, Session
from bot.domain.delivery import Kind, State, Why
from bot.domain.text import message, plain
from bot.i18n import Say
from bot.work import closing, meetings, notes, outgoing, pins, sequences
from bot.work.practice import Turn, name_of
from bot.work.taking_back import withdraw_digests

_WAITING = (State.pending, State.unknown)


async def end(turn: Turn, engagement: Engagement, *, is_passed_on: bool = False) -> list[Session]:
    """End it with all that hangs on it; the sessions that do not take place. What the leader follows goes on with the
    next coach if there is one; what they bring to a session, if they say so."""
    engagement.state, engagement.ended_at, engagement.look_at = "ended", turn.now, None
    gone = await planned_of(turn, engagement.id)
    for session in gone:
        await meetings.cancel(turn, session)
    for session in await enrolments.sessions_of(turn.db, engagement.id):
        if session.state == "planned":  # it has begun, so it did take place
            await meetings.complete(turn, session)
    await _withdraw(turn, engagement)
    await _end_own_questions(turn, engagement)
    await _keep_back_notes(turn, engagement)
    if not is_passed_on:
        await sequences.end_all(turn.db, engagement.id)
        await closing.end_open(turn.db, engagement.leader_id)
    await pins.clear(turn.db, engagement.id, turn.now)
    await turn.db.flush()
    return gone


async def planned_of(turn: Turn, engagement_id: UUID) -> list[Session]:
    """The sessions that are still to come."""
    sessions = await enrolments.sessions_of(turn.db, engagement_id)
    return [one for one in sessions if one.state == "planned" and one.starts_at > turn.now]


async def _withdraw(turn: Turn, engagement: Engagement) -> None:
    """Whatever would tell the coach of this leader and has not gone out. A digest is written again, without them."""
    told = select(Disclosure.delivery_id).join(Answer, Answer.id == Disclosure.answer_id)
    is_about_them = or_(
        Delivery.about_id == engagement.leader_id,
        Delivery.id.in_(told.where(Answer.leader_id == engagement.leader_id)),
        Delivery.dedupe_key.startswith(meetings.nudge_key(engagement.id), autoescape=True),
    )
    await withdraw_digests(turn.db, [engagement.coach_id], Why.coaching_ended, turn.now)
    await turn.db.execute(
        update(Delivery)
        .where(Delivery.person_id == engagement.coach_id, Delivery.kind != Kind.digest, is_about_them)
        .where(Delivery.state.in_(_WAITING))
        .values(state=State.cancelled, reason=Why.coaching_ended, payload=None, lease_token=None)
    )
    await turn.db.execute(  # on its way right now: it may arrive, but does not go a second time
        update(Delivery)
        .where(Delivery.person_id == engagement.coach_id, Delivery.kind != Kind.digest, is_about_them)
        .where(Delivery.state == State.sending)
        .values(payload=None)
    )


async def _keep_back_notes(turn: Turn, engagement: Engagement) -> None:
    """A note that waits for its leader's hours, or for the end of a pause, does not come from a former coach."""
    query = select(Note, Delivery).join(Delivery, Delivery.id == Note.delivery_id)
    waiting = query.where(Note.engagement_id == engagement.id, Delivery.state.in_(_WAITING))
    under_way = select(Note.delivery_id).where(Note.engagement_id == engagement.id)
    await turn.db.execute(
        update(Delivery).where(Delivery.id.in_(under_way), Delivery.state == State.sending).values(payload=None)
    )
    kept = 0
    for note, delivery in (await turn.db.execute(waiting.with_for_update(of=Delivery))).all():
        is_unseen = delivery.state == State.pending and not delivery.is_copy
        delivery.state, delivery.reason, delivery.payload = State.cancelled, Why.coaching_ended, None
        delivery.lease_token = None
        if is_unseen:
            note.kind, note.delivery_id = notes.OWN, None
            kept += 1
    if kept:
        await _tell_of_notes(turn, engagement, kept)


async def _tell_of_notes(turn: Turn, engagement: Engagement, kept: int) -> None:
    coach = await turn.db.get_one(Person, engagement.coach_id)
    if coach.chat_id is None:
        return
    name = await name_of(turn.practice, await turn.db.get_one(Person, engagement.leader_id))
    text = Say(coach.language).plural(
        "{n} note to {name} had not gone yet, and is not sent.",
        "{n} notes to {name} had not gone yet, and are not sent.", kept, name=name,
    )  # fmt: skip
    kind, key = Kind.reply if coach.id == turn.me.id else Kind.notice, f"ended:{engagement.id}:notes"
    told = message(plain(text))
    await outgoing.send(
        turn.practice, turn.db, coach, kind, told, key=key, now=turn.now, about=engagement.leader_id
    )


async def _end_own_questions(turn: Turn, engagement: Engagement) -> None:
    """What a coach asks in words of their own is between the two; nobody else takes it over."""
    query = select(Enrolment).where(
        Enrolment.engagement_id == engagement.id, Enrolment.own.is_not(None), Enrolment.state != "ended"
    )
    own = list(await turn.db.scalars(query))
    open_ = await enrolments.open_occurrence(turn.db, engagement.leader_id)
    for enrolment in own:
        await sequences.end(turn.db, enrolment)
    if open_ is not None and open_.enrolment_id in {enrolment.id for enrolment in own}:
        await closing.end_open(turn.db, engagement.leader_id)
