"""A pressed button: its nonce names a message of ours, its number an action; everything else is stale or forged."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.db import outbox
from bot.domain.text import Message
from bot.errors import RefusedError
from bot.work import (
    acting,
    admin,
    agenda,
    all_words,
    apart,
    booking,
    briefing,
    calendars,
    confirming,
    digests,
    disclosing,
    drafting,
    focusing,
    following,
    going_along,
    going_on,
    handing,
    hypotheses,
    inviting,
    joining,
    journal,
    later,
    leaders,
    moments,
    notes,
    outgoing,
    peers,
    people,
    places,
    plans,
    posing,
    publishing,
    reach,
    replying,
    sessions,
    sharing,
    tapping,
    unanswered,
)
from bot.work.practice import Turn

Toast = str | None
Act = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Action:
    """Who may do it, and what it does. A returned text is shown briefly; a returned message replaces the pressed one."""

    roles: frozenset[str]
    act: Act


LEADER, COACH, ADMIN = frozenset({"leader"}), frozenset({"coach"}), frozenset({"admin"})
STAFF = COACH | ADMIN
EVERYBODY = LEADER | STAFF
ANYBODY_INVITED = EVERYBODY | {"joining"}


async def _number(turn: Turn, question: str, value: str) -> Toast:
    return await tapping.tap(turn, question, {"number": int(value)})


async def _choice(turn: Turn, question: str, key: str) -> Toast:
    return await tapping.tap(turn, question, {"choices": [key]})


async def _yes(turn: Turn, question: str, value: str) -> Toast:
    return await tapping.tap(turn, question, {"yes": value == "1"})


ACTIONS = {
    "join.terms": Action(ANYBODY_INVITED, joining.terms),
    "join.agree": Action(ANYBODY_INVITED, joining.agree),
    "join.decline": Action(ANYBODY_INVITED, joining.decline),
    "language": Action(EVERYBODY, people.set_language),
    "place.country": Action(EVERYBODY, places.choose_country),
    "place.zone": Action(EVERYBODY, places.choose_zone),
    "pause": Action(LEADER, reach.set_pause),
    "when.day": Action(EVERYBODY, reach.toggle_day),
    "when.ask": Action(EVERYBODY, reach.ask_time),
    "when.set": Action(EVERYBODY, reach.set_time),
    "when.span": Action(EVERYBODY, reach.set_span),
    "q.number": Action(LEADER, _number),
    "q.choice": Action(LEADER, _choice),
    "q.yes": Action(LEADER, _yes),
    "q.tick": Action(LEADER, tapping.tick),
    "q.done": Action(LEADER, tapping.done),
    "q.alias": Action(LEADER, tapping.choose_alias),
    "q.skip": Action(LEADER, tapping.skip),
    "q.later": Action(LEADER, later.offer),
    "q.snooze": Action(LEADER, later.snooze),
    "q.back": Action(LEADER, later.back),
    "q.why": Action(LEADER, unanswered.why),
    "when.usual": Action(LEADER, reach.set_usual),
    "sharing.ask": Action(LEADER, sharing.ask_default),
    "sharing.default": Action(LEADER, sharing.set_default),
    "q.words": Action(LEADER, tapping.own_words),
    "share": Action(LEADER, sharing.share),
    "answer.apart": Action(LEADER, apart.take_out),
    "answer.meant": Action(LEADER, apart.put_in),
    "moment": Action(LEADER, moments.tap),
    "plan.skip": Action(LEADER, drafting.skip_obstacle),
    "plan.keep": Action(LEADER, drafting.keep_it),
    "plan.time": Action(LEADER, drafting.ask_time),
    "plan.change": Action(LEADER, drafting.change),
    "plan.back": Action(LEADER, drafting.back),
    "plan.part": Action(LEADER, drafting.change_part),
    "plan.when": Action(LEADER, plans.when),
    "plan.outcome": Action(LEADER, plans.outcome),
    "plan.again": Action(LEADER, plans.again),
    "plan.new": Action(LEADER, plans.new),
    "plan.drop": Action(LEADER, plans.drop),
    "peer.alias": Action(LEADER, peers.choose),
    "peer.next": Action(LEADER, peers.next_),
    "peer.stop": Action(LEADER, peers.stop),
    "pin": Action(LEADER, agenda.bring),
    "journal.page": Action(LEADER, journal.page),
    "journal.themes": Action(LEADER, journal.themes),
    "journal.months": Action(LEADER, journal.months),
    "journal.ask": Action(LEADER, journal.ask_words),
    "journal.found": Action(LEADER, journal.found),
    "journal.open": Action(LEADER, journal.open_entry),
    "journal.who": Action(LEADER, journal.who_reads),
    "journal.pin": Action(LEADER, journal.bring),
    "read.page": Action(LEADER, disclosing.page),
    "agenda.show": Action(LEADER, agenda.show),
    "agenda.move": Action(LEADER, agenda.move),
    "agenda.off": Action(LEADER, agenda.off),
    "agenda.ask": Action(LEADER, agenda.ask_clear),
    "agenda.clear": Action(LEADER, agenda.clear),
    "invite.role": Action(ADMIN, inviting.choose_role),
    "invite.leader": Action(ADMIN, inviting.choose_leader),
    "invite.move": Action(STAFF, inviting.move),
    "invite.new": Action(STAFF, inviting.newcomer),
    "invite.toggle": Action(STAFF, inviting.toggle),
    "invite.make": Action(STAFF, inviting.make),
    "leader.card": Action(COACH, leaders.card),
    "leader.ask": Action(COACH, leaders.ask_field),
    "leader.focus": Action(COACH, focusing.show),
    "leader.toggle": Action(COACH, focusing.toggle),
    "brief.show": Action(COACH, briefing.show),
    "words.page": Action(COACH, all_words.page),
    "digest.read": Action(COACH, digests.mark_read),
    "session.day": Action(COACH, booking.choose_day),
    "session.time": Action(COACH, booking.choose_time),
    "session.often": Action(COACH, booking.choose_often),
    "session.make": Action(COACH, booking.make),
    "session.both": Action(COACH, booking.both),
    "session.instead": Action(COACH, sessions.instead),
    "session.open": Action(COACH, sessions.open_session),
    "session.shift": Action(COACH, sessions.shift),
    "session.retime": Action(COACH, sessions.ask_time),
    "session.cancel": Action(COACH, sessions.ask_cancel),
    "session.drop": Action(COACH, sessions.drop),
    "session.ask": Action(COACH, booking.ask_words),
    "session.page": Action(COACH, sessions.page),
    "session.done": Action(COACH, sessions.done),
    "session.early": Action(COACH, sessions.early),
    "go.ask": Action(COACH, going_on.ask),
    "go.later": Action(COACH, going_on.not_now),
    "go.weekly": Action(COACH, going_on.offer_weekly),
    "go.plan": Action(COACH, going_on.plan_weekly),
    "go.open": Action(COACH, going_on.open_ended),
    "go.ask_close": Action(COACH, going_on.ask_close),
    "go.close": Action(COACH, going_on.close),
    "calendar.whose": Action(COACH, calendars.whose),
    "calendar.nobody": Action(COACH, calendars.nobody),
    "calendar.do": Action(COACH, calendars.do),
    "calendar.leave": Action(COACH, calendars.leave),
    "enrol.who": Action(STAFF, admin.choose_sequence),
    "enrol.add": Action(STAFF, admin.add),
    "enrol.end": Action(STAFF, admin.stop),
    "enrol.move": Action(STAFF, admin.move),
    "hand.who": Action(ADMIN, handing.choose_coach),
    "hand.to": Action(ADMIN, handing.preview),
    "hand.do": Action(ADMIN, handing.do),
    "hand.leave": Action(ADMIN, handing.leave),
    "along.ask": Action(LEADER, going_along.choose),
    "along.set": Action(LEADER, going_along.decide),
    "enrol.pause": Action(STAFF, following.pause),
    "enrol.resume": Action(STAFF, following.resume),
    "enrol.choose": Action(STAFF, following.choose),
    "enrol.into": Action(STAFF, following.preview),
    "enrol.swap": Action(STAFF, following.swap),
    "sequence.back": Action(ADMIN, publishing.back),
    "draft.try": Action(ADMIN, publishing.try_on_me),
    "draft.publish": Action(ADMIN, publishing.publish),
    "draft.discard": Action(ADMIN, publishing.discard),
    "said.pick": Action(COACH, acting.pick),
    "said.page": Action(COACH, acting.page),
    "said.card": Action(COACH, acting.card),
    "said.reply": Action(COACH, acting.ask_reply),
    "said.note": Action(COACH, acting.ask_note),
    "said.weigh": Action(COACH, hypotheses.weigh),
    "said.mark": Action(COACH, hypotheses.mark),
    "said.meant": Action(COACH, acting.meant),
    "said.drop": Action(COACH, acting.drop),
    "said.keep": Action(COACH, acting.keep),
    "said.back": Action(COACH, replying.take_back),
    "said.own": Action(COACH, replying.make_own),
    "note.reply": Action(LEADER, replying.ask_reply),
    "note.list": Action(COACH, notes.list_),
    "note.ask": Action(COACH, notes.ask),
    "note.delete": Action(COACH, notes.delete),
    "blocker.list": Action(COACH, hypotheses.list_),
    "blocker.new": Action(COACH, hypotheses.new),
    "blocker.open": Action(COACH, hypotheses.open_),
    "blocker.close": Action(COACH, hypotheses.close),
    "blocker.tags": Action(COACH, hypotheses.tags),
    "blocker.tag": Action(COACH, hypotheses.tick),
    "blocker.type": Action(COACH, hypotheses.type_tags),
    "ask.leader": Action(COACH, posing.choose),
    "ask.new": Action(COACH, posing.new),
    "ask.kind": Action(COACH, posing.set_kind),
    "ask.change": Action(COACH, posing.ask_change),
    "ask.send": Action(COACH, posing.send),
    "ask.drop": Action(COACH, posing.drop),
    "ask.back": Action(COACH, posing.take_back),
    "trial": Action(ADMIN, publishing.trial),
}
"""Every button there is. A test compares it with the file that says who may do what."""

_WITH_PRESSED = {
    *("q.tick", "share", "moment", "peer.alias", "peer.next", "peer.stop", "answer.apart", "answer.meant"),
    *("plan.outcome", "plan.again", "plan.when", "plan.new", "plan.drop", "said.pick", "digest.read"),
}


def roles_of(turn: Turn) -> frozenset[str]:
    """The roles of the person who wrote; a stranger has none."""
    me = turn.person
    if me is None:
        return frozenset()
    if me.state == "joining":
        return frozenset({"joining"})
    held = {"leader": me.is_leader, "coach": me.is_coach, "admin": me.is_admin}
    return frozenset(role for role, has in held.items() if has)


async def press(turn: Turn, data: str) -> Toast:
    """Do what a button says. Raises `RefusedError` with a sentence for whoever pressed what is not theirs or gone."""
    nonce, _, number = data.partition(":")
    row = await outbox.by_nonce(turn.db, nonce)
    if turn.person is None or row is None or row.person_id != turn.me.id or not number.isdecimal():
        raise RefusedError(turn.say("This button is no longer in use."))
    if int(number) >= len(row.actions):
        raise RefusedError(turn.say("This button is no longer in use."))
    name, *arguments = row.actions[int(number)]
    action = ACTIONS.get(name)
    if action is None or not action.roles & roles_of(turn):
        raise RefusedError(turn.say("This button is no longer in use."))
    await confirming.seen(turn.practice, turn.db, row, turn.chat_id, turn.message_id, turn.now)
    if name in _WITH_PRESSED:
        arguments.append(row)
    result = await action.act(turn, *arguments)
    if isinstance(result, Message):
        await outgoing.replace(turn, row, result, "press")
        return None
    return result if isinstance(result, str) else None
