"""What Slack tells us, in our words: a button, something written in a thread, an edit, a deletion.

Everything else is acknowledged and forgotten, and so is whatever we or another bot wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.desk.slack_desk.blocks import CLAIM, CLOSE, GIVE_BACK
from bot.desk.slack_desk.escaping import emoji_of

type EventKind = Literal["claim", "give_back", "close", "said", "edited", "deleted"]

ACTIONS: Mapping[str, EventKind] = {CLAIM: "claim", GIVE_BACK: "give_back", CLOSE: "close"}
_WRITTEN = frozenset({None, "file_share", "thread_broadcast", "me_message"})
"""Subtypes of messages that a person wrote; the others are notices of Slack's."""


@dataclass(frozen=True, slots=True)
class SlackEvent:
    """One thing that a person did in Slack.

    Attributes:
        id: the same whenever Slack tells it again.
        ts: of the message that was written, edited or deleted; of the first message for a button.
        thread_ts: of the first message of the thread.
        thread_id: ours, where a button carries it.
        files: how many files hang on the message.
    """

    id: str
    kind: EventKind
    user: str
    channel: str
    ts: str
    thread_ts: str
    text: str = ""
    thread_id: str = ""
    files: int = 0
    emoji: Mapping[str, str] | None = None


def parse(body: Mapping[str, Any]) -> SlackEvent | None:
    """Return what a verified body of Slack tells, None for what this desk has no use for."""
    if body.get("type") == "block_actions":
        return _button(body)
    if body.get("type") == "event_callback":
        return _message(body)
    return None


def _button(body: Mapping[str, Any]) -> SlackEvent | None:
    container, action = _dict(body.get("container")), _first(body.get("actions"))
    kind = ACTIONS.get(str(action.get("action_id")))
    channel = str(container.get("channel_id") or _dict(body.get("channel")).get("id") or "")
    ts = str(container.get("message_ts") or "")
    user = str(_dict(body.get("user")).get("id") or "")
    if kind is None or not (channel and ts and user):
        return None
    told = str(body.get("trigger_id") or f"{channel}:{ts}:{action.get('action_ts')}")
    return SlackEvent(f"button:{told}", kind, user, channel, ts, ts, thread_id=str(action.get("value") or ""))


def _message(body: Mapping[str, Any]) -> SlackEvent | None:
    event = _dict(body.get("event"))
    event_id, channel = str(body.get("event_id") or ""), str(event.get("channel") or "")
    if event.get("type") != "message" or not event_id or not channel:
        return None
    match event.get("subtype"):
        case "message_changed":
            after, before = _dict(event.get("message")), _dict(event.get("previous_message"))
            # Slack also reports a change when it adds a preview or counts replies.
            if after.get("text") == before.get("text"):
                return None
            return _written(event_id, "edited", channel, after)
        case "message_deleted":
            return _written(event_id, "deleted", channel, _dict(event.get("previous_message")))
        case subtype if subtype in _WRITTEN:
            return _written(event_id, "said", channel, event)
    return None


def _written(event_id: str, kind: EventKind, channel: str, message: Mapping[str, Any]) -> SlackEvent | None:
    user, ts, thread_ts = (str(message.get(name) or "") for name in ("user", "ts", "thread_ts"))
    if message.get("bot_id") or not (user and ts and thread_ts) or ts == thread_ts:
        return None
    files = message.get("files")
    return SlackEvent(
        event_id,
        kind,
        user,
        channel,
        ts,
        thread_ts,
        text=str(message.get("text") or ""),
        files=len(files) if isinstance(files, list) else 0,
        emoji=emoji_of(message.get("blocks")),
    )


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _first(value: Any) -> Mapping[str, Any]:
    return _dict(value[0]) if isinstance(value, list) and value else {}
