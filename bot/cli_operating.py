"""The commands for looking after a deployment; `bot.cli` brings them in."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli_loop import wait_for

app = typer.Typer(rich_markup_mode=None)
outbox_app = typer.Typer(no_args_is_help=True, help="Messages that wait, failed, or of which nobody knows.")
app.add_typer(outbox_app, name="outbox")


def _moment(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def _quiet(secrets: list[str] | tuple[str, ...]) -> None:
    """What goes wrong is said in a sentence; the log keeps to what is serious."""
    import sys

    from bot import log

    log.configure(json=not sys.stderr.isatty(), level="ERROR", secrets=list(secrets))


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="The file to make; the wrapped keys go into FILE.keys.")]) -> None:
    """Back up the database and the key store, sealed, beside a running bot. The keys file is never in it."""
    from bot import settings
    from bot.app import time_of
    from bot.operating.backup import back_up, keys_file_of

    loaded = settings.load(need_token=False)
    _quiet(loaded.secrets())

    async def work() -> int:
        return await back_up(loaded, file, await time_of(loaded))

    size = wait_for(work)
    typer.echo(f"Made {file} and {keys_file_of(file)} ({size:,} bytes), sealed with the first key of {loaded.keys_file}.")
    typer.echo("Keep them and the keys file in two places that are not the same. Of FILE.keys keep only the newest:")
    typer.echo("whoever is erased later is missing from it, and so can be read in no older backup either.")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="The backup of the database.")],
    keys: Annotated[Path | None, typer.Option(help="The backup of the key store: the newest. Else FILE.keys.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only try it, in a folder that is thrown away.")] = False,
) -> None:
    """Put a backup in the place of a practice that is empty and not running; nothing goes out twice because of it."""
    from bot import settings
    from bot.app import time_of
    from bot.operating.restore import Restored, drill
    from bot.operating.restore import restore as put_back

    loaded = settings.load(need_token=False)
    _quiet(loaded.secrets())

    async def work() -> Restored | None:
        now = await time_of(loaded)
        return await (drill if check else put_back)(loaded, file, keys, now)

    done: Restored | None = wait_for(work)
    if done is None:
        typer.echo(f"{file} and its keys open. Nothing has been changed.")
        return
    typer.echo(f"{file} can be restored." if check else "Restored. Start the bot when you have read this.")
    typer.echo(f"- It stands as of {_moment(done.made_at)}. Whatever people wrote, tapped or changed after that is gone;")
    typer.echo("  they are told so when the bot starts. Who joined after it needs a new invitation.")
    typer.echo(f"- {done.held} messages may have gone out since. They are held back: see `interlude outbox list`.")
    typer.echo(f"- {done.erased} people who were erased after the backup have been erased again.")
    if done.is_store_kept:
        typer.echo("- The key store that was in place has been kept: it knows more than the backup.")
    if check:
        typer.echo("Nothing has been changed.")


@app.command()
def copy(
    source: Annotated[str, typer.Argument(help="The database to copy: sqlite:///path or postgresql://...")],
    target: Annotated[str, typer.Argument(help="An empty database of either kind.")],
    keys_from: Annotated[str | None, typer.Option(help="The source's key store; beside an SQLite file it is found.")] = None,
    keys_to: Annotated[str | None, typer.Option(help="Where the key store goes; beside an SQLite file by itself.")] = None,
) -> None:
    """Copy a practice into another database, keys of people included, and compare every row. Stop the bot first."""
    from bot import settings
    from bot.operating import moving

    loaded = settings.load(need_token=False, need_keys=False)
    _quiet([*loaded.secrets(), *settings.passwords([source, target, keys_from, keys_to])])
    counts = wait_for(lambda: moving.copy(source, target, keys_from, keys_to, [loaded.data_dir]))
    for table, count in counts.items():
        if count:
            typer.echo(f"{table}: {count}")
    typer.echo(f"{sum(counts.values())} rows copied, and every one compared. Set INTERLUDE_DATABASE_URL and")
    typer.echo("INTERLUDE_KEYSTORE_URL to the new ones; the old ones have not been changed.")


@app.command()
def doctor() -> None:
    """Look at everything a deployment needs, beside a running bot; exit 1 if something needs somebody."""
    from bot import settings
    from bot.app import time_of
    from bot.operating.doctor import examine, lines

    loaded = settings.load()
    _quiet(loaded.secrets())

    async def work() -> bool:
        is_well = True
        async for finding in examine(loaded, await time_of(loaded)):
            is_well = is_well and finding.grade != "bad"
            for line in lines(finding):
                typer.echo(line)
        return is_well

    if not wait_for(work):
        raise typer.Exit(1)


@outbox_app.command("list")
def outbox_list(limit: Annotated[int, typer.Option(help="At most so many, the oldest first.")] = 50) -> None:
    """What waits, what nobody knows of, what failed in the last week: ids, kinds and reasons, nobody's words or names."""
    from bot.work import overseeing

    rows, total = _with_practice(lambda practice, now: overseeing.listed(practice, now, limit))
    for row in rows:
        reason = f" ({row.reason})" if row.reason else ""
        typer.echo(f"{row.id}  {_moment(row.due_at)}  {row.kind:<8}  {row.state}{reason}  to {row.role} {row.person}")
    typer.echo(f"{total} messages" + (f", {len(rows)} shown: --limit shows more." if total > len(rows) else "."))


@outbox_app.command("retry")
def outbox_retry(ids: Annotated[list[str], typer.Argument(help="The ends of their ids.")]) -> None:
    """Let messages go out now; one that may have arrived says that it is sent again."""
    from bot.work import overseeing

    for one in ids:
        row = _with_practice(lambda practice, now, one=one: overseeing.retry(practice, one, now))
        typer.echo(f"{row.id} goes out within half a minute if the bot is running, or in its reader's next hours.")


@outbox_app.command("cancel")
def outbox_cancel(ids: Annotated[list[str], typer.Argument(help="The ends of their ids.")]) -> None:
    """Messages that are not to go out, or not again."""
    from bot.work import overseeing

    for one in ids:
        row = _with_practice(lambda practice, now, one=one: overseeing.cancel(practice, one, now))
        typer.echo(f"{row.id} is {row.state}.")


def _with_practice(work: Callable[..., Coroutine[Any, Any, Any]]) -> Any:
    from bot import settings
    from bot.app import time_of
    from bot.operating.beside import beside

    loaded = settings.load(need_token=False)
    _quiet(loaded.secrets())

    async def opened() -> Any:
        async with beside(loaded) as practice:
            return await work(practice, await time_of(loaded))

    return wait_for(opened)
