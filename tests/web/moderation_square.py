"""A desk beside a page where people comment, for tests of masks, moderation and appeals."""

from __future__ import annotations

import re
from typing import Any

from bot import clock
from bot.conversations import moderation as cases
from bot.conversations import service as conversations
from bot.conversations.model import Message
from bot.conversations.moderation import ModerationCase
from bot.desk import accounts
from bot.messages import InboundEvent
from bot.pipeline.process import Claimed
from bot.pipeline.receive import receive
from bot.records import service as records
from bot.storage.database import Database
from tests.fakes.assistants import ScriptedAssistant, hands_off
from tests.fakes.page_comments import PageComments
from tests.web.pages_app import SAME_SITE, PagesApp, form_token_in, post_form, signed_in

MONDAY = "2026-05-11T12:00:00-04:00"
WATER = "my water is shut off, account 44819, call me 555-0142!!"
THREAT = "I know where you live and I am going to hurt you"


class Square:
    """A desk beside a page where people comment."""

    def __init__(self, database: Database, folder: Any, page: PageComments | None = None) -> None:
        self.page = page or PageComments()
        assistant = ScriptedAssistant({WATER: hands_off("billing_question", "billing_question")})
        self.pages = PagesApp(database, folder, assistant=assistant, more_channels={"comments": self.page})
        self.database = database
        for name, department in (("Ana", "city_clerk"), ("Ben", "city_attorney"), ("Cleo", "parks")):
            person = self.pages.add_staff(name)
            with database.transaction() as tx:
                accounts.set_department(tx, person.id, department, at=clock.now(), by="test")
        self.pages.add_staff("Dana", role="admin")

    async def take(self, event: InboundEvent) -> None:
        with self.database.transaction() as tx:
            receive(tx, self.pages.queue, event)
        while claimed := await self.pages.processor.claim():
            if isinstance(claimed, Claimed):
                await self.pages.processor.work(claimed)

    async def raised(self, text: str = THREAT, author: str = "max") -> ModerationCase:
        await self.take(self.page.comment(text, author=author))
        return self.cases()[0]

    def cases(self) -> list[ModerationCase]:
        with self.database.reading() as tx:
            return cases.listed(tx, (*cases.OPEN, *cases.DECIDED))

    def case(self, case_id: str) -> ModerationCase:
        with self.database.reading() as tx:
            return cases.get(tx, case_id)

    def thread(self, reference: str) -> list[Message]:
        with self.database.reading() as tx:
            found = conversations.find_conversation(tx, "comments", "", reference)
            assert found is not None
            return conversations.thread(tx, found.id)

    def entries(self, kind: str) -> list[dict[str, Any]]:
        with self.database.reading() as tx:
            return [entry.body for entry in records.entries_after(tx, 0) if entry.kind == kind]

    async def decide(self, case: ModerationCase, name: str = "Ana", **fields: str) -> Any:
        page = f"/desk/moderation/{case.id}"
        async with signed_in(self.pages, name) as client:
            given = {"decision": "hide", "reason": "It names a person and a harm.", **fields}
            return await post_form(client, page, f"{page}/decide", **given)

    async def hear(self, case: ModerationCase, name: str, decision: str) -> Any:
        page = f"/desk/moderation/{case.id}"
        async with signed_in(self.pages, name) as client:
            shown = await client.get(page)
            data = {"form_token": form_token_in(shown.text), "decision": decision, "reason": "Heard."}
            return await client.post(f"{page}/hear", data=data, headers=SAME_SITE)

    def appeal_link(self, author: str = "max") -> str:
        notice = next(message for message in self.thread(author) if "/appeal/" in message.text)
        found = re.search(r"/appeal/[\w-]+", notice.text)
        assert found is not None
        return found[0]
