"""Ids that stand for people whose data were deleted; no Discord id is negative.

A random id keeps a past answer countable and leads nowhere. A keyed hash keeps a limit or a refusal
in force: it is found again from the person's id, with a key of this store.
"""

from __future__ import annotations

import secrets
from hashlib import blake2b

from data.store.key_value import recall, remember
from data.store.transaction import Transaction

HASH_KEY = "hash_key"
"""The name in key_value of the key, in hexadecimal."""
_BITS = 61
HASHES = range(-(2**_BITS), 0)
"""The ids that are keyed hashes; random ids are below them."""


def random_id() -> int:
    """Returns an id that is neither a Discord id nor a keyed hash."""
    return HASHES.start - 1 - secrets.randbits(_BITS)


def hashed(transaction: Transaction, user_id: int) -> int:
    """Returns the keyed hash of a person's id; makes the key if there is none yet."""
    key = recall(transaction, HASH_KEY)
    if key is None:
        key = secrets.token_hex(32)
        remember(transaction, HASH_KEY, key)
    return _hash(key, user_id)


def stands_for(transaction: Transaction, user_id: int) -> tuple[int, int]:
    """Returns the ids under which limits and refusals may know a person: their own, and the hash.

    Both are their own if nobody's data were ever deleted.
    """
    key = recall(transaction, HASH_KEY)
    return (user_id, user_id if key is None else _hash(key, user_id))


def _hash(key: str, user_id: int) -> int:
    digest = blake2b(str(user_id).encode(), key=bytes.fromhex(key), digest_size=8).digest()
    return -1 - (int.from_bytes(digest) >> (64 - _BITS))
