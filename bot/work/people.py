"""A person's own settings and rights: language, who reads by default, privacy, and deleting everything."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import inbox, people
from bot.db.tables import (
    Alias,
    Answer,
    AnswerPart,
    AskedQuestion,
    Blocker,
    CalendarFile,
    Consent,
    Delivery,
    Disclosure,
    Draft,
    Engagement,
    Enrolment,
    Evidence,
    Expecting,
    Invite,
    Note,
    Occurrence,
    Person,
    Pin,
    Plan,
    Recording,
    Session,
)
from bot.domain.delivery import Kind, State, Why
from bot.domain.schedule import local
from bot.domain.text import Block, Button, bold, message, plain
from bot.errors import RefusedError, UnreadableError
from bot.failpoints import reach
from bot.i18n import LANGUAGES, Say
from bot.work import expecting, going_along, outgoing, parts, taking_back
from bot.work.practice import Turn, name_of
from bot.work.terms import leader_terms, staff_terms

_LANGUAGE_NAMES = {"en": "English", "fr": "Français"}


async def language(turn: Turn, text: str) -> None:
    """`/language`, or `/language fr`."""
    named = {name.casefold(): code for code, name in _LANGUAGE_NAMES.items()} | {"french": "fr", "anglais": "en"}
    if (code := named.get(text.strip().casefold(), text.strip().casefold())) in LANGUAGES:
        await set_language(turn, code)
        return
    rows = [[Button(_LANGUAGE_NAMES[code], ("language", code))] for code in LANGUAGES]
    await turn.reply(message(plain(turn.say("Which language do you prefer?")), buttons=rows))


async def set_language(turn: Turn, code: str) -> None:
    if code not in LANGUAGES:
        raise RefusedError(turn.say("This button is no longer in use."))
    turn.me.language = code
    turn.has_new_language = True
    await turn.reply(message(plain(turn.say("From now on in English."))))


async def privacy(turn: Turn, _text: str) -> None:
    """Who reads what, again, and when it was agreed to."""
    say, me = turn.say, turn.me
    blocks: list[Block] = [bold(say("Who reads what"))]
    rows: list[list[Button]] = []
    if me.is_leader:
        engagement = await people.engagement_of(turn.db, me.id)
        coach = await turn.db.get(Person, engagement.coach_id) if engagement else None
        name = await name_of(turn.practice, coach) if coach else turn.practice.name
        blocks += leader_terms(say, name)
        if engagement is not None and engagement.previous_id is not None:
            blocks.append(plain(going_along.sentence(engagement, name, say)))
            rows = [[Button(say("What goes along"), ("along.ask", engagement.id))]]
    else:
        blocks += staff_terms(say, "coach" if me.is_coach else "admin")
    query = select(Consent).where(Consent.person_id == me.id).order_by(Consent.at.desc()).limit(1)
    consent = (await turn.db.scalars(query)).one_or_none()
    if consent is not None:
        day = say.day(local(consent.at, me.zone).date())
        agreed = say("You agreed to this on {day} (text of {version}).", day=day, version=consent.text_version)
        blocks.append(plain(agreed))
    await turn.reply(message(*blocks, buttons=rows))


async def delete_me(turn: Turn, text: str) -> None:
    """Preview, and ask for a typed word: a tap is too easily done."""
    say, me = turn.say, turn.me
    if text.strip():  # somebody's name: it is not them who would be deleted
        raise RefusedError(
            say("/delete takes away everything of yours, and nobody else’s. If you mean yourself, write it alone.")
        )
    await _refuse_who_is_needed(turn)
    answers = await turn.db.scalar(select(func.count(Answer.id)).where(Answer.leader_id == me.id)) or 0
    blocks = []
    if me.is_leader or answers:
        kept = say.plural("{n} answer", "{n} answers", answers)
        text = say(
            "This deletes {kept}, your sessions and settings here, at once and for good. Messages that your coach has "
            "already received stay in their chat.",
            kept=kept,
        )
        blocks.append(plain(text))
    elif me.is_coach:
        text = say(
            "This deletes your notes, your hypotheses and your settings here, at once and for good. Notes that leaders have "
            "already received stay in their chats."
        )
        blocks.append(plain(text))
    else:
        blocks.append(plain(say("This deletes your name and your settings here, at once and for good.")))
    word = say("delete")
    await expecting.expect(turn, "delete", {})
    await turn.reply(
        message(
            *blocks,
            plain(say("Type the word “{word}” to go ahead. Anything else leaves everything as it is.", word=word)),
            placeholder=word,
        )
    )


async def _refuse_who_is_needed(turn: Turn) -> None:
    """Nobody is left without a coach, nor everybody without an administrator."""
    if turn.me.is_coach and await people.led_by(turn.db, turn.me.id):
        raise RefusedError(
            turn.say("You still coach leaders here. Ask the administrator to hand them over first; then /delete works.")
        )
    others = select(Person.id).where(Person.is_admin, Person.id != turn.me.id, Person.state.in_(["active", "unreachable"]))
    if turn.me.is_admin and await turn.db.scalar(others.limit(1)) is None:
        raise RefusedError(
            turn.say("You are the only administrator here. `interlude admin link` makes another one; then /delete works.")
        )


async def confirm_delete(turn: Turn, text: str) -> str | None:
    """Erase if the word was typed. The keys go before this commits; the receipt is said by the caller."""
    words = {Say(code)("delete").casefold() for code in LANGUAGES}
    await expecting.forget(turn)
    if text.strip().strip("“”\"'«» \u00a0\u202f").casefold() not in words:
        await turn.reply(message(plain(turn.say("Nothing was deleted."))))
        return None
    await _refuse_who_is_needed(turn)  # somebody may have been handed to them since they asked
    said = receipt(turn.say, is_leader=turn.me.is_leader)
    await _tell_coach(turn)
    reach("erase.before")
    await erase(turn.db, turn.me, turn.now)
    turn.audit("erased", turn.me.id)
    reach("erase.inside")
    await turn.practice.vault.drop(turn.me.id)
    reach("erase.keys")
    return said


async def _tell_coach(turn: Turn) -> None:
    engagement = await people.engagement_of(turn.db, turn.me.id)
    coach = await turn.db.get(Person, engagement.coach_id) if engagement else None
    if coach is None or coach.chat_id is None:
        return
    say = Say(coach.language)
    try:
        name = await name_of(turn.practice, turn.me)
    except UnreadableError:  # the keys went the first time; only the rows are left to go
        return
    text = say("{name} has left Interlude and deleted everything here.", name=name)
    await outgoing.send(
        turn.practice, turn.db, coach, Kind.notice, message(plain(text)), key=f"left:{turn.update_id}", now=turn.now
    )


async def erase(db: AsyncSession, person: Person, now: datetime) -> None:
    """Delete a person's rows. The person's own row stays, empty, so that an audit line has somebody to name."""
    coaches = list(await db.scalars(select(Engagement.coach_id).where(Engagement.leader_id == person.id)))
    await taking_back.withdraw_digests(db, coaches, Why.erased, now)
    unsent = Delivery.state.in_([State.pending, State.sending, State.unknown])  # what is on its way is not sent again
    told = select(Disclosure.delivery_id).join(Answer, Answer.id == Disclosure.answer_id)
    holds_words = Delivery.id.in_(told.where(Answer.leader_id == person.id))  # among others', as `/digest` does
    await db.execute(
        update(Delivery)
        .where(or_(Delivery.about_id == person.id, holds_words), unsent, Delivery.payload.is_not(None))
        .values(state=State.cancelled, reason=Why.erased, payload=None, lease_token=None)
    )
    await _forget_answers(db, person.id)
    engagements = select(Engagement.id).where(Engagement.leader_id == person.id)
    await db.execute(delete(Enrolment).where(Enrolment.leader_id == person.id))
    await db.execute(delete(Session).where(Session.engagement_id.in_(engagements)))
    await _forget_written(db, person.id)
    await db.execute(update(Delivery).where(Delivery.about_id == person.id).values(about_id=None))
    await db.execute(delete(Engagement).where(Engagement.leader_id == person.id))
    await db.execute(delete(Consent).where(Consent.person_id == person.id))
    await db.execute(delete(Draft).where(Draft.person_id == person.id))
    await parts.forget(db, person.id)
    await db.execute(delete(CalendarFile).where(CalendarFile.coach_id == person.id))
    await db.execute(update(Invite).where(Invite.person_id == person.id).values(person_id=None, name=None))
    to_them = update(Invite).where(Invite.coach_id == person.id, Invite.used_at.is_(None))  # nobody is there any more
    await db.execute(to_them.values(expires_at=now, name=None))
    if person.chat_id is not None:
        await inbox.forget(db, person.chat_id)
    person.state, person.telegram_id, person.chat_id, person.name = "erased", None, None, None
    person.is_leader = person.is_coach = person.is_admin = False
    person.paused_until = person.next_digest_at = None
    person.country = person.subdivision = None
    person.snoozes = person.acknowledged = 0
    person.default_sharing = "words"


async def _forget_answers(db: AsyncSession, person_id: UUID) -> None:
    answers = select(Answer.id).where(Answer.leader_id == person_id)
    questions = select(AskedQuestion.id).where(AskedQuestion.leader_id == person_id)
    await db.execute(
        update(Delivery)
        .where(Delivery.person_id == person_id)
        .values(question_id=None, answer_id=None, payload=None, nonce=None, actions=[], chat_id=0)
    )
    await db.execute(
        update(Delivery)
        .where(Delivery.person_id == person_id, Delivery.state == State.pending)
        .values(state=State.cancelled, reason=Why.erased)
    )
    parts = select(AnswerPart.id).where(AnswerPart.answer_id.in_(answers))
    supposed = select(Blocker.id).where(Blocker.leader_id == person_id)
    await db.execute(delete(Evidence).where(Evidence.blocker_id.in_(supposed)))
    await db.execute(delete(Blocker).where(Blocker.leader_id == person_id))
    await db.execute(delete(Note).where(Note.leader_id == person_id))  # what a coach wrote about somebody goes with them
    await db.execute(delete(Pin).where(Pin.leader_id == person_id))
    await db.execute(delete(Disclosure).where(Disclosure.answer_id.in_(answers)))
    await db.execute(delete(Recording).where(Recording.part_id.in_(parts)))
    await db.execute(delete(AnswerPart).where(AnswerPart.answer_id.in_(answers)))
    for table in (Plan, Alias):
        await db.execute(delete(table).where(table.leader_id == person_id))
    await db.execute(delete(Answer).where(Answer.leader_id == person_id))
    await db.execute(delete(AskedQuestion).where(AskedQuestion.id.in_(questions)))
    await db.execute(delete(Occurrence).where(Occurrence.leader_id == person_id))
    await db.execute(delete(Expecting).where(Expecting.person_id == person_id))


async def _forget_written(db: AsyncSession, coach_id: UUID) -> None:
    """What a coach wrote about those they coached; a note that was sent stays with its reader, in their chat."""
    coached = select(Engagement.id).where(Engagement.coach_id == coach_id)
    supposed = select(Blocker.id).where(Blocker.engagement_id.in_(coached))
    await db.execute(delete(Evidence).where(Evidence.blocker_id.in_(supposed)))
    await db.execute(delete(Blocker).where(Blocker.engagement_id.in_(coached)))
    await db.execute(update(Engagement).where(Engagement.coach_id == coach_id).values(tags=None))
    await db.execute(delete(Note).where(Note.coach_id == coach_id))


def receipt(say: Say, *, is_leader: bool) -> str:
    """What is said after deleting: the row it could be written to is gone."""
    if not is_leader:
        return say("Everything of yours has been deleted here, and its keys with it.")
    return say(
        "Everything of yours has been deleted here, and its keys with it. Briefs and digests that your coach has already "
        "received stay in their chat; ask them if you want those gone too."
    )


async def blocked(turn: Turn, is_gone: bool) -> None:
    """Blocked: nothing more can be sent; the coach sees that in the digest. Who unblocks is back, as with every update."""
    if is_gone and turn.me.state == "active":
        turn.me.state = "unreachable"
