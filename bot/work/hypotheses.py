"""`/blocker Jack ...`: a coach's hypotheses, the words for and against each, and the tags by which they select steps."""

from uuid import UUID

from bot.db import enrolments, people
from bot.db.tables import Answer, Blocker, Engagement, Person
from bot.domain.blockers import (
    LONGEST,
    LONGEST_TAG,
    MOST,
    MOST_TAGS,
    Hypothesis,
    clipped,
    distinct,
    split_list,
    split_tags,
)
from bot.domain.heard import quoted
from bot.domain.sequence import HasTag, Sequence
from bot.domain.text import Block, Button, Message, Span, bold, italic, message, messages, plain
from bot.domain.words import folded
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import acting, blockers, choosing, disclosing, expecting, hearing, sequences
from bot.work.leaders import find_leader_in
from bot.work.practice import Turn, name_of

_TAGS_SHOWN = 8


async def blocker(turn: Turn, text: str) -> None:
    """`/blocker Jack ...` writes one down, `/blocker Jack` shows them, `/blocker` asks about whom."""
    if not text.strip():
        await choosing.own_leader(turn, "blocker.list", plain(turn.say("What may hold whom back?")))
        return
    engagement, leader, words = await find_leader_in(turn, text)
    if words:
        await _write_down(turn, engagement, leader, words)
    else:
        await _show_all(turn, engagement, leader)


async def _led(turn: Turn, engagement_id: str | UUID) -> tuple[Engagement, Person]:
    found = await people.engagement_for(turn.db, UUID(str(engagement_id)), turn.me.id)
    if found is None:
        raise RefusedError(turn.say("There is nobody of that name."))
    return found


async def _mine(turn: Turn, blocker_id: str) -> tuple[Blocker, Engagement, Person]:
    """An open hypothesis about a leader of one's own."""
    row = await turn.db.get(Blocker, UUID(blocker_id))
    found = await people.engagement_for(turn.db, row.engagement_id, turn.me.id) if row is not None else None
    if row is None or found is None or row.state != "open":
        raise RefusedError(turn.say("This button is no longer in use."))
    return row, *found


async def list_(turn: Turn, engagement_id: str) -> None:
    await _show_all(turn, *await _led(turn, engagement_id))


async def _show_all(turn: Turn, engagement: Engagement, leader: Person) -> None:
    await blockers.adopt(turn.practice, turn.db, engagement, turn.now)
    say, name = turn.say, await name_of(turn.practice, leader)
    found = await blockers.of(turn.practice, turn.db, engagement)
    new = [Button(say("A new one"), ("blocker.new", engagement.id))]
    if not found:
        text = say("You have no hypotheses about {name} yet. /blocker {name} … writes one down.", name=name)
        await turn.reply(message(plain(text), buttons=[new]), about=leader.id)
        return
    blocks = [_line(one, say) for one in found]
    rows = [[Button(clipped(one.text), ("blocker.open", one.id))] for one in found]
    shown = message(bold(say("What may hold {name} back", name=name)), *blocks, buttons=[*rows, new])
    await turn.reply(shown, about=leader.id)


def _line(one: Hypothesis, say: Say) -> Block:
    """The words, how much speaks for and against them, the tags."""
    facts = [say("for: {n}", n=len(one.speaks_for)), say("against: {n}", n=len(one.speaks_against))]
    return Block((Span(one.text), Span("\n" + " · ".join([*facts, *(f"#{tag}" for tag in one.tags)]), "italic")))


async def new(turn: Turn, engagement_id: str) -> None:
    _, leader = await _led(turn, engagement_id)
    say = turn.say
    await expecting.expect(turn, "blocker.words", {"engagement": engagement_id})
    text = say("What may hold {name} back? One sentence, or a word or two.", name=await name_of(turn.practice, leader))
    hint = say("Only you see it. A word with # in front is a tag: sequences may ask a question because of it.")
    await turn.reply(message(plain(text), italic(hint), placeholder=say("Pleases others #pleasing")), about=leader.id)


async def take_words(turn: Turn, context: dict[str, str], text: str) -> None:
    engagement, leader = await _led(turn, context["engagement"])
    await expecting.forget(turn)
    await _write_down(turn, engagement, leader, text)


