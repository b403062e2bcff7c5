"""What an administrator sees and does: sequences and who follows them, enrolling, reloading, the state of deliveries."""

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from bot.catalog import CatalogError
from bot.db import inbox, outbox, people
from bot.db.tables import Engagement, Enrolment, Occurrence, Person, SequenceVersion
from bot.domain import names
from bot.domain.changes import differences
from bot.domain.endings import is_fault, sentence
from bot.domain.text import Block, Button, Message, bold, message, messages, plain
from bot.domain.words import folded
from bot.errors import RefusedError
from bot.i18n import Say
from bot.work import choosing, sequences, stuck
from bot.work.leaders import find_leader
from bot.work.practice import Turn, name_of

_PROBLEMS_SHOWN = 20


def problem_lines(problems: tuple[str, ...], say: Say) -> str:
    """As many as can be read at once, and how many more there are."""
    more = len(problems) - _PROBLEMS_SHOWN
    rest = [say.plural("and {n} more problem", "and {n} more problems", more)] if more > 0 else []
    return "\n".join([*problems[:_PROBLEMS_SHOWN], *rest])


async def show_sequences(turn: Turn, _text: str) -> None:
    """Each sequence with its version, how it came, and who follows which version."""
    say = turn.say
    followers = await sequences.followers(turn.db)
    visible = await _visible(turn)
    blocks: list[Block] = []
    rows: list[list[Button]] = []
    for version in await sequences.in_force(turn.db):
        sequence = sequences.parsed(turn.practice, version)
        lines = [say("{name}, version {number}, {origin}", name=version.name, number=version.number,
                     origin=_origin(say, version.origin))]  # fmt: skip
        lines += await _following(turn, version, followers, visible)
        blocks.append(bold(sequence.title[say.language]) + plain("\n" + "\n".join(lines)))
        if turn.me.is_admin and version.origin == "published":
            label = say("{name}: back to the version before", name=version.name)
            rows.append([Button(label, ("sequence.back", version.id))])
    for part in messages(blocks, buttons=rows):
        await turn.reply(part)


def _origin(say: Say, origin: str) -> str:
    return say("published here") if origin == "published" else say("from its file")


async def _visible(turn: Turn) -> dict[UUID, str]:
    """The leaders whose names this person may see here: all for an admin, one's own for a coach."""
    led = await people.all_led(turn.db) if turn.me.is_admin else await people.led_by(turn.db, turn.me.id)
    return {person.id: await name_of(turn.practice, person) for _, person in led}


async def _following(
    turn: Turn, current: SequenceVersion, followers: dict[UUID, list[UUID]], visible: dict[UUID, str]
) -> list[str]:
    say = turn.say
    query = select(SequenceVersion).where(SequenceVersion.name == current.name).order_by(SequenceVersion.number.desc())
    lines = []
    for version in await turn.db.scalars(query):
        called = [visible[leader] for leader in followers.get(version.id, []) if leader in visible]
        if not called:
            continue
        who = say.list(called)
        if version.id == current.id:
            lines.append(say("followed by {who}", who=who))
        else:
            lines.append(say("version {number} still followed by {who}", number=version.number, who=who))
    return lines or [say("followed by nobody")]


async def enrol(turn: Turn, text: str) -> None:
    """`/enrol Jack first-six-weeks`, or by buttons."""
    name, sequence = await _whom_and_what(turn, text)
    if not name:
        await choosing.any_leader(turn, "enrol.who", plain(turn.say("For whom?")))
        return
    engagement, leader = await find(turn, name)
    if sequence:
        await _enrol(turn, engagement, leader, sequence)
    else:
        await turn.reply(await _choice(turn, engagement, leader))


async def find(turn: Turn, name: str) -> tuple[Engagement, Person]:
    """A leader of the practice for an admin, of one's own for a coach."""
    if not turn.me.is_admin:
        return await find_leader(turn, name)
    led = await people.all_led(turn.db)
    known = [await name_of(turn.practice, person) for _, person in led]
    found = names.meant(name, known, only_whole=True)  # of people of many coaches the beginning is not enough
    if len(found) == 1:
        return led[found[0]]
    if found:
        raise RefusedError(turn.say("More than one leader is called that. /enrol without a name lets you choose."))
    there = turn.say.list(known) or "–"
    raise RefusedError(turn.say("There is no leader of that name. There are: {known}.", known=there))


async def _whom_and_what(turn: Turn, text: str) -> tuple[str, str]:
    """A sequence goes by its name or by its title, which may have spaces; so may the leader's name."""
    words = text.split()
    named = {version.name: version.name for version in await sequences.in_force(turn.db)}
    for version in await sequences.in_force(turn.db):
        titles = sequences.parsed(turn.practice, version).title.values()
        named |= {folded(" ".join(title.split())): version.name for title in titles}
    for count in range(1, len(words)):
        wanted = " ".join(words[count:])
        if sequence := named.get(wanted) or named.get(folded(wanted)):
            return " ".join(words[:count]), sequence
    for count in range(len(words), 0, -1):
        if await _is_known(turn, " ".join(words[:count])):
            return " ".join(words[:count]), " ".join(words[count:])
    return " ".join(words), ""


