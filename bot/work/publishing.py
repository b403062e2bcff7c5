"""Changing a sequence in the chat: a file is checked, compared, tried on oneself, published, and can be taken back."""

from uuid import UUID

from bot import catalog
from bot.db.tables import Draft, SequenceVersion
from bot.db.types import new_id
from bot.domain.changes import differences
from bot.domain.sequence import Sequence
from bot.domain.text import Button, bold, message, messages, plain
from bot.errors import RefusedError
from bot.work import asking, sequences
from bot.work.admin import problem_lines
from bot.work.practice import Turn, name_of


async def check(turn: Turn, source: bytes, filename: str) -> None:
    """A file that was sent: its problems, or how it differs from what runs, and what can be done with it."""
    say = turn.say
    try:
        sequence = catalog.parse(source, filename, say)
    except catalog.CatalogError as error:
        shown = problem_lines(error.problems, say)
        for part in messages([bold(say("This file cannot be used yet. Nothing was changed.")), plain(shown)]):
            await turn.reply(part)
        return
    draft = Draft(id=new_id(), person_id=turn.me.id, name=sequence.name, source=sequence.source, made_at=turn.now)
    turn.db.add(draft)
    current = await sequences.version_in_force(turn.db, sequence.name)
    before = sequences.parsed(turn.practice, current) if current else None
    changes = differences(before, sequence, say)
    rows = [
        [Button(say("Try it on me"), ("draft.try", draft.id))],
        [Button(say("Publish"), ("draft.publish", draft.id)), Button(say("Discard"), ("draft.discard", draft.id))],
    ]
    text = "\n".join(changes) if changes else say("It says the same as the version that runs.")
    notes = catalog.warnings(sequence, say)
    blocks = [bold(sequence.title[say.language] + f" ({sequence.name})"), plain(text)]
    if notes:
        blocks.append(bold(say("Worth a look")) + plain("\n" + "\n".join(notes)))
    for part in messages(blocks, buttons=rows):
        await turn.reply(part)


async def _own(turn: Turn, draft_id: str) -> tuple[Draft, Sequence]:
    draft = await turn.db.get(Draft, UUID(draft_id))
    if draft is None or draft.person_id != turn.me.id:
        raise RefusedError(turn.say("This draft has been published or discarded. Send the file again to go on."))
    return draft, catalog.parse(draft.source.encode(), f"{draft.name}.yaml")


async def try_on_me(turn: Turn, draft_id: str) -> None:
    """All steps at once, marked as a trial; what is answered is not kept."""
    _, sequence = await _own(turn, draft_id)
    say, me = turn.say, await name_of(turn.practice, turn.me)
    for step in sequence.steps:
        for question in step.questions:
            head = bold(say("Trial · {step}", step=step.key))
            shown = asking.question_block(question, say, me)
            buttons = asking.keyboard(question, "-", say)
            trial = [[Button(button.text, ("trial",)) for button in row] for row in buttons]
            await turn.reply(message(head, shown, buttons=trial))


async def trial(turn: Turn) -> str:
    return turn.say("A trial: nothing is kept.")


async def publish(turn: Turn, draft_id: str) -> None:
    draft, sequence = await _own(turn, draft_id)
    version = await sequences.add_version(turn.db, sequence, "published", turn.me.id, turn.now)
    await turn.db.delete(draft)
    turn.audit(f"published {sequence.name}"[:64], version.id)
    text = turn.say(
        "Published: {name} is now version {number}. New enrolments get it; running ones keep theirs unless you move "
        "them with /enrol.",
        name=version.name, number=version.number,
    )  # fmt: skip
    buttons = [[Button(turn.say("Take it back"), ("sequence.back", version.id))]]
    await turn.reply(message(plain(text), buttons=buttons))


async def discard(turn: Turn, draft_id: str) -> None:
    draft, _ = await _own(turn, draft_id)
    await turn.db.delete(draft)
    await turn.reply(message(plain(turn.say("Discarded. Nothing was changed."))))


async def back(turn: Turn, version_id: str) -> None:
    """Withdraw the published version that is in force; the one before it is in force again."""
    version = await turn.db.get(SequenceVersion, UUID(version_id))
    current = await sequences.version_in_force(turn.db, version.name) if version else None
    if version is None or current is None or current.id != version.id or version.origin != "published":
        raise RefusedError(turn.say("This version is not the one in force. /sequences shows which is."))
    version.state = "withdrawn"
    await turn.db.flush()
    before = await sequences.version_in_force(turn.db, version.name)
    turn.audit(f"withdrew {version.name}"[:64], version.id)
    if before is None:
        text = turn.say("Taken back: {name} is no longer offered.", name=version.name)
    else:
        text = turn.say("Taken back: {name} is version {number} again.", name=version.name, number=before.number)
    await turn.reply(message(plain(text)))
