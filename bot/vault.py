"""Seals content with keys per person: AES-256-GCM values under data keys that are themselves wrapped (AES-KW).

Key-encryption keys come from a file outside the data directory. Each person's data keys live in a separate key store.
A sealed value is `version (1) | key id (16) | nonce (12) | ciphertext and tag`; its associated data names the owner,
the table and column, the row and the version, so that a value moved elsewhere does not open. What is sealed is filled
up to whole blocks: otherwise "yes" and "no" could be told apart by their length.
"""

import base64
import os
import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from uuid import UUID

from bot.errors import ConfigurationError, DataError, UnreadableError

PRACTICE = UUID(int=0)
"""The owner of what belongs to nobody in particular: raw updates, display names of invited people."""

_VERSION = b"\x01"
_KEEP_OPEN = 4096
_BLOCK = 64


@dataclass(frozen=True)
class WrappedKey:
    id: UUID
    owner: UUID
    scope: str
    kid: str
    wrapped: bytes


class KeyStore(Protocol):
    async def get(self, owner: UUID, scope: str) -> WrappedKey | None: ...

    async def get_all(self, owners: Collection[UUID], scope: str) -> list[WrappedKey]: ...

    async def add(self, key: WrappedKey) -> WrappedKey:
        """Keep the key, or return the one that was there first."""
        ...

    async def drop(self, owner: UUID) -> None: ...

    async def close(self) -> None: ...


@dataclass(frozen=True)
class KeyRing:
    """Key-encryption keys by their `kid`: the first encrypts, all decrypt."""

    keys: dict[str, bytes] = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> "KeyRing":
        try:
            lines = path.read_text("ascii").split()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                [f"INTERLUDE_KEYS_FILE: {path} cannot be read ({type(error).__name__}). `interlude keys new` makes one."]
            ) from None
        keys = dict(_parse(line) for line in lines)
        if not keys or any(len(key) != 32 for key in keys.values()):
            raise ConfigurationError(
                [f"INTERLUDE_KEYS_FILE: {path} must hold lines of the form kid:base64 with 32-byte keys."]
            )
        return cls(keys)

    @staticmethod
    def new_line() -> str:
        """A line for a new keys file."""
        return f"k{secrets.token_hex(4)}:{base64.b64encode(os.urandom(32)).decode()}"

    @property
    def first(self) -> str:
        return next(iter(self.keys))

    def secrets(self) -> list[str]:
        """What must never be printed."""
        return [base64.b64encode(key).decode() for key in self.keys.values()]


def _parse(line: str) -> tuple[str, bytes]:
    kid, _, encoded = line.partition(":")
    try:
        return kid, base64.b64decode(encoded, validate=True)
    except ValueError:
        return kid, b""


class Box:
    """Seals and opens the values of one owner in one scope (`shared`, `private`, `own`, `practice`)."""

    def __init__(self, owner: UUID, key_id: UUID, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self.owner = owner
        self._key_id = key_id.bytes
        self._cipher = AESGCM(key)

    def seal(self, place: str, row: UUID, content: str) -> bytes:
        return self.seal_bytes(place, row, content.encode("utf-8", "surrogatepass"))

    def seal_bytes(self, place: str, row: UUID, content: bytes) -> bytes:
        nonce = os.urandom(12)
        plain = content + b"\x80"  # ends what is said; zeros follow
        plain += bytes(-len(plain) % _BLOCK)
        sealed = self._cipher.encrypt(nonce, plain, self._bound(place, row))
        return _VERSION + self._key_id + nonce + sealed

    def open(self, place: str, row: UUID, value: bytes) -> str:
        return self.open_bytes(place, row, value).decode("utf-8", "surrogatepass")

    def open_bytes(self, place: str, row: UUID, value: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag

        if value[:1] != _VERSION or value[1:17] != self._key_id:
            raise UnreadableError(f"A value of {place} was sealed with another key.")
        try:
            content = self._cipher.decrypt(value[17:29], value[29:], self._bound(place, row))
        except InvalidTag:
            raise UnreadableError(f"A value of {place} does not open: it was moved or damaged.") from None
        return content.rstrip(b"\0")[:-1]

    def _bound(self, place: str, row: UUID) -> bytes:
        return f"{self.owner}|{place}|{row}|1".encode()


class Vault:
    """Gives each owner's boxes; makes keys only when it is told to."""

    def __init__(self, ring: KeyRing, store: KeyStore) -> None:
        self._ring = ring
        self._store = store
        self._open: OrderedDict[tuple[UUID, str], Box] = OrderedDict()
        self.on_drop: Callable[[], None] = lambda: None  # other processes have boxes open as well

    async def ask(self) -> None:
        """Raises whatever the key store raises when it is away."""
        await self._store.get(PRACTICE, "practice")

    async def box(self, owner: UUID, scope: str) -> Box:
        """The box of an owner. A missing key means erased or foreign data: `UnreadableError`."""
        if (found := self._open.get((owner, scope))) is not None:
            self._open.move_to_end((owner, scope))
            return found
        key = await self._store.get(owner, scope)
        if key is None:
            raise UnreadableError(f"There is no {scope} key for {owner}.")
        return self._remember(key)

    async def prepare(self, owners: Collection[UUID], scope: str) -> None:
        """Have the boxes of several owners at hand, read at once. A key that is missing is missed when its box is opened."""
        closed = [owner for owner in owners if (owner, scope) not in self._open]
        for key in await self._store.get_all(closed, scope) if closed else ():
            self._remember(key)

    async def make(self, owner: UUID, *scopes: str) -> None:
        """Make sure the owner has a data key for each scope."""
        from cryptography.hazmat.primitives.keywrap import aes_key_wrap

        for scope in scopes:
            if await self._store.get(owner, scope) is None:
                wrapped = aes_key_wrap(self._ring.keys[self._ring.first], os.urandom(32))
                await self._store.add(WrappedKey(UUID(bytes=os.urandom(16)), owner, scope, self._ring.first, wrapped))

    async def drop(self, owner: UUID) -> None:
        """Erase the owner's keys: nothing sealed with them opens again, in no backup either."""
        await self._store.drop(owner)
        for place in [place for place in self._open if place[0] == owner]:
            del self._open[place]
        self.on_drop()

    def forget(self) -> None:
        """Read people's keys again next time: somebody may have been erased. The practice never is, and what comes in is
        sealed with its key even while the key store is away."""
        kept = {place: box for place, box in self._open.items() if place[0] == PRACTICE}
        self._open = OrderedDict(kept)

    def _remember(self, key: WrappedKey) -> Box:
        from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

        if (outer := self._ring.keys.get(key.kid)) is None:
            raise DataError(f"The key file does not hold the key-encryption key {key.kid} that the key store needs.")
        try:
            box = Box(key.owner, key.id, aes_key_unwrap(outer, key.wrapped))
        except InvalidUnwrap:
            raise DataError(f"The key-encryption key {key.kid} does not open this key store.") from None
        self._open[key.owner, key.scope] = box
        if len(self._open) > _KEEP_OPEN:
            self._open.popitem(last=False)
        return box

    async def close(self) -> None:
        await self._store.close()
