"""Sequences in force, their versions, and who follows them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import catalog
from bot.db.tables import Engagement, Enrolment, Occurrence, SequenceVersion
from bot.db.types import new_id
from bot.domain.sequence import Sequence
from bot.domain.text import Block, bold, plain
from bot.i18n import Say
from bot.work import own_questions
from bot.work.practice import Practice


async def register(practice: Practice, db: AsyncSession, now: datetime) -> list[SequenceVersion]:
    """Give every file of the catalog a version, unless it says what it said last."""
    made = []
    for sequence in practice.catalog.sequences.values():
        known = (
            select(SequenceVersion.content_hash)
            .where(SequenceVersion.name == sequence.name, SequenceVersion.origin == "file")
            .order_by(SequenceVersion.number.desc())
        )
        if await db.scalar(known.limit(1)) != sequence.content_hash:
            made.append(await add_version(db, sequence, "file", None, now))
    return made


async def add_version(
    db: AsyncSession, sequence: Sequence, origin: str, made_by: UUID | None, now: datetime
) -> SequenceVersion:
    highest = await db.scalar(select(func.max(SequenceVersion.number)).where(SequenceVersion.name == sequence.name))
    version = SequenceVersion(
        id=new_id(), name=sequence.name, number=(highest or 0) + 1, content_hash=sequence.content_hash,
        source=sequence.source, origin=origin, state="kept", made_by=made_by, made_at=now,
    )  # fmt: skip
    db.add(version)
    await db.flush()
    return version


async def in_force(db: AsyncSession) -> list[SequenceVersion]:
    """The version of each sequence that new enrolments get: the newest published one, else the newest file."""
    query = select(SequenceVersion).where(SequenceVersion.state == "kept").order_by(SequenceVersion.number)
    newest: dict[str, SequenceVersion] = {}
    for version in await db.scalars(query):
        held = newest.get(version.name)
        if held is None or version.origin == "published" or held.origin == "file":
            newest[version.name] = version
    return [newest[name] for name in sorted(newest)]


async def version_in_force(db: AsyncSession, name: str) -> SequenceVersion | None:
    return next((version for version in await in_force(db) if version.name == name), None)


def parsed(practice: Practice, version: SequenceVersion) -> Sequence:
    """The sequence of a version; parsed once in a process, and not at all if the files say the same."""
    if version.id not in practice.parsed:
        file = practice.catalog.sequences.get(version.name)
        same = file is not None and file.content_hash == version.content_hash
        practice.parsed[version.id] = (
            file if file is not None and same else catalog.parse(version.source.encode(), f"{version.name}.yaml")
        )
    return practice.parsed[version.id]


async def of_enrolment(practice: Practice, db: AsyncSession, enrolment: Enrolment) -> Sequence:
    if enrolment.own is not None:
        return await own_questions.sequence(practice, enrolment)
    assert enrolment.sequence_version_id is not None
    found = practice.parsed.get(enrolment.sequence_version_id)
    return found or parsed(practice, await db.get_one(SequenceVersion, enrolment.sequence_version_id))


async def title_of(practice: Practice, db: AsyncSession, enrolment: Enrolment, say: Say) -> str:
    """What people call the sequence of an enrolment."""
    return (await of_enrolment(practice, db, enrolment)).title[say.language]


async def burden(practice: Practice, db: AsyncSession, engagement_id: UUID, now: datetime, say: Say) -> list[str]:
    """What the sequences of a leader come to, if that is too much: a sentence for each reason."""
    followed = [
        (await of_enrolment(practice, db, enrolment), (now - enrolment.joined_at).days)
        for enrolment in await followed_by(db, engagement_id)
        if enrolment.state == "active"
    ]
    return catalog.together(followed, say)


def heavy_block(say: Say, sentences: list[str]) -> list[Block]:
    """A warning that all sequences together are a lot; nothing is refused for it."""
    return [bold(say("All together this is a lot")) + plain("\n" + "\n".join(sentences))] if sentences else []


async def enrol(db: AsyncSession, engagement: Engagement, name: str, now: datetime) -> Enrolment | None:
    """Have a leader follow a sequence from now on; None if there is no such sequence."""
    version = await version_in_force(db, name)
    if version is None:
        return None
    enrolment = Enrolment(
        id=new_id(), engagement_id=engagement.id, leader_id=engagement.leader_id, sequence_version_id=version.id,
        sequence=version.name, joined_at=now, next_due_at=now,
    )  # fmt: skip
    db.add(enrolment)
    await db.flush()
    return enrolment


async def end(db: AsyncSession, enrolment: Enrolment) -> None:
    """Stop following: nothing more is asked; what waits is cancelled, what was asked stays."""
    enrolment.state, enrolment.next_due_at = "ended", None
    await db.execute(
        update(Occurrence)
        .where(Occurrence.enrolment_id == enrolment.id, Occurrence.state == "waiting")
        .values(state="cancelled", reason="ended", look_at=None)
    )


async def end_all(db: AsyncSession, engagement_id: UUID) -> None:
    for enrolment in [*await active_of(db, engagement_id), *await _paused_of(db, engagement_id)]:
        await end(db, enrolment)


async def active_of(db: AsyncSession, engagement_id: UUID) -> list[Enrolment]:
    query = select(Enrolment).where(Enrolment.engagement_id == engagement_id, Enrolment.state == "active")
    return list(await db.scalars(query.order_by(Enrolment.id)))


async def _paused_of(db: AsyncSession, engagement_id: UUID) -> list[Enrolment]:
    query = select(Enrolment).where(Enrolment.engagement_id == engagement_id, Enrolment.state == "paused")
    return list(await db.scalars(query.order_by(Enrolment.id)))


async def followed_by(db: AsyncSession, engagement_id: UUID) -> list[Enrolment]:
    """What everybody may know a leader follows, paused or not: not the questions of the coach's own."""
    both = [*await active_of(db, engagement_id), *await _paused_of(db, engagement_id)]
    return [enrolment for enrolment in both if enrolment.own is None]


async def called(practice: Practice, db: AsyncSession, enrolment: Enrolment, say: Say) -> str:
    """Its title, and whether it is paused."""
    title = await title_of(practice, db, enrolment, say)
    return say("{name} (paused)", name=title) if enrolment.state == "paused" else title


async def followers(db: AsyncSession) -> dict[UUID, list[UUID]]:
    """Who follows which version: leader ids by version id."""
    found: dict[UUID, list[UUID]] = {}
    for enrolment in await db.scalars(select(Enrolment).where(Enrolment.state == "active").order_by(Enrolment.id)):
        if enrolment.sequence_version_id is not None:
            found.setdefault(enrolment.sequence_version_id, []).append(enrolment.leader_id)
    return found

