"""Slack's Web API as this desk uses it: few calls, its errors in our own words, its pace kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.desk.slack_desk.pacing import Pacing
from bot.errors import PermanentSendError, RetryableSendError, UnknownOutcome

SECONDS = 10
METADATA = "townline_desk"
"""The event type under which our messages say what they are, so that they are found again after a crash."""

_LATER = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)
"""Answers of Slack that a later try may change. https://docs.slack.dev/reference/methods/chat.postMessage"""

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are in Slack."""

    team_id: str
    team: str
    user_id: str
    bot_id: str


@dataclass(frozen=True, slots=True)
class SlackUser:
    """Somebody in Slack. `outside` is whoever is no full member of our workspace: guests, other companies."""

    id: str
    email: str
    outside: bool


@dataclass(frozen=True, slots=True)
class Post:
    """A message for Slack.

    Attributes:
        text: what notifications show; written so that nothing in it is read as markup.
        blocks: the message itself.
        mark: says what it is, to find it again.
    """

    text: str
    blocks: Sequence[Mapping[str, Any]]
    mark: str = ""


class SlackApi:
    """The calls.

    Args:
        token: of the bot, `xoxb-…`.
        url: the Web API, with a slash at the end.
        pacing: shared by all that send.
    """

    def __init__(self, token: str, url: str, pacing: Pacing | None = None) -> None:
        self._token = token
        self._url = url
        self._pacing = pacing or Pacing()
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncWebClient | None = None
        self._identity: Identity | None = None

    async def identity(self) -> Identity:
        """Return who we are; asked of Slack once.

        Raises:
            RetryableSendError: Slack does not answer.
            PermanentSendError: the token is refused.
        """
        if self._identity is None:
            found = await self._call("auth.test")
            self._identity = Identity(
                str(found["team_id"]),
                str(found.get("team") or ""),
                str(found["user_id"]),
                str(found.get("bot_id") or ""),
            )
        return self._identity

    async def post(
        self, channel: str, post: Post, *, thread_ts: str | None = None, broadcast: bool = False
    ) -> str:
        """Post a message, into a thread if one is named; returns its id. `broadcast` shows it above too.

        Raises:
            RetryableSendError, PermanentSendError: it did not arrive.
            UnknownOutcome: it may have arrived.
        """
        await self._pacing.turn("chat.postMessage", channel)
        given: dict[str, Any] = {
            "channel": channel,
            "text": post.text,
            "blocks": list(post.blocks),
            "mrkdwn": False,
            "link_names": False,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if post.mark:
            given["metadata"] = {"event_type": METADATA, "event_payload": {"mark": post.mark}}
        if thread_ts is not None:
            given |= {"thread_ts": thread_ts, "reply_broadcast": broadcast}
        return str((await self._call("chat.postMessage", **given))["ts"])

    async def update(self, channel: str, ts: str, post: Post) -> None:
        """Show something else in a message of ours; raises as `post` does."""
        await self._pacing.turn("chat.update", channel)
        await self._call(
            "chat.update",
            channel=channel,
            ts=ts,
            text=post.text,
            blocks=list(post.blocks),
            metadata={"event_type": METADATA, "event_payload": {"mark": post.mark}},
        )

    async def tell(self, channel: str, user: str, text: str, *, thread_ts: str | None = None) -> None:
        """Say something that one person alone sees; raises as `post` does."""
        given: dict[str, Any] = {"channel": channel, "user": user, "text": text, "link_names": False}
        if thread_ts is not None:
            given["thread_ts"] = thread_ts
        await self._call("chat.postEphemeral", **given)

    async def react(self, channel: str, ts: str, name: str) -> None:
        """Put a sign on a message; one that is there already is fine."""
        try:
            await self._call("reactions.add", channel=channel, timestamp=ts, name=name)
        except PermanentSendError as error:
            if "already_reacted" not in str(error):
                raise

    async def user(self, user_id: str) -> SlackUser:
        """Return somebody as Slack knows them.

        Raises:
            RetryableSendError: Slack does not answer.
            PermanentSendError: Slack does not know them, or we may not ask.
        """
        found = (await self._call("users.info", user=user_id))["user"]
        ours = (await self.identity()).team_id
        limits = ("deleted", "is_bot", "is_app_user", "is_stranger", "is_restricted", "is_ultra_restricted")
        unconfirmed = found.get("is_email_confirmed") is False
        outside = unconfirmed or any(found.get(name) for name in limits) or found.get("team_id") != ours
        return SlackUser(user_id, str((found.get("profile") or {}).get("email") or ""), outside=outside)

    async def find(self, channel: str, mark: str, *, thread_ts: str | None = None) -> str | None:
        """Look whether a message of ours with that mark is there, and return its id."""
        given: dict[str, Any] = {"channel": channel, "limit": _PAGE, "include_all_metadata": True}
        if thread_ts is None:
            found = await self._call("conversations.history", **given)
        else:
            found = await self._call("conversations.replies", ts=thread_ts, **given | {"limit": 1000})
        for message in found.get("messages") or ():
            metadata = message.get("metadata") or {}
            if (metadata.get("event_payload") or {}).get("mark") == mark:
                return str(message["ts"])
        return None

    async def close(self) -> None:
        """Give the connections back."""
        if self._session is not None:
            await self._session.close()

    def web_client(self) -> AsyncWebClient:
        """Return the client below, made on the running loop."""
        if self._client is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS))
            self._client = AsyncWebClient(
                self._token, base_url=self._url, timeout=SECONDS, session=self._session, retry_handlers=[]
            )
        return self._client

    async def _call(self, method: str, **given: Any) -> Mapping[str, Any]:
        # Slack takes arguments of reading methods in a form only; every method takes a POST.
        reads = not method.startswith(("chat.", "reactions."))
        try:
            body: dict[str, Any] = {"data": given} if reads else {"json": given}
            answer = await self.web_client().api_call(method, **body)
        except SlackApiError as error:
            raise self._refused(method, error) from error
        except (aiohttp.ClientConnectorError, aiohttp.ClientConnectionResetError) as error:
            raise RetryableSendError(f"{method}: {type(error).__name__}") from error
        except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
            raise UnknownOutcome(f"{method}: {type(error).__name__}") from error
        data: Any = answer.data
        if not isinstance(data, dict):
            raise RetryableSendError(f"{method}: no answer of Slack's")
        return data

    def _refused(self, method: str, error: SlackApiError) -> RetryableSendError | PermanentSendError:
        response: Any = error.response
        status = getattr(response, "status_code", 0)
        data = getattr(response, "data", response)
        code = str(data.get("error") or status) if isinstance(data, dict) else str(status)
        if status == HTTPStatus.TOO_MANY_REQUESTS or code in ("ratelimited", "rate_limited"):
            headers = {str(name).lower(): value for name, value in (response.headers or {}).items()}
            seconds = _seconds(headers.get("retry-after"))
            self._pacing.rest(method, seconds)
            return RetryableSendError(f"{method}: {code}", seconds)
        if code in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return RetryableSendError(f"{method}: {code}")
        return PermanentSendError(f"{method}: {code}")


def _seconds(header: object) -> float:
    text = str(header or "")
    return min(max(float(text), 1.0), 3600.0) if text.replace(".", "", 1).isdigit() else 30.0
