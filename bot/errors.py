"""Every error that one part of the bot raises for another to handle.

What it is not for: errors of libraries, which are translated at the edge that called the library.
`bot/web/errors.py` is the one place that maps these to HTTP.
"""

from __future__ import annotations


class BotError(Exception):
    """Base of all errors below; its text is for operators, never for residents."""


class ConfigError(BotError):
    """A setting or a file of the city is wrong. Lists every fault found, so that one run shows them all.

    Args:
        faults: one sentence each, naming the setting or the file and line, and what to do.
    """

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


class BadSignature(BotError):
    """The request does not prove that it comes from the platform."""


class MalformedPayload(BotError):
    """The body is not what the platform sends: broken JSON, wrong encoding, impossible values."""


class AssistantUnavailable(BotError):
    """The engine gave no finished answer: time-out, refusal, empty or broken reply."""


class TranslationUnavailable(BotError):
    """The translation server gave no translation: time-out, refusal, or an answer that is none."""


class RetryableSendError(BotError):
    """The platform may take this message later.

    Args:
        retry_after: seconds that the platform asked us to wait; None where it did not say.
    """

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(reason)


class PermanentSendError(BotError):
    """The platform will never take this message: blocked, window closed, target gone."""


class MarkupRefused(PermanentSendError):
    """The platform cannot read the markup of this message; as plain text it may take it."""


class UnknownOutcome(BotError):
    """The message left, but no answer came: it may or may not have arrived."""


class NotFound(BotError):
    """What was asked for does not exist, or the asker may not know that it does."""


class Forbidden(BotError):
    """The asker is known and may not do this."""


class Conflict(BotError):
    """Somebody else was first. The text says who, because staff are shown it."""


class LeaseLost(BotError):
    """A queue item was taken back while it was worked on; the work must not be committed."""


class StorageUnavailable(BotError):
    """The database did not answer, or cannot be written to; nothing of the change was kept."""


class NotWritten(BotError):
    """A file of the city's folder could not be written; it is as before. The text says why, for staff."""
