"""Passwords: what is accepted, how it is kept (Argon2id), how it is compared.

Hashing is slow on purpose: call it on a thread, with no transaction open.
"""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

MIN_LENGTH = 12
MAX_LENGTH = 256
"""Longer ones are refused, so that nobody makes the server hash megabytes."""

_hasher = PasswordHasher()

# What an unknown account is compared with, so that it takes as long as a known one.
_NOBODY = _hasher.hash("nobody has this password")


def fault_of(password: str, *, name: str = "", email: str = "") -> str | None:
    """Return what is wrong with a new password, as a sentence to its owner, or None.

    Length and a few obvious guesses only: rules about kinds of characters make passwords worse
    (NIST SP 800-63B).
    """
    if len(password) < MIN_LENGTH:
        return f"Use at least {MIN_LENGTH} characters. A few words in a row work well."
    if len(password) > MAX_LENGTH:
        return f"Use at most {MAX_LENGTH} characters."
    folded = password.lower()
    own = {part for part in (name.lower(), email.lower(), email.lower().partition("@")[0]) if len(part) > 3}
    if len(set(folded)) < 5 or any(folded == part or folded == part + part for part in own):
        return "This one is easy to guess. Use a few words that have nothing to do with each other."
    return None


def make_hash(password: str) -> str:
    """Return what is kept of a password."""
    return _hasher.hash(_prepared(password))


def matches(password: str, stored: str | None) -> bool:
    """Compare; with nothing stored it takes as long and is False."""
    try:
        _hasher.verify(stored or _NOBODY, _prepared(password))
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False
    return stored is not None


def _prepared(password: str) -> str:
    # The same characters typed on another keyboard may come composed differently.
    text = unicodedata.normalize("NFC", password[: MAX_LENGTH + 1])
    return text.encode("utf-8", "replace").decode()
