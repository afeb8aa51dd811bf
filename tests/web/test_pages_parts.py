"""The desk shows the several things that a message was understood to say."""

from __future__ import annotations

from bot import clock
from bot.messages import Part, Understanding
from tests.web.pages_app import PagesApp, signed_in
from tests.web.seeds import say, seed

TEXT = "the trash on birch wasnt picked up AND theres graffiti & paint on the bridge"


async def test_each_part_is_shown_with_its_words(pages: PagesApp) -> None:
    trash = Part(0, 34, "report_missed_collection", 0.97, "act", "missed_collection")
    graffiti = Part(39, len(TEXT), "report_graffiti", 0.99, "act", "graffiti")
    understanding = Understanding(
        "report_missed_collection", 0.97, "act", out_of_scope=False, parts=(trash, graffiti)
    )
    seed(pages)
    with pages.database.transaction() as tx:
        shown = say(tx, "webchat", None, TEXT, clock.now(), understanding=understanding)
        plain = say(tx, "webchat", None, "hello", clock.now(), understanding=None)
    async with signed_in(pages) as client:
        page = (await client.get(f"/desk/conversations/{shown}")).text
        other = (await client.get(f"/desk/conversations/{plain}")).text
    assert '<q dir="auto">the trash on birch wasnt picked up</q>' in page
    assert '<q dir="auto">theres graffiti &amp; paint on the bridge</q>' in page
    assert "Graffiti 99%" in page
    assert '<ol class="parts">' not in other
