"""A leader's shared ratings as a picture beside the brief; nothing is loaded or drawn while there is nothing to draw."""

from datetime import datetime, timedelta

from bot.domain.measures import Reading
from bot.domain.schedule import local
from bot.i18n import Say
from bot.work.gathering import Gathered
from bot.work.hearing import names
from bot.work.outgoing import Attachment

_SHOWN = timedelta(weeks=26)
_NEEDED = 2


def picture(gathered: Gathered, say: Say) -> Attachment | None:
    """A row for each measure that stands in the brief and has two values within half a year."""
    brief = gathered.brief
    drawn = {one.standing.measure: _lately(gathered, one.standing.measure) for one in brief.ratings}
    drawn = {measure: values for measure, values in drawn.items() if len(values) >= _NEEDED}
    if not drawn:
        return None
    from bot.pictures import weeks

    first, last = _wall(gathered, min(values[0].at for values in drawn.values())), _wall(gathered, brief.cut_at)
    called = names(say)
    rows = [
        weeks.Row(
            called.get(one.standing.measure, one.standing.measure),
            tuple((_wall(gathered, reading.at), reading.value) for reading in drawn[one.standing.measure]),
            one.change.usual if one.change is not None else one.standing.usual,
            "" if one.change is None else "fall" if one.change.is_fall else "rise",
        )
        for one in brief.ratings
        if one.standing.measure in drawn
    ]
    sessions = tuple(at for at in (_wall(gathered, at) for at in gathered.sessions) if first <= at <= last)
    made = weeks.Weeks(
        title=say("Their own ratings, 0 to 10"),
        subtitle=say("From {first} to {last}", first=say.date_only(first.date()), last=say.date_only(last.date())),
        panels=(weeks.Panel(brief.leader, tuple(rows), sessions=sessions),), first=first, last=last,
    )  # fmt: skip
    return Attachment("photo", "ratings.png", weeks.draw(made, say))


def _lately(gathered: Gathered, measure: str) -> list[Reading]:
    return [reading for reading in gathered.series[measure] if reading.at > gathered.brief.cut_at - _SHOWN]


def _wall(gathered: Gathered, instant: datetime) -> datetime:
    return local(instant, gathered.brief.zone).replace(tzinfo=None)
