"""A channel like the comments under a city's page: public threads with parents, no buttons, private replies.

It keeps what it was given. `closed` are people to whom the platform delivers nothing until they write first.
"""

from __future__ import annotations

import dataclasses
import itertools

from bot import clock
from bot.errors import PermanentSendError
from bot.messages import (
    Author,
    Capabilities,
    ChannelAct,
    DeliveryReceipt,
    EventKind,
    InboundEvent,
    OutboundMessage,
)

NAME = "comments"
_numbers = itertools.count(1)


class PageComments:
    """The platform's side: people comment under posts, and the city's answers appear."""

    name = NAME

    def __init__(self, *, private_reply: bool = True, closed: frozenset[str] = frozenset()) -> None:
        self.capabilities = Capabilities(
            max_text=2_000,
            private_reply="direct" if private_reply else "none",
            private_link="https://m.me.example/millbrook" if private_reply else "",
        )
        self.moderates = frozenset({"hide", "remove", "block"})
        self.closed = closed
        self.sent: list[OutboundMessage] = []
        self.acts: list[ChannelAct] = []

    async def send(self, message: OutboundMessage) -> DeliveryReceipt:
        if message.visibility == "private" and message.conversation_ref in self.closed:
            raise PermanentSendError("403: they have not written to the page")
        self.sent.append(message)
        return DeliveryReceipt((f"our-{len(self.sent)}",))

    async def moderate(self, act: ChannelAct) -> None:
        self.acts.append(act)

    def comment(
        self, text: str, *, author: str = "rosa", post: str = "post-1", parent: str | None = None
    ) -> InboundEvent:
        """Somebody comments under a post, or answers a comment there."""
        number = next(_numbers)
        return InboundEvent(
            channel=NAME,
            event_id=f"comment-event-{number}",
            kind=EventKind.MESSAGE,
            conversation_ref=f"{post}/{author}",
            author=Author(author, display_name=author.capitalize()),
            received_at=clock.now(),
            visibility="public",
            text=text,
            message_ref=f"{post}_comment-{number}",
            parent_ref=parent or post,
        )

    def private(self, text: str, *, author: str = "rosa") -> InboundEvent:
        """Somebody writes to the page alone."""
        public = self.comment(text, author=author)
        return dataclasses.replace(public, conversation_ref=author, visibility="private", parent_ref=None)

    def public_texts(self) -> list[str]:
        return [message.text for message in self.sent if message.visibility == "public"]

    def private_texts(self) -> list[str]:
        return [message.text for message in self.sent if message.visibility == "private"]
