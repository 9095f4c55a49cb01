"""Password hashing: argon2id, 19 MiB, two passes, two at a time."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(2)  # a burst of sign-ins must not fill the memory
_NOBODY = _HASHER.hash("nobody has this password")


def hash_password(password: str) -> str:
    """Hash a password; takes tens of milliseconds, so never under the writer's lock."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Check a password against its hash; as slow for a person who does not exist."""
    with _AT_ONCE:
        try:
            _HASHER.verify(stored or _NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def needs_rehash(stored: str) -> bool:
    """Tell whether a hash was made with weaker parameters than today's."""
    try:
        return _HASHER.check_needs_rehash(stored)
    except InvalidHashError:
        return False
