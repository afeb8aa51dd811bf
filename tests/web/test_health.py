"""What /health says of the machine's clock."""

from __future__ import annotations

from datetime import datetime, timedelta

import time_machine

from bot import clock
from bot.pipeline.queue import Queue
from bot.pipeline.steady import SteadyClock
from bot.storage.database import Database
from bot.storage.wakeup import WakeUp
from bot.web.health import Health


async def _understands() -> bool:
    return True


async def test_a_jumped_clock_is_told_and_turns_nothing_red(database: Database) -> None:
    with time_machine.travel(datetime.fromisoformat("2026-05-11T12:00:00-04:00"), tick=False) as travel:
        steady = SteadyClock(clock.now, lambda: 0.0)
        with database.transaction() as tx:
            Queue(WakeUp(database)).put(
                tx,
                lane="timer",
                order_key="clock:1",
                dedupe_key="clock:1:1",
                payload={"kind": "clock", "clock": 1, "generation": 1},
                at=clock.now(),
                available_at=clock.now() + timedelta(minutes=10),
            )
        assert "clock" not in await Health(database, _understands, steady=steady).look()
        travel.shift(timedelta(days=1))
        state = await Health(database, _understands, steady=steady).look()

    assert state["clock"] == "jumped by 86400 s; escalations wait until it has lasted"
    assert state["ok"] is True
    assert state["queue"]["timer"]["due"] == 1
