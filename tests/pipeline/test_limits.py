"""How much one person gets and may send: the hour, bursts, loops, files, and who speaks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from bot import clock
from bot.conversations import service
from bot.conversations.model import Message
from bot.engagement.clauses import Clause, Condition, Decision, Ruleset
from bot.engagement.policy import Quantity
from bot.messages import Author, RemoteFile, StoredFile
from bot.pipeline.ladder import Climb
from bot.pipeline.leaving import Undecided
from bot.pipeline.process import Processor
from bot.pipeline.steady import SteadyClock
from bot.pipeline.timers import Timers
from bot.records import service as records
from bot.storage.database import Database
from tests.fakes.assistants import hands_off, says
from tests.pipeline.message_path import MONDAY_NOON, RULES, MessagePath, undisclosed, with_policy

pytestmark = pytest.mark.usefixtures("noon")
QUIET = undisclosed(RULES)
WORDS = [
    "huge pothole on elm street",
    "trash was not picked up",
    "streetlight is out again",
    "when is the library open",
    "graffiti on the bridge",
    "who empties the park bins",
    "my neighbour parks on the walk",
    "is there a permit for chickens",
    "water comes up from the drain",
    "where do i pay my bill",
]
MACHINE = "Thank you for your message. Acme Plumbing will answer you soon."


@pytest.fixture
def noon() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY_NOON) as traveller:
        yield traveller


def limited(**quantity: object) -> Ruleset:
    return with_policy(QUIET, quantity=Quantity(**quantity))  # type: ignore[arg-type]


def automatic(path: MessagePath, channel: str = "webchat") -> list[Message]:
    return [
        message
        for message in path.thread(channel)
        if message.sender == "bot" and not message.private and message.delivery != "withheld"
    ]


def clauses(messages: Sequence[Message]) -> list[str]:
    return [(message.decision or {})["clause"] for message in messages]


async def fire_timers(path: MessagePath) -> None:
    timers = Timers(path.database, path.queue, Climb(path.queue, path.rulebook), SteadyClock())
    while await timers.claim():
        pass
    await path.run()


# --- the hour --------------------------------------------------------------------------------------


async def test_nobody_gets_more_automatic_messages_in_an_hour_than_the_policy_says(
    database: Database,
) -> None:
    path = MessagePath(database, rules=limited(automatic_per_hour=5))
    for text in WORDS:
        await path.tell(text)
    sent = automatic(path)
    assert len(sent) == 5
    assert clauses(sent)[-1] == "quantity.automatic"
    assert "as many automatic answers as I send in an hour" in sent[-1].text
    held = path.conversation()
    assert (held.holder.kind, held.clause) == ("queue", "quantity.automatic")
    assert path.kinds().count("holder.queued") == 1
    assert len(path.assistant.turns) == 4
    assert len([message for message in path.thread() if message.direction == "incoming"]) == len(WORDS)
    decided = path.thread()[-1].decision
    assert decided is not None
    assert (decided["outcome"], decided["clause"]) == ("silent", "quantity.automatic")


async def test_an_hour_later_the_assistant_answers_again(
    database: Database, noon: time_machine.Traveller
) -> None:
    path = MessagePath(database, rules=limited(automatic_per_hour=3))
    for text in WORDS[:5]:
        await path.tell(text)
    assert len(automatic(path)) == 3
    noon.shift(timedelta(minutes=62))
    assert await path.tell(WORDS[6]) == ["Hello."]


async def test_an_answer_too_long_for_the_hour_goes_to_a_person_and_staff_see_it(
    database: Database,
) -> None:
    long = says("One.")
    long = replace(long, messages=tuple(replace(long.messages[0], text=f"Line {n}.") for n in range(6)))
    path = MessagePath(database, {"all of it": long}, rules=limited(automatic_per_hour=5))
    (said,) = await path.tell("all of it")
    assert "as many automatic answers" in said
    assert path.thread()[-2].kind == "suggestion"
    assert "Line 5." in path.thread()[-2].text


@pytest.mark.parametrize("quantity", [{"automatic_per_hour": 1}, {"too_fast_per_minute": 1}])
async def test_danger_is_answered_whatever_was_said_before(
    database: Database, quantity: dict[str, int]
) -> None:
    path = MessagePath(database, rules=limited(**quantity))
    for text in WORDS[:4]:
        await path.tell(text)
    (said,) = await path.tell("there is a power line down and sparking on pine street")
    assert "Stay away from the wire" in said


async def test_a_clause_of_the_city_that_names_a_limit_goes_before_the_section(database: Database) -> None:
    rules = limited(automatic_per_hour=3)
    condition = Condition(frozenset({"before"}), limits=frozenset({"automatic_per_hour"}))
    decision = Decision("reply", "city.enough", rules.version, "Enough", reply_key="slow_down")
    asked = {**rules.asked, "before": ((condition, 0, decision), *rules.asked["before"])}
    own = (Clause("city.enough", (condition,), decision), *rules.clauses)
    path = MessagePath(database, rules=replace(rules, asked=asked, clauses=own))
    for text in WORDS[:3]:
        await path.tell(text)
    assert clauses(automatic(path))[-1] == "city.enough"
    assert path.conversation().holder.kind == "bot"


async def test_the_time_of_staff_is_a_fact_when_it_is_used_up(database: Database) -> None:
    owner = replace(RULES.owners["front_desk"], minutes_a_day=12, minutes_each=6)
    rules = replace(QUIET, owners={**QUIET.owners, "front_desk": owner})
    path = MessagePath(database, {"a person": hands_off("asked_for_person")}, rules=rules)
    for number in range(3):
        path.receive("a person", conversation_ref=f"thread-{number}", author=Author(f"r{number}"))
        await path.run()
    with database.reading() as tx:
        found = [service.find_conversation(tx, "webchat", "", f"thread-{number}") for number in range(3)]
    assert [each and each.clause for each in found] == ["person.asked", "person.asked", "limit.time-budget"]


# --- bursts ----------------------------------------------------------------------------------------


async def test_a_burst_is_kept_noticed_once_a_minute_and_read_once(
    database: Database, noon: time_machine.Traveller
) -> None:
    path = MessagePath(database, rules=limited(too_fast_per_minute=4, automatic_per_hour=100))
    for text in WORDS:
        path.receive(text)
    await path.run()
    assert [message.text for message in path.thread() if message.direction == "incoming"] == WORDS
    assert clauses(automatic(path)) == [*["may.talk"] * 4, "quantity.notice"]
    assert len(path.assistant.turns) == 4
    noon.shift(timedelta(seconds=20))
    path.receive("are you there")
    await path.run()
    await fire_timers(path)
    assert clauses(automatic(path))[-1] == "quantity.notice"
    assert len(automatic(path)) == 5
    noon.shift(timedelta(seconds=75))
    await fire_timers(path)
    assert clauses(automatic(path))[-1] == "may.talk"
    assert path.assistant.turns[-1].text == "\n".join([*WORDS[4:], "are you there"])
    assert len(path.assistant.turns) == 5
    noon.shift(timedelta(minutes=5))
    await fire_timers(path)
    assert len(path.assistant.turns) == 5


async def test_a_burst_that_never_ends_is_read_in_between(
    database: Database, noon: time_machine.Traveller
) -> None:
    path = MessagePath(database, rules=limited(too_fast_per_minute=4, automatic_per_hour=500))
    for minute in range(12):
        for number in range(12):
            path.receive(WORDS[(minute + number) % len(WORDS)])
        await path.run()
        await fire_timers(path)
        noon.shift(timedelta(seconds=55))
    assert 5 <= len(path.assistant.turns) <= 8
    notices = [message for message in automatic(path) if clauses([message]) == ["quantity.notice"]]
    assert 5 <= len(notices) <= 7  # every second round, a minute after the last
    assert all(
        later.created_at - earlier.created_at >= timedelta(seconds=60)
        for earlier, later in itertools.pairwise(notices)
    )


async def test_twenty_messages_at_once_are_answered_one_by_one(database: Database) -> None:
    path = MessagePath(database)
    for number in range(20):
        path.receive(f"message {number}")
    await path.run()
    assert [turn.text for turn in path.assistant.turns] == [f"message {number}" for number in range(20)]
    assert len(automatic(path)) == 20


async def test_who_holds_a_conversation_gets_a_burst_message_by_message(database: Database) -> None:
    path = MessagePath(database, rules=limited(too_fast_per_minute=2))
    await path.tell("hello")
    path.take_over()
    for text in WORDS:
        path.receive(text)
    await path.run()
    assert len(automatic(path)) == 1
    assert path.thread()[-1].text == WORDS[-1]


# --- loops -----------------------------------------------------------------------------------------


async def test_two_machines_stop_within_five_replies_and_a_person_is_told(
    database: Database, noon: time_machine.Traveller
) -> None:
    path = MessagePath(database, rules=QUIET)
    for _ in range(40):
        noon.shift(timedelta(seconds=20))
        await path.tell(MACHINE)
    assert len(automatic(path)) <= 5
    held = path.conversation()
    assert (held.holder.kind, held.clause) == ("queue", "limit.loop")
    assert path.kinds().count("page.queued") == 1
    assert len([message for message in path.thread() if message.direction == "incoming"]) == 40


async def test_without_a_clause_the_section_stops_a_loop(
    database: Database, noon: time_machine.Traveller
) -> None:
    kept = tuple(row for row in QUIET.asked["before"] if row[2].clause != "limit.loop")
    path = MessagePath(database, rules=replace(QUIET, asked={**QUIET.asked, "before": kept}))
    for number in range(12):
        noon.shift(timedelta(seconds=20))
        await path.tell(f"Ticket {number} was opened for you at Acme Plumbing")
    assert clauses(automatic(path))[-1] == "quantity.loop"
    assert "repeating ourselves" in automatic(path)[-1].text
    assert len(automatic(path)) <= 5
    assert path.conversation().clause == "quantity.loop"


async def test_our_own_words_coming_back_are_a_loop(database: Database, noon: time_machine.Traveller) -> None:
    path = MessagePath(database, rules=QUIET)
    text = "hello"
    for number in range(12):
        noon.shift(timedelta(seconds=20))
        path.assistant.replies[text] = says(f"I heard that, call {number}, and will look into it at once.")
        said = await path.tell(text)
        text = said[0] if said else text
    assert len(automatic(path)) <= 5
    assert path.conversation().holder.kind == "queue"


async def test_a_person_behind_the_machine_is_answered_again(
    database: Database, noon: time_machine.Traveller
) -> None:
    path = MessagePath(database, rules=QUIET)
    for _ in range(8):
        noon.shift(timedelta(seconds=20))
        await path.tell(MACHINE)
    noon.shift(timedelta(minutes=5))
    assert await path.tell("sorry, that was our answering machine") == ["Hello."]


async def test_another_bot_is_never_answered(database: Database) -> None:
    path = MessagePath(database)
    for text in WORDS[:3]:
        assert await path.tell(text, author=Author("bot-7", is_bot=True)) == []
    assert path.assistant.turns == []
    assert len(path.thread()) == 3


# --- words of the phone networks ---------------------------------------------------------------------


async def test_help_is_answered_even_after_stop_and_nothing_else_is(database: Database) -> None:
    path = MessagePath(database)
    assert await path.tell("hello", channel="text") == ["Hello."]
    (stopped,) = await path.tell("STOP", channel="text")
    assert "Reply START" in stopped
    (helped,) = await path.tell("Help", channel="text")
    assert "Reply STOP" in helped
    assert clauses(automatic(path, "text"))[1:] == ["path.opted_out", "path.help"]
    assert await path.tell("there is a hole in the road", channel="text") == []
    assert path.conversation("text").holder.kind == "queue"
    assert len(path.assistant.turns) == 1


async def test_who_said_stop_gets_nothing_from_staff_either(database: Database) -> None:
    path = MessagePath(database)
    await path.tell("hello", channel="text")
    await path.tell("STOP", channel="text")
    with database.transaction() as tx:
        message = path.outgoing.say(
            tx, path.conversation("text"), "Ana here.", sender="staff", sender_name="Ana", at=clock.now()
        )
    assert message.delivery == "withheld"
    with database.reading() as tx:
        shown = service.messages_after(tx, path.conversation("text").id, 0)
    assert "Ana here." not in [each.text for each in shown]
    await path.tell("start", channel="text")
    with database.transaction() as tx:
        message = path.outgoing.say(
            tx, path.conversation("text"), "Ana here.", sender="staff", sender_name="Ana", at=clock.now()
        )
    assert message.delivery == "sent"


async def test_help_is_a_word_like_any_other_where_nobody_asks_for_opt_out(database: Database) -> None:
    path = MessagePath(database)
    assert await path.tell("help") == ["Hello."]


# --- no word without a clause ------------------------------------------------------------------------


async def test_the_software_cannot_speak_without_a_clause(database: Database) -> None:
    path = MessagePath(database)
    await path.tell("hello")
    for decision in (None, {}, {"clause": "may.talk"}, {"version": "1"}):
        with pytest.raises(Undecided), database.transaction() as tx:
            path.outgoing.say(
                tx, path.conversation(), "Anything.", sender="bot", decision=decision, at=clock.now()
            )
    assert len(automatic(path)) == 1


async def test_the_web_chat_asks_the_stage_outgoing_in_the_committing_transaction(
    database: Database,
) -> None:
    kept = tuple(row for row in QUIET.asked["outgoing"] if row[2].clause != "outgoing.bot")
    path = MessagePath(database, rules=replace(QUIET, asked={**QUIET.asked, "outgoing": kept}))
    await path.tell("hello")
    withheld = path.thread()[-1]
    assert withheld.delivery == "withheld"
    assert withheld.delivery_error == "clause default: No rule"
    with database.reading() as tx:
        assert [m.text for m in service.messages_after(tx, path.conversation().id, 0)] == ["hello"]
        kinds = [entry.kind for entry in records.entries_after(tx, 0)]
    assert "message.withheld" in kinds
    assert "message.sent" not in kinds


# --- files -----------------------------------------------------------------------------------------


async def test_a_thousand_files_are_refused_beyond_the_quota_before_they_are_fetched(
    database: Database, tmp_path: Path
) -> None:
    path = MessagePath(database, rules=limited(automatic_per_hour=1_000, too_fast_per_minute=1_000))
    fetched: list[RemoteFile] = []

    async def fetch(event: object) -> tuple[tuple[StoredFile, ...], tuple[str, ...]]:
        fetched.extend(event.files)  # type: ignore[attr-defined]
        kept = StoredFile("a" * 64, "image", "image/png", 20_000_000, "photo.png")
        return tuple(kept for _ in event.files), ()  # type: ignore[attr-defined]

    path.processor = Processor(
        database,
        path.queue,
        path.outgoing,
        path.judgement,
        path.assistant,
        fetch,
        file_bytes_a_day=100_000_000,
    )
    for number in range(100):
        files = tuple(RemoteFile("image", f"file-{number}-{n}", size=20_000_000) for n in range(10))
        path.receive("", files=files)
    await path.run()
    assert len(fetched) == 5
    assert "more files today than I can keep" in automatic(path)[-1].text
    assert len([message for message in path.thread() if message.direction == "incoming"]) == 100
    path.receive("", files=(RemoteFile("image", "other"),), author=Author("r2"), conversation_ref="thread-2")
    await path.run()
    assert len(fetched) == 6
