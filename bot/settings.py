"""The settings, from the environment, `.env` or a file: every problem at once, no secret ever shown."""

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot import failpoints, shapes
from bot.errors import ConfigurationError
from bot.shapes import expanded

PREFIX = "INTERLUDE_"
SECRETS = ("bot_token", "database_url", "keystore_url", "webhook_secret")
_DOTENV = Path(".env")
_LONGEST_SECRET = 64 * 1024  # bytes; a file that is longer is not what was meant
_PLACEHOLDER = re.compile(
    r"(change|replace|fix)[-_ ]?(me|this)|to-?do|x{3,}|\.{3}|placeholder|secret|token|<.*>|"
    r"(put|insert|enter|paste|your)[-_ ].*here|your[-_ ]?(bot|api)?[-_ ]?(token|url|key|path|password)",
    re.IGNORECASE,
)

Token = Annotated[str, AfterValidator(shapes.token)]
Database = Annotated[str, AfterValidator(shapes.database_url)]
WebRoot = Annotated[str, AfterValidator(shapes.web_root)]
Hook = Annotated[str, AfterValidator(shapes.webhook)]
HookSecret = Annotated[str, AfterValidator(shapes.hook_secret)]
Folder = Annotated[Path, AfterValidator(expanded), AfterValidator(shapes.folder)]


def _stated(default: str) -> dict[str, Any]:
    """How a default reads in the table of settings where its value alone would not say it."""
    return {"stated": default}


