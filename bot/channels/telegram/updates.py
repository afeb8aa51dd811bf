"""Asking Telegram for updates, for a city without a public address.

Telegram keeps an update until it is asked for a later one, so it is itself the durable store: the next
question names the update after the last one that was committed, and a restart begins with whatever is left.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import httpx
import structlog

from bot.channels import strict_json
from bot.channels.port import Batch, Update
from bot.channels.telegram.account import TelegramAccount
from bot.channels.telegram.reading import Reader
from bot.channels.telegram.sending import WANTED
from bot.errors import MalformedPayload, PermanentSendError, RetryableSendError

log = structlog.get_logger(__name__)

MAX_BYTES = 8_000_000
_REFUSALS = {
    401: "Telegram does not know this bot's token",
    404: "Telegram does not know this bot's token",
    409: "a webhook is set, or another process polls: run `townline telegram delete-webhook`",
}


class Updates:
    """Polls for one bot.

    Args:
        account: whose updates.
        reader: turns each into an event.
    """

    def __init__(self, account: TelegramAccount, reader: Reader) -> None:
        self._account = account
        self._reader = reader
        self._client: httpx.AsyncClient | None = None

    async def poll(self, offset: int | None, *, seconds: float) -> Batch:
        """Wait up to `seconds` for updates from `offset` on.

        Raises:
            RetryableSendError: no answer, or Telegram asks to wait.
            PermanentSendError: Telegram will not let this bot poll.
        """
        wanted = {"timeout": int(seconds), "allowed_updates": [str(kind) for kind in WANTED]}
        if offset is not None:
            wanted["offset"] = offset
        updates = await self._ask(wanted, seconds)
        read: list[Update] = []
        following = offset
        for update in updates:
            if not isinstance(update, dict):
                continue
            try:
                raw = json.dumps(update, sort_keys=True).encode()
                events = self._reader.read(update, hashlib.sha256(raw).hexdigest())
            except MalformedPayload as error:
                log.warning("telegram.malformed_update", reason=str(error))
                continue
            if events:
                read.append(Update(tuple(events), raw))
            following = max(following or 0, int(update["update_id"]) + 1)
        return Batch(tuple(read), following)

    async def _ask(self, wanted: dict[str, Any], seconds: float) -> list[Any]:
        client = self._client = self._client or httpx.AsyncClient(trust_env=False, follow_redirects=False)
        try:
            answer = await client.post(
                f"{self._account.base_url}{self._account.token}/getUpdates",
                json=wanted,
                timeout=httpx.Timeout(10, read=seconds + 10),
            )
        except httpx.HTTPError as error:
            raise RetryableSendError(f"Telegram cannot be reached: {type(error).__name__}") from error
        if answer.status_code in _REFUSALS:
            raise PermanentSendError(_REFUSALS[answer.status_code])
        try:
            body = strict_json.parse_object(answer.content[:MAX_BYTES])
        except MalformedPayload as error:
            raise RetryableSendError(f"Telegram answered {answer.status_code} without sense") from error
        if body.get("ok") is not True or not isinstance(body.get("result"), list):
            parameters = body.get("parameters")
            wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
            raise RetryableSendError(
                f"Telegram answered {answer.status_code}", float(wait) if isinstance(wait, int) else None
            )
        found: list[Any] = body["result"]
        return found

    async def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            await self._client.aclose()
