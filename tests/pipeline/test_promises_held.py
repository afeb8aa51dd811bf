"""For any decision, calendar and moment: the promise shown is the number that is stored, and the alarm's."""

from __future__ import annotations

import dataclasses
import itertools
import random
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.engagement.clauses import Decision, Ruleset
from bot.engagement.rulebook import RulesInForce
from bot.messages import Author
from bot.storage.database import Database
from tests.engagement.clock_cases import MOMENTS, OFFICES, ZONES, Hours, draw_hours
from tests.fakes.assistants import hands_off
from tests.pipeline.message_path import REPLIES, RULES, undisclosed
from tests.pipeline.waiting_path import WaitingPath

HAND_OVERS = [clause.decision for clause in RULES.clauses if clause.decision.outcome == "hand_off"]
WORDS = {"en": "help me out of this please", "es": "ayúdeme con esto por favor, no sé qué hacer"}
numbers = itertools.count()


@pytest.fixture(scope="module")
def path(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WaitingPath]:
    file = tmp_path_factory.mktemp("promises") / "townline.db"
    shutil.copy(sqlite_template, file)
    database = Database(f"sqlite:///{file}")
    path = WaitingPath(database)
    for text in WORDS.values():
        path.assistant.replies[text] = hands_off("nobody_named_this")
    yield path
    database.close()


def rules_of(decision: Decision, office: str, minutes: int) -> Ruleset:
    """The city's rules, in which what no clause names is decided like this, in the hours of that office."""
    owners = {
        key: dataclasses.replace(owner, hours=office, counter=None, minutes_a_day=None)
        for key, owner in RULES.owners.items()
    }
    default = dataclasses.replace(decision, clause="default", minutes=minutes)
    asked = {stage: () if stage == "after" else conditions for stage, conditions in RULES.asked.items()}
    return dataclasses.replace(undisclosed(RULES), owners=owners, default=default, asked=asked)


def shown(path: WaitingPath, text: str, due_at: datetime, now: datetime, language: str) -> bool:
    """Whether the text says that moment, as a time of day or as minutes from now."""
    calendar = path.rulebook.in_force.calendar
    times = {calendar.describe(due_at, now, language, form) for form in ("by", "closing")}
    left = due_at - now
    minutes = f" {left // timedelta(minutes=1)} min"
    return any(f"{time}" in text for time in times) or (not left % timedelta(minutes=1) and minutes in text)


@settings(max_examples=60, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(
    seed=st.integers(0, 10**6),
    moment=st.sampled_from(MOMENTS),
    zone=st.sampled_from(ZONES),
    decision=st.sampled_from(HAND_OVERS),
    office=st.sampled_from(OFFICES),
    minutes=st.sampled_from((1, 10, 60, 120, 480, 960, 2400)),
    offset=st.integers(-3 * 86_400, 86_400),
    language=st.sampled_from(("en", "es")),
    other=st.sampled_from(OFFICES),
)
async def test_what_is_shown_is_what_is_held(
    path: WaitingPath,
    *,
    seed: int,
    moment: datetime,
    zone: str,
    decision: Decision,
    office: str,
    minutes: int,
    offset: int,
    language: str,
    other: str,
) -> None:
    hours: Hours = draw_hours(random.Random(seed), moment, zone)
    ruleset = rules_of(decision, office, minutes)
    path.rulebook.replace(RulesInForce(ruleset, hours.calendar, REPLIES))
    now = moment + timedelta(seconds=offset)
    reference = f"thread-{next(numbers)}"
    with time_machine.travel(now, tick=False):
        path.receive(
            WORDS[language],
            conversation_ref=reference,
            author=Author(reference, language=language),
        )
        await path.run()
        path.thread_ref = reference
        conversation, first = path.conversation(), path.running()["first_reply"]
        assert first.due_at is not None
        assert first.due_at == conversation.due_at == first.alarm_at
        assert first.due_at in path.alarms()
        said = path.said()[-1]
        assert shown(path, said, first.due_at, now, language), (said, first.due_at)
    with time_machine.travel(now + timedelta(seconds=30), tick=False):
        await path.tell(
            WORDS[language], conversation_ref=reference, author=Author(reference, language=language)
        )
        repeated = path.running()["first_reply"]
        assert repeated.due_at == path.conversation().due_at == repeated.alarm_at
        assert repeated.due_at is not None
        # Danger that is told again may move it forward, by less than a minute; nothing moves it back.
        assert timedelta() <= first.due_at - repeated.due_at <= timedelta(minutes=decision.urgent)
        first = repeated
    # Another department: told again exactly if the number is another one, and then it is that number.
    owners = {
        **ruleset.owners,
        "planning": dataclasses.replace(ruleset.owners["planning"], hours=other),
    }
    path.rulebook.replace(RulesInForce(dataclasses.replace(ruleset, owners=owners), hours.calendar, REPLIES))
    later = now + timedelta(seconds=45)
    if conversation.owner == "planning" or first.due_at <= later:
        return
    with time_machine.travel(later, tick=False):
        before = len(path.said())
        path.transfer("planning")
        moved = path.running()["first_reply"]
        assert moved.due_at == path.conversation().due_at == moved.alarm_at
        assert moved.due_at is not None
        assert (len(path.said()) > before) is (moved.due_at != first.due_at)
        if moved.due_at != first.due_at:
            assert shown(path, path.said()[-1], moved.due_at, later, language)