class Settings(BaseSettings):
    """The settings of one process. Values are checked, defaults filled in; made by `load`."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", validate_default=False, hide_input_in_errors=True
    )

    bot_token: Token | None = Field(
        None,
        repr=False,
        description="The token that @BotFather gave for the bot.",
        json_schema_extra=_stated("none: required to run"),
    )
    bot_api_url: WebRoot = Field(
        "https://api.telegram.org",
        description="The root of the Bot API server; `/bot<token>/` and `/file/bot<token>/` are appended.",
    )
    data_dir: Folder = Field(
        Path("data"), description="The folder for what the bot keeps: its database, key store and lock."
    )
    database_url: Database = Field(
        "",
        repr=False,
        description="The database: `sqlite:///path` or `postgresql://user:password@host/database`.",
        json_schema_extra=_stated("`sqlite:///<INTERLUDE_DATA_DIR>/interlude.db`"),
    )
    keystore_url: Database = Field(
        "",
        repr=False,
        description="The key store, where the wrapped keys of people are: another database than the first.",
        json_schema_extra=_stated("`sqlite:///<INTERLUDE_DATA_DIR>/keys.db`"),
    )
    keys_file: Annotated[Path, AfterValidator(expanded)] | None = Field(
        None,
        description="The file with the key-encryption keys, outside the data folder; "
        "`interlude keys new` makes one.",
        json_schema_extra=_stated("none: required to run"),
    )
    prompts_dir: Annotated[Folder, AfterValidator(shapes.existing)] = Field(
        Path(__file__).parent.parent / "prompts",
        description="The folder with the prompt sequences, one YAML file each.",
        json_schema_extra=_stated("the `prompts` delivered with the program"),
    )
    practice_name: Annotated[str, AfterValidator(shapes.one_line)] = Field(
        "Interlude", max_length=64, description="The name of the coaching practice, as people read it."
    )
    webhook_url: Hook | None = Field(
        None,
        description="The address at which Telegram is to deliver updates, `https://` with a path of its own; a proxy passes "
        "them on to `INTERLUDE_WEBHOOK_HOST` and `_PORT`.",
        json_schema_extra=_stated("none: updates are polled"),
    )
    webhook_secret: HookSecret | None = Field(
        None,
        repr=False,
        description="What Telegram says with each update it delivers; the same for all processes of a bot.",
        json_schema_extra=_stated("derived from the token"),
    )
    webhook_host: Annotated[str, AfterValidator(shapes.one_line)] = Field(
        "127.0.0.1", description="The address at which this process takes what the proxy passes on."
    )
    webhook_port: int = Field(8090, ge=1, le=65535, description="The port for that.")
    health_port: Annotated[int, Field(ge=1, le=65535)] | None = Field(
        None, description="The port at which `health` (JSON) and `metrics` (Prometheus) can be asked for.",
        json_schema_extra=_stated("none: off"),
    )
    health_host: Annotated[str, AfterValidator(shapes.one_line)] = Field(
        "127.0.0.1", description="The address for that; what it tells holds no names and no words."
    )
    demo_port: int = Field(
        8765, ge=1, le=65535, description="The port on 127.0.0.1 at which `make demo` shows its page."
    )
    clock_url: WebRoot | None = Field(
        None,
        description="For tests only: the rehearsal server (`interlude emulate`) whose clock is followed.",
        json_schema_extra=_stated("none: the real time"),
    )
    failpoints: str = Field(
        "",
        description="For tests only, beside INTERLUDE_CLOCK_URL: where the process is to die, fail or freeze, as "
        "`claim.committed=kill@3` (docs/rehearsal.md).",
        json_schema_extra=_stated("none"),
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
        init_settings: PydanticBaseSettingsSource,
        *_: Any,
        **__: Any,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """`load` reads the environment itself: it names a misspelt variable and a secret given twice."""
        return (init_settings,)

    def secrets(self) -> tuple[str, ...]:
        """What must never be written anywhere: the token, its second half, the passwords of databases."""
        found = [self.bot_token or "", (self.bot_token or "").partition(":")[2], self.webhook_secret or ""]
        found += passwords([self.database_url, self.keystore_url])
        return tuple(dict.fromkeys(secret for secret in found if secret))


def passwords(urls: Iterable[str | None]) -> list[str]:
    """The passwords in the URLs of databases, as written and as meant."""
    found = [urlsplit(url or "").password or "" for url in urls]
    return [form for password in found for form in (password, unquote(password))]


@dataclass(frozen=True)
class Described:
    """One row of the table of settings. `default` is Markdown."""

    variable: str
    default: str
    meaning: str
    from_file: str | None  # the variable that may name a file instead


def describe() -> list[Described]:
    """Every setting there is, in the order of the class."""
    return [_described(name) for name in Settings.model_fields]


def load(
    env: Mapping[str, str] | None = None, *, need_token: bool = True, need_keys: bool = True
) -> Settings:
    """The settings of this process. Raises ConfigurationError with a line for each problem.

    `env` replaces the process's environment, `.env` included. `need_keys` is for what opens sealed values.
    """
    problems: list[str] = []
    given = _environment(problems) if env is None else dict(env)
    problems += _misspelt(given)
    values = _values(given, problems)
    required = [*(["bot_token"] if need_token else []), *(["keys_file"] if need_keys else [])]
    problems += [_missing(name) for name in required if name not in values]
    values.setdefault("data_dir", "data")
    for name, file in (("database_url", "interlude.db"), ("keystore_url", "keys.db")):
        values.setdefault(name, f"sqlite:///{expanded(values['data_dir']) / file}")
    problems += _apart(values, need_keys)
    problems += _failing(values)
    values = {name: value for name, value in values.items() if value is not _UNREADABLE}
    try:
        settings = Settings(**values)
    except ValidationError as error:
        problems += [_sentence(problem, values) for problem in error.errors()]
    if problems:
        raise ConfigurationError(list(dict.fromkeys(problems)))
    if env is None:
        failpoints.arm(settings.failpoints)
    return settings


_UNREADABLE: Any = object()  # given, but its file cannot be read: neither missing nor to be checked


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _described(name: str) -> Described:
    field = Settings.model_fields[name]
    extra = field.json_schema_extra
    stated = str(extra["stated"]) if isinstance(extra, dict) else f"`{field.default}`"
    from_file = f"{_variable(name)}_FILE" if name in SECRETS else None
    return Described(_variable(name), stated, field.description or "", from_file)


def _environment(problems: list[str]) -> dict[str, str]:
    """The process's environment over `.env`; a line of `.env` that cannot be read is a problem."""
    given: dict[str, str] = {}
    if _DOTENV.is_file():
        from dotenv.parser import parse_stream  # imported here: most deployments have no such file

        try:
            with _DOTENV.open(encoding="utf-8") as lines:
                for binding in parse_stream(lines):
                    if binding.error:
                        problems.append(f"{_DOTENV}:{binding.original.line} is not NAME=value.")
                    elif binding.key:
                        given[binding.key] = binding.value or ""
        except (OSError, UnicodeDecodeError):
            problems.append(f"{_DOTENV} cannot be read: it is to be UTF-8 text that this user may read.")
    return given | os.environ


def _misspelt(given: Mapping[str, str]) -> Iterator[str]:
    known = {_variable(name) for name in Settings.model_fields}
    known |= {f"{_variable(name)}_FILE" for name in SECRETS}
    for name in sorted(given):
        if name.upper().startswith(PREFIX) and name not in known:
            close = difflib.get_close_matches(name.upper(), sorted(known), n=1, cutoff=0.7)
            yield f"{name[:60]!a} is not a setting." + (f" Did you mean {close[0]}?" if close else "")


