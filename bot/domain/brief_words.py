"""A brief as text: blocks in the order in which a coach needs them."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain import checkpoint as checkpoints
from bot.domain import silences as prompts
from bot.domain.brief import Brief, Brought, Held, Noted, Promised, Rating, newest
from bot.domain.heard import Heard, Said, as_rating, asked_line, by_themes, private_line, quoted, stands, topics_line
from bot.domain.measures import Change, explained
from bot.domain.moments import MOMENTS
from bot.domain.schedule import local
from bot.domain.spans import ENDLESS
from bot.domain.text import Block, Span, bold, italic, plain, quote
from bot.i18n import Say

_UNASKED = ("moment", "peer", *MOMENTS)
_SAYS_NOTHING = ("session", "pulse")  # themes that only say when a question comes


def brief_blocks(brief: Brief, say: Say, names: dict[str, str]) -> list[Block]:
    """All of it as text. `names`: what the themes and measures are called in the reader's language."""
    return [*opening(brief, say, names), *rated(brief, say, names), *closing(brief, say, names)]


def opening(brief: Brief, say: Say, names: dict[str, str]) -> list[Block]:
    """What comes first: the session, what they bring, what was promised, and their words by theme."""
    return [
        *_heading(brief, say),
        *_brought(brief.brought, say, names),
        *_promised(brief, say),
        *_words(brief, say, names),
        *_silence(brief.heard, brief.last_answered_at, brief.zone, say),
    ]


def rated(brief: Brief, say: Say, names: dict[str, str]) -> list[Block]:
    """Where each measure stands against the leader's own past; a marked fall or rise before the others."""
    if not brief.ratings:
        return []
    marked = "".join(
        f"\n{_dated(one, _changed(one.change, say, names), say)}" for one in brief.ratings if one.change is not None
    )
    others = "".join(f"\n{_rating(one, say, names)}" for one in brief.ratings if one.change is None)
    refs = tuple(ref for one in brief.heard.said if one.is_only_a_number for ref in one.refs)
    return [Block((Span(say("Their own ratings, 0 to 10") + marked, "bold"), Span(others)), refs)]


def closing(brief: Brief, say: Say, names: dict[str, str]) -> list[Block]:
    """What comes after the words and numbers: the unasked, the unsaid, and the coach's own."""
    heard, kept = brief.heard, [topics_line(brief.heard, say, names), private_line(brief.heard, say)]
    counted = asked_line(heard, say)
    return [
        *(checkpoints.blocks(brief.checkpoint, say, names) if brief.checkpoint else []),
        *_moments(brief, say),
        *([plain("\n".join(filter(None, kept)))] if any(kept) else []),
        *(prompts.blocks(brief.silences, brief.zone, say, counted) if brief.silences else _line(counted)),
        *_hypotheses(brief.hypotheses, say),
        *_notes(brief.notes, say),
        *_along(brief, say),
        _span_of(brief, say),
    ]


def _along(brief: Brief, say: Say) -> list[Block]:
    """What a leader let go along is no news, but there to be read."""
    if not brief.along:
        return []
    text = say.plural(
        "{n} answer from the time with an earlier coach came along: /words {name}",
        "{n} answers from the time with an earlier coach came along: /words {name}", brief.along, name=brief.leader,
    )  # fmt: skip
    return [plain(text)]


def agenda_blocks(brief: Brief, say: Say, names: dict[str, str]) -> list[Block]:
    """A day ahead: what they bring and what was promised; nothing when there is neither."""
    told = [*_brought(brief.brought, say, names), *_promised(brief, say)]
    if not told or brief.starts_at is None:
        return []
    moment, cut = say.moment(brief.starts_at, brief.zone), say.moment(brief.cut_at, brief.zone)
    head = bold(say("For your session with {name}, {moment}", name=brief.leader, moment=moment))
    if away := _away(brief, say):
        head = head + plain("\n" + away)
    return [head, *told, italic(say("As it stood on {cut}.", cut=cut))]


def _heading(brief: Brief, say: Say) -> list[Block]:
    when = say.moment(brief.starts_at, brief.zone) if brief.starts_at else say("no session planned")
    lines = [Span(f"{brief.leader} · {when}", "bold")]
    about = " · ".join(filter(None, (brief.role, brief.organisation)))
    if about:
        lines.append(Span("\n" + about))
    if brief.starts_at:
        lines.append(Span("\n" + _remaining(brief, say)))
    if away := _away(brief, say):
        lines.append(Span("\n" + away))
    return [Block(tuple(lines))]


def _away(brief: Brief, say: Say) -> str:
    """Why nothing is asked these days; empty when nothing is in the way."""
    if brief.is_unreachable:
        return say("They cannot be reached here at the moment, so nothing is asked.")
    if brief.paused_until is None:
        return ""
    if brief.paused_until >= ENDLESS:
        return say("They have paused, without an end.")
    day = say.day(local(brief.paused_until, brief.zone).date())
    return say("They have paused; questions start again on {day}.", day=day)


def _remaining(brief: Brief, say: Say) -> str:
    more = say("No session is planned after it.")
    if brief.more:
        more = say.plural("{n} more session is planned after it.", "{n} more sessions are planned after it.", brief.more)
    if brief.agreed is None or brief.number > brief.agreed:
        return say("Session {n}.", n=brief.number) + " " + more
    return say("Session {n} of {agreed}.", n=brief.number, agreed=brief.agreed) + " " + more


