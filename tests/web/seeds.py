"""A desk on a usual morning: waiting, held, closed conversations, a note, an edit, a photo, requests."""

from __future__ import annotations

import dataclasses
import io
from datetime import datetime, timedelta
from typing import Any

from PIL import Image, ImageDraw

from bot import clock
from bot.conversations import handoff
from bot.conversations import service as conversations
from bot.conversations.languages import Languages
from bot.messages import (
    Author,
    Choice,
    Entity,
    EventKind,
    Feelings,
    InboundEvent,
    IntentChoice,
    Meaning,
    StoredFile,
    Understanding,
)
from bot.pipeline.ladder import Climb
from bot.service_requests import service as requests
from bot.service_requests.model import NewRequest, RequestPlace
from bot.storage.database import Transaction

ELM = RequestPlace("123 Elm Street", 40.06, -82.4, "Northside", "address:elm-street:123", "address")
PINE = RequestPlace("Pine Street at Mill Road", 40.05, -82.41, "Mill District", kind="intersection")

_numbers = iter(range(10_000_000, 20_000_000))


def photo() -> bytes:
    """A picture of something like a hole in a road."""
    image = Image.new("RGB", (640, 420), (118, 120, 124))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 330, 640, 420), fill=(96, 98, 102))
    draw.ellipse((170, 120, 480, 300), fill=(58, 56, 54))
    draw.ellipse((210, 150, 450, 285), fill=(38, 44, 52))
    draw.line((60, 30, 200, 150, 330, 120, 600, 60), fill=(80, 80, 84), width=5)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def seed(parts: Any) -> dict[str, str]:
    """Fill the database; returns conversation ids by name."""
    ana = parts.add_staff("Ana")
    ben = parts.add_staff("Ben")
    parts.add_staff("Dana", role="admin")
    digest = parts.blobs.put_now(photo())
    picture = StoredFile(digest, "image", "image/jpeg", 20_000, "photo.jpg")
    with parts.database.transaction() as tx:
        return _fill(tx, parts, ana, ben, picture)


def say(
    tx: Transaction,
    channel: str,
    ref: str | None,
    text: str,
    at: datetime,
    *,
    name: str | None = None,
    files: tuple[StoredFile, ...] = (),
    understanding: Understanding | None = None,
    message_ref: str | None = None,
    language: str = "en",
) -> str:
    """File one message of a resident; returns the conversation's id."""
    number = next(_numbers)
    if ref is None:
        ref = conversations.open_conversation(
            tx, channel=channel, author=Author(f"v{number}", name), at=at, language=language
        ).conversation_ref
    author = Author(f"user-{ref}", name, language=language)
    event = InboundEvent(
        channel,
        f"e{number}",
        EventKind.MESSAGE,
        ref,
        author,
        at,
        text=text,
        stored_files=files,
        message_ref=message_ref or f"m{number}",
    )
    spoken = Languages((language, *({"en", "es"} - {language})))
    turn = conversations.begin_turn(tx, event, inbox_id=number, at=at, languages=spoken)
    if understanding is not None:
        decision = {"clause": "outgoing.bot", "version": "2026-05"}
        conversations.set_understanding(tx, turn.message.id, understanding, decision)
    return turn.conversation.id


