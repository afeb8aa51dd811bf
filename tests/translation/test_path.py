"""A resident who writes French: what they are told, what staff see, and what stands on the record."""

from __future__ import annotations

import time_machine
from pytest_httpserver import HTTPServer
from werkzeug import Response

from bot import clock
from bot.conversations.languages import Languages
from bot.desk.accounts import StaffMember
from bot.desk.service import Desk
from bot.messages import Answer, AssistantMessage, Choice, Meaning, Translation
from bot.pipeline.speech import Speech
from bot.records import service as records
from bot.service_requests.catalog import Catalog
from bot.storage.database import Database
from bot.translation.libretranslate import LibreTranslate
from tests.fakes.assistants import says, understanding
from tests.pipeline.message_path import CITY, MONDAY_NOON, MessagePath
from tests.translation.conftest import FRENCH, PHRASES, Translating

ENGLISH = PHRASES["fr", "en", FRENCH]
PROPOSAL = "Sounds like a **pothole**. Shall I report it by 14 May?"
ANSWER = Answer(
    (AssistantMessage(PROPOSAL, (Choice("Yes", Meaning("affirm")),)),), None, understanding("report_pothole")
)


def speaking(httpserver: HTTPServer) -> Speech:
    return Speech(Languages(), LibreTranslate(httpserver.url_for("/"), timeout=5))


@time_machine.travel(MONDAY_NOON, tick=True)
async def test_without_a_translator_a_person_answers(database: Database) -> None:
    path = MessagePath(database)
    (told,) = await path.tell(FRENCH)
    french, english, spanish = told.split("\n\n")
    assert french == "Bonjour. Une personne de la ville vous répondra ici."
    assert english.startswith("I can answer in English or Spanish.")
    assert spanish.startswith("Puedo responder en inglés o en español.")
    assert "1:05" in english
    assert "1:05" in spanish
    conversation = path.conversation()
    assert (conversation.holder.kind, conversation.clause) == ("queue", "language.other")
    assert (conversation.language, conversation.foreign_language) == ("en", "fr")
    assert path.thread()[0].text == FRENCH
    assert path.assistant.turns == []


async def test_both_texts_of_both_sides_are_kept(
    database: Database, httpserver: HTTPServer, translating: Translating
) -> None:
    path = MessagePath(database, {ENGLISH: ANSWER}, speaking(httpserver))
    (told,) = await path.tell(FRENCH)
    assert told == "Cela ressemble à un **nid-de-poule**. Dois-je le signaler d'ici le 14 mai ?"
    incoming, outgoing = path.thread()
    assert (incoming.text, incoming.language) == (FRENCH, "fr")
    assert incoming.translation == Translation(ENGLISH, "en", machine=True, provider="libretranslate")
    assert outgoing.language == "fr"
    assert outgoing.translation == Translation(PROPOSAL, "en", machine=False, provider="libretranslate")
    assert [choice.label for choice in outgoing.choices] == ["Oui"]
    assert [turn.text for turn in path.assistant.turns] == [ENGLISH]
    with database.reading() as tx:
        entries = {entry.kind: entry.body for entry in records.entries_after(tx, 0)}
    assert entries["received.message"]["text"] == FRENCH
    assert entries["message.translated"]["translation"]["text"] == ENGLISH
    assert entries["message.sent"]["text"] == told
    assert entries["message.sent"]["translated_from"]["text"] == PROPOSAL


async def test_a_translation_that_changed_a_date_is_not_shown(
    database: Database, httpserver: HTTPServer, translating: Translating
) -> None:
    path = MessagePath(database, {ENGLISH: says("Expected by 14 May.")}, speaking(httpserver))
    *_, told = await path.tell(FRENCH)
    assert told == "Expected by 14 May."


async def test_where_the_words_cannot_be_translated_a_person_answers(
    database: Database, httpserver: HTTPServer, translating: Translating
) -> None:
    translating.answer = lambda _: Response('{"error": "down"}', status=503)
    path = MessagePath(database, {}, speaking(httpserver))
    (told,) = await path.tell(FRENCH)
    assert told.startswith("Bonjour. Une personne")
    assert path.conversation().clause == "language.other"
    assert path.thread()[0].translation is None


async def test_where_the_answer_cannot_be_translated_it_comes_as_it_is_with_a_notice(
    database: Database, httpserver: HTTPServer, translating: Translating
) -> None:
    def one_way(asked: dict[str, str]) -> Response:
        return translating.translate(asked) if asked["source"] == "fr" else Response("{}", status=500)

    translating.answer = one_way
    path = MessagePath(database, {ENGLISH: says("Good morning.")}, speaking(httpserver))
    notice, told = await path.tell(FRENCH)
    assert notice.startswith("I couldn't translate my answer into your language")
    assert told == "Good morning."


async def test_an_emergency_is_found_in_the_translation(
    database: Database, httpserver: HTTPServer, translating: Translating
) -> None:
    text = "Au secours, il y a une odeur très forte dans notre immeuble"
    translating.answer = lambda asked: (
        Response('{"translatedText": ["Help, there is a gas leak in our building"]}')
        if asked["source"] == "fr"
        else translating.translate(asked)
    )
    path = MessagePath(database, {}, speaking(httpserver))
    await path.tell(text)
    assert path.conversation().clause == "emergency.gas"


async def test_what_staff_write_is_translated_and_kept(
    database: Database, httpserver: HTTPServer, translating: Translating
) -> None:
    speech = speaking(httpserver)
    path = MessagePath(database, {ENGLISH: ANSWER}, speech)
    await path.tell(FRENCH)
    path.take_over()
    desk = Desk(path.outgoing, Catalog.load(CITY / "services.yml"), path.rulebook, speech=speech)
    ana = StaffMember("s1", "Ana", "ana@millbrook.example", "staff")
    written = "Ana here. Is the hole full of water?"
    shown = await desk.translated(path.conversation(), written)
    with database.transaction() as tx:
        message = desk.reply(tx, path.conversation().id, ana, written, at=clock.now(), shown=shown)
    assert message.text == "Ici Ana. Le trou est-il plein d'eau ?"
    assert message.translation
    assert (message.translation.text, message.translation.machine) == (written, False)
    await path.tell(FRENCH)  # staff hold it: the assistant is silent, the translation is still made
    assert path.thread()[-1].translation == Translation(
        ENGLISH, "en", machine=True, provider="libretranslate"
    )
    assert len(path.assistant.turns) == 1
