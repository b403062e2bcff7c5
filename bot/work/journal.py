"""`/journal`: a leader's own answers, newest first, by theme, by month, or by words in them. Nobody else's, ever."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from bot.db import reading
from bot.db.tables import Answer
from bot.domain.heard import length_of
from bot.domain.plans import EARLIER
from bot.domain.schedule import local, to_instant
from bot.domain.text import Button, Message, Rows, bold, message, messages, plain
from bot.domain.words import folded
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import agenda, entries, expecting, recordings, sharing
from bot.work.content import PART, VALUE
from bot.work.leaders import theme_name
from bot.work.practice import Turn, scope_of

PAGE = 5
_MOST_FOUND = 50
_LONGEST = 100
_ANY = "-"
_MONTHS = 24


@dataclass(frozen=True)
class Place:
    """Where in the journal somebody is; every field goes into a button as it is."""

    theme: str = _ANY
    month: str = _ANY
    offset: int = 0

    @property
    def arguments(self) -> tuple[str, str, int]:
        return self.theme, self.month, self.offset

    @property
    def is_narrowed(self) -> bool:
        return (self.theme, self.month) != (_ANY, _ANY)


def _place(theme: str, month: str, offset: str) -> Place:
    return Place(theme, month, max(int(offset), 0))


async def journal(turn: Turn, text: str) -> None:
    """`/journal` pages; `/journal trust` looks for words."""
    if text.strip():
        await search(turn, text)
    else:
        await turn.reply(await _page(turn, Place()))


async def page(turn: Turn, theme: str, month: str, offset: str) -> Message:
    return await _page(turn, _place(theme, month, offset))


async def _page(turn: Turn, place: Place) -> Message:
    wanted = [Answer.leader_id == turn.me.id, *_within(turn, place)]
    count = await turn.db.scalar(select(func.count()).select_from(Answer).where(*wanted)) or 0
    if not count:
        return _nothing(turn.say, place)
    last = (count - 1) // PAGE * PAGE
    place = replace(place, offset=min(place.offset // PAGE * PAGE, last))
    query = select(Answer).where(*wanted).order_by(Answer.given_at.desc(), Answer.id.desc())
    found = list(await turn.db.scalars(query.offset(place.offset).limit(PAGE)))
    return await _listed(turn, found, _title(turn.say, place), count, place.offset, _page_buttons(turn.say, place, count))


def _within(turn: Turn, place: Place) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [] if place.theme == _ANY else [Answer.theme == place.theme]
    if place.month != _ANY:
        first = _first_of(place.month)
        following = (first + timedelta(days=32)).replace(day=1)
        found += [Answer.given_at >= _midnight(first, turn.me.zone), Answer.given_at < _midnight(following, turn.me.zone)]
    return found


def _first_of(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _midnight(day: date, zone: str) -> datetime:
    """The beginning of a local day; of the day after it where the zone left one out."""
    return to_instant(day, time(0), zone) or _midnight(day + timedelta(days=1), zone)


def _title(say: Say, place: Place) -> str:
    title = say("Your journal")
    if place.theme != _ANY:
        title += " · " + theme_name(say, place.theme)
    if place.month != _ANY:
        title += " · " + say.month(_first_of(place.month))
    return title


def _nothing(say: Say, place: Place) -> Message:
    rows = [[Button(say("Everything"), ("journal.page", *Place().arguments))]] if place.is_narrowed else []
    text = say("Nothing here.") if rows else say("Nothing here yet. What you answer or write here is kept for you.")
    return message(bold(_title(say, place)), plain(text), buttons=rows)


def _page_buttons(say: Say, place: Place, count: int) -> list[list[Button]]:
    nav = []
    if place.offset:
        newer = replace(place, offset=place.offset - PAGE)
        nav.append(Button(say("← Newer"), ("journal.page", *newer.arguments)))
    if place.offset + PAGE < count:
        older = replace(place, offset=place.offset + PAGE)
        nav.append(Button(say("Older →"), ("journal.page", *older.arguments)))
    ways = [
        Button(say("By theme"), ("journal.themes",)), Button(say("By month"), ("journal.months", 0)),
        Button(say("Search"), ("journal.ask",)),
    ]  # fmt: skip
    everything = [Button(say("Everything"), ("journal.page", *Place().arguments))] if place.is_narrowed else []
    return [row for row in (nav, ways, everything) if row]


async def _listed(
    turn: Turn, answers: Sequence[Answer], title: str, count: int, offset: int, rows: Rows, wanted: Collection[str] = ()
) -> Message:
    """A page of entries; their numbers open them. From a page of everything the way back is known."""
    say = turn.say
    found = await entries.opened(turn, answers)
    blocks = [entries.block(entry, say, n, wanted=wanted) for n, entry in enumerate(found, start=offset + 1)]
    where = say("{first} to {last} of {n}", first=offset + 1, last=offset + len(found), n=count)
    numbers = [Button(str(n), ("journal.open", e.answer.id)) for n, e in enumerate(found, start=offset + 1)]
    return message(bold(title), *blocks, plain(where), buttons=[numbers, *rows])


async def themes(turn: Turn) -> Message:
    """The themes there are, with how many entries each has."""
    say = turn.say
    query = select(Answer.theme, func.count()).where(Answer.leader_id == turn.me.id).group_by(Answer.theme)
    found = sorted((theme_name(say, theme), theme, count) for theme, count in await turn.db.execute(query))
    buttons = [Button(f"{name} · {count}", ("journal.page", theme, _ANY, 0)) for name, theme, count in found]
    rows = [buttons[at : at + 2] for at in range(0, len(buttons), 2)]
    rows.append([Button(say("Everything"), ("journal.page", *Place().arguments))])
    return message(bold(say("Which theme?")), buttons=rows)


async def months(turn: Turn, offset: str) -> Message:
    """The months there are, newest first, two years at a time."""
    say, start = turn.say, max(int(offset), 0)
    counts: dict[str, int] = {}
    query = select(Answer.given_at).where(Answer.leader_id == turn.me.id).order_by(Answer.given_at.desc())
    for given_at in await turn.db.scalars(query):
        month = f"{local(given_at, turn.me.zone):%Y-%m}"
        counts[month] = counts.get(month, 0) + 1
    shown = list(counts.items())[start : start + _MONTHS]
    labels = [(f"{say.month(_first_of(month)).capitalize()} · {count}", month) for month, count in shown]
    buttons = [Button(label, ("journal.page", _ANY, month, 0)) for label, month in labels]
    rows = [buttons[at : at + 2] for at in range(0, len(buttons), 2)]
    if len(counts) > start + _MONTHS:
        rows.append([Button(say("Older →"), ("journal.months", start + _MONTHS))])
    rows.append([Button(say("Everything"), ("journal.page", *Place().arguments))])
    return message(bold(say("Which month?")), buttons=rows)


async def ask_words(turn: Turn) -> None:
    """The search button: the next words are looked for, not kept."""
    await expecting.expect(turn, "journal.search", {})
    hint = turn.say("a word or two")
    await turn.reply(message(plain(turn.say("Which words are you looking for?")), placeholder=hint))


async def search_for(turn: Turn, text: str) -> None:
    """The words after the search button."""
    await expecting.forget(turn)
    await search(turn, text)


async def search(turn: Turn, text: str) -> None:
    """The entries that hold all of these words; the words themselves go into no row and no log."""
    wanted = tuple(folded(text).split())
    if not wanted or len(text) > _LONGEST:
        raise RefusedError(turn.say("Please give a word or a few to look for: /journal trust"))
    found = await turn.beforehand(_holding, wanted)
    await turn.reply(await _found(turn, found[:_MOST_FOUND], 0, len(found), wanted))


async def found(turn: Turn, offset: str, count: str, *ids: str) -> Message:
    """Another page of what was found. Its ids are in the button; only one's own are opened."""
    query = select(Answer.id).where(Answer.id.in_([UUID(key) for key in ids]), Answer.leader_id == turn.me.id)
    own = set(await turn.db.scalars(query))
    return await _found(turn, [UUID(key) for key in ids if UUID(key) in own], max(int(offset), 0), int(count))