async def _write_down(turn: Turn, engagement: Engagement, leader: Person, text: str) -> None:
    say, (words, tags) = turn.say, split_tags(text)
    words = words or ", ".join(tags)
    if not any(letter.isalnum() for letter in words):
        raise RefusedError(say("There is nothing in it yet. Please write a line."))
    if len(words) > LONGEST:
        raise RefusedError(say("This is long for a hypothesis. Please keep it under {n} characters.", n=LONGEST))
    await blockers.adopt(turn.practice, turn.db, engagement, turn.now)
    found = await blockers.of(turn.practice, turn.db, engagement)
    if len(found) >= MOST:
        raise RefusedError(say("These are {n} already. Please close one first: /blocker {name}", n=len(found),
                               name=await name_of(turn.practice, leader)))  # fmt: skip
    if folded(words) in {folded(one.text) for one in found}:
        raise RefusedError(say("“{words}” stands there already.", words=clipped(words)))
    if not tags and len(words) <= LONGEST_TAG:  # a word or two are their own tag
        tags = (words,)
    row = await blockers.write_down(turn.practice, turn.db, engagement, words, _few(turn, tags), turn.now)
    await _changed(turn, engagement, "wrote a hypothesis")
    await _open(turn, row, engagement, leader)


def _few(turn: Turn, tags: tuple[str, ...]) -> tuple[str, ...]:
    if len(tags) > MOST_TAGS:
        raise RefusedError(turn.say("These are {n} tags. Please keep the {most} that matter most.",
                                    n=len(tags), most=MOST_TAGS))  # fmt: skip
    long = next((tag for tag in tags if len(tag) > LONGEST_TAG), None)
    if long is not None:
        raise RefusedError(turn.say("“{tag}” is long for a tag. Please keep each under {n} characters.",
                                    tag=f"{long[:LONGEST_TAG]}…", n=LONGEST_TAG))  # fmt: skip
    return tags


async def _changed(turn: Turn, engagement: Engagement, what: str) -> None:
    """Steps may hang on it: the planner looks again."""
    turn.audit(what, engagement.id)
    await enrolments.replan(turn.db, engagement.id, turn.now)


async def open_(turn: Turn, blocker_id: str) -> None:
    await _open(turn, *await _mine(turn, blocker_id))


async def _open(turn: Turn, row: Blocker, engagement: Engagement, leader: Person) -> None:
    """One hypothesis with the words for and against it, verbatim."""
    say = turn.say
    one = await _hypothesis(turn, engagement, row.id)
    blocks: list[Block] = [
        bold(await name_of(turn.practice, leader) + " · " + one.text), *_tag_block(one, say),
        *await _words(turn, say("Speaks for it"), one.speaks_for),
        *await _words(turn, say("Speaks against it"), one.speaks_against),
    ]  # fmt: skip
    if not (one.speaks_for or one.speaks_against):
        blocks.append(italic(say("Nothing speaks for or against it yet. Under any words in a brief: Reply or note…")))
    rows = [
        [Button(say("Tags"), ("blocker.tags", row.id)), Button(say("Close it"), ("blocker.close", row.id))],
    ]
    for part in messages(blocks, buttons=rows, protected=True):
        sent = await turn.reply(part, about=leader.id)
        await disclosing.note(turn.db, sent, part, "opened")


async def _hypothesis(turn: Turn, engagement: Engagement, blocker_id: UUID) -> Hypothesis:
    return next(one for one in await blockers.of(turn.practice, turn.db, engagement) if one.id == blocker_id)


def _tag_block(one: Hypothesis, say: Say) -> list[Block]:
    return [plain(say("Tags: {tags}", tags=say.list(list(one.tags))))] if one.tags else []


async def _words(turn: Turn, heading: str, answer_ids: tuple[UUID, ...]) -> list[Block]:
    if not answer_ids:
        return []
    answers = [await turn.db.get_one(Answer, answer_id) for answer_id in answer_ids]
    said = await hearing.opened_for(turn.practice, turn.db, answers, turn.me)
    return [bold(heading), *(quoted(one, turn.say) for one in said)]


async def close(turn: Turn, blocker_id: str) -> Message:
    row, engagement, leader = await _mine(turn, blocker_id)
    row.state, row.closed_at = "closed", turn.now
    await _changed(turn, engagement, "closed a hypothesis")
    name = await name_of(turn.practice, leader)
    return message(plain(turn.say("Closed. It no longer stands in the brief on {name}.", name=name)))


# tags


async def tags(turn: Turn, blocker_id: str) -> Message:
    row, engagement, _ = await _mine(turn, blocker_id)
    return await _tag_choice(turn, row, engagement)


