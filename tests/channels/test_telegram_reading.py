"""Telegram's updates as Telegram and other projects wrote them, and as nobody should."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram.account import TelegramAccount
from bot.channels.telegram.reading import Reader
from bot.messages import EventKind, InboundEvent, Location
from tests.channels.samples import SAMPLES

FIXTURES = Path(__file__).parent.parent / "fixtures" / "telegram"
READER = Reader("telegram", TelegramAccount.from_values(SAMPLES["telegram"].settings))
BOT = {"id": 123456789, "is_bot": True, "first_name": "Millbrook", "username": "millbrook_bot"}
ROSA = {"id": 5550142, "is_bot": False, "first_name": "Rosa", "username": "rosa", "language_code": "es"}
PRIVATE = {"id": 5550142, "type": "private", "first_name": "Rosa"}
GROUP = {"id": -100777, "type": "supergroup", "title": "Elm Street neighbours"}


def update(**content: Any) -> dict[str, Any]:
    return {"update_id": 1, **content}


def message(**content: Any) -> dict[str, Any]:
    return {"message_id": 3, "date": 1700000000, "from": ROSA, "chat": PRIVATE, **content}


def read(update: dict[str, Any]) -> InboundEvent:
    (event,) = READER.read_body(json.dumps(update).encode())
    return event


def fixture(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / name).read_text())
    return found if "update_id" in found else update(message=found)


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.json")), ids=lambda path: path.stem)
def test_every_sample_is_at_most_one_event(path: Path) -> None:
    events = READER.read_body(json.dumps(fixture(path.name)).encode())
    assert len(events) <= 1
    for event in events:
        assert event.text or event.detail or event.files or event.location or event.kind is EventKind.EDIT


@pytest.mark.parametrize(
    ("name", "kind", "text", "files", "detail"),
    [
        ("chatwoot_tg_text", "message", "test", [], ""),
        ("chatwoot_tg_photo", "message", "", ["image"], ""),
        ("chatwoot_tg_video", "message", "", ["video"], ""),
        ("chatwoot_tg_voice", "message", "", ["voice"], ""),
        ("teloxide_message_de_image_1", "message", "", ["image"], ""),
        ("teloxide_message_de_text_1", "message", "Лол кек 😂", [], ""),
        ("teloxide_message_de_sticker_1", "unsupported", "", [], "sticker 😡"),
        ("teloxide_update_dice_works_1", None, "", [], ""),
        ("teloxide_message_giveaway_1", "unsupported", "", [], "giveaway"),
        ("teloxide_update_pinned_message_works_1", None, "", [], ""),
        (
            "teloxide_message_unique_gift_info_1",
            "unsupported",
            "",
            [],
            "an update that cannot be read (TypeError)",
        ),
        ("teloxide_update_message_reaction_updated_1", "reaction", "", [], "message reaction"),
        ("teloxide_update_chat_boost_updated_1", "unsupported", "", [], "chat boost"),
    ],
)
def test_samples_of_other_projects(
    name: str, kind: str | None, text: str, files: list[str], detail: str
) -> None:
    events = READER.read_body(json.dumps(fixture(f"{name}.json")).encode())
    if kind is None:
        assert events == []
        return
    (event,) = events
    assert (event.kind, event.text, event.detail) == (kind, text, detail)
    assert [file.kind for file in event.files] == files


def test_the_largest_size_of_a_photo_is_taken() -> None:
    event = read(fixture("teloxide_message_de_image_1.json"))
    assert event.files[0].size == 75245


def test_a_caption_is_the_text() -> None:
    event = read(
        update(
            message=message(
                caption="by the library",
                photo=[{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}],
            )
        )
    )
    assert (event.text, event.files[0].reference) == ("by the library", "f")


def test_a_location_and_a_venue() -> None:
    pin = {"latitude": 40.1, "longitude": -80.2, "horizontal_accuracy": 12}
    assert read(update(message=message(location=pin))).location == Location(40.1, -80.2, 12.0)
    venue = {"location": pin, "title": "City Hall", "address": "1 Main Street"}
    found = read(update(message=message(venue=venue, location=pin))).location
    assert found == Location(40.1, -80.2, 12.0, "City Hall, 1 Main Street")


def test_a_location_outside_of_the_world_is_unsupported() -> None:
    event = read(update(message=message(location={"latitude": 400, "longitude": 0})))
    assert event.kind is EventKind.UNSUPPORTED


def test_an_edit_names_its_message() -> None:
    event = read(update(edited_message=message(text="Oak Street", edit_date=1700000100)))
    assert (event.kind, event.text, event.target_ref) == (EventKind.EDIT, "Oak Street", "3")


def test_a_moving_location_does_not_empty_its_message() -> None:
    event = read(update(edited_message=message(location={"latitude": 1, "longitude": 2})))
    assert event.kind is EventKind.RECEIPT


def test_a_press_carries_the_opaque_id_of_its_conversation() -> None:
    query = {
        "id": "77",
        "from": ROSA,
        "chat_instance": "1",
        "data": "opaque",
        "message": message(**{"from": BOT, "text": "Which one?"}),
    }
    event = read(update(callback_query=query))
    assert (event.kind, event.choice_id, event.conversation_ref) == (EventKind.BUTTON, "opaque", "5550142")
    assert (event.message_ref, event.target_ref) == ("77", "3")
    assert event.author.platform_user_id == "5550142"


@pytest.mark.parametrize("data", ["/restart{}", "a\x00b", "x" * 65, "ñ"])
def test_a_button_that_we_never_made_means_nothing(data: str) -> None:
    query = {"id": "77", "from": ROSA, "chat_instance": "1", "data": data, "message": message(text="?")}
    event = read(update(callback_query=query))
    assert (event.kind, event.choice_id) == (EventKind.BUTTON, "unknown")


@pytest.mark.parametrize(
    ("text", "meant"),
    [("/start", "Hola"), ("/start ref-1", "Hola"), ("/cancel", "cancel"), ("/start_over", "start over")],
)
def test_a_command_is_words(text: str, meant: str) -> None:
    entities = [{"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}]
    event = read(update(message=message(text=text, entities=entities)))
    assert (event.text, event.detail) == (meant, text)


def test_our_own_messages_are_left_out() -> None:
    assert READER.read(update(message=message(**{"from": BOT, "text": "hi"})), "") == []
    assert READER.read(update(message={"from": {"id": BOT["id"]}, "text": "broken"}), "") == []


def test_another_bot_is_marked() -> None:
    event = read(update(message=message(text="hi", **{"from": {**ROSA, "is_bot": True}})))
    assert event.author.is_bot


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"text": "good morning all"}, None),
        ({"text": "ask @other_bot", "entities": [{"type": "mention", "offset": 4, "length": 10}]}, None),
        (
            {
                "text": "🕳️ @Millbrook_Bot pothole",
                "entities": [{"type": "mention", "offset": 4, "length": 14}],
            },
            "🕳️ pothole",
        ),
        (
            {
                "text": "pothole here",
                "reply_to_message": {
                    "message_id": 1,
                    "date": 1,
                    "from": BOT,
                    "chat": GROUP,
                    "text": "Where?",
                },
            },
            "pothole here",
        ),
        (
            {
                "text": "/start@millbrook_bot",
                "entities": [{"type": "bot_command", "offset": 0, "length": 20}],
            },
            "Hola",
        ),
        (
            {
                "text": "hey Town",
                "entities": [{"type": "text_mention", "offset": 4, "length": 4, "user": BOT}],
            },
            "hey Town",
        ),
    ],
)
def test_in_a_group_only_what_is_said_to_the_bot_is_read(content: dict[str, Any], text: str | None) -> None:
    events = READER.read(update(message=message(chat=GROUP, **content)), "")
    if text is None:
        assert events == []
        return
    (event,) = events
    assert (event.text, event.visibility, event.conversation_ref) == (text, "group", "-100777/5550142")


@pytest.mark.parametrize("text", [None, {}, [], 5, {"a": 1}, True])
def test_a_text_of_the_wrong_type_is_unsupported(text: Any) -> None:
    event = read(update(message=message(text=text)))
    assert event.kind is EventKind.UNSUPPORTED


@pytest.mark.parametrize("number", [2**63, 10**19, -1])
def test_ids_of_any_size_are_kept(number: int) -> None:
    chat = {**PRIVATE, "id": number}
    event = read({"update_id": number, "message": message(text="x", chat=chat)})
    assert (event.event_id, event.conversation_ref) == (str(number), str(number))


@pytest.mark.parametrize("bad", [1.5, "7", "x" * 300, None, [], {}])
def test_ids_that_are_none_are_unsupported(bad: Any) -> None:
    event = read(update(message=message(text="x", chat={**PRIVATE, "id": bad})))
    assert event.kind is EventKind.UNSUPPORTED


PATHS = [
    ("message",),
    ("message", "from"),
    ("message", "chat"),
    ("message", "text"),
    ("message", "date"),
    ("message", "message_id"),
    ("message", "entities"),
    ("message", "photo"),
    ("message", "location"),
    ("message", "reply_to_message"),
    ("callback_query",),
]


@settings(deadline=None)
@given(
    path=st.sampled_from(PATHS),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "is_bot", "type", "text", "from", "chat", "data"]), inner
            )
        ),
        max_leaves=8,
    ),
)
def test_nothing_in_a_field_raises(path: tuple[str, ...], value: Any) -> None:
    changed: dict[str, Any] = copy.deepcopy(update(message=message(text="x")))
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    for event in READER.read(changed, ""):
        assert event.event_id == "1"
        assert isinstance(event.text, str)
        assert isinstance(event.conversation_ref, str)
