"""What a coach does about a leader's words: replies to them, takes them as evidence, writes a note of their own."""

from bot.domain.text import Button, Message
from bot.i18n import Say


def answerable(message: Message, say: Say) -> Message:
    """The same message with a button to act on the words it holds; unchanged when it holds none."""
    if not message.refs:
        return message
    row = [Button(say("Reply or note…"), ("said.pick",))]
    return message.with_buttons([*message.buttons, row])