async def _tag_choice(turn: Turn, row: Blocker, engagement: Engagement) -> Message:
    """The tags that sequences look at, to be ticked; others are typed."""
    say, one = turn.say, await _hypothesis(turn, engagement, row.id)
    held, known = {folded(tag) for tag in one.tags}, await _known_tags(turn)
    rows = [
        [Button(("✓ " if folded(tag) in held else "") + tag, ("blocker.tag", row.id, number))]
        for number, tag in enumerate(known)
    ]
    rows.append([Button(say("Write them"), ("blocker.type", row.id)), Button(say("Back"), ("blocker.open", row.id))])
    head = say("Tags of “{words}”: {tags}", words=clipped(one.text), tags=say.list(list(one.tags)) or "–")
    hint = say("Ticked ones bring in the questions that the sequences keep for them.") if known else (
        say("None of the sequences has questions for a tag at the moment.")
    )
    return message(plain(head), italic(hint), buttons=rows)


async def _known_tags(turn: Turn) -> list[str]:
    """What the sequences in force look at, by name."""
    in_force = [sequences.parsed(turn.practice, version) for version in await sequences.in_force(turn.db)]
    return sorted(distinct(tag for sequence in in_force for tag in _tags_in(sequence)), key=folded)[:_TAGS_SHOWN]


def _tags_in(sequence: Sequence) -> list[str]:
    conditions = [
        condition for step in sequence.steps
        for condition in (*step.only_if, *(one for question in step.questions for one in question.only_if))
    ]  # fmt: skip
    return [found.tag for found in conditions if isinstance(found, HasTag) and found.kind == "blocker"]


async def tick(turn: Turn, blocker_id: str, number: str) -> Message:
    row, engagement, _ = await _mine(turn, blocker_id)
    known = await _known_tags(turn)
    if int(number) >= len(known):
        raise RefusedError(turn.say("This button is no longer in use."))
    tag, one = known[int(number)], await _hypothesis(turn, engagement, row.id)
    without = tuple(held for held in one.tags if folded(held) != folded(tag))
    after = without if len(without) < len(one.tags) else _few(turn, (*one.tags, tag))
    await blockers.rewrite(turn.practice, row, one.text, after)
    await _changed(turn, engagement, "changed tags")
    return await _tag_choice(turn, row, engagement)


async def type_tags(turn: Turn, blocker_id: str) -> None:
    _, _, leader = await _mine(turn, blocker_id)
    await expecting.expect(turn, "blocker.tags", {"blocker": blocker_id})
    text = turn.say("Which tags? A word or two each, with commas between them; “-” for none.")
    await turn.reply(message(plain(text), placeholder=text[:64]), about=leader.id)


async def take_tags(turn: Turn, context: dict[str, str], text: str) -> None:
    row, engagement, leader = await _mine(turn, context["blocker"])
    one = await _hypothesis(turn, engagement, row.id)
    await blockers.rewrite(turn.practice, row, one.text, _few(turn, split_list(text.replace("#", ""))))
    await expecting.forget(turn)
    await _changed(turn, engagement, "changed tags")
    await _open(turn, row, engagement, leader)


# evidence


async def weigh(turn: Turn, answer_id: str, is_for: str) -> str | None:
    """Which hypothesis do these words speak for, or against?"""
    answer, engagement, leader = await acting.readable(turn, answer_id)
    await blockers.adopt(turn.practice, turn.db, engagement, turn.now)
    if not await blockers.of(turn.practice, turn.db, engagement):
        name = await name_of(turn.practice, leader)
        return turn.say("You have no hypotheses about {name} yet. /blocker {name} … writes one down.", name=name)
    await turn.reply(await _scales(turn, engagement, answer, is_for == "1"), about=leader.id)
    return None


async def _scales(turn: Turn, engagement: Engagement, answer: Answer, is_for: bool) -> Message:
    say, rows = turn.say, []
    for one in await blockers.of(turn.practice, turn.db, engagement):
        is_marked = answer.id in (one.speaks_for if is_for else one.speaks_against)
        label = ("✓ " if is_marked else "") + clipped(one.text)
        rows.append([Button(label, ("said.mark", one.id, answer.id, int(is_for)))])
    text = say("These words speak for which hypothesis?") if is_for else say("These words speak against which hypothesis?")
    return message(plain(text), buttons=rows)


async def mark(turn: Turn, blocker_id: str, answer_id: str, is_for: str) -> Message:
    row, engagement, _ = await _mine(turn, blocker_id)
    answer, _, _ = await acting.readable(turn, answer_id)
    if answer.engagement_id != engagement.id:
        raise RefusedError(turn.say("This button is no longer in use."))
    await blockers.weigh(turn.db, row, answer, is_for=is_for == "1", now=turn.now)
    turn.audit("weighed words", row.id)
    return await _scales(turn, engagement, answer, is_for == "1")
