"""Ten thousand random lives of a clock against a count of minutes, by code that shares nothing with it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from bot.engagement.clocks import Clock
from tests.engagement.clock_cases import MOMENTS, SPAN, ZONES, Hours, Life, draw_hours, draw_life, simulate

CASES = 10_000
SEED = 20261101


def lived(life: Life) -> datetime | None:
    """Let the clock live that life, as the software does; returns when it is over."""
    hours = life.hours.calendar
    clock = Clock("resolve", life.target, life.office, since=life.start)
    for event in life.happenings:
        at = life.start + timedelta(minutes=event.minute)
        due_at = clock.due_at(hours)
        if due_at is not None and due_at <= at:
            return due_at
        match event.what:
            case "pause":
                clock = clock.paused(hours, at)
            case "resume":
                clock = clock.resumed(at)
            case "transfer":
                clock = clock.transferred(hours, at, event.office)
            case "edit":
                clock = clock.under(hours, at, event.target, event.office)
                hours = event.hours.calendar if event.hours else hours
    return clock.due_at(hours)


def test_every_deadline_equals_a_count_minute_by_minute() -> None:
    chance = random.Random(SEED)
    pools: list[tuple[datetime, list[Hours]]] = [
        (moment, [draw_hours(chance, moment, zone) for _ in range(4)]) for zone in ZONES for moment in MOMENTS
    ]
    reached = 0
    for number in range(CASES):
        moment, pool = pools[number % len(pools)]
        life = draw_life(chance, moment, pool)
        expected = simulate(life)
        due_at = lived(life)
        if expected is not None:
            reached += 1
            assert due_at == expected, (number, life)
        else:
            assert due_at is None or due_at > life.start + timedelta(minutes=SPAN) - timedelta(days=8), (
                number,
                life,
            )
    assert reached > CASES * 0.7
