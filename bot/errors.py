"""The errors a person may read: one family, one sentence each, with the exit code of a command that meets them."""


class InterludeError(Exception):
    """Something a person can put right. Its message is the sentence they read; it never carries content."""

    exit_code = 1


class ConfigurationError(InterludeError):
    """Settings or prompts are wrong. `problems` holds one line for each, all found at once."""

    exit_code = 2

    def __init__(self, problems: list[str] | tuple[str, ...]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class AlreadyRunningError(InterludeError):
    """Another process holds the data directory."""

    exit_code = 3


class DataError(InterludeError):
    """The database, its schema or the keys do not fit this program. Nothing has been changed."""

    exit_code = 4


class UnreadableError(InterludeError):
    """A sealed value does not open: foreign key, moved value or damage."""

    exit_code = 4


class RefusedError(InterludeError):
    """What a person asked for cannot be done. The message is already in that person's language."""
