"""What the emulator refuses: towards the bot in Telegram's words, towards people in one sentence."""


class RefusedError(Exception):
    """An error of the Bot API: code and description as the real server words them."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after


def bad(reason: str) -> RefusedError:
    return RefusedError(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> RefusedError:
    return RefusedError(403, f"Forbidden: {reason}")


class UnplayableError(Exception):
    """A request to the rehearsal that cannot be done; the sentence is shown as it is."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