async def _is_known(turn: Turn, name: str) -> bool:
    try:
        return bool(await find(turn, name))
    except RefusedError:
        return False


async def _within(turn: Turn, engagement_id: UUID) -> tuple[Engagement, Person] | None:
    """An engagement of the practice for an admin, of one's own for a coach."""
    led = await people.all_led(turn.db) if turn.me.is_admin else await people.led_by(turn.db, turn.me.id)
    return next((pair for pair in led if pair[0].id == engagement_id), None)


async def allowed(turn: Turn, engagement_id: str) -> tuple[Engagement, Person]:
    found = await _within(turn, UUID(engagement_id))
    if found is None:
        raise RefusedError(turn.say("There is nobody of that name."))
    return found


async def choose_sequence(turn: Turn, engagement_id: str) -> None:
    await turn.reply(await _choice(turn, *await allowed(turn, engagement_id)))


async def _choice(turn: Turn, engagement: Engagement, leader: Person) -> Message:
    """The sequences, with what can be done with each for this leader."""
    say, name = turn.say, await name_of(turn.practice, leader)
    active = {e.sequence: e for e in await sequences.followed_by(turn.db, engagement.id)}
    titles = {key: await sequences.title_of(turn.practice, turn.db, e, say) for key, e in active.items()}
    rows = []
    for version in await sequences.in_force(turn.db):
        running = active.get(version.name)
        if running is None:
            title = sequences.parsed(turn.practice, version).title[say.language]
            rows.append([Button("+ " + title, ("enrol.add", engagement.id, version.name))])
            continue
        title = titles[version.name]
        rows.append([Button(say("end {name}", name=title), ("enrol.end", running.id))])
        rows.append([_hold(say, title, running),
                     Button(say("swap {name} for…", name=title), ("enrol.choose", running.id))])  # fmt: skip
        if running.sequence_version_id != version.id:
            label = say("move {name} to version {number}", name=title, number=version.number)
            rows.append([Button(label, ("enrol.move", running.id))])
    follows = [await sequences.called(turn.practice, turn.db, e, say) for e in active.values()]
    told = plain(say("{name} follows: {follows}", name=name, follows=", ".join(follows) or "–"))
    heavy = await sequences.burden(turn.practice, turn.db, engagement.id, turn.now, say)
    return message(told, *sequences.heavy_block(say, heavy), buttons=rows)


def _hold(say: Say, title: str, running: Enrolment) -> Button:
    if running.state == "paused":
        return Button(say("go on with {name}", name=title), ("enrol.resume", running.id))
    return Button(say("pause {name}", name=title), ("enrol.pause", running.id))


async def add(turn: Turn, engagement_id: str, sequence: str) -> None:
    await _enrol(turn, *await allowed(turn, engagement_id), sequence)


async def _enrol(turn: Turn, engagement: Engagement, leader: Person, sequence: str) -> None:
    say, name = turn.say, await name_of(turn.practice, leader)
    version = await sequences.version_in_force(turn.db, sequence)
    if version is None:
        raise RefusedError(say("There is no sequence called {sequence}. /sequences lists them.", sequence=sequence))
    title = sequences.parsed(turn.practice, version).title[say.language]
    if sequence in {e.sequence for e in await sequences.followed_by(turn.db, engagement.id)}:
        raise RefusedError(say("{name} follows {sequence} already.", name=name, sequence=title))
    await sequences.enrol(turn.db, engagement, sequence, turn.now)
    turn.audit(f"enrolled in {sequence}"[:64], engagement.id)
    text = say("{name} follows {sequence} from now on.", name=name, sequence=title)
    heavy = await sequences.burden(turn.practice, turn.db, engagement.id, turn.now, say)
    await turn.reply(message(plain(text), *sequences.heavy_block(say, heavy)))


async def running(turn: Turn, enrolment_id: str) -> tuple[Enrolment, Person]:
    """What a leader follows, paused or not. A question of a coach's own is not among it; somebody else's leader's
    looks as if it had ended."""
    enrolment = await turn.db.get(Enrolment, UUID(enrolment_id))
    found = await _within(turn, enrolment.engagement_id) if enrolment is not None else None
    if enrolment is None or found is None or enrolment.state not in ("active", "paused") or enrolment.own is not None:
        raise RefusedError(turn.say("This has been ended already."))
    return enrolment, found[1]


async def stop(turn: Turn, enrolment_id: str) -> None:
    enrolment, _ = await running(turn, enrolment_id)
    await sequences.end(turn.db, enrolment)
    turn.audit(f"ended {enrolment.sequence}"[:64], enrolment.engagement_id)
    title = await sequences.title_of(turn.practice, turn.db, enrolment, turn.say)
    await turn.reply(message(plain(turn.say("Ended: {sequence}.", sequence=title))))


