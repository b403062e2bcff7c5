"""Sealed values open for their owner, in their place, with their key, and nowhere else."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from bot.db.keystore import DatabaseKeyStore
from bot.errors import ConfigurationError, DataError, UnreadableError
from bot.vault import PRACTICE, KeyRing, Vault


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[DatabaseKeyStore]:
    made = DatabaseKeyStore(database_url)
    await made.create()
    yield made
    await made.close()


def ring(*lines: str) -> KeyRing:
    import base64

    return KeyRing({line.split(":")[0]: base64.b64decode(line.split(":")[1]) for line in lines})


async def test_a_value_opens_only_where_it_was_sealed(store: DatabaseKeyStore) -> None:
    vault = Vault(ring(KeyRing.new_line()), store)
    anna, ben, row = uuid4(), uuid4(), uuid4()
    await vault.make(anna, "shared", "private")
    await vault.make(ben, "shared")
    sealed = (await vault.box(anna, "shared")).seal("answer.value", row, "a wobble 🦊")

    assert (await vault.box(anna, "shared")).open("answer.value", row, sealed) == "a wobble 🦊"
    assert b"wobble" not in sealed
    for box, place, where in (
        (await vault.box(anna, "private"), "answer.value", row),
        (await vault.box(ben, "shared"), "answer.value", row),
        (await vault.box(anna, "shared"), "answer_part.content", row),
        (await vault.box(anna, "shared"), "answer.value", uuid4()),
    ):
        with pytest.raises(UnreadableError):
            box.open(place, where, sealed)
    with pytest.raises(UnreadableError):
        (await vault.box(anna, "shared")).open("answer.value", row, sealed[:-1] + bytes([sealed[-1] ^ 1]))


async def test_dropped_keys_open_nothing_any_more(store: DatabaseKeyStore) -> None:
    vault = Vault(ring(KeyRing.new_line()), store)
    anna = uuid4()
    await vault.make(anna, "shared", "private")
    await vault.box(anna, "shared")

    await vault.drop(anna)

    with pytest.raises(UnreadableError):
        await vault.box(anna, "shared")


async def test_what_another_process_erased_is_forgotten_and_the_key_of_what_comes_in_is_not(store: DatabaseKeyStore) -> None:
    line = KeyRing.new_line()
    here, there, anna = Vault(ring(line), store), Vault(ring(line), store), uuid4()
    await here.make(anna, "shared")
    await here.make(PRACTICE, "practice")
    incoming = await here.box(PRACTICE, "practice")
    await here.box(anna, "shared")
    await there.drop(anna)

    here.forget()

    assert await here.box(PRACTICE, "practice") is incoming
    with pytest.raises(UnreadableError):
        await here.box(anna, "shared")


async def test_a_new_first_key_keeps_the_old_ones_readable(store: DatabaseKeyStore) -> None:
    old, new = KeyRing.new_line(), KeyRing.new_line()
    anna, ben, row = uuid4(), uuid4(), uuid4()
    before = Vault(ring(old), store)
    await before.make(anna, "shared")
    sealed = (await before.box(anna, "shared")).seal("answer.value", row, "words")

    after = Vault(ring(new, old), store)
    await after.make(ben, "shared")

    assert (await after.box(anna, "shared")).open("answer.value", row, sealed) == "words"
    with pytest.raises(DataError):
        await Vault(ring(old), store).box(ben, "shared")


@pytest.mark.parametrize("content", ["", "nonsense", "k1:short", "k1:" + "A" * 43, "k1:é"])
def test_a_key_file_that_holds_no_key_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "keys"
    file.write_text(content)

    with pytest.raises(ConfigurationError, match="INTERLUDE_KEYS_FILE"):
        KeyRing.read(file)


def test_keys_do_not_show_in_representations() -> None:
    made = ring(KeyRing.new_line())

    assert made.secrets()[0] not in repr(made)
    assert str(next(iter(made.keys.values()))) not in repr(made)


async def test_short_answers_cannot_be_told_apart_by_their_length(store: DatabaseKeyStore) -> None:
    vault = Vault(ring(KeyRing.new_line()), store)
    anna, row = uuid4(), uuid4()
    await vault.make(anna, "private")
    box = await vault.box(anna, "private")
    said = ['{"yes": true}', '{"yes": false}', "", "a\0", "\0\0", "x" * 62]

    sealed = [box.seal("answer.value", row, content) for content in said]

    assert len({len(value) for value in sealed}) == 1
    assert [box.open("answer.value", row, value) for value in sealed] == said
