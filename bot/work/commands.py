"""The commands there are, for whom, and what `/help` says of them."""

from bot.work import (
    admin,
    agenda,
    all_words,
    answer,
    briefing,
    calendar_export,
    digests,
    disclosing,
    export,
    focusing,
    handing,
    helping,
    hypotheses,
    inviting,
    journal,
    leaders,
    moments,
    notes,
    peers,
    people,
    places,
    posing,
    progress,
    reach,
    sessions,
    sharing,
    upcoming,
)
from bot.work.helping import Command
from bot.work.practice import Turn
from bot.work.press import ADMIN, COACH, EVERYBODY, LEADER, STAFF, roles_of


async def run(turn: Turn, command: Command, text: str) -> None:
    """One command. It ends the answer before it: what is written afterwards is something new."""
    if turn.me.is_leader:
        await answer.complete_last(turn)
    await command.run(turn, text)


async def help_(turn: Turn, _text: str) -> None:
    await helping.show(turn, COMMANDS, roles_of(turn))


COMMANDS = (
    Command(
        "brief", COACH, briefing.brief,
        lambda say: say("what a leader has said: /brief Jack; /brief before 24h 2h sets when it comes"),
    ),
    Command("digest", COACH, digests.digest, lambda say: say("the week so far; /digest Mon 8:30 sets its time")),
    Command("words", COACH, all_words.words, lambda say: say("everything a leader has shared: /words Jack")),
    Command("leaders", COACH, leaders.leaders, lambda say: say("your leaders")),
    Command("leader", COACH, leaders.leader, lambda say: say("one leader's card: /leader Jack")),
    Command("session", COACH, sessions.session, lambda say: say("plan, move or cancel: /session Jack Thu 10:00 weekly x6")),
    Command("sessions", COACH | LEADER, sessions.sessions, lambda say: say("the sessions that are planned")),
    Command("note", COACH, notes.note, lambda say: say("a note for your eyes only: /note Jack the rota again")),
    Command("ask", COACH, posing.ask, lambda say: say("one question of your own: /ask Jack Fri 9:00 How did it go?")),
    Command("focus", COACH, focusing.focus, lambda say: say("more or less of a theme: /focus Jack boundaries")),
    Command("blocker", COACH, hypotheses.blocker, lambda say: say("what may hold a leader back: /blocker Jack")),
    Command(
        "calendar", COACH | LEADER, calendar_export.calendar, lambda say: say("the planned sessions, for your calendar")
    ),
    Command("invite", STAFF, inviting.invite, lambda say: say("invite somebody: /invite Jack")),
    Command("sequences", STAFF, admin.show_sequences, lambda say: say("the sequences and who follows them")),
    Command("enrol", STAFF, admin.enrol, lambda say: say("start or end a sequence: /enrol Jack pulse")),
    Command("hand", ADMIN, handing.hand, lambda say: say("give a leader another coach: /hand Jack to Alice")),
    Command("reload", ADMIN, admin.reload, lambda say: say("read the sequence files again")),
    Command("status", ADMIN, admin.status, lambda say: say("how it runs")),
    Command("win", LEADER, moments.win, lambda say: say("something that went well")),
    Command("wobble", LEADER, moments.wobble, lambda say: say("a moment that shook you")),
    Command("boundary", LEADER, moments.boundary, lambda say: say("a limit, kept or not")),
    Command("peer", LEADER, peers.peer, lambda say: say("think a moment with a peer through")),
    Command("pause", LEADER, reach.pause, lambda say: say("no questions for a while")),
    Command("resume", LEADER, reach.resume, lambda say: say("questions again")),
    Command("when", EVERYBODY, reach.when, lambda say: say("your days and hours: /when Mon-Thu 9:00-18:00")),
    Command("sharing", LEADER, sharing.sharing, lambda say: say("who reads your answers, unless you say otherwise")),
    Command("journal", LEADER, journal.journal, lambda say: say("what you have said; /journal trust looks for a word")),
    Command("progress", LEADER, progress.progress, lambda say: say("your own ratings over time, as a picture")),
    Command("next", LEADER, upcoming.next_, lambda say: say("what comes when, and why")),
    Command("read", LEADER, disclosing.read, lambda say: say("when each answer went to your coach")),
    Command("agenda", LEADER, agenda.agenda, lambda say: say("what you bring to the session: /agenda the new rota")),
    Command("timezone", EVERYBODY, places.timezone, lambda say: say("where you are")),
    Command("language", EVERYBODY, people.language, lambda say: say("English or French")),
    Command("privacy", EVERYBODY, people.privacy, lambda say: say("who reads what")),
    Command("export", EVERYBODY, export.export, lambda say: say("everything of yours, as files")),
    Command("delete", EVERYBODY, people.delete_me, lambda say: say("delete everything of yours")),
    Command("help", EVERYBODY, help_, lambda say: say("what you can do here")),
)
"""Besides these, `/start` and `/urgent` work for anybody."""
