"""`/export`: everything of one's own at once, as a page to read, as JSON for machines, and voice messages as files."""

import io
import json
import zipfile

from sqlalchemy import select

from bot.db.tables import Answer, Consent
from bot.domain.heard import length_of
from bot.domain.schedule import local
from bot.domain.takeout import Item, Section, page
from bot.domain.text import message, plain
from bot.i18n import Say
from bot.work import entries, recordings, taking
from bot.work.outgoing import Attachment
from bot.work.practice import Turn

_MOST = 16 * 1024 * 1024  # of voice in one file: Telegram takes 50 MB, and a phone has to open it

File = tuple[str, bytes, str]  # its name, what is in it, what is said of it


async def export(turn: Turn, _text: str) -> None:
    """Only ever one's own, and never a word about anybody else's."""
    files = await turn.beforehand(_files)
    turn.audit("exported", turn.me.id)
    for name, body, caption in files:
        await turn.reply(message(plain(caption)), attachment=Attachment("document", name, body))


async def _files(turn: Turn) -> list[File]:
    say, day = turn.say, f"{local(turn.now, turn.me.zone):%Y-%m-%d}"
    answers = list(
        await turn.db.scalars(
            select(Answer).where(Answer.leader_id == turn.me.id).order_by(Answer.given_at, Answer.id)
        )
    )
    spoken = await recordings.of_answers(turn.db, [answer.id for answer in answers])
    voices = [voice for answer in answers for voice in spoken[answer.id]]
    readable = await _readable(turn, answers)
    facts = json.dumps(await taking.everything(turn), ensure_ascii=False, indent=1)
    return [
        (f"interlude-{day}.html", readable.encode(), say("Everything of yours here, to read.")),
        (f"interlude-{day}.json", facts.encode(), say("The same in full, for a program to read.")),
        *await _voice_files(turn, voices, day),
    ]


async def _voice_files(turn: Turn, voices: list[recordings.Voice], day: str) -> list[File]:
    """In as few files as Telegram and a phone bear."""
    packed: list[list[tuple[str, bytes]]] = []
    room = 0
    for voice in voices:
        body = await recordings.opened(turn.practice, turn.db, voice.id)
        if not packed or len(body) > room:
            packed.append([])
            room = _MOST
        packed[-1].append((taking.file_of(voice), body))
        room -= len(body)
    return [
        (f"interlude-{day}-voice-{number}.zip", _zipped(files), turn.say("Your voice messages."))
        for number, files in enumerate(packed, start=1)
    ]


def _zipped(files: list[tuple[str, bytes]]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:  # sound does not get smaller
        for name, body in files:
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), body)
    return made.getvalue()


async def _readable(turn: Turn, answers: list[Answer]) -> str:
    say, me = turn.say, turn.me
    said = Section(say("What you said"), [_item(entry, say) for entry in await entries.opened(turn, answers)])
    consents = await turn.db.scalars(select(Consent).where(Consent.person_id == me.id).order_by(Consent.at))
    agreed = [
        Item(say("Agreed on {moment}, text of {version}", moment=say.moment(row.at, me.zone), version=row.text_version))
        for row in consents
    ]
    settings = [Item(line) for line in _settings(turn)]
    about = say("Made on {moment}. Nobody else was sent this.", moment=say.moment(turn.now, me.zone))
    from_coach = Section(say("From your coach"), await _from_coach(turn) if me.is_leader else [])
    written = Section(say("What you wrote about those you coach"), await _written(turn))
    own = [said, from_coach, *([written] if me.is_coach else [])]
    sections = [*own, Section(say("What you agreed to"), agreed), Section(say("Your settings"), settings)]
    return page(say("Interlude: everything of yours"), about, sections, say.language)


async def _from_coach(turn: Turn) -> list[Item]:
    """The notes that were sent, and what else there may be."""
    say, zone = turn.say, turn.me.zone
    sent = [Item(say.moment(note.sent_at, zone), [note.text]) for note in await taking.notes_from_coach(turn)]
    return [*sent, Item(taking.kept_by_coach(say))]


async def _written(turn: Turn) -> list[Item]:
    """The coach's own notes and hypotheses, leader by leader."""
    say, found = turn.say, []
    for one in await taking.written_by_coach(turn):
        found += [Item(f"{one.name} · {say.moment(at, turn.me.zone)}", [text]) for at, text in one.notes]
        found += [Item(one.name, [text], [say("Hypothesis")]) for text in one.hypotheses]
        found += [
            Item(f"{one.name} · {say.moment(at, turn.me.zone)}", [text], [say("Your own question")])
            for at, text in one.questions
        ]
    return found


def _item(entry: entries.Entry, say: Say) -> Item:
    spoken = [say("🎤 voice, {length}", length=length_of(seconds)) for seconds in entry.seconds]
    passed_on = [say("Forwarded:"), entry.forwarded] if entry.forwarded else []
    return Item(f"{entry.day} · {entry.label}", [entry.said, *spoken, *passed_on], [entry.reader])


def _settings(turn: Turn) -> list[str]:
    say, me = turn.say, turn.me
    days = say.list([say.weekday(int(day)) for day in me.work_days])
    hours = {"start": say.clock(me.window_start), "end": say.clock(me.window_end)}
    lines = [
        say("Time zone: {zone}", zone=me.zone),
        say("To be reached on {days} from {start} to {end}", days=days, **hours),
    ]
    if me.is_leader:
        shared = {
            "words": say("New answers: your coach reads the words"),
            "topic": say("New answers: your coach sees only the topic"),
            "private": say("New answers: only you read them"),
        }
        lines.append(shared[me.default_sharing])
    return lines
