"""Joining in two steps: who invites you, then what is read by whom; agreeing is one transaction."""

import hashlib
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update

from bot.db import enrolments, outbox, people
from bot.db.tables import Consent, Delivery, Engagement, Enrolment, Expecting, Invite, Person
from bot.db.types import new_id
from bot.domain.delivery import Kind
from bot.domain.text import Button, bold, message, plain
from bot.errors import RefusedError
from bot.i18n import Say, nearest_language
from bot.vault import PRACTICE
from bot.work import going_along, handing, helping, outgoing, places, sequences
from bot.work.digests import plan_digest
from bot.work.practice import Turn, name_of
from bot.work.terms import CONSENT_VERSION, terms_for

INVITE_LASTS = timedelta(days=7)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def start(turn: Turn, token: str) -> bool:
    """`/start`, with or without an invite. False: a stranger, of whom nothing is kept."""
    invite = await people.invite_by_hash(turn.db, token_hash(token)) if token else None
    if invite is not None and _is_open(invite, turn):
        await _greet(turn, invite)
        return True
    if turn.person is None or turn.person.state == "joining":
        if invite is not None:
            raise RefusedError(turn.say("This invitation has been used or has expired. Please ask for a new one."))
        if turn.person is not None:  # a stranger's answer goes beside the outbox
            turn.person.aside_at = turn.now
        return False
    turn.me.chat_id = turn.chat_id
    await _welcome_back(turn, is_dead=bool(token) and (invite is None or invite.used_at is None))
    return True


async def _welcome_back(turn: Turn, *, is_dead: bool) -> None:
    """Their own link once more, or somebody else's: either way they are here, and hear what is there to do now."""
    say = turn.say
    first = say("You are here already. /help shows what you can do.")
    if is_dead:
        first = say("This invitation has expired. You are here already: /help shows what you can do.")
    await turn.reply(message(plain(first), *await helping.right_now(turn)))


def _is_open(invite: Invite, turn: Turn) -> bool:
    return invite.used_at is None and turn.now < invite.expires_at and invite.role != "draft"


async def _greet(turn: Turn, invite: Invite) -> None:
    """Step one: who invites you. Whoever holds an invite is known by their account from here on, and by no name."""
    if turn.person is None:
        turn.person = await _newcomer(turn)
    elif invite.role == "leader" and invite.coach_id == turn.me.id:
        raise RefusedError(
            turn.say("This link is for somebody else: it would make you your own leader. Forward it to them.")
        )
    turn.me.chat_id = turn.chat_id
    say = turn.say
    name = await _invited_name(turn, invite)
    inviter = await _inviter(turn, invite)
    await turn.reply(
        message(
            plain(say("Hello {name}.", name=name)),
            plain(_invitation(say, invite.role, inviter, turn.practice.name)),
            buttons=[
                [Button(say("Who reads what?"), ("join.terms", invite.id))],
                [Button(say("No, thank you"), ("join.decline", invite.id))],
            ],
        )
    )


def _invitation(say: Say, role: str, inviter: str, practice: str) -> str:
    if role == "leader":
        return say(
            "{coach} invites you to Interlude. It keeps your coaching alive between sessions: now and then a short "
            "question, here in this chat, answered in two minutes by a tap or a few words.",
            coach=inviter,
        )
    if role == "coach":
        return say(
            "{inviter} invites you to Interlude as a coach of {practice}. Your leaders get short questions between "
            "sessions; you read a brief before each session and a digest once a week.",
            inviter=inviter, practice=practice,
        )  # fmt: skip
    return say(
        "You are invited to Interlude as administrator of {practice}: you invite people, choose the sequences of "
        "questions and see that messages go out.",
        practice=practice,
    )


async def _newcomer(turn: Turn) -> Person:
    person = Person(
        id=new_id(), telegram_id=turn.telegram_id, chat_id=turn.chat_id, state="joining",
        language=nearest_language(turn.language_code), joined_at=turn.now, last_seen_at=turn.now,
    )  # fmt: skip
    await turn.practice.vault.make(person.id, "shared", "private")
    turn.db.add(person)
    await turn.db.flush()
    return person


async def _invited_name(turn: Turn, invite: Invite) -> str:
    if invite.name is None:  # the first administrator's link is made by nobody who knows them
        return turn.first_name
    box = await turn.practice.vault.box(PRACTICE, "practice")
    return box.open("invite.name", invite.id, invite.name)


async def _inviter(turn: Turn, invite: Invite) -> str:
    """A leader is invited by the coach, whoever made the link."""
    inviter = await turn.db.get(Person, invite.coach_id or invite.inviter_id or UUID(int=0))
    return await name_of(turn.practice, inviter) if inviter else turn.practice.name


async def _invite(turn: Turn, invite_id: str) -> Invite:
    invite = await turn.db.get(Invite, UUID(invite_id))
    if invite is None or not _is_open(invite, turn):
        raise RefusedError(turn.say("This invitation has been used or has expired. Please ask for a new one."))
    return invite


async def terms(turn: Turn, invite_id: str) -> None:
    """Step two: what is read by whom."""
    invite = await _invite(turn, invite_id)
    say = turn.say
    await turn.reply(
        message(
            bold(say("Who reads what")),
            *(await handing.taking_over(turn, invite.coach_id) if invite.role == "leader" else []),
            *terms_for(say, invite.role, await _inviter(turn, invite)),
            buttons=[
                [Button(say("I agree"), ("join.agree", invite.id))],
                [Button(say("No, thank you"), ("join.decline", invite.id))],
            ],
        )
    )


