"""The commands: parse, call, print. Errors are one sentence; their exit codes are those of `bot.errors`."""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bot import cli_loop, cli_operating
from bot.cli_loop import wait_for
from bot.errors import InterludeError

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="Interlude keeps coaching alive between sessions.",
)  # fmt: skip
keys_app = typer.Typer(no_args_is_help=True, help="Key-encryption keys.")
admin_app = typer.Typer(no_args_is_help=True, help="Administrators.")
prompts_app = typer.Typer(no_args_is_help=True, help="Prompt sequences.")
app.add_typer(cli_operating.app)  # without a name: its commands stand beside ours
app.add_typer(keys_app, name="keys")
app.add_typer(admin_app, name="admin")
app.add_typer(prompts_app, name="prompts")


def main() -> None:
    """The console script: no traceback reaches a person."""
    cli_loop.begin()
    try:
        app()
    except InterludeError as error:
        _fail(error)
    except Exception as error:
        from bot.db.foreseen import explained

        if (foreseen := explained(error)) is None:
            raise  # the log has where it happened
        _fail(foreseen)


def _fail(error: InterludeError) -> NoReturn:
    typer.echo(str(error), err=True)
    sys.exit(error.exit_code)


def _log(secrets: list[str], *, level: str = "INFO") -> None:
    from bot import log

    log.configure(json=not sys.stderr.isatty(), level=level, secrets=secrets)


@app.command()
def run(
    receive: Annotated[bool, typer.Option("--receive", help="Poll, and handle what people write.")] = False,
    send: Annotated[bool, typer.Option("--send", help="Send messages.")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Do what falls due.")] = False,
    web: Annotated[bool, typer.Option("--web", help="Take what the webhook brings.")] = False,
) -> None:
    """Run the bot, until it is told to stop: all of it, or the parts named."""
    from bot import app as composition
    from bot import settings
    from bot.errors import ConfigurationError
    from bot.service.parts import ALL, Part
    from bot.vault import KeyRing

    loaded = settings.load()
    assert loaded.keys_file is not None
    _log([*loaded.secrets(), *KeyRing.read(loaded.keys_file).secrets()])
    named = {"receive": receive, "send": send, "plan": plan, "web": web}
    parts = [Part(name) for name, given in named.items() if given]
    if parts == [Part.web] and loaded.webhook_url is None:
        raise ConfigurationError(["INTERLUDE_WEBHOOK_URL: without it there is nothing for --web to take."])
    wait_for(lambda: composition.run(loaded, parts or ALL))


@app.command()
def demo(
    port: Annotated[int | None, typer.Option(help="The page's port on 127.0.0.1.")] = None,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its files.")] = Path(".interlude-demo"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew instead of going on.")] = False,
    browser: Annotated[bool, typer.Option(help="Open a browser if there is a display.")] = True,
) -> None:
    """The bot and an emulated Telegram in one process, with phones in the browser."""
    from bot import demo as rehearsal
    from bot import settings

    loaded = settings.load(need_token=False, need_keys=False)
    _log([], level="WARNING")
    wait_for(
        lambda: rehearsal.run(
            folder, port or loaded.demo_port, fresh=fresh, open_browser=browser, announce=typer.echo
        )
    )


@app.command()
def emulate(
    port: Annotated[int, typer.Option(help="The port on 127.0.0.1.")] = 8765,
    folder: Annotated[Path, typer.Option(help="Where the emulated Telegram is kept.")] = Path(".interlude-emulated"),
    cast: Annotated[bool, typer.Option(help="With the phones of the demo.")] = True,
) -> None:
    """The emulated Bot API and its phones alone; point `interlude run` at it."""
    from bot import demo as rehearsal

    _log([], level="WARNING")
    wait_for(lambda: rehearsal.emulate(folder, port, cast=cast, announce=typer.echo))


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from bot import settings
    from bot.work.opening import migrate as bring_up

    loaded = settings.load(need_token=False, need_keys=False)
    loaded.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    before = wait_for(lambda: bring_up(loaded.database_url))
    said = {"current": "The schema is up to date.", "empty": "The database has been created."}
    typer.echo(said.get(before, "The schema has been brought up to date."))


@app.command()
def health() -> None:
    """Exit 0 if a running bot has lately looked at what is due."""
    from bot import settings
    from bot.app import healthy

    loaded = settings.load(need_token=False, need_keys=False)
    if not healthy(loaded.data_dir):
        typer.echo("No sign of life within two minutes.", err=True)
        sys.exit(1)


@keys_app.command("new")
def keys_new(
    file: Annotated[Path, typer.Argument(help="The file to make; it must not exist.")] = Path("interlude.keys"),
) -> None:
    """Make a file with a new key-encryption key. Keep a copy: without it no answer can be read again."""
    from bot.errors import ConfigurationError
    from bot.vault import KeyRing

    try:
        file.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        raise ConfigurationError([f"{file} exists already, and keys are never overwritten."]) from None
    except OSError as error:
        raise ConfigurationError([f"{file} cannot be written ({error.strerror})."]) from None
    file.write_text(KeyRing.new_line() + "\n", "ascii")
    typer.echo(f"Made {file}. Set INTERLUDE_KEYS_FILE={file} and keep a copy elsewhere: nothing opens without it.")


@admin_app.command("link")
def admin_link() -> None:
    """Print a link that makes whoever opens it an administrator, once, within seven days."""
    from bot import settings
    from bot.app import make_admin_link

    loaded = settings.load()
    _log(list(loaded.secrets()), level="WARNING")
    typer.echo(wait_for(lambda: make_admin_link(loaded)))


@prompts_app.command("check")
def prompts_check(
    folder: Annotated[Path | None, typer.Argument(help="The folder; else INTERLUDE_PROMPTS_DIR.")] = None,
) -> None:
    """Check every sequence: all problems of all files, each with its line."""
    from bot import catalog, settings

    if folder is None:
        folder = settings.load(need_token=False, need_keys=False).prompts_dir
    loaded = catalog.load(folder)
    for sequence in loaded.sequences.values():
        typer.echo(f"{sequence.name}: {len(sequence.steps)} steps")
        for warning in catalog.warnings(sequence):
            typer.echo(f"  {warning}")


if __name__ == "__main__":
    main()
