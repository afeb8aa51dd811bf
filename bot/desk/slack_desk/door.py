"""Where Slack delivers: signed requests over HTTP, or envelopes over Socket Mode. Kept first, then answered.

Bolt reads what comes; what a person did is put on the lane `desk` and committed before Slack is told 200, so
a crash loses nothing and the three seconds that Slack waits are never spent on work.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot import clock
from bot.desk.slack_desk import tables
from bot.desk.slack_desk.events import SlackEvent, parse
from bot.errors import BadSignature, MalformedPayload, StorageUnavailable
from bot.pipeline.queue import Queue
from bot.storage.database import Database, Transaction
from bot.storage.jsonable import to_json

log = structlog.get_logger(__name__)

OK, UNAVAILABLE = 200, 503
LONGEST_PAUSE = 60.0


class SlackDoor:
    """Takes in what people do in Slack.

    Args:
        database: where it is kept.
        queue: the lane `desk`.
        signing_secret: of the app; "" where only Socket Mode is used.
        app_token: `xapp-…`, for Socket Mode; "" where Slack delivers over HTTP.
        url: the Web API, with a slash at the end.
    """

    def __init__(
        self, database: Database, queue: Queue, *, signing_secret: str, app_token: str, url: str
    ) -> None:
        self._database = database
        self._queue = queue
        self._secret = signing_secret
        self._app_token = app_token
        self._url = url
        self._bolt: AsyncApp | None = None

    @property
    def takes_requests(self) -> bool:
        """Tell whether Slack may deliver over HTTP."""
        return bool(self._secret)

    @property
    def connects(self) -> bool:
        """Tell whether Socket Mode is used."""
        return bool(self._app_token)

    async def answer(self, headers: Mapping[str, str], body: bytes) -> tuple[int, str, str]:
        """Take one request; returns status, body and content type of the answer.

        Args:
            headers: with names in lower case.
            body: as it came; the signature is over these bytes.

        Raises:
            BadSignature: not signed by Slack for this app, or older than five minutes.
            MalformedPayload: signed, but nothing that Slack sends.
        """
        timestamp = headers.get("x-slack-request-timestamp", "")
        signature = headers.get("x-slack-signature", "")
        stamped = timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 20
        if not stamped or not SignatureVerifier(self._secret).is_valid(body, timestamp, signature):
            raise BadSignature("the signature of a request to /slack/events does not fit")
        try:
            request = AsyncBoltRequest(body=body.decode(), headers=dict(headers))
        except (ValueError, RecursionError, AttributeError, TypeError) as error:
            # The library expects an object and reads its fields at once.
            raise MalformedPayload(f"not what Slack sends: {type(error).__name__}") from error
        answer = await self._app().async_dispatch(request)
        kind = (answer.headers.get("content-type") or ["text/plain"])[0]
        return answer.status, answer.body, kind

    async def connected(self) -> None:
        """Keep a Socket Mode connection until cancelled; one that is lost or refused is made again."""
        pause = 1.0
        while True:
            handler = AsyncSocketModeHandler(self._app(), self._app_token, web_client=self._client())
            try:
                await handler.connect_async()  # type: ignore[no-untyped-call]
                log.info("slack.connected")
                pause = 1.0
                # The library makes a lost connection again by itself.
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it was, the connection is made again
                log.warning("slack.not_connected", error=type(error).__name__)
            finally:
                with contextlib.suppress(Exception):
                    await handler.close_async()  # type: ignore[no-untyped-call]
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)

    def _client(self) -> AsyncWebClient:
        return AsyncWebClient(base_url=self._url, timeout=10)

    def _app(self) -> AsyncApp:
        if self._bolt is None:
            self._bolt = AsyncApp(
                name="townline",
                logger=_quiet(),
                client=self._client(),
                authorize=_authorize,
                # Done above over the raw bytes; Socket Mode has none.
                request_verification_enabled=False,
                signing_secret=self._secret or "unused",
            )
            self._bolt.middleware(self._taking())
        return self._bolt

    def _taking(self) -> Callable[..., Awaitable[BoltResponse]]:
        async def take(body: dict[str, Any]) -> BoltResponse:
            event = parse(body)
            if event is None:
                return BoltResponse(status=OK, body="")
            try:
                await self._database.write(self._keep, event)
            except StorageUnavailable as error:
                log.warning("slack.storage_unavailable", error=str(error))
                return BoltResponse(status=UNAVAILABLE, body="")
            return BoltResponse(status=OK, body="")

        return take

    def _keep(self, tx: Transaction, event: SlackEvent) -> None:
        thread = tables.thread_at(tx, event.channel, event.thread_ts)
        if thread is None and event.thread_id:
            thread = tables.thread_by_id(tx, event.thread_id)
        # What is said elsewhere in the channel is none of our business and is not kept.
        if thread is None and not tables.sending_in(tx, event.channel):
            return
        self._queue.put(
            tx,
            lane="desk",
            order_key=f"event:{event.channel}:{event.thread_ts}",
            dedupe_key=event.id,
            payload={"kind": "event", "event": to_json(event)},
            at=clock.now(),
        )


async def _authorize() -> AuthorizeResult:
    # One workspace, whose token the settings have; asking Slack here would make intake wait for Slack.
    return AuthorizeResult(enterprise_id=None, team_id=None)


def _quiet() -> logging.Logger:
    """Return a logger that does not repeat what was written in Slack."""
    logger = logging.getLogger("townline.slack_bolt")
    logger.setLevel(logging.ERROR)
    return logger
