"""Run by test_tracker_store.py with the engine's Python: two stores stand for two engines."""

from __future__ import annotations

import asyncio
import json
import sys

from bot.assistant.engine import environment, tensorflow_stub

environment.prepare()
tensorflow_stub.install()

from rasa.shared.core.events import UserUttered  # noqa: E402 - only after the stand-in

from bot.assistant.engine.tracker_store import StaleTracker, TownlineTrackerStore  # noqa: E402


def texts(tracker) -> list[str]:
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


async def main(url: str) -> dict:
    one, two = TownlineTrackerStore(host=url), TownlineTrackerStore(host=url)
    found = {}
    assert await one.retrieve("c-1") is None
    tracker = one.init_tracker("c-1")
    tracker.update(UserUttered("hello"))
    await one.save(tracker)
    tracker = await two.retrieve("c-1")
    tracker.update(UserUttered("again"))
    await two.save(tracker)
    found["kept by another process"] = texts(await one.retrieve("c-1"))

    mine, theirs = await one.retrieve("c-1"), await two.retrieve("c-1")
    theirs.update(UserUttered("lost"))
    one.forget_read("c-1")
    mine = await one.retrieve("c-1")
    await one.save(mine)
    try:
        await two.save(theirs)
    except StaleTracker as fault:
        found["two engines at once"] = type(fault).__name__
    spoilt = await two.retrieve("c-1")
    spoilt.update(UserUttered("never finished"))
    two.forget_read("c-1")
    found["a turn that failed"] = texts(await two.retrieve("c-1"))
    found["keys"] = await one.keys()
    found["deleted"] = [await one.delete("c-1"), await two.delete("c-1")]
    after = await one.retrieve("c-1")
    found["after"] = after and texts(after)
    one.close()
    two.close()
    return found


print(json.dumps(asyncio.run(main(sys.argv[1]))))
