"""Tells a leader what has become of their sessions: in their own language, zone and hours, in one message."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.db.tables import Person, Session
from bot.domain.delivery import Kind
from bot.domain.text import bold, message, plain
from bot.i18n import Say
from bot.work import outgoing
from bot.work.practice import Turn, name_of

_SOON = timedelta(hours=24)
_SHOWN = 12  # lines of a list; who is told of more looks at /sessions


@dataclass(frozen=True)
class Moved:
    """A session that begins at another time than it did, or takes another length."""

    session: Session
    before: datetime


async def tell(
    turn: Turn, leader: Person, *, planned: list[Session] | None = None, moved: list[Moved] | None = None,
    cancelled: list[Session] | None = None,
) -> None:  # fmt: skip
    """One message about everything that has changed for this leader in this turn; none when nothing has."""
    new, other, gone = planned or [], moved or [], cancelled or []
    concerned = [s.starts_at for s in (*new, *gone)] + [at for m in other for at in (m.before, m.session.starts_at)]
    if not concerned or leader.chat_id is None or leader.state not in ("active", "unreachable"):
        return
    say, coach = Say(leader.language), await name_of(turn.practice, turn.me)
    if len(new) + len(other) + len(gone) == 1 or not (other or gone):
        blocks = [plain(_sentence(say, coach, leader.zone, new, other, gone))]
    else:
        blocks = [plain(say("{coach} has changed your sessions.", coach=coach))]
        moments = [
            (say("Planned"), [s.starts_at for s in new]),
            (say("Moved to"), [m.session.starts_at for m in other]),
            (say("Cancelled"), [s.starts_at for s in gone]),
        ]
        blocks += [bold(head) + plain("\n" + _lines(say, leader.zone, at)) for head, at in moments if at]
    kind = Kind.news if min(concerned) - turn.now < _SOON else Kind.notice  # else it waits for the leader's hours
    await outgoing.send(
        turn.practice, turn.db, leader, kind, message(*blocks), key=f"sessions:{turn.update_id}:{leader.id}", now=turn.now,
        expires_at=max(turn.now + _SOON, *concerned),  # whoever has blocked the bot may be back by then
    )  # fmt: skip


def _sentence(
    say: Say, coach: str, zone: str, new: list[Session], moved: list[Moved], gone: list[Session]
) -> str:
    if gone:
        when = say.moment(gone[0].starts_at, zone)
        return say("{coach} has cancelled your session on {when}.", coach=coach, when=when)
    if moved:
        when = say.moment(moved[0].session.starts_at, zone)
        if moved[0].before == moved[0].session.starts_at:
            length = moved[0].session.ends_at - moved[0].session.starts_at
            minutes = int(length.total_seconds()) // 60
            return say("Your session with {coach} on {when} now takes {n} minutes.", coach=coach, when=when, n=minutes)
        return say("{coach} has moved your session to {when}.", coach=coach, when=when)
    when = say.moment(min(s.starts_at for s in new), zone)
    if len(new) == 1:
        return say("{coach} has planned your session: {when}.", coach=coach, when=when)
    return say.plural(
        "{coach} has planned {n} session with you; the first is on {when}.",
        "{coach} has planned {n} sessions with you; the first is on {when}.", len(new), coach=coach, when=when,
    )  # fmt: skip


def _lines(say: Say, zone: str, instants: list[datetime]) -> str:
    lines = [say.moment(at, zone) for at in sorted(instants)]
    if len(lines) > _SHOWN:
        return "\n".join([*lines[:_SHOWN], say("The rest is in /sessions.")])
    return "\n".join(lines)