async def decline(turn: Turn, _invite_id: str) -> str | None:
    """Nothing is kept of somebody who says no; the invite stays good in case they change their mind."""
    if turn.me.state != "joining":
        return turn.say("Nothing has changed.")
    farewell = turn.say("That is fine, and changes nothing. The link stays good until it expires.")
    await _forget_newcomer(turn)
    return farewell


async def agree(turn: Turn, invite_id: str) -> None:
    invite = await _invite(turn, invite_id)
    used = (
        update(Invite)
        .where(Invite.id == invite.id, Invite.used_at.is_(None))
        .values(used_at=turn.now)
        .returning(Invite.id)
    )
    if (await turn.db.execute(used)).one_or_none() is None:
        raise RefusedError(turn.say("This invitation has been used or has expired. Please ask for a new one."))
    name = await _invited_name(turn, invite)
    if invite.person_id is not None:
        await _move_account(turn, invite.person_id)
    await _admit(turn, invite, name)


async def _move_account(turn: Turn, known_id: UUID) -> None:
    """Somebody known comes back with another account: the history follows, the newcomer's row goes."""
    known = await turn.db.get(Person, known_id)
    if known is None or known.id == turn.me.id or known.state == "erased":
        return
    newcomer = turn.me
    if newcomer.state != "joining":
        raise RefusedError(turn.say("This Telegram account already belongs to somebody here."))
    telegram_id, chat_id = newcomer.telegram_id, newcomer.chat_id
    await _forget_newcomer(turn)
    known.telegram_id, known.chat_id, known.state = telegram_id, chat_id, "active"
    known.aside_at = turn.now  # what was said to the newcomer is there, and its rows are gone
    await turn.db.execute(
        update(Delivery).where(Delivery.person_id == known.id, Delivery.state == "pending").values(chat_id=chat_id)
    )
    turn.person = known
    await outbox.release(turn.db, known.id, turn.now)
    await enrolments.wake(turn.db, known.id, turn.now)


async def _forget_newcomer(turn: Turn) -> None:
    """Somebody who has not agreed to anything: row, messages and keys go."""
    newcomer = turn.me
    await turn.db.execute(delete(Delivery).where(Delivery.person_id == newcomer.id))
    await turn.db.delete(newcomer)
    await turn.db.flush()
    await turn.practice.vault.drop(newcomer.id)
    turn.person = None


async def _admit(turn: Turn, invite: Invite, name: str) -> None:
    me = turn.me
    if me.state == "joining" or me.name is None:
        box = await turn.practice.vault.box(me.id, "shared")
        me.name = box.seal("person.name", me.id, name)
        me.joined_at = turn.now
    me.state = "active"
    turn.db.add(Consent(person_id=me.id, text_version=CONSENT_VERSION, language=me.language, at=turn.now))
    turn.audit(f"joined as {invite.role}", me.id)
    if invite.role == "leader":
        await _begin_engagement(turn, invite, name)
    elif invite.role == "coach":
        me.is_coach = True
        plan_digest(me, turn.now)
    else:
        me.is_admin = True
    await turn.db.execute(delete(Expecting).where(Expecting.person_id == me.id))
    await turn.reply(message(plain(_welcome(turn.say, invite.role))))
    if invite.role == "leader":
        await going_along.offer(turn)
    await places.ask_country(turn)


async def _begin_engagement(turn: Turn, invite: Invite, name: str) -> None:
    assert invite.coach_id is not None
    me = turn.me
    coach = await turn.db.get_one(Person, invite.coach_id)
    await handing.hold(turn, coach)
    engagement = await people.engagement_of(turn.db, me.id)
    if engagement is None or engagement.coach_id != coach.id:
        if not me.is_leader:
            me.zone, me.country, me.subdivision = coach.zone, coach.country, coach.subdivision
        engagement = await _with_another(turn, engagement, coach)
    me.is_leader = True
    following = set(await turn.db.scalars(
        select(Enrolment.sequence).where(Enrolment.engagement_id == engagement.id, Enrolment.state != "ended")
    ))  # fmt: skip
    for sequence in invite.sequences:
        if sequence not in following:
            await sequences.enrol(turn.db, engagement, sequence, turn.now)
    await _tell_coach(turn, coach, name)


async def _with_another(turn: Turn, before: Engagement | None, coach: Person) -> Engagement:
    """A coaching that begins; one that goes on with another coach is passed on, as when an administrator does it."""
    if before is not None:
        return await handing.pass_on(turn, before, turn.me, coach)
    ended = select(Engagement.id).where(Engagement.leader_id == turn.me.id, Engagement.ended_at.is_not(None))
    last = await turn.db.scalar(ended.order_by(Engagement.ended_at.desc()).limit(1))
    engagement = handing.begin(turn, turn.me, coach)
    engagement.previous_id = last
    await turn.db.flush()
    return engagement


async def _tell_coach(turn: Turn, coach: Person, name: str) -> None:
    if coach.chat_id is None or coach.id == turn.me.id:
        return
    say = Say(coach.language)
    text = say("{name} has joined. /session {name} plans your first session together.", name=name)
    await outgoing.send(
        turn.practice, turn.db, coach, Kind.notice, message(plain(text)), key=f"joined:{turn.update_id}", now=turn.now,
        about=turn.me.id,
    )  # fmt: skip


def _welcome(say: Say, role: str) -> str:
    if role == "leader":
        return say(
            "Welcome. Questions come on work days between 08:00 and 19:00, your time; how many depends on what you work on "
            "with your coach. Answer by tapping or in your own words; skipping is fine. What is on your mind can be written "
            "here at any time."
        )
    if role == "coach":
        return say("Welcome. /invite Jack brings in your first leader; /help shows the rest.")
    return say("Welcome. /invite brings in coaches and leaders, /sequences shows what runs; /help shows the rest.")


