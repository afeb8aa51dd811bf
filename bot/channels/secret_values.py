"""Telling a secret from an empty one, a placeholder, or one copied out of a manual."""

from __future__ import annotations

import hmac
import re

_EXAMPLES = re.compile(
    r"change.?me|example|placeholder|your[-_ ]|dummy|insert|replace.?me|to.?do\b|"
    r"^x+$|^\*+$|^<.*>$|^\$\{.*\}$|"
    r"^(?:secret|password|token|test|none|null|default|admin)\d*$",
    re.IGNORECASE,
)
_MANUAL_TOKENS = {
    # From Telegram's own manual and tutorial (https://core.telegram.org/bots/tutorial).
    "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11",
    "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
    "4839574812:AAFD39kkdpWt3ywyRZergyOLMaJhac60qc",
}


def fault_of(setting: str, value: str | None, *, pattern: str, form: str) -> str | None:
    """Return what is wrong with a secret, or None.

    Args:
        setting: its full name, for the sentence.
        value: what was configured.
        pattern: what a real one looks like.
        form: the same in words.
    """
    if value is None or not value.strip():
        return f"{setting} is missing or empty; set it to {form}."
    if value in _MANUAL_TOKENS or _EXAMPLES.search(value) or len(set(value)) < 5:
        return f"{setting} is an example value; set it to {form}."
    if re.fullmatch(pattern, value) is None:
        return f"{setting} does not look right; it must be {form}."
    return None


def same(secret: str, given: str) -> bool:
    """Compare in constant time; an empty secret equals nothing."""
    return bool(secret) and hmac.compare_digest(secret.encode(), given.encode("utf-8", "surrogateescape"))
