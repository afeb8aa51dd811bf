"""A worker that is killed between posting in Slack and noting it posts nothing twice and loses nothing.

Run by `make faults`, with the web server that Slack reaches as a second process.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bot.storage.database import Database
from tests.desk.slack_emulator import SECRET, TOKEN, SlackEmulator, emulated, pressed, signed
from tests.desk.slack_town import ASKS, BUTTONS, fixture, text_of
from tests.free_port import free_port
from tests.pipeline.message_path import CITY, MessagePath
from tests.web.pages_app import PagesApp

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300, func_only=True)]

HOME = Path(__file__).parents[2]
FORM = {"content-type": "application/x-www-form-urlencoded"}


class Processes:
    """Web server and worker of one city, with Slack."""

    def __init__(self, url: str, folder: Path, slack: SlackEmulator, channel: str) -> None:
        city = folder / "city"
        city.mkdir()
        for part in CITY.iterdir():
            if part.name != "rules_of_engagement.yml":
                (city / part.name).symlink_to(part)
        rules = yaml.safe_load((CITY / "rules_of_engagement.yml").read_text())
        rules["owners"]["front_desk"]["slack"] = channel
        (city / "rules_of_engagement.yml").write_text(yaml.safe_dump(rules, allow_unicode=True))
        self.port = free_port()
        self._log = (folder / "log").open("wb")
        self._values = {
            "DATABASE_URL": url.replace("postgresql+psycopg", "postgresql"),
            "CITY": str(city),
            "VAR": str(folder / "var"),
            "PORT": str(self.port),
            "LEASE_SECONDS": "2",
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": slack.api_url,
        }

    @contextmanager
    def running(self, word: str, failpoints: str = "") -> Iterator[subprocess.Popen[bytes]]:
        values = {**self._values, "FAILPOINTS": failpoints, "ACTIONS_PORT": str(free_port())}
        environment = {key: value for key, value in os.environ.items() if not key.startswith("TOWNLINE_")}
        environment |= {f"TOWNLINE_{name}": value for name, value in values.items()}
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "--home", str(HOME), word],
            cwd=HOME,
            env=environment,
            stdout=self._log,
            stderr=self._log,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def until(what: Callable[[], Any], seconds: float = 60.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


@pytest.fixture(scope="module")
def slack() -> Iterator[SlackEmulator]:
    with emulated() as emulator:
        yield emulator


def test_a_killed_worker_posts_nothing_twice_and_loses_nothing(
    database: Database, database_url: str, tmp_path: Path, slack: SlackEmulator
) -> None:
    channel = slack.add_channel(f"desk-{uuid.uuid4().hex[:8]}")
    city = Processes(database_url, tmp_path, slack, channel)
    pages = PagesApp(database, tmp_path / "pages")
    pages.add_staff("Ana")
    path = MessagePath(database, ASKS)
    asyncio.run(path.tell("a person"))
    with city.running("worker", "slack.after=kill@1") as worker:
        until(lambda: worker.poll() is not None)
        assert worker.returncode == -signal.SIGKILL
    assert len(slack.messages(channel)) == 1
    with city.running("worker", "slack.after=kill@2") as worker:
        until(lambda: worker.poll() is not None)
    with city.running("worker") as worker, city.running("web"):
        until(lambda: "a person" in str([text_of(each) for each in slack.replies(channel)]))
        (root,) = slack.roots(channel)
        url = f"http://127.0.0.1:{city.port}/slack/events"
        body = pressed(
            fixture("bolt_block_actions_body"),
            user=slack.user("ana"),
            channel=channel,
            message=root,
            action=BUTTONS["claim"],
        )

        def press() -> bool:
            try:
                return httpx.post(url, content=body, headers={**signed(body), **FORM}).status_code == 200
            except httpx.TransportError:
                return False

        until(press)
        until(lambda: path.conversation().holder.name == "Ana")
        until(lambda: "Ana answers Rosa" in text_of(slack.roots(channel)[0]))
        assert httpx.post(url, content=body, headers=FORM).status_code == 401
        time.sleep(1)
        assert len(slack.roots(channel)) == 1
        lines = [text_of(each) for each in slack.replies(channel)]
        assert sum("a person" in line for line in lines) == 1, json.dumps(lines)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