async def _found(
    turn: Turn, ids: list[UUID], offset: int, count: int, wanted: Collection[str] = ()
) -> Message:  # fmt: skip
    """Turning pages shows beginnings: which words were looked for is written down nowhere."""
    say = turn.say
    if not ids[offset:]:
        return message(bold(say("Found in your journal")), plain(say("Nothing in your journal has these words.")))
    shown = {answer.id: answer for answer in await turn.db.scalars(select(Answer).where(Answer.id.in_(ids[offset:][:PAGE])))}
    steps = [(say("← Newer"), offset - PAGE, offset > 0), (say("Older →"), offset + PAGE, offset + PAGE < len(ids))]
    nav = [Button(label, ("journal.found", at, count, *ids)) for label, at, is_there in steps if is_there]
    ways = [Button(say("Search"), ("journal.ask",)), Button(say("Everything"), ("journal.page", *Place().arguments))]
    return await _listed(
        turn, [shown[key] for key in ids[offset:][:PAGE] if key in shown], say("Found in your journal"), count, offset,
        [row for row in (nav, ways) if row], wanted,
    )  # fmt: skip


async def _holding(turn: Turn, wanted: tuple[str, ...]) -> list[UUID]:
    """One leader's answers, opened and read through; newest first."""
    boxes = {scope: await turn.practice.vault.box(turn.me.id, scope) for scope in ("shared", "private")}
    newest: dict[UUID, dict[tuple[int, int] | None, str]] = {}
    for row in await reading.every_word_of(turn.db, turn.me.id, but_not=EARLIER):
        box, heard = boxes[scope_of(row.sharing)], newest.setdefault(row.answer_id, {})
        if row.content is not None:
            heard[row.chat_id, row.message_id] = box.open(PART, row.part_id, row.content)
        if row.value is not None and None not in heard:
            heard[None] = json.loads(box.open(VALUE, row.answer_id, row.value)).get("label", "")
    return [key for key, heard in newest.items() if _has_all(folded("\n".join(heard.values())), wanted)]


