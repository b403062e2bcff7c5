"""Backup files: a plain header that says what it is, then chunks of AES-256-GCM under a key of this file's own.

That key is derived (HKDF) from the first key-encryption key and a random salt, so that a counter may serve as nonce. Each
chunk is bound to the header, its place and whether it is the last: a file that was cut, shuffled or pieced together does
not open.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, BinaryIO

from bot.errors import DataError
from bot.vault import KeyRing

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_MAGIC = b"INTERLUDE BACKUP 1\n"
_CHUNK = 1 << 20
_LONGEST_HEADER = 4096
_TAG = 16


@dataclass(frozen=True)
class Header:
    """What can be read of a backup without its key. `what`: database, keys. `kind`: sqlite, postgresql, rows."""

    what: str
    kind: str
    schema: str
    made_at: str
    kid: str
    salt: str


def seal(target: BinaryIO, header: Header, ring: KeyRing, content: Iterable[bytes]) -> None:
    """Write content as it comes; never more than a chunk of it is in memory."""
    head = json.dumps(asdict(header)).encode()
    target.write(_MAGIC + len(head).to_bytes(4, "big") + head)
    cipher = _cipher(header, ring)
    waiting = bytearray()
    number = 0
    for piece in content:
        waiting += piece
        while len(waiting) > _CHUNK:  # the last chunk is never empty unless there is nothing at all
            _put(target, cipher.encrypt(_nonce(number, is_last=False), bytes(waiting[:_CHUNK]), head))
            del waiting[:_CHUNK]
            number += 1
    _put(target, cipher.encrypt(_nonce(number, is_last=True), bytes(waiting), head))


def _put(target: BinaryIO, sealed: bytes) -> None:
    target.write(len(sealed).to_bytes(4, "big") + sealed)


def read_header(source: BinaryIO, name: str) -> tuple[Header, bytes]:
    """The header and its bytes, which every chunk is bound to."""
    if source.read(len(_MAGIC)) != _MAGIC:
        raise DataError(f"{name} is not a backup of Interlude.")
    length = int.from_bytes(source.read(4), "big")
    head = source.read(length) if length <= _LONGEST_HEADER else b""
    try:
        return Header(**json.loads(head)), head
    except (ValueError, TypeError):
        raise DataError(f"{name} was made by another version of Interlude, or is damaged at its very beginning.") from None


def unseal(source: BinaryIO, name: str, ring: KeyRing) -> Iterator[bytes]:
    """The content, chunk by chunk. Whatever is wrong raises before the end is reached: use nothing before that."""
    from cryptography.exceptions import InvalidTag

    header, head = read_header(source, name)
    if header.kid not in ring.keys:
        raise DataError(f"{name} was sealed with the key {header.kid}, which INTERLUDE_KEYS_FILE does not hold.")
    cipher = _cipher(header, ring)
    number, sealed = 0, _next(source, name)
    while sealed:
        following = _next(source, name)
        try:
            yield cipher.decrypt(_nonce(number, is_last=not following), sealed, head)
        except InvalidTag:
            raise DataError(f"{name} is damaged or was cut off: nothing has been changed.") from None
        number, sealed = number + 1, following
    if number == 0:
        raise DataError(f"{name} was cut off: nothing has been changed.")


def _next(source: BinaryIO, name: str) -> bytes:
    """The next chunk; empty at the end."""
    head = source.read(4)
    if not head:
        return b""
    length = int.from_bytes(head, "big")
    sealed = source.read(length) if length <= _CHUNK + _TAG else b""
    if len(head) < 4 or len(sealed) != length or length < _TAG:
        raise DataError(f"{name} is damaged or was cut off: nothing has been changed.")
    return sealed


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _cipher(header: Header, ring: KeyRing) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(SHA256(), 32, bytes.fromhex(header.salt), b"interlude backup " + header.what.encode())
    return AESGCM(derived.derive(ring.keys[header.kid]))


def new_salt() -> str:
    return os.urandom(32).hex()