async def move(turn: Turn, enrolment_id: str) -> None:
    """Move a running enrolment to the version in force; steps that were asked are not asked again."""
    enrolment, _ = await running(turn, enrolment_id)
    version = await sequences.version_in_force(turn.db, enrolment.sequence)
    if version is None:
        raise RefusedError(turn.say("This has been ended already."))
    before = await sequences.of_enrolment(turn.practice, turn.db, enrolment)
    after = sequences.parsed(turn.practice, version)
    kept = {(step.key, question.key) for step in after.steps for question in step.questions}
    lost = {s.key for s in before.steps for question in s.questions if (s.key, question.key) not in kept}
    await _refuse_while_asked(turn, enrolment, lost)
    enrolment.sequence_version_id = version.id
    enrolment.next_due_at = turn.now if enrolment.state == "active" else None
    turn.audit(f"moved {enrolment.sequence}"[:64], enrolment.engagement_id)
    title = after.title[turn.say.language]
    text = turn.say("Moved: {sequence} is now version {number}.", sequence=title, number=version.number)
    await turn.reply(message(plain(text)))


async def _refuse_while_asked(turn: Turn, enrolment: Enrolment, removed: set[str]) -> None:
    """A step that no longer exists must not lose its words: the new version would not know its question."""
    query = select(Occurrence.id).where(Occurrence.enrolment_id == enrolment.id, Occurrence.step.in_(removed))
    if removed and (await turn.db.scalars(query.limit(1))).one_or_none() is not None:
        raise RefusedError(
            turn.say(
                "The new version drops a step that was already asked, and its answers would lose their question. End "
                "this enrolment and start the new version instead."
            )
        )


async def reload(turn: Turn, _text: str) -> None:
    """Read the files again: new versions for new enrolments; with a problem in any, nothing changes."""
    say = turn.say
    assert turn.practice.load_catalog is not None
    try:
        catalog = turn.practice.load_catalog()
    except CatalogError as error:
        head = say("Nothing was changed. Please mend these first:")
        for part in messages([bold(head), plain(problem_lines(error.problems, say))]):
            await turn.reply(part)
        return
    before = {v.name: sequences.parsed(turn.practice, v) for v in await sequences.in_force(turn.db)}
    turn.practice.catalog = catalog
    made = await sequences.register(turn.practice, turn.db, turn.now)
    turn.audit("reloaded", None)
    blocks = []
    running = {version.id for version in await sequences.in_force(turn.db)}
    for version in made:
        now = sequences.parsed(turn.practice, version)
        changes = differences(before.get(version.name), now, say)
        head = say("{name}, version {number}", name=version.name, number=version.number)
        if version.id not in running:
            changes = [*changes, say("The version published here stays in force until it is taken back.")]
        blocks.append(bold(head) + plain("\n" + "\n".join(changes)))
    text = say("New enrolments get what is in force; running ones keep theirs.") if made else say("No file has changed.")
    for part in messages([*blocks, plain(text)]):
        await turn.reply(part)


async def status(turn: Turn, _text: str) -> None:
    """How it runs: counts and instants, never content."""
    say, now = turn.say, turn.now
    day_ago = now - timedelta(days=1)
    counts = await outbox.counts(turn.db, day_ago)
    waiting = await inbox.counts(turn.db)
    unreachable = await turn.db.scalar(select(func.count()).where(Person.state == "unreachable"))
    due = await turn.db.scalar(select(func.count()).where(Enrolment.next_due_at <= now))
    finished = {state: counts.get(state, 0) for state in ("sent", "failed", "expired", "cancelled")}
    lines = [
        say("Due now: {n}", n=due),
        say("Waiting to be sent: {n}", n=sum(counts.get(s, 0) for s in ("pending", "sending", "unknown"))),
        say("Sent since yesterday: {n}", n=finished["sent"]),
        say("Failed since yesterday: {n}", n=finished["failed"]),
        say("Too late or withdrawn since yesterday: {n}", n=finished["expired"] + finished["cancelled"]),
        say("Updates set aside: {n}", n=waiting.get("quarantined", 0)),
        say("Leaders out of reach: {n}", n=unreachable),
        say("Failing, tried again every quarter of an hour: {n}", n=await stuck.count(turn.db, now)),
        say("Last look at what is due: {when}", when=_when(turn, turn.practice.looked_at)),
    ]
    await turn.reply(message(bold(say("Status")), plain("\n".join(lines)), *await _not_sent(turn, day_ago)))


async def _not_sent(turn: Turn, since: datetime) -> list[Block]:
    """Why messages failed or came too late; what was called off is no news."""
    counted: Counter[str] = Counter()
    for state, reason, number in await outbox.endings(turn.db, since):
        if is_fault(state):
            counted[sentence(reason, turn.say)] += number
    if not counted:
        return []
    lines = "\n".join(f"{number} × {why}" for why, number in counted.most_common())
    return [bold(turn.say("Not sent since yesterday")) + plain("\n" + lines)]


def _when(turn: Turn, instant: datetime | None) -> str:
    return turn.say.moment(instant, turn.me.zone) if instant else "–"
