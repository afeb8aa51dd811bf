"""What is not plain text: buttons, numbers for buttons, files, edits, deletions, STOP."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from bot import clock
from bot.conversations import service
from bot.messages import (
    Answer,
    AssistantMessage,
    Choice,
    EventKind,
    Meaning,
    RemoteFile,
    StoredFile,
)
from bot.storage.database import Database
from tests.fakes.assistants import says, understanding
from tests.pipeline.message_path import MONDAY_NOON, REPLIES, MessagePath


async def test_an_edit_and_a_deletion_keep_what_was_there(database: Database) -> None:
    path = MessagePath(database)
    original = path.receive("pothole on Elm")
    await path.run()
    path.receive("pothole on Oak", kind=EventKind.EDIT, target_ref=original.message_ref)
    await path.run()
    message = path.thread()[0]
    assert message.text == "pothole on Oak"
    assert message.edited_at is not None
    path.receive("", kind=EventKind.DELETE, target_ref=original.message_ref)
    await path.run()
    assert path.thread()[0].deleted_at is not None
    with database.reading() as tx:
        assert [text for text, _ in service.versions(tx, message.id)] == ["pothole on Elm", "pothole on Oak"]
    assert len(path.said()) == 1


async def test_a_button_means_what_we_issued_and_nothing_else(database: Database) -> None:
    offer = Answer(
        (AssistantMessage("Shall I?", (Choice("Yes", Meaning("affirm", {"n": 1})),)),),
        None,
        understanding("report_pothole"),
    )
    path = MessagePath(database, {"pothole": offer, "affirm": says("Done.", "affirm")})
    await path.tell("pothole")
    (button,) = path.thread()[-1].choices
    said = await path.tell(kind=EventKind.BUTTON, choice_id="forged")
    assert said == [REPLIES.render("choice_expired", "en")]
    assert await path.tell(kind=EventKind.BUTTON, choice_id=button.choice_id) == ["Done."]
    assert path.assistant.turns[-1].meaning == Meaning("affirm", {"n": 1})
    assert path.thread()[-2].text == "Yes"
    foreign = await path.tell(kind=EventKind.BUTTON, choice_id=button.choice_id, conversation_ref="thread-2")
    assert foreign == []
    assert path.kinds().count("choice.refused") == 2


async def test_a_button_expires(database: Database) -> None:
    offer = Answer(
        (AssistantMessage("Shall I?", (Choice("Yes", Meaning("affirm")),)),), None, understanding("greet")
    )
    path = MessagePath(database, {"pothole": offer})
    await path.tell("pothole")
    (button,) = path.thread()[-1].choices
    with time_machine.travel(clock.now() + timedelta(days=8)):
        said = await path.tell(kind=EventKind.BUTTON, choice_id=button.choice_id)
    assert said == [REPLIES.render("choice_expired", "en")]


@pytest.mark.parametrize("words", ["2", "the 2nd", "second", "5th Street", "el segundo"])
async def test_without_buttons_a_number_or_a_label_picks(database: Database, words: str) -> None:
    offer = Answer(
        (
            AssistantMessage(
                "Which one?",
                (
                    Choice("5th Avenue", Meaning("choose", {"n": 1})),
                    Choice("5th Street", Meaning("choose", {"n": 2})),
                ),
            ),
        ),
        None,
        understanding("report_street_light"),
    )
    path = MessagePath(database, {"light": offer})
    await path.tell("light", channel="text")
    await path.tell(words, channel="text")
    assert path.assistant.turns[-1].meaning == Meaning("choose", {"n": 2})


async def test_stop_is_honoured_and_start_undoes_it(database: Database) -> None:
    path = MessagePath(database)
    await path.tell("hello", channel="text")
    assert await path.tell("STOP", channel="text") == [REPLIES.render("opted_out", "en")]
    assert await path.tell("hello", channel="text") == []
    assert await path.tell("start", channel="text") == [REPLIES.render("opted_in", "en")]
    assert await path.tell("hello", channel="text") == ["Hello."]


async def test_photos_and_pins_come_as_meanings_with_their_facts(database: Database) -> None:
    path = MessagePath(database)
    photo = StoredFile("a" * 64, "image", "image/jpeg", 10, "photo.jpg")
    path.fetched = ((photo,), ())
    await path.tell(files=(RemoteFile("image", "remote-1"),))
    turn = path.assistant.turns[-1]
    assert turn.meaning == Meaning("share_photo")
    assert turn.facts["attachments"] == [
        {
            "digest": "a" * 64,
            "kind": "image",
            "media_type": "image/jpeg",
            "size": 10,
            "file_name": "photo.jpg",
        }
    ]
    assert path.thread()[0].files == (photo,)


async def test_a_refused_file_is_told_and_the_words_still_answered(database: Database) -> None:
    path = MessagePath(database)
    path.fetched = ((), ("attachment_type",))
    said = await path.tell("look", files=(RemoteFile("document", "remote-1"),))
    assert said == [REPLIES.render("attachment_type", "en"), "Hello."]


async def test_what_a_platform_cannot_give_us_is_kept_and_not_answered(database: Database) -> None:
    path = MessagePath(database)
    assert await path.tell(kind=EventKind.UNSUPPORTED, detail="sticker") == []
    assert path.thread()[0].kind == "unsupported"


@time_machine.travel(MONDAY_NOON)
async def test_a_spanish_emergency_is_answered_in_spanish_before_anybody_understood_it(
    database: Database,
) -> None:
    path = MessagePath(database)
    (answer,) = await path.tell("hay un cable electrico caido echando chispas en la calle Pino")
    assert "llame al 911" in answer
    assert path.conversation().language == "es"
    assert path.assistant.turns == []


async def test_a_number_typed_where_buttons_are_shown_picks_too(database: Database) -> None:
    offer = Answer(
        (AssistantMessage("Shall I?", (Choice("Yes", Meaning("affirm")), Choice("No", Meaning("deny")))),),
        None,
        understanding("report_pothole"),
    )
    path = MessagePath(database, {"pothole": offer})
    await path.tell("pothole")
    await path.tell("the second one")
    assert path.assistant.turns[-1].meaning == Meaning("deny")
