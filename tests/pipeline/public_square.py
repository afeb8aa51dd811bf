"""A message's whole way in public, comment to comment: intake, rules, commit, outbox, platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.conversations import service
from bot.conversations.model import Conversation, Message
from bot.messages import InboundEvent
from bot.pipeline.deliver import Deliverer, Delivery
from bot.pipeline.leaving import Leaving
from bot.pipeline.outgoing import Outgoing
from bot.pipeline.process import Processor
from bot.pipeline.receive import receive
from bot.storage.database import Database
from tests.fakes.assistants import Reply
from tests.fakes.page_comments import NAME, PageComments
from tests.pipeline.message_path import MessagePath


class PublicSquare(MessagePath):
    """The path of a message with a channel on which everybody reads along."""

    def __init__(
        self,
        database: Database,
        replies: Mapping[str, Reply] | None = None,
        *,
        page: PageComments | None = None,
        **more: Any,
    ) -> None:
        super().__init__(database, replies, **more)
        self.page = page or PageComments()
        capabilities = {NAME: self.page.capabilities}
        self.outgoing = Outgoing(self.queue, capabilities, Leaving(self.judgement))
        self.processor = Processor(
            database, self.queue, self.outgoing, self.judgement, self.assistant, self.fetch
        )
        self.deliverer = Deliverer(database, self.queue, {NAME: self.page}, self.judgement)

    async def take(self, event: InboundEvent) -> None:
        """Take one event in, answer it, and deliver whatever there is to deliver."""
        with self.database.transaction() as tx:
            receive(tx, self.queue, event)
        await self.run()
        await self.deliver()

    async def deliver(self) -> None:
        while claimed := await self.deliverer.claim():
            if isinstance(claimed, Delivery):
                await self.deliverer.work(claimed)

    def talk(self, reference: str) -> Conversation:
        """The conversation of a thread: `post-1/rosa` in public, `rosa` in private."""
        with self.database.reading() as tx:
            found = service.find_conversation(tx, NAME, "", reference)
        assert found is not None, reference
        return found

    def messages(self, reference: str) -> list[Message]:
        with self.database.reading() as tx:
            return service.thread(tx, self.talk(reference).id)