def _brought(points: tuple[Brought, ...], say: Say, names: dict[str, str]) -> list[Block]:
    """What they bring to the session, in their own order."""
    if not points:
        return []
    lines = [_point(point, say, names) for point in points]
    return [bold(say("What they bring")), *(plain(f"{n}. ") + line for n, line in enumerate(lines, start=1))]


def _point(point: Brought, say: Say, names: dict[str, str]) -> Block:
    if point.said is not None:
        return quoted(as_rating(point.said, say), say)
    if point.theme is None:
        return plain(say("A point of their own, without words."))
    if point.is_prompt and point.theme in _SAYS_NOTHING:
        return plain(say("A question they would rather talk about."))
    theme = names.get(point.theme, point.theme)
    if point.is_prompt:
        return plain(say("A question they would rather talk about: {theme}.", theme=theme))
    return plain(say("Only the topic: {theme}.", theme=theme))


def _promised(brief: Brief, say: Say) -> list[Block]:
    """Each plan once, then what became of it; what they bring has been quoted above."""
    pinned = {point.said.id for point in brief.brought if point.said is not None}
    shown = [one for one in brief.promised if one.outcome is None or one.outcome.id not in pinned]
    blocks = [_promise(one, say, is_quoted=one.plan.id in pinned) for one in shown]
    return [bold(say("What was promised")), *blocks] if blocks else []


def _promise(one: Promised, say: Say, *, is_quoted: bool) -> Block:
    block = quoted(one.plan, say)
    if is_quoted:
        block = italic(say("{day} · the plan they bring, above", day=say.short_day(one.plan.day)))
    if one.outcome is not None:
        return block + plain("\n") + quoted(one.outcome, say)
    became = _became(one, say)
    return block + plain("\n→ " + became) if became else block


def _became(one: Promised, say: Say) -> str:
    day = say.short_day(one.asked_on) if one.asked_on else ""
    if one.state == "dropped":
        return say("They let it go.")
    if one.state == "asked":
        return say("Asked on {day} how it went; no answer yet.", day=day)
    if one.state == "missed":
        return say("Asked on {day} how it went; not answered.", day=day)
    if one.state in ("open", "due") and day:
        return say("They will be asked how it went on {day}.", day=day)
    return ""


def _words(brief: Brief, say: Say, names: dict[str, str]) -> list[Block]:
    """What was answered, by theme, verbatim; not what stands in another place of the brief."""
    blocks = by_themes([one for one in _elsewhere_not(brief) if one.kind not in _UNASKED], say, names)
    if brief.earlier:
        left_out = say.plural(
            "{n} earlier answer is not shown here: /words {name}", "{n} earlier answers are not shown here: /words {name}",
            brief.earlier, name=brief.leader,
        )  # fmt: skip
        blocks.append(italic(left_out))
    return blocks


def _moments(brief: Brief, say: Say) -> list[Block]:
    """What they captured unasked and then shared."""
    found = [one for one in _elsewhere_not(brief) if one.kind in _UNASKED and not one.is_pinned]
    return [bold(say("Moments")), *(quoted(one, say) for one in found)] if found else []


def _elsewhere_not(brief: Brief) -> list[Said]:
    return [one for one in brief.heard.said if one.id is None or one.id not in brief.told]


def _changed(change: Change, say: Say, names: dict[str, str]) -> str:
    return explained(change, names.get(change.measure, change.measure), say)


def _rating(one: Rating, say: Say, names: dict[str, str]) -> str:
    return _dated(one, stands(one.standing, say, names), say)


def _dated(one: Rating, line: str, say: Say) -> str:
    """With the day of its latest number, unless it came since the last brief."""
    return line if one.is_new else say("{rating}, on {day}", rating=line, day=say.short_day(one.day))


def _hypotheses(held: Sequence[Held], say: Say) -> list[Block]:
    if not held:
        return []
    return [bold(say("Your hypotheses")), *(block for one in held for block in _hypothesis(one, say))]


def _hypothesis(held: Held, say: Say) -> list[Block]:
    blocks = [plain("• " + held.text)]
    for title, words in ((say("Speaks for it:"), held.speaks_for), (say("Speaks against it:"), held.speaks_against)):
        if words:
            shown = newest(words)
            blocks.append(italic(title) + plain("\n") + quoted(shown[0], say))
            blocks += [quoted(one, say) for one in shown[1:]]
            if more := len(words) - len(shown):
                blocks.append(italic(say.plural("and {n} earlier one", "and {n} earlier ones", more)))
    return blocks


def _notes(notes: Sequence[Noted], say: Say) -> list[Block]:
    if not notes:
        return []
    return [
        bold(say("Your notes since last time")),
        *(block for one in notes for block in _note(one, say)),
    ]


def _note(note: Noted, say: Say) -> list[Block]:
    own = italic(say.short_day(note.day) + "\n") + quote(note.words)
    if note.about is None:
        return [own]
    return [own, italic(say("It is about:") + "\n") + quoted(as_rating(note.about, say), say)]


def _line(text: str) -> list[Block]:
    return [plain(text)] if text else []


def _span_of(brief: Brief, say: Say) -> Block:
    cut = say.moment(brief.cut_at, brief.zone)
    if brief.since is None:
        return italic(say("Everything until {cut}.", cut=cut))
    return italic(say("From {since} until {cut}.", since=say.moment(brief.since, brief.zone), cut=cut))


def _silence(heard: Heard, last: datetime | None, zone: str, say: Say) -> list[Block]:
    if heard.said or heard.topics or heard.private:
        return []
    if last is None:
        return [plain(say("Nothing has been answered yet."))]
    return [plain(say("Nothing since {day}.", day=say.day(local(last, zone).date())))]
