"""A broken promise climbs: person, team, manager, each once, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from bot import clock
from bot.engagement.policy import Ladder
from bot.pipeline.steady import SteadyClock
from bot.storage.database import Database
from tests.pipeline.message_path import MONDAY_NOON, RULES, undisclosed, with_policy
from tests.pipeline.waiting_path import WaitingPath

MINUTE = timedelta(minutes=1)


@pytest.fixture
def travel() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY_NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def path(database: Database, travel: time_machine.Traveller) -> WaitingPath:
    return WaitingPath(database)


async def climbed(path: WaitingPath, travel: time_machine.Traveller, minutes: int) -> list[tuple[str, str]]:
    """Live through so many minutes, every alarm rings; returns when which rung was told of which clock."""
    before = len(path.recorded("ladder.climbed"))
    for _ in range(minutes):
        travel.shift(MINUTE)
        await path.fire()
    return [
        (path.shown(entry.recorded_at), f"{entry.body['clock']} {entry.body['rung']}")
        for entry in path.recorded("ladder.climbed")[before:]
    ]


async def test_while_nobody_holds_it_the_team_is_told_at_once_and_the_manager_later(
    path: WaitingPath, travel: time_machine.Traveller
) -> None:
    await path.tell("a person please")
    path.pages()

    assert await climbed(path, travel, 300) == [
        ("Mon 13:00", "first_reply team"),
        ("Mon 14:00", "first_reply manager"),
    ]
    assert [(page.owner, page.rung, page.clause) for page in path.pages()] == [
        ("front_desk", "team", "ladder.team"),
        ("city_manager", "manager", "ladder.manager"),
    ]
    assert len(path.recorded("promise.missed")) == 1
    assert {entry.body["version"] for entry in path.recorded("ladder.climbed")} == {RULES.version}
    assert path.conversation().overdue


async def test_who_holds_it_and_does_not_answer_is_told_first(
    path: WaitingPath, travel: time_machine.Traveller
) -> None:
    await path.tell("a person please")
    path.take()
    path.pages()

    assert await climbed(path, travel, 300) == [
        ("Mon 13:00", "first_reply person"),
        ("Mon 13:15", "first_reply team"),
        ("Mon 14:00", "first_reply manager"),
    ]
    assert [page.rung for page in path.pages()] == ["person", "team", "manager"]
    assert len(path.recorded("promise.missed")) == 1


async def test_an_answer_ends_the_climb(path: WaitingPath, travel: time_machine.Traveller) -> None:
    await path.tell("a person please")
    path.take()
    assert len(await climbed(path, travel, 70)) == 1
    path.reply()

    assert await climbed(path, travel, 200) == []


async def test_the_rungs_count_the_owners_hours(path: WaitingPath, travel: time_machine.Traveller) -> None:
    travel.move_to("2026-05-15T15:25:00-04:00")  # a Friday
    await path.tell("a person please")

    assert await climbed(path, travel, 65) == [("Fri 16:25", "first_reply team")]
    travel.move_to("2026-05-18T07:58:00-04:00")
    # Five minutes of the sixty were left on Friday.
    assert await climbed(path, travel, 90) == [("Mon 08:55", "first_reply manager")]


async def test_two_answers_that_were_let_wait_are_two_climbs(
    path: WaitingPath, travel: time_machine.Traveller
) -> None:
    rules = with_policy(RULES, next_reply=30, ladder=Ladder(person=0, team=15, manager=600))
    path.change(ruleset=undisclosed(rules))
    await path.tell("a person please")
    path.reply()
    for _ in range(2):
        await path.tell("any news?")
        assert [rung for _, rung in await climbed(path, travel, 50)] == [
            "next_reply person",
            "next_reply team",
        ]
        path.reply()

    assert [page.rung for page in path.pages()] == ["new", "person", "team", "person", "team"]
    assert len(path.recorded("next_reply.missed")) == 2
    assert path.recorded("promise.missed") == []


async def test_a_matter_that_takes_too_long_climbs_by_itself(
    path: WaitingPath, travel: time_machine.Traveller
) -> None:
    path.change(
        ruleset=undisclosed(with_policy(RULES, resolve=90, next_reply=2000, pause_while_waiting=False))
    )
    await path.tell("a person please")
    path.reply()

    assert await climbed(path, travel, 240) == [
        ("Mon 13:30", "resolve person"),
        ("Mon 13:45", "resolve team"),
        ("Mon 14:30", "resolve manager"),
    ]
    assert len(path.recorded("resolve.missed")) == 1


async def test_after_a_night_in_which_nothing_ran_nobody_is_passed_over(
    path: WaitingPath, travel: time_machine.Traveller
) -> None:
    await path.tell("a person please")
    path.take()
    travel.move_to("2026-05-12T09:00:00-04:00")
    await path.fire()
    assert [page.rung for page in path.pages()] == ["new", "person"]

    assert await climbed(path, travel, 120) == [
        ("Tue 09:15", "first_reply team"),
        ("Tue 10:00", "first_reply manager"),
    ]


async def test_two_schedulers_started_by_mistake_tell_each_rung_once(database_url: str) -> None:
    databases = [Database(database_url) for _ in range(3)]
    with time_machine.travel(MONDAY_NOON, tick=False) as travel:
        path = WaitingPath(databases[0])
        for number in range(8):
            await path.tell("a person please", conversation_ref=f"thread-{number}")
        schedulers = [WaitingPath.beside(path, database) for database in databases[1:]]
        for _ in range(4):
            travel.shift(40 * MINUTE)
            await asyncio.gather(*(scheduler.fire() for scheduler in schedulers))
        rungs = [(entry.subject, entry.body["rung"]) for entry in path.recorded("ladder.climbed")]
        assert len(rungs) == len(set(rungs)) == 16
        assert len(path.recorded("promise.missed")) == 8
        assert len([page for page in path.pages() if page.rung != "new"]) == 16
    for database in databases:
        database.close()


# --- a wall clock that jumps --------------------------------------------------------------------------


class Machine:
    """A machine whose wall clock can be set wrong while its monotonic clock goes on."""

    def __init__(self, start: datetime) -> None:
        self.wall, self.counted = start, 1000.0

    def pass_time(self, time: timedelta) -> None:
        self.wall += time
        self.counted += time.total_seconds()

    def clock(self, lasting: timedelta = 15 * MINUTE) -> SteadyClock:
        return SteadyClock(lambda: self.wall, lambda: self.counted, lasting)


@pytest.mark.parametrize(
    "jump",
    [timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(days=-1), timedelta(days=366)],
)
@pytest.mark.parametrize(
    "start", ["2026-05-11T12:00:00+00:00", "2028-02-28T23:59:00+00:00", "2026-12-31T23:58:00+00:00"]
)
def test_a_jump_is_believed_when_it_lasts(jump: timedelta, start: str) -> None:
    machine = Machine(datetime.fromisoformat(start))
    steady = machine.clock()
    machine.pass_time(5 * MINUTE)
    true = machine.wall
    machine.wall += jump

    assert steady.now() == true
    assert steady.doubt() == jump
    for _ in range(14):
        machine.pass_time(MINUTE)
        true += MINUTE
        assert steady.now() == true
    machine.pass_time(2 * MINUTE)
    assert steady.now() == machine.wall
    assert steady.doubt() is None


def test_a_clock_that_is_put_right_again_was_never_believed() -> None:
    machine = Machine(datetime(2026, 5, 11, 12, tzinfo=UTC))
    steady = machine.clock()
    machine.wall += timedelta(days=1)
    assert steady.doubt() == timedelta(days=1)
    machine.pass_time(5 * MINUTE)
    machine.wall -= timedelta(days=1)

    assert steady.now() == machine.wall
    assert steady.doubt() is None


def test_a_second_jump_begins_the_wait_anew() -> None:
    machine = Machine(datetime(2026, 5, 11, 12, tzinfo=UTC))
    steady = machine.clock()
    machine.wall += timedelta(hours=1)
    steady.now()
    machine.pass_time(14 * MINUTE)
    machine.wall += timedelta(hours=1)
    steady.now()
    machine.pass_time(2 * MINUTE)

    assert steady.doubt() == timedelta(hours=2)


def test_what_time_servers_correct_is_no_jump() -> None:
    machine = Machine(datetime(2026, 5, 11, 12, tzinfo=UTC))
    steady = machine.clock()
    for _ in range(50):
        machine.pass_time(MINUTE)
        machine.wall += timedelta(seconds=10)
        assert steady.now() == machine.wall
        assert steady.doubt() is None


@pytest.mark.parametrize(
    "jump", [timedelta(hours=1), timedelta(days=1), timedelta(hours=-1), timedelta(days=-1)]
)
async def test_a_jump_is_no_mass_escalation(
    path: WaitingPath, travel: time_machine.Traveller, jump: timedelta
) -> None:
    counted = 0.0
    steady = SteadyClock(clock.now, lambda: counted)
    timers = path.timers(steady)

    async def live(minutes: int) -> None:
        nonlocal counted
        for _ in range(minutes):
            travel.shift(MINUTE)
            counted += 60.0
            while await timers.claim():
                pass

    for number in range(5):
        await path.tell("a person please", conversation_ref=f"thread-{number}")
    await live(5)
    travel.shift(jump)
    await live(5)
    assert path.recorded("ladder.climbed") == []
    assert steady.doubt() == jump
    travel.shift(-jump)
    await live(49)
    assert path.recorded("ladder.climbed") == []
    await live(2)  # it is 13:01, and all five were promised an answer by 13:00
    assert len(path.recorded("ladder.climbed")) == 5


async def test_during_a_jump_true_deadlines_still_ring(
    path: WaitingPath, travel: time_machine.Traveller
) -> None:
    counted = 0.0
    timers = path.timers(SteadyClock(clock.now, lambda: counted, timedelta(hours=10)))
    await path.tell("a person please")
    travel.shift(timedelta(days=-1))
    counted += 3_700.0
    assert await timers.claim()
    assert [entry.body["rung"] for entry in path.recorded("ladder.climbed")] == ["team"]


async def test_an_alarm_and_an_answer_in_the_same_moment_do_not_stand_in_each_others_way(
    database_url: str,
) -> None:
    databases = [Database(database_url) for _ in range(2)]
    with time_machine.travel(MONDAY_NOON, tick=False) as travel:
        path = WaitingPath(databases[0])
        ids = []
        for number in range(12):
            path.thread_ref = f"thread-{number}"
            await path.tell("a person please", conversation_ref=path.thread_ref)
            ids.append(path.conversation().id)
        travel.shift(61 * MINUTE)
        scheduler = WaitingPath.beside(path, databases[1])

        def answer() -> None:
            for conversation_id in ids:
                with databases[0].transaction() as tx:
                    path.desk.reply(tx, conversation_id, path.ana, "Here I am.", at=clock.now())

        await asyncio.gather(asyncio.to_thread(answer), scheduler.fire())
        ended = [entry.body["outcome"] for entry in path.recorded("clock.ended")]
        assert ended == ["late"] * 12
    for database in databases:
        database.close()


@pytest.mark.parametrize(
    ("start", "breach"),
    [
        ("2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"),
        ("2026-11-01T01:30:00-05:00", "2026-11-01T02:30:00-05:00"),
        ("2026-03-08T01:30:00-05:00", "2026-03-08T03:30:00-04:00"),
    ],
)
async def test_the_hour_that_comes_twice_or_never_neither_doubles_nor_loses_a_rung(
    path: WaitingPath, travel: time_machine.Traveller, start: str, breach: str
) -> None:
    travel.move_to(start)
    await path.tell("a person please")
    path.transfer("emergency_duty")  # who answers at any hour
    due_at = datetime.fromisoformat(breach)
    assert path.running()["first_reply"].due_at == due_at
    for _ in range(36):
        travel.shift(5 * MINUTE)
        await path.fire()

    climbs = [(entry.body["rung"], entry.recorded_at) for entry in path.recorded("ladder.climbed")]
    assert climbs == [("team", due_at), ("manager", due_at + timedelta(hours=1))]
    assert len(path.recorded("promise.missed")) == 1
