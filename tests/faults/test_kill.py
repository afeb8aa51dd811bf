"""Web, worker and engine killed at every step boundary: nothing accepted is lost, nothing is done twice.

Run by `make faults`; each point is a real SIGKILL of a real process in the middle of a real conversation.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import httpx
import pytest

from bot.storage.database import Database
from tests.conftest import empty_database
from tests.faults.invariants import ClientLog, check
from tests.town import Chat, Town

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300, func_only=True)]

LEASE = timedelta(seconds=3)
PROCESSES = ("engine", "web", "worker")

WEB_POINTS = ("receive.before_insert", "receive.before_commit", "receive.after_commit")
WORKER_POINTS = (
    "turn.after_lease",
    "turn.before_assistant",
    "action.before",
    "action.after",
    "turn.after_assistant",
    "turn.before_commit",
    "turn.after_commit",
)
PASSES = (1, 2, 3)
"""At which passing of the point: the report, the yes, the thanks."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Web, worker and engine as three processes, kept over all points of this module."""
    folder = tmp_path_factory.mktemp(f"faults-{request.param}")
    for url in empty_database(request, request.param, folder):
        made = Town(folder / "var", url, {"lease_seconds": str(LEASE.total_seconds())})
        try:
            for name in PROCESSES:
                made.start(name, wait=False)
            for name in PROCESSES:
                made.wait_for(name)
            yield made
        finally:
            made.stop()


@pytest.mark.parametrize("passing", PASSES)
@pytest.mark.parametrize("point", WEB_POINTS)
def test_web_killed(town: Town, point: str, passing: int) -> None:
    restart(town, "web", f"{point}=kill@{passing}")
    report(town, expect_death_of="web")


@pytest.mark.parametrize("passing", PASSES)
@pytest.mark.parametrize("point", WORKER_POINTS)
def test_worker_killed(town: Town, point: str, passing: int) -> None:
    restart(town, "worker", f"{point}=kill@{passing}")
    report(town, expect_death_of="worker")


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.05, 0.1, 0.2])
def test_engine_killed(town: Town, delay: float) -> None:
    report(town, kill_engine_after=delay)


def test_everything_killed_at_once(town: Town) -> None:
    report(town, kill_all_after=0.05)


def restart(town: Town, name: str, failpoints: str) -> None:
    """Start a process again, armed; what it was doing is over, because nothing is in hand between tests."""
    town.kill(name)
    town.start(name, failpoints=failpoints)


def report(
    town: Town,
    *,
    expect_death_of: str | None = None,
    kill_engine_after: float | None = None,
    kill_all_after: float | None = None,
) -> None:
    """Report a pothole while a process dies and is started again; then look at what is left."""
    log, stopping, deaths = ClientLog(), threading.Event(), []

    def keep_alive() -> None:
        while not stopping.wait(0.1):
            for name in PROCESSES:
                if not town.running(name):
                    deaths.append(name)
                    town.start(name, wait=False)

    keeper = threading.Thread(target=keep_alive)
    keeper.start()
    try:
        chat = town.chat()
        for number, text in enumerate(("pothole at 120 Elm Street", "yes", "thank you")):
            insist(chat, text, log)
            if kill_engine_after is not None and number == 1:
                time.sleep(kill_engine_after)
                town.processes["engine"].kill()
            if kill_all_after is not None and number == 1:
                time.sleep(kill_all_after)
                for process in list(town.processes.values()):
                    process.kill()
            answers(chat, log)
        wait_until_idle(town)
        chat.client.close()
    finally:
        stopping.set()
        keeper.join()
    if expect_death_of:
        assert expect_death_of in deaths, "the failpoint was never passed"
    database = Database(town.database_url)
    check(database, log, lease=LEASE)
    database.close()


def insist(chat: Chat, text: str, log: ClientLog) -> None:
    """Send a message as a good client does: with one id, again and again until it is accepted."""
    message_id = uuid.uuid4().hex
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with suppress(httpx.HTTPError):
            if chat.post({"text": text}, message_id).status_code == 202:
                log.accepted[message_id] = text
                return
        time.sleep(0.2)
    pytest.fail(f"{text!r} was never accepted")


def answers(chat: Chat, log: ClientLog) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        with suppress(httpx.HTTPError):
            if new := chat.wait(5):
                log.shown.extend(message["text"] for message in new)
                return
        time.sleep(0.2)
    pytest.fail("no answer")


def wait_until_idle(town: Town) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with suppress(httpx.HTTPError):
            state = httpx.get(f"{town.url}/health", timeout=10, trust_env=False).json()
            if state["ok"] and not state["queue"]["inbox"]["due"]:
                return
        time.sleep(0.5)
    pytest.fail(f"not idle: {town.output('worker')[-2000:]}")
