"""What a thread needs next to show its conversation as it is now: one call of Slack at a time.

Pure. A thread is never told what happened; it is compared with the conversation, so nothing is missed while
Slack is away and nothing is told twice.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.desk.slack_desk import blocks
from bot.desk.slack_desk.blocks import Shown
from bot.desk.slack_desk.client import Post
from bot.desk.slack_desk.tables import Thread


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do in Slack, and what is then known of the thread.

    Attributes:
        post: what to send; None: nothing is to be sent, only noted.
        where: the first message, a further line of the thread, or a new face of the first message.
    """

    where: Literal["root", "line", "update"]
    post: Post | None
    after: dict[str, Any] = field(default_factory=dict)


def is_over(thread: Thread, shown: Shown) -> bool:
    """Tell whether the conversation no longer waits or is held as it was when the thread began."""
    conversation = shown.conversation
    return conversation.context != thread.context or conversation.holder.kind == "bot"


def next_step(thread: Thread, shown: Shown) -> Step | None:
    """Return what is to be done next; None when the thread shows everything."""
    if thread.state != "open":
        return None
    if is_over(thread, shown):
        if thread.ts is None:
            return Step("update", None, {"state": "over"})
        return Step("update", blocks.ended(shown, thread.id), {"state": "over"})
    root = blocks.root(shown, thread.id)
    if thread.ts is None:
        newest = max(filter(None, (_changed(message) for message in shown.messages)), default=None)
        return Step("root", root, {"shown_root": digest(root), "shown_changes": newest})
    post, last = blocks.lines(shown, thread.shown_sequence)
    if post is not None or last != thread.shown_sequence:
        mark = f"line:{thread.id}:{thread.shown_sequence}"
        marked = None if post is None else Post(post.text, post.blocks, mark)
        return Step("line", marked, {"shown_sequence": last})
    told, until = blocks.changes(shown, thread.shown_changes)
    if told is not None and until is not None:
        mark = f"change:{thread.id}:{until.isoformat()}"
        return Step("line", Post(told.text, told.blocks, mark), {"shown_changes": until})
    if digest(root) != thread.shown_root:
        return Step("update", root, {"shown_root": digest(root)})
    return None


def digest(post: Post) -> str:
    """Return what two messages differ in."""
    return hashlib.sha256(json.dumps([post.text, post.blocks], sort_keys=True).encode()).hexdigest()


def _changed(message: Any) -> Any:
    return max(filter(None, (message.edited_at, message.deleted_at)), default=None)
