"""What Telegram shows around the chat: the menu of commands, in a person's language and roles; a button's answer.

None of it is a message, so none of it has a row: it is offered again the next time something changes.
"""

from typing import Any

from telegram.error import TelegramError

from bot.chat.aside import ASIDE, Aside
from bot.chat.telegram_bot import RawBot
from bot.i18n import LANGUAGES, Say
from bot.log import get_logger
from bot.work import helping, press
from bot.work.commands import COMMANDS
from bot.work.practice import Turn

log = get_logger(__name__)

_TOAST = 200


def answer_press(bot: RawBot, query_id: str, toast: str | None, aside: Aside | None = None) -> None:
    """Every press is answered, stale and forged ones too; more than 200 characters do not fit."""
    parameters: dict[str, Any] = {"callback_query_id": query_id}
    if toast:
        parameters["text"] = toast[:_TOAST]
    (aside or ASIDE.get()).do(_try(bot, "answerCallbackQuery", parameters))


async def offer_to_all(bot: RawBot) -> None:
    """What a stranger sees."""
    for language in LANGUAGES:
        say = Say(language)
        commands = [
            {"command": "start", "description": say("begin with your invitation")},
            {"command": "urgent", "description": say("where to turn when it cannot wait")},
        ]
        parameters: dict[str, Any] = {"commands": commands}
        if language != "en":
            parameters["language_code"] = language
        await _try(bot, "setMyCommands", parameters)


def offer(bot: RawBot, turn: Turn) -> None:
    """The commands of one person's roles, in their chat; nobody's once they have left."""
    scope = {"type": "chat", "chat_id": turn.chat_id}
    roles = press.roles_of(turn) - {"joining"}
    button = {"type": "commands" if roles else "default"}
    if roles:
        mine = helping.for_menu(COMMANDS, roles)
        commands = [{"command": command.name, "description": command.about(turn.say)} for command in mine]
        commands.append({"command": "urgent", "description": turn.say("where to turn when it cannot wait")})
        menu = _try(bot, "setMyCommands", {"commands": commands, "scope": scope})
    else:
        menu = _try(bot, "deleteMyCommands", {"scope": scope})
    ASIDE.get().do(menu, after=turn.chat_id)
    ASIDE.get().do(
        _try(bot, "setChatMenuButton", {"chat_id": turn.chat_id, "menu_button": button}), after=turn.chat_id
    )


async def _try(bot: RawBot, method: str, parameters: dict[str, Any]) -> None:
    try:
        await bot.call(method, **parameters)
    except TelegramError as error:
        log.info("not offered", kind=method, reason=type(error).__name__)
