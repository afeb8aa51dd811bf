"""What staff see of a translated conversation, and what becomes of their reply."""

from __future__ import annotations

from pathlib import Path

from pytest_httpserver import HTTPServer

from bot.conversations import service as conversations
from bot.conversations.languages import Languages
from bot.pipeline.process import Claimed
from bot.pipeline.speech import Speech
from bot.storage.database import Database
from bot.translation.libretranslate import LibreTranslate
from tests.translation.conftest import FRENCH, PHRASES, Translating
from tests.web.pages_app import PagesApp, post_form, signed_in

MESSAGES = "/api/webchat/v1/conversations"


async def test_staff_read_both_texts_and_their_reply_goes_out_translated(
    database: Database, tmp_path: Path, httpserver: HTTPServer, translating: Translating
) -> None:
    translator = LibreTranslate(httpserver.url_for("/"))
    pages = PagesApp(database, tmp_path / "var", speech=Speech(Languages(), translator))
    async with pages.client() as resident:
        opened = (await resident.post(MESSAGES)).json()
        await resident.post(
            f"{MESSAGES}/{opened['id']}/messages",
            json={"text": FRENCH, "client_message_id": "m-1"},
            headers={"authorization": f"Bearer {opened['token']}"},
        )
    claimed = await pages.processor.claim()
    assert isinstance(claimed, Claimed)
    await pages.processor.work(claimed)
    desk = f"/desk/conversations/{opened['id']}"
    pages.add_staff()
    async with signed_in(pages) as staff:
        before = (await staff.get(desk)).text
        await post_form(staff, desk, f"{desk}/take-over")
        written = await post_form(
            staff, desk, f"{desk}/messages", text="Ana here. Is the hole full of water?"
        )
        after = (await staff.get(desk)).text
    assert written.status_code == 303
    assert FRENCH in before
    assert PHRASES["fr", "en", FRENCH] in before
    assert "Machine translation (libretranslate) of the fr text above" in before
    assert "Ana here. Is the hole full of water?" in after
    assert "Ici Ana. Le trou est-il plein d&#39;eau ?" in after
    assert "As written here; the fr text above is a machine translation" in after
    with database.reading() as tx:
        sent = conversations.thread(tx, opened["id"])[-1]
    assert (sent.text, sent.language) == ("Ici Ana. Le trou est-il plein d'eau ?", "fr")


async def test_a_translator_that_is_down_does_not_keep_staff_from_answering(
    database: Database, tmp_path: Path
) -> None:
    nowhere = Speech(Languages(), LibreTranslate("http://127.0.0.1:9", timeout=0.3))
    pages = PagesApp(database, tmp_path / "var", speech=nowhere)
    async with pages.client() as resident:
        opened = (await resident.post(MESSAGES)).json()
        await resident.post(
            f"{MESSAGES}/{opened['id']}/messages",
            json={"text": FRENCH, "client_message_id": "m-1"},
            headers={"authorization": f"Bearer {opened['token']}"},
        )
    claimed = await pages.processor.claim()
    assert isinstance(claimed, Claimed)
    await pages.processor.work(claimed)
    desk = f"/desk/conversations/{opened['id']}"
    pages.add_staff()
    async with signed_in(pages) as staff:
        await post_form(staff, desk, f"{desk}/messages", text="Ana here.")
    with database.reading() as tx:
        sent = conversations.thread(tx, opened["id"])[-1]
    assert (sent.text, sent.translation) == ("Ana here.", None)