def _values(given: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    """What was given for each field, still as text; an empty value counts as not given."""
    values: dict[str, Any] = {}
    for name in Settings.model_fields:
        value = given.get(_variable(name), "").strip()
        file = given.get(f"{_variable(name)}_FILE", "").strip() if name in SECRETS else ""
        if value and file:
            problems.append(f"{_variable(name)} and {_variable(name)}_FILE are both given: remove one.")
        elif file:
            value = _read(name, file, problems) or _UNREADABLE
        if not value:
            continue
        if value is not _UNREADABLE and name != "practice_name" and _PLACEHOLDER.fullmatch(value):
            problems.append(f"{_variable(name)} is still a placeholder: put the real value there.")
            value = _UNREADABLE
        values[name] = value
    return values


def _read(name: str, file: str, problems: list[str]) -> str:
    """The secret in a file; "" when there is none, which then is a problem."""
    variable = f"{_variable(name)}_FILE"
    try:
        with expanded(file).open("rb") as opened:
            content = opened.read(_LONGEST_SECRET + 1)
        secret = content.decode("utf-8").strip()
    except FileNotFoundError:
        problems.append(f"{variable} names a file that does not exist{_shown(file)}.")
    except (OSError, ValueError):
        problems.append(f"{variable} names a file that cannot be read as text{_shown(file)}.")
    else:
        if secret and len(content) <= _LONGEST_SECRET:
            return secret
        problems.append(f"{variable} names a file that is {'too long' if secret else 'empty'}{_shown(file)}.")
    return ""


def _missing(name: str) -> str:
    if name == "bot_token":
        return (
            "INTERLUDE_BOT_TOKEN is missing: @BotFather gives one; set it in the environment, in .env, "
            "or in a file that INTERLUDE_BOT_TOKEN_FILE names."
        )
    return (
        "INTERLUDE_KEYS_FILE is missing: `interlude keys new` makes the file; "
        "name it, for example INTERLUDE_KEYS_FILE=interlude.keys."
    )


def _apart(values: Mapping[str, Any], need_keys: bool) -> Iterator[str]:
    """What must not be in the same place: keys and data, the key store and the database, two servers."""
    port = values.get("health_port")
    hook = values.get("webhook_port", str(Settings.model_fields["webhook_port"].default))
    if port is not None and "webhook_url" in values and port == hook:
        yield "INTERLUDE_HEALTH_PORT is the port at which updates are taken (INTERLUDE_WEBHOOK_PORT): give it another."
    if values["database_url"] == values["keystore_url"] != _UNREADABLE:
        yield "INTERLUDE_KEYSTORE_URL is the same as INTERLUDE_DATABASE_URL: keys need a place of their own."
    keys = values.get("keys_file", _UNREADABLE)
    if keys is _UNREADABLE:
        return
    try:
        keys_file, data_dir = (expanded(path).resolve() for path in (keys, values["data_dir"]))
        if keys_file.is_relative_to(data_dir):
            yield (
                f"INTERLUDE_KEYS_FILE is inside INTERLUDE_DATA_DIR{_shown(keys)}: "
                "who copies the data would have the keys; move it out."
            )
        elif need_keys and not keys_file.is_file():
            yield f"INTERLUDE_KEYS_FILE names no file{_shown(keys)}: `interlude keys new` makes one."
        elif need_keys and not os.access(keys_file, os.R_OK):
            yield f"INTERLUDE_KEYS_FILE names a file that this user may not read{_shown(keys)}."
    except (OSError, ValueError):
        yield f"INTERLUDE_KEYS_FILE is no usable path{_shown(keys)}."


def _failing(values: Mapping[str, Any]) -> Iterator[str]:
    """Failpoints are for rehearsals: a bot that people rely on must not be told to die."""
    given = values.get("failpoints", "")
    if given and "clock_url" not in values:
        yield "INTERLUDE_FAILPOINTS is for tests: it needs INTERLUDE_CLOCK_URL, the clock of a rehearsal."
    yield from (f"INTERLUDE_FAILPOINTS: {problem}" for problem in failpoints.problems(given))


def _sentence(problem: Any, values: Mapping[str, Any]) -> str:
    """One line for what pydantic found; the value only where it cannot be a secret."""
    name = str(problem["loc"][0])
    said = {
        "int_parsing": "is not a whole number",
        "greater_than_equal": "is not a port: 1 to 65535",
        "less_than_equal": "is not a port: 1 to 65535",
        "string_too_long": "is longer than 64 characters",
    }.get(problem["type"]) or problem["msg"].removeprefix("Value error, ")
    return f"{_variable(name)} {said}{'' if name in SECRETS else _shown(str(values[name]))}."


def _shown(value: str) -> str:
    """A value in brackets, unless it might be a secret that went into the wrong variable."""
    risky = shapes.holds_token(value) or "@" in value or len(value) > 100
    return "" if risky else f" ({value!a})"