def _has_all(text: str, wanted: tuple[str, ...]) -> bool:
    return all(term in text for term in wanted)


async def open_entry(turn: Turn, answer_id: str) -> None:
    """One entry, whole, in a message of its own, and its voice messages again."""
    await _show_entry(turn, await agenda.own_answer(turn, answer_id))


async def _show_entry(turn: Turn, answer: Answer) -> None:
    [entry] = await entries.opened(turn, [answer])
    *before, last = messages([entries.block(entry, turn.say, whole=True)])
    for part in before:
        await turn.reply(part)
    await turn.reply(last.with_buttons(_entry_buttons(turn.say, entry)))
    for voice in (await recordings.of_answers(turn.db, [answer.id]))[answer.id]:
        await turn.reply(message(plain(f"{entry.day} · 🎤 {length_of(voice.seconds)}")), attachment=voice.attachment)


def _entry_buttons(say: Say, entry: entries.Entry) -> list[list[Button]]:
    bring = say("✓ On your agenda") if entry.is_pinned else say("Bring to the session")
    return [[Button(say("Who reads it"), ("journal.who", entry.answer.id)), Button(bring, ("journal.pin", entry.answer.id))]]


async def who_reads(turn: Turn, answer_id: str) -> None:
    """The line below which sharing is changed, as when the answer was given."""
    answer = await agenda.own_answer(turn, answer_id)
    await turn.reply(await sharing.acknowledgement(turn, answer), answer_id=answer.id)


async def bring(turn: Turn, answer_id: str) -> Message:
    """Put an entry on the agenda or take it off; the message it stands in says so."""
    answer = await agenda.own_answer(turn, answer_id)
    await agenda.toggle(turn, answer)
    [entry] = await entries.opened(turn, [answer])
    shown = messages([entries.block(entry, turn.say, whole=True)])[-1]
    return shown.with_buttons(_entry_buttons(turn.say, entry))