def _fill(  # noqa: PLR0915 - a morning is a list of things that happened
    tx: Transaction, parts: Any, ana: Any, ben: Any, picture: StoredFile
) -> dict[str, str]:
    now = clock.now()
    out = parts.outgoing
    clocks = Climb(parts.queue, parts.rulebook).clocks
    ids: dict[str, str] = {}

    def ago(minutes: float) -> datetime:
        return now - timedelta(minutes=minutes)

    def bot_says(conversation_id: str, text: str, at: datetime, choices: tuple[Choice, ...] = ()) -> None:
        conversation = conversations.get_conversation(tx, conversation_id)
        decision = {"clause": "outgoing.bot", "version": "2026-05", "outcome": "allow"}
        out.say(tx, conversation, text, sender="bot", at=at, choices=choices, decision=decision)

    def hand(conversation_id: str, reason: str, clause: str, owner: str, due: float, at: datetime) -> None:
        conversation = conversations.get_conversation(tx, conversation_id)
        handoff.hand_off(
            tx,
            conversation,
            reason=reason,
            clause=clause,
            owner=owner,
            summary="",
            due_at=now + timedelta(minutes=due),
            at=at,
        )
        clocks.handed_off(tx, conversations.get_conversation(tx, conversation_id), at)

    pothole = Understanding(
        "report_pothole",
        0.94,
        "act",
        out_of_scope=False,
        service="pothole",
        model="2026-11-21",
        entities=(Entity("place", "elm st right by the library", 16, 43, 0.9),),
        choices=(
            IntentChoice("report_pothole", 0.94, "pothole"),
            IntentChoice("report_road_surface", 0.04, "road_surface"),
        ),
    )
    unsure = Understanding(
        "report_housing",
        0.41,
        "hand_over",
        out_of_scope=False,
        model="2026-11-21",
        feelings=Feelings("upset", "high", ("vulnerable_people", "repeated")),
    )

    # Maria reported a pothole and then asked for a person; the promise runs out soon.
    maria = say(
        tx,
        "telegram",
        "t-maria",
        "huge pothole on elm st right by the library, almost lost a tire",
        ago(58),
        name="Maria Lopez",
        files=(picture,),
        understanding=pothole,
    )
    bot_says(
        maria,
        "Sounds like a **pothole** on **Elm Street near the Public Library (100 block)**. Shall I report it?",
        ago(58),
        (Choice("Yes", Meaning("affirm")), Choice("Different place", Meaning("correction"))),
    )
    say(tx, "telegram", "t-maria", "Yes", ago(57), name="Maria Lopez")
    new = NewRequest(
        service_code="pothole",
        place=ELM,
        description="huge pothole on elm st right by the library, almost lost a tire",
        channel="telegram",
        agency_responsible="Public Works, Streets",
        expected_at=now + timedelta(days=3),
        files=(picture,),
        conversation_id=maria,
        contact_id=conversations.get_conversation(tx, maria).contact_id,
    )
    first = requests.open_request(tx, new, idempotency_key="seed-1", at=ago(57))
    bot_says(maria, f"Done: request **{first.number}**, pothole, Elm Street 100 block.", ago(57))
    say(
        tx,
        "telegram",
        "t-maria",
        "it is full of water now. can i talk to a person please",
        ago(13),
        name="Maria Lopez",
        understanding=Understanding("person", 0.97, "act", out_of_scope=False, model="2026-11-21"),
    )
    hand(maria, "asked_for_person", "person.asked", "front_desk", 12, ago(13))
    bot_says(maria, "Of course. A person will write here **today before 10:15 am**.", ago(13))
    ids["maria"] = maria

    # Late: nobody answered in time.
    late = say(
        tx,
        "webchat",
        None,
        "my landlord turned off the heat with kids in here",
        ago(70),
        understanding=unsure,
    )
    hand(late, "not_understood", "housing", "housing", -5, ago(70))
    bot_says(late, "That's urgent, and a person should handle it. I've passed it to **Housing**.", ago(70))
    ids["late"] = late

    spanish = say(
        tx, "webchat", None, "¿Me puede llamar alguien? Es sobre la factura del agua", ago(22), language="es"
    )
    hand(spanish, "out_of_scope", "billing", "water_billing", 95, ago(22))
    ids["spanish"] = spanish

    # Ana holds one, with a note, an edit, and what the assistant would have said.
    held = say(
        tx,
        "telegram",
        "t-sam",
        "the light at the crossing is ou",
        ago(40),
        name="Sam Okafor",
        message_ref="edit-me",
    )
    conversations.edit_message(
        tx,
        InboundEvent(
            "telegram",
            "edit-1",
            EventKind.EDIT,
            "t-sam",
            Author("user-t-sam", "Sam Okafor"),
            ago(39),
            text="the light at the crossing is out",
            target_ref="edit-me",
        ),
        at=ago(39),
    )
    hand(held, "complaint_staff", "complaint.staff", "front_desk", 30, ago(38))
    handoff.take_over(tx, held, staff_id=ana.id, staff_name=ana.name, at=ago(30))
    conversation = conversations.get_conversation(tx, held)
    out.say(
        tx,
        conversation,
        "Hi, Ana here from Public Works. Which corner is it?",
        sender="staff",
        sender_name="Ana",
        at=ago(29),
    )
    clocks.staff_wrote(tx, conversation, ago(29))
    out.keep_private(
        tx,
        conversation,
        "Second report this week, ask Lighting.",
        kind="note",
        sender="staff",
        sender_name="Ana",
        at=ago(28),
    )
    say(tx, "telegram", "t-sam", "main and cedar", ago(6), name="Sam Okafor")
    clocks.resident_wrote(tx, conversation, ago(6))
    out.keep_private(
        tx,
        conversation,
        "Main Street & Cedar Road. Streetlight out. Shall I report it?",
        kind="suggestion",
        sender="bot",
        at=ago(6),
    )
    ids["held"] = held

    other = say(tx, "webchat", None, "where do i pay a parking ticket", ago(90))
    hand(other, "out_of_scope", "billing", "front_desk", 60, ago(90))
    handoff.take_over(tx, other, staff_id=ben.id, staff_name=ben.name, at=ago(20))
    ids["other"] = other

    chatting = say(tx, "webchat", None, "When is City Hall open?", ago(3))
    bot_says(chatting, "City Hall is open today until 4:30 pm.", ago(3))
    ids["assistant"] = chatting

    done = say(tx, "webchat", None, "thanks for fixing my street", ago(300))
    handoff.give_back(tx, done, staff_id=ana.id, staff_name="Ana", at=ago(290), close=True)
    ids["closed"] = done

    for number, (code, place, days) in enumerate(
        (("street_light", PINE, -1), ("graffiti", PINE, 6), ("missed_collection", ELM, 1), ("tree", PINE, 4)),
        start=2,
    ):
        second = dataclasses.replace(
            new,
            service_code=code,
            place=place,
            description=f"{code} seen from the bus",
            files=(),
            conversation_id=None,
            contact_id=None,
            channel="webchat",
            expected_at=now + timedelta(days=days),
        )
        opened = requests.open_request(tx, second, idempotency_key=f"seed-{number}", at=ago(1500 * number))
        if code == "graffiti":
            requests.set_status(
                tx, opened.number, "scheduled", note="Crew comes on Tuesday.", by="Ben", at=ago(500)
            )
    return ids
