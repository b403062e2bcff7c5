"""`/progress`: a leader's own measures over time with the sessions marked, as a picture, and in words beside it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.db import reading
from bot.db.tables import Engagement, Enrolment, Session
from bot.domain.measures import Reading, standing
from bot.domain.schedule import local
from bot.domain.sequence import MEASURES
from bot.domain.text import message, plain
from bot.i18n import Say
from bot.work import content, sequences
from bot.work.leaders import theme_name
from bot.work.outgoing import Attachment
from bot.work.practice import Turn

_SHOWN = timedelta(weeks=53)
_NEEDED = 2

Series = dict[str, list[Reading]]


async def progress(turn: Turn, _text: str) -> None:
    text, picture = await turn.beforehand(_drawn)
    attachment = Attachment("photo", "progress.png", picture) if picture else None
    await turn.reply(message(plain(text)), attachment=attachment)


async def _drawn(turn: Turn) -> tuple[str, bytes | None]:
    """Two values make a line; before that there is only a sentence."""
    say, found = turn.say, await _series(turn)
    drawn = {measure: readings for measure, readings in found.items() if len(readings) >= _NEEDED}
    if not drawn:
        return _too_early(say, found), None
    return _caption(say, turn, drawn, found), await _picture(turn, drawn)


async def _series(turn: Turn) -> Series:
    """One's own values of each measure within a year, whatever their sharing: nobody else sees this picture."""
    found: Series = {}
    for rated in await reading.rated(turn.db, turn.me.id, MEASURES, turn.now - _SHOWN):
        enrolment = await turn.db.get_one(Enrolment, rated.enrolment_id)
        step = (await sequences.of_enrolment(turn.practice, turn.db, enrolment)).step(rated.step)
        if step.question(rated.question).measure != rated.answer.theme:
            continue
        number = (await content.open_answer(turn.practice, rated.answer, [])).number
        if number is not None:
            found.setdefault(rated.answer.theme, []).append(Reading(rated.answer.given_at, number))
    return {measure: found[measure] for measure in MEASURES if measure in found}


def _too_early(say: Say, found: Series) -> str:
    if found:
        return say("There is one rating so far. With the second there is something to draw.")
    return say("There are no ratings of yours yet. Once you have answered two, /progress draws them.")


async def _picture(turn: Turn, drawn: Series) -> bytes:
    from bot import pictures

    say = turn.say
    first = _wall(turn, min(readings[0].at for readings in drawn.values()))
    last = _wall(turn, turn.now)
    marks = [_wall(turn, at) for at in await _sessions(turn)]
    panels = tuple(
        pictures.Panel(
            _capital(theme_name(say, measure)),
            (pictures.Line(tuple((_wall(turn, reading.at), reading.value) for reading in readings)),),
            note=_note(say, measure, readings),
            marks=tuple(mark for mark in marks if first <= mark <= last),
        )
        for measure, readings in drawn.items()
    )
    chart = pictures.Chart(
        title=say("Your own ratings, 0 to 10"), subtitle=_span(say, first, last), panels=panels, first=first, last=last,
        mark=say("session"),
    )  # fmt: skip
    return pictures.draw(chart, say)


def _wall(turn: Turn, instant: datetime) -> datetime:
    return local(instant, turn.me.zone).replace(tzinfo=None)


async def _sessions(turn: Turn) -> Sequence[datetime]:
    """When one's sessions were, with whichever coach; not those that were cancelled."""
    query = (
        select(Session.starts_at)
        .join(Engagement, Engagement.id == Session.engagement_id)
        .where(Engagement.leader_id == turn.me.id, Session.state != "cancelled", Session.starts_at <= turn.now)
        .order_by(Session.starts_at)
    )
    return list(await turn.db.scalars(query))


def _note(say: Say, measure: str, readings: list[Reading]) -> str:
    found = standing(measure, readings)
    assert found is not None
    if found.usual is None:
        return say("now {latest}", latest=found.latest)
    return say("now {latest} · usually {usual}", latest=found.latest, usual=say.number(found.usual))


def _span(say: Say, first: datetime, last: datetime) -> str:
    if first.year == last.year:
        return say("From {first} to {last}", first=say.date_only(first.date()), last=say.date_only(last.date()))
    return say(
        "From {first} to {last}",
        first=f"{say.date_only(first.date())} {first.year}", last=f"{say.date_only(last.date())} {last.year}",
    )  # fmt: skip


def _caption(say: Say, turn: Turn, drawn: Series, found: Series) -> str:
    """The picture in words, for who cannot see it; each measure from its first value to its latest."""
    lines = [say("Your own ratings, 0 to 10, with your sessions marked. Only you are shown this.")]
    lines += [_in_words(say, turn, measure, readings) for measure, readings in drawn.items()]
    lone = [theme_name(say, measure) for measure in found if measure not in drawn]
    if lone:
        lines.append(say("One rating so far, so not drawn: {measures}.", measures=say.list(lone)))
    return "\n".join(lines)


def _in_words(say: Say, turn: Turn, measure: str, readings: list[Reading]) -> str:
    values = [reading.value for reading in readings]
    return say(
        "{measure}: {first} on {day}, now {latest}; lowest {lowest}, highest {highest}",
        measure=_capital(theme_name(say, measure)), first=values[0],
        day=say.date_only(local(readings[0].at, turn.me.zone).date()), latest=values[-1], lowest=min(values),
        highest=max(values),
    )  # fmt: skip


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
