"""The chat for browsers without script, through the real path; and the words of both languages."""

from __future__ import annotations

import asyncio
import json
import re

from bot.records import service as records
from bot.web.site import STATIC, TEMPLATES
from tests.web.pages_app import SAME_SITE, PagesApp, form_token_in, post_form


async def test_the_chat_without_script(pages: PagesApp) -> None:
    listening = asyncio.create_task(pages.wakeup.listen())
    working = asyncio.create_task(pages.loop().run())
    async with pages.client() as client:
        first = await post_form(client, "/text", "/text", text="huge pothole on elm")
        assert first.status_code == 303
        page = (await client.get("/text")).text
        assert "Sounds like a <strong>pothole</strong>" in page
        choice = page.split('name="choice" value="')[1].split('"')[0]
        await post_form(client, "/text", "/text", choice=choice)
        page = (await client.get("/text")).text
        assert "Done: request <strong>1001</strong>" in page
        assert 'name="choice"' not in page
        empty = await post_form(client, "/text", "/text", text=" ")
        assert (empty.status_code, "Write something first." in empty.text) == (422, True)
        async with pages.client() as other:
            assert "pothole" not in (await other.get("/text?lang=es")).text
    for task in (listening, working):
        task.cancel()


async def test_a_repeated_form_sends_one_message(pages: PagesApp) -> None:
    async with pages.client() as client:
        page = (await client.get("/text")).text
        await post_form(client, "/text", "/text", text="hello", client_message_id="one")
        token = form_token_in((await client.get("/text")).text)
        data = {"form_token": token, "text": "hello", "client_message_id": "one"}
        await client.post("/text", data=data, headers=SAME_SITE)
    assert page
    with pages.database.reading() as tx:
        kinds = [entry.kind for entry in records.entries_after(tx, 0)]
    assert kinds.count("received.message") == 1


def test_every_sentence_stands_in_both_languages() -> None:
    english, spanish = (
        json.loads((STATIC / "chat" / f"strings.{language}.json").read_text(encoding="utf-8"))
        for language in ("en", "es")
    )
    assert set(english) == set(spanish)
    places = re.compile(r"\{\w+\}")
    for key, text in english.items():
        assert text.strip()
        assert spanish[key].strip()
        assert sorted(places.findall(text)) == sorted(places.findall(spanish[key])), key
    files = [*TEMPLATES.glob("*.html"), *(STATIC / "chat").glob("*.js"), *(TEMPLATES.parent).glob("*.py")]
    used = {
        key for path in files for key in re.findall(r"say(?:\.|\(\")(\w+)", path.read_text(encoding="utf-8"))
    } - {"replace"}
    assert used - set(english) == set()
