"""What is read by whom: agreed to on joining, repeated by `/privacy`."""

from bot.domain.text import Block, plain
from bot.i18n import Say

CONSENT_VERSION = "2026-11-23"


def terms_for(say: Say, role: str, coach: str) -> list[Block]:
    return leader_terms(say, coach) if role == "leader" else staff_terms(say, role)


def leader_terms(say: Say, coach: str) -> list[Block]:
    """What a leader agrees to, and what `/privacy` repeats. A change of meaning needs a new `CONSENT_VERSION`."""
    return [
        plain(
            say(
                "{coach} reads what you answer: shortly before each session, once a week, and whenever they look. They see "
                "when you pause, too, and how much goes unanswered. Any answer can be kept to yourself or shared as a topic "
                "only, then or later. What you write unasked stays yours until you share it.",
                coach=coach,
            )
        ),
        plain(
            say(
                "Nobody else reads it: not your employer, not the administrator, not the people who run the server. "
                "Answers are stored encrypted."
            )
        ),
        plain(
            say(
                "Telegram carries the messages; chats with bots are not end-to-end encrypted there. Full names of "
                "others are better left out."
            )
        ),
        plain(say("Nobody watches this chat live. Where to turn when it cannot wait: /urgent")),
        plain(
            say(
                "Your answers are kept until you delete them with /delete, which takes effect at once. /pause stops "
                "the questions. Saying no changes nothing about your coaching."
            )
        ),
    ]


def staff_terms(say: Say, role: str) -> list[Block]:
    own = (
        say("You read what your own leaders share with you, and nothing from anybody else's.")
        if role == "coach"
        else say("You see who follows which sequence and whether messages go out. You never see an answer.")
    )
    return [
        plain(own),
        plain(say("Telegram carries the messages; chats with bots are not end-to-end encrypted there.")),
        plain(say("What this bot knows of you: your Telegram account, name, language and time zone. /privacy says more.")),
    ]
