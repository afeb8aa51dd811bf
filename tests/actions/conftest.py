"""The action server on a loopback port, with a real database and the city's own files."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from actions.endpoint import build_app
from actions.services import Services
from actions.wording import Wording
from bot.engagement import rulesets
from bot.engagement.calendar import BusinessCalendar
from bot.engagement.replies import SavedReplies
from bot.engagement.rulebook import Rulebook, RulesInForce
from bot.knowledge.service import Knowledge
from bot.service_requests.catalog import Catalog
from bot.storage.database import Database
from tests.actions.talk import Talk

CITY = Path(__file__).parents[2] / "city"
TOKEN = "a-token-of-the-tests-only"


@pytest.fixture(scope="session")
def calendar() -> BusinessCalendar:
    return BusinessCalendar.load(CITY / "hours.yml")


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return Catalog.load(CITY / "services.yml")


@pytest.fixture(scope="session")
def knowledge(calendar: BusinessCalendar) -> Knowledge:
    return Knowledge.load(CITY, calendar.zone)


@pytest.fixture
def services(
    database: Database, catalog: Catalog, knowledge: Knowledge, calendar: BusinessCalendar
) -> Services:
    replies = SavedReplies.load(CITY / "saved_replies.yml")
    rulebook = Rulebook(RulesInForce(rulesets.load(CITY), calendar, replies))
    return Services(
        database=database, catalog=catalog, rulebook=rulebook, knowledge=knowledge, wording=Wording.load()
    )


@pytest.fixture
def server(services: Services) -> Iterator[str]:
    """The address of a running action server."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(build_app(services, TOKEN), log_level="warning", lifespan="off")
        running = uvicorn.Server(config)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not running.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        running.should_exit = True
        thread.join(timeout=10)


@pytest.fixture
def client(server: str) -> Iterator[httpx.Client]:
    """An HTTP client that has the token."""
    with httpx.Client(base_url=server, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30) as opened:
        yield opened


@pytest.fixture
def talk(client: httpx.Client) -> Talk:
    """A conversation with the action server."""
    return Talk(client, contact_id="contact-1")


@pytest.fixture
def another(client: httpx.Client) -> Callable[[], Talk]:
    """Starts conversations of other residents."""
    return lambda: Talk(client, contact_id=f"contact-{time.monotonic_ns()}")
