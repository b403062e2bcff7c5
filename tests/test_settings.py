"""The settings: what is missing, malformed or a placeholder is said at once, and no secret is ever shown."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ConfigurationError
from bot.settings import Settings, describe, load

TOKEN = "7123456789:AAHfakeFAKEfakeFAKEfakeFAKEfake_-12"
SECRET = TOKEN.partition(":")[2]


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    file = tmp_path / "interlude.keys"
    file.write_text("k1:AAAA", "utf-8")
    return file


def problems(env: dict[str, str], **options: bool) -> list[str]:
    with pytest.raises(ConfigurationError) as raised:
        load(env, **options)
    assert all(len(line.splitlines()) == 1 for line in raised.value.problems)
    return list(raised.value.problems)


def problem(env: dict[str, str]) -> str:
    """The only problem of settings that need neither a token nor keys."""
    (line,) = problems(env, need_token=False, need_keys=False)
    return line


def test_a_token_and_a_keys_file_are_enough(keys: Path) -> None:
    settings = load({"INTERLUDE_BOT_TOKEN": TOKEN, "INTERLUDE_KEYS_FILE": str(keys)})

    assert settings.bot_token == TOKEN
    assert settings.keys_file == keys
    assert settings.bot_api_url == "https://api.telegram.org"
    assert settings.data_dir == Path("data")
    assert settings.database_url == "sqlite:///data/interlude.db"
    assert settings.keystore_url == "sqlite:///data/keys.db"
    assert settings.prompts_dir == Path(__file__).parents[1] / "prompts"
    assert settings.practice_name == "Interlude"
    assert settings.demo_port == 8765
    assert settings.clock_url is None


def test_the_databases_follow_the_data_folder() -> None:
    relative = load({"INTERLUDE_DATA_DIR": "kept"}, need_token=False, need_keys=False)
    absolute = load({"INTERLUDE_DATA_DIR": "/srv/kept"}, need_token=False, need_keys=False)
    home = load({"INTERLUDE_DATA_DIR": "~/kept"}, need_token=False, need_keys=False)

    assert relative.database_url == "sqlite:///kept/interlude.db"
    assert absolute.keystore_url == "sqlite:////srv/kept/keys.db"
    assert home.data_dir == Path.home() / "kept"
    assert home.database_url == f"sqlite:///{Path.home()}/kept/interlude.db"


def test_everything_can_be_set(tmp_path: Path, keys: Path) -> None:
    settings = load(
        {
            "INTERLUDE_BOT_TOKEN": f" {TOKEN}\n",
            "INTERLUDE_KEYS_FILE": str(keys),
            "INTERLUDE_BOT_API_URL": "http://127.0.0.1:8081/",
            "INTERLUDE_DATABASE_URL": "postgresql://bot:hunter2@db:5432/interlude",
            "INTERLUDE_KEYSTORE_URL": "postgresql:///keys?host=/run/postgresql",
            "INTERLUDE_PROMPTS_DIR": str(tmp_path),
            "INTERLUDE_PRACTICE_NAME": "Élan Coaching",
            "INTERLUDE_DEMO_PORT": "9000",
            "INTERLUDE_CLOCK_URL": "http://127.0.0.1:8081",
            "HOME": "/somewhere",
        }
    )

    assert settings.bot_token == TOKEN
    assert settings.bot_api_url == settings.clock_url == "http://127.0.0.1:8081"
    assert settings.demo_port == 9000
    assert settings.prompts_dir == tmp_path


def test_all_problems_are_named_at_once() -> None:
    found = problems(
        {
            "INTERLUDE_DATABASE_URL": "mysql://u:hunter2@h/db",
            "INTERLUDE_DEMO_PORT": "99999",
            "INTERLUDE_TOKEN": TOKEN,
            "INTERLUDE_BOT_API_URL": "api.telegram.org",
        }
    )

    named = {line.split()[0].strip("'") for line in found}
    assert named == {
        "INTERLUDE_BOT_TOKEN",
        "INTERLUDE_KEYS_FILE",
        "INTERLUDE_DATABASE_URL",
        "INTERLUDE_DEMO_PORT",
        "INTERLUDE_TOKEN",
        "INTERLUDE_BOT_API_URL",
    }
    assert "hunter2" not in "".join(found)
    assert SECRET not in "".join(found)


@pytest.mark.parametrize("empty", [{}, {"INTERLUDE_BOT_TOKEN": ""}, {"INTERLUDE_BOT_TOKEN": "  "}])
def test_an_empty_token_is_a_missing_one(empty: dict[str, str]) -> None:
    token, keys_file = problems(empty)

    assert token.startswith("INTERLUDE_BOT_TOKEN is missing")
    assert keys_file.startswith("INTERLUDE_KEYS_FILE is missing: `interlude keys new`")


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("BOT_TOKEN", "abc", "is not a bot token"),
        ("BOT_TOKEN", "7123456789:short", "is not a bot token"),
        ("BOT_TOKEN", "7123456789:" + "a" * 34 + "é", "is not a bot token"),
        ("BOT_TOKEN", "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11", "example from a documentation"),
        ("BOT_TOKEN", "changeme", "still a placeholder"),
        ("BOT_TOKEN", "your-token-here", "still a placeholder"),
        ("BOT_TOKEN", "<token>", "still a placeholder"),
        ("DATABASE_URL", "CHANGE_ME", "still a placeholder"),
        ("DATABASE_URL", "postgresql+asyncpg://h/db", "without a driver"),
        ("DATABASE_URL", "postgres://h/db", "postgresql://"),
        ("DATABASE_URL", "sqlite:///", "names no file"),
        ("DATABASE_URL", "sqlite://interlude.db", "names no file"),
        ("DATABASE_URL", "sqlite:///:memory:", "forget everything"),
        ("DATABASE_URL", "postgresql://h", "names no database"),
        ("DATABASE_URL", "postgresql://h:port/db", "host and port"),
        ("DATABASE_URL", "interlude.db", "is to begin with sqlite:///"),
        ("KEYSTORE_URL", "sqlite:///data/interlude.db", "same as INTERLUDE_DATABASE_URL"),
        ("BOT_API_URL", "ftp://h", "is not a URL"),
        ("BOT_API_URL", "http://", "is not a URL"),
        ("BOT_API_URL", "http://a b", "is not a URL"),
        ("BOT_API_URL", "http://[::1", "host and port"),
        ("BOT_API_URL", "http://h/?a=b", "root of a server"),
        ("BOT_API_URL", "http://h/bot1:a", "is appended"),
        ("CLOCK_URL", "8081", "is not a URL"),
        ("DEMO_PORT", "0", "1 to 65535"),
        ("DEMO_PORT", "65536", "1 to 65535"),
        ("DEMO_PORT", "http", "is not a whole number"),
        ("DEMO_PORT", "1e3", "is not a whole number"),
        ("DATA_DIR", __file__, "is no folder"),
        ("DATA_DIR", "a\0b", "no usable path"),
        ("PROMPTS_DIR", "/nowhere/at/all", "does not exist"),
        ("PRACTICE_NAME", "a\nb", "one line"),
        ("PRACTICE_NAME", "x" * 65, "longer than 64"),
    ],
)
def test_a_malformed_value_is_named_with_its_variable(variable: str, value: str, said: str) -> None:
    line = problem({f"INTERLUDE_{variable}": value})

    assert line.startswith(f"INTERLUDE_{variable} ")
    assert said in line


def test_two_servers_have_two_ports() -> None:
    beside = {"INTERLUDE_HEALTH_PORT": "8090"}

    assert load(beside, need_token=False, need_keys=False).health_port == 8090
    assert "INTERLUDE_WEBHOOK_PORT" in problem(beside | {"INTERLUDE_WEBHOOK_URL": "https://example.org/hook"})


def test_a_practice_may_be_called_as_it_likes() -> None:
    settings = load({"INTERLUDE_PRACTICE_NAME": "Secret"}, need_token=False, need_keys=False)

    assert settings.practice_name == "Secret"


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("INTERLUDE_BOT_TOKN", "INTERLUDE_BOT_TOKEN"),
        ("INTERLUDE_TOKEN", "INTERLUDE_BOT_TOKEN"),
        ("interlude_data_dir", "INTERLUDE_DATA_DIR"),
        ("INTERLUDE_DB_URL", "INTERLUDE_DATABASE_URL"),
        ("INTERLUDE_BOT_TOKEN_FIL", "INTERLUDE_BOT_TOKEN_FILE"),
        ("INTERLUDE_PROMPT_DIR", "INTERLUDE_PROMPTS_DIR"),
    ],
)
def test_a_misspelt_variable_is_recognised(misspelt: str, meant: str) -> None:
    assert problem({misspelt: "x"}) == f"'{misspelt}' is not a setting. Did you mean {meant}?"


def test_a_variable_like_no_other_is_refused_without_a_guess() -> None:
    assert problem({"INTERLUDE_XYZZY": TOKEN}) == "'INTERLUDE_XYZZY' is not a setting."


def test_a_token_in_the_wrong_variable_is_not_shown() -> None:
    for variable in ("DEMO_PORT", "BOT_API_URL", "KEYS_FILE", "CLOCK_URL", "PROMPTS_DIR"):
        found = problems({f"INTERLUDE_{variable}": TOKEN, "INTERLUDE_BOT_TOKEN": TOKEN}, need_keys=True)

        assert SECRET not in "".join(found)


# --- secrets in files ---


def test_a_secret_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", "utf-8")

    settings = load({"INTERLUDE_BOT_TOKEN": "", "INTERLUDE_BOT_TOKEN_FILE": str(file)}, need_keys=False)

    assert settings.bot_token == TOKEN


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xff\xfe", "cannot be read as text"),
        (b"x" * 70_000, "is too long"),
    ],
)
def test_a_file_without_a_secret_is_a_problem(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)

    (line,) = problems({"INTERLUDE_BOT_TOKEN_FILE": str(file)}, need_keys=False)

    assert line.startswith("INTERLUDE_BOT_TOKEN_FILE ")
    assert said in line


def test_a_missing_file_or_a_folder_is_a_problem(tmp_path: Path) -> None:
    missing, folder = str(tmp_path / "none"), str(tmp_path)

    database, keystore = problems(
        {"INTERLUDE_DATABASE_URL_FILE": missing, "INTERLUDE_KEYSTORE_URL_FILE": folder},
        need_token=False,
        need_keys=False,
    )

    assert "DATABASE_URL_FILE names a file that does not exist" in database
    assert "KEYSTORE_URL_FILE names a file that cannot be read" in keystore


def test_what_a_file_holds_is_checked_and_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("hunter2", "utf-8")

    (line,) = problems({"INTERLUDE_BOT_TOKEN_FILE": str(file)}, need_keys=False)

    assert "is not a bot token" in line
    assert "hunter2" not in line


def test_a_secret_given_twice_is_a_problem(tmp_path: Path) -> None:
    (line,) = problems(
        {"INTERLUDE_BOT_TOKEN": TOKEN, "INTERLUDE_BOT_TOKEN_FILE": str(tmp_path / "token")}, need_keys=False
    )

    assert line == "INTERLUDE_BOT_TOKEN and INTERLUDE_BOT_TOKEN_FILE are both given: remove one."


# --- the file with the keys ---


def test_the_keys_file_must_be_there_where_it_is_needed(tmp_path: Path) -> None:
    env = {"INTERLUDE_KEYS_FILE": str(tmp_path / "none.keys")}

    (line,) = problems(env, need_token=False)

    assert "names no file" in line
    assert "interlude keys new" in line
    assert load(env, need_token=False, need_keys=False).keys_file == tmp_path / "none.keys"


def test_keys_inside_the_data_folder_are_refused_by_any_road(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "interlude.keys").write_text("k", "utf-8")
    (tmp_path / "linked").symlink_to(data)
    (tmp_path / "outside.keys").symlink_to(data / "interlude.keys")

    for keys_file in (
        "data/interlude.keys",
        "linked/interlude.keys",
        "outside.keys",
        "data/../data/a/b",
        "data",
    ):
        line = problem(
            {"INTERLUDE_DATA_DIR": str(data), "INTERLUDE_KEYS_FILE": str(tmp_path / keys_file)},
        )
        assert line.startswith("INTERLUDE_KEYS_FILE is inside INTERLUDE_DATA_DIR")


def test_the_default_data_folder_holds_no_keys_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert "is inside" in problem({"INTERLUDE_KEYS_FILE": "data/interlude.keys"})


def test_a_path_that_is_none_is_a_problem() -> None:
    assert "no usable path" in problem({"INTERLUDE_KEYS_FILE": "a\0b"})
    assert load({"INTERLUDE_DATA_DIR": "~nobody-of-that-name/x"}, need_token=False, need_keys=False)


def test_a_keys_file_one_may_not_read_is_a_problem(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # the tests may run as root, who may read everything

    (line,) = problems({"INTERLUDE_KEYS_FILE": str(keys)}, need_token=False)

    assert "may not read" in line


# --- the environment and .env ---


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder and an environment without our variables."""
    import os

    for name in [name for name in os.environ if name.upper().startswith("INTERLUDE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_environment_goes_before_the_file(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (nowhere / ".env").write_text(
        f"# ours\nINTERLUDE_BOT_TOKEN='{TOKEN}'\nexport INTERLUDE_DEMO_PORT=9000\n"
        "INTERLUDE_PRACTICE_NAME=A$HOME\nOTHER\n",
        "utf-8",
    )
    monkeypatch.setenv("INTERLUDE_DEMO_PORT", "9001")

    settings = load(need_keys=False)

    assert (settings.bot_token, settings.demo_port) == (TOKEN, 9001)
    assert settings.practice_name == "A$HOME"  # taken as it is written


def test_without_the_file_the_environment_is_enough(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERLUDE_BOT_TOKEN", TOKEN)

    assert load(need_keys=False).bot_token == TOKEN


def test_a_misspelt_variable_in_the_file_is_found_too(nowhere: Path) -> None:
    (nowhere / ".env").write_text("INTERLUDE_BOT_TOKN=x\n", "utf-8")

    with pytest.raises(ConfigurationError, match="Did you mean INTERLUDE_BOT_TOKEN"):
        load(need_token=False, need_keys=False)


def test_a_line_that_cannot_be_read_is_named_by_its_number(nowhere: Path) -> None:
    (nowhere / ".env").write_text(f"OTHER=1\n'broken {TOKEN}\n", "utf-8")

    with pytest.raises(ConfigurationError) as raised:
        load(need_token=False, need_keys=False)

    assert raised.value.problems == (".env:2 is not NAME=value.",)


def test_a_file_that_is_no_text_is_a_problem(nowhere: Path) -> None:
    (nowhere / ".env").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigurationError, match=r"\.env cannot be read"):
        load(need_token=False, need_keys=False)


# --- the table, and what must not be shown ---


def test_every_setting_is_described_with_its_default() -> None:
    rows = describe()

    assert [row.variable for row in rows] == [f"INTERLUDE_{name.upper()}" for name in Settings.model_fields]
    assert all(row.meaning.endswith(".") and row.default for row in rows)
    assert {row.variable: row.default for row in rows}["INTERLUDE_DEMO_PORT"] == "`8765`"
    assert [row.from_file for row in rows if row.from_file] == [
        "INTERLUDE_BOT_TOKEN_FILE",
        "INTERLUDE_DATABASE_URL_FILE",
        "INTERLUDE_KEYSTORE_URL_FILE",
        "INTERLUDE_WEBHOOK_SECRET_FILE",
    ]


def test_secrets_are_listed_for_the_log_and_hidden_in_the_representation() -> None:
    env = {"INTERLUDE_BOT_TOKEN": TOKEN, "INTERLUDE_DATABASE_URL": "postgresql://bot:hunter%40@db/interlude"}

    settings = load(env, need_keys=False)

    assert settings.secrets() == (TOKEN, SECRET, "hunter%40", "hunter@")
    assert SECRET not in repr(settings)
    assert "hunter" not in f"{settings} {settings!r}"
    assert load({}, need_token=False, need_keys=False).secrets() == ()


@given(st.dictionaries(st.sampled_from([row.variable for row in describe()]), st.text(max_size=80)))
def test_whatever_is_given_there_are_settings_or_problems(env: dict[str, str]) -> None:
    with suppress(ConfigurationError):
        load(env)
