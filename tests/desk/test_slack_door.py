"""What Slack delivers: proven over the raw bytes, kept once, answered at once; all else is not kept."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from bot import clock
from bot.desk.slack_desk.door import SlackDoor
from bot.desk.slack_desk.events import parse
from bot.pipeline import service as pipeline
from bot.storage.database import Database
from tests.desk.slack_emulator import SECRET, SlackEmulator, pressed, signed
from tests.desk.slack_town import BUTTONS, FIXTURES, SlackTown, fixture, slack_town, text_of

JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """One database, for what no query can change."""
    shutil.copy(sqlite_template, tmp_path / "townline.db")
    database = Database(f"sqlite:///{tmp_path / 'townline.db'}")
    yield database
    database.close()


@pytest.fixture
def town(sqlite: Database, tmp_path: Path) -> SlackTown:
    """A city whose Slack is never called."""
    return SlackTown(
        sqlite,
        tmp_path,
        None,
        slack_bot_token="xoxb-test",
        slack_signing_secret=SECRET,
    )


async def deliver(town: SlackTown, body: str | bytes, headers: dict[str, str]) -> httpx.Response:
    transport = httpx.ASGITransport(app=Starlette(routes=town.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
        return await client.post("/slack/events", content=body, headers=headers)


def test_slacks_own_signature_example() -> None:
    example = json.loads((FIXTURES / "signature_v0.json").read_text())
    stamp, wanted = (example["headers"][f"X-Slack-{name}"] for name in ("Request-Timestamp", "Signature"))
    made = signed(example["body"], at=float(stamp), secret=example["signing_secret"])
    assert made["x-slack-signature"] == wanted


async def test_the_address_is_verified(town: SlackTown) -> None:
    body = json.dumps(fixture("bolt_events_url_verification_event_body"))
    answer = await deliver(town, body, {**signed(body), **JSON})
    assert answer.status_code == 200
    assert (
        json.loads(answer.text)["challenge"]
        == fixture("bolt_events_url_verification_event_body")["challenge"]
    )


@pytest.mark.parametrize(
    ("age", "status"), [(0, 200), (299, 200), (301, 401), (-299, 200), (-301, 401), (10**6, 401)]
)
async def test_old_requests_are_refused(town: SlackTown, age: int, status: int) -> None:
    body = json.dumps(fixture("bolt_message_message_body"))
    assert (await deliver(town, body, {**signed(body, at=time.time() - age), **JSON})).status_code == status


@pytest.mark.parametrize("change", ["space", "secret", "none", "stamp", "letters", "version"])
async def test_what_slack_did_not_sign_is_refused(town: SlackTown, change: str) -> None:
    body = json.dumps(fixture("bolt_message_message_body"))
    headers = signed(body, secret="another" if change == "secret" else SECRET)
    sent = body.replace('": ', '":  ', 1) if change == "space" else body
    if change == "none":
        headers = {}
    if change == "stamp":
        headers["x-slack-request-timestamp"] = str(int(headers["x-slack-request-timestamp"]) + 1)
    if change == "letters":
        headers["x-slack-request-timestamp"] = "soon"
    if change == "version":
        headers["x-slack-signature"] = headers["x-slack-signature"].replace("v0=", "v1=")
    assert (await deliver(town, sent, {**headers, **JSON})).status_code == 401


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 60_000, b'{"type": 5}', b"[]", b"5", b""])
async def test_signed_nonsense_breaks_nothing(town: SlackTown, body: bytes) -> None:
    headers = signed(body.decode("latin-1")) if body.isascii() else {}
    answer = await deliver(town, body, {**headers, **JSON})
    assert answer.status_code in (200, 400, 401)
    assert _waiting(town) == 0


async def test_too_large_is_refused_before_it_is_read(town: SlackTown) -> None:
    body = "x" * 1_000_001
    assert (await deliver(town, body, {**signed(body), **JSON})).status_code == 413


@pytest.mark.parametrize("name", sorted(path.stem for path in FIXTURES.glob("bolt_*.json")))
async def test_slacks_payloads_are_acknowledged_and_kept_only_where_we_have_a_thread(
    town: SlackTown, name: str
) -> None:
    payload = fixture(name)
    body = json.dumps(payload)
    kind = JSON
    if payload["type"] in ("block_actions", "view_submission"):
        body, kind = urllib.parse.urlencode({"payload": body}), FORM
    answer = await deliver(town, body, {**signed(body), **kind})
    assert answer.status_code == 200
    assert _waiting(town) == 0


def test_which_payloads_are_something_that_a_person_did() -> None:
    said = parse(fixture("bolt_message_thread_broadcast_event_payload"))
    assert said is not None
    assert (said.kind, said.user, said.text, said.thread_ts) == (
        "said",
        "U111",
        "Hi there!",
        "1633663824.000500",
    )
    edited = parse(fixture("captured_message_changed")["body"])
    assert edited is None  # The first message of a thread, which is never staff's.
    reply = parse(fixture("captured_thread_reply")["body"])
    assert reply is not None
    assert reply.text == "I take this"
    for name in (
        "bolt_message_bot_bot_message_event_payload",
        "bolt_message_bot_classic_bot_message_event_payload",
        "bolt_message_bot_user_message_event_payload",
        "bolt_events_valid_reaction_added_body",
        "bolt_app_app_mention_event_body",
        "bolt_view_submission_body",
        "bolt_block_actions_body",
    ):
        assert parse(fixture(name)) is None, name


async def test_a_repeat_is_answered_and_done_once(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    async with slack_town(database, tmp_path, slack) as town:
        town.staff("ana")
        await town.ask()
        await town.press("ana", "claim")
        event = {
            "type": "event_callback",
            "team_id": "T000000001",
            "event_id": "EvREPEATED",
            "event": {
                "type": "message",
                "user": slack.user("ana"),
                "text": "On my way.",
                "ts": f"{time.time():.6f}",
                "thread_ts": town.root()["ts"],
                "channel": town.channel,
            },
        }
        body = json.dumps(event)
        repeat = {"x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout"}
        answers = await asyncio.gather(
            *(deliver(town, body, {**signed(body), **JSON, **more}) for more in ({}, repeat, repeat))
        )
        assert [answer.status_code for answer in answers] == [200] * 3
        await town.work()
        assert town.path.said().count("On my way.") == 1
        button = pressed(
            fixture("bolt_block_actions_body"),
            user=slack.user("ana"),
            channel=town.channel,
            message=town.root(),
            action=BUTTONS["give_back"],
        )
        for _ in range(2):
            await deliver(town, button, {**signed(button), **FORM})
        await town.work()
        assert len(town.recorded("holder.given_back")) == 1
        assert "Nobody waits here" not in " ".join(slack.told(town.channel, "ana"))


async def test_while_the_database_is_away_slack_is_asked_to_deliver_again(
    sqlite: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    async with slack_town(sqlite, tmp_path, slack) as town:
        await town.ask()
        body = pressed(
            fixture("bolt_block_actions_body"),
            user=slack.user("ana"),
            channel=town.channel,
            message=town.root(),
            action=BUTTONS["claim"],
        )
        away = Database("sqlite:////proc/none.db")
        door = SlackDoor(away, town.path.queue, signing_secret=SECRET, app_token="", url=slack.api_url)
        status, _, _ = await door.answer({**signed(body), **FORM}, body.encode())
        assert status == 503


async def test_our_own_messages_are_not_answered(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    # The emulator tells us of each message that we post, without a bot_id, as if a person had written it.
    async with slack_town(database, tmp_path, slack) as town:
        town.staff("ana")
        await town.ask()
        await town.press("ana", "claim")
        said = town.path.said()
        before = len(slack.messages(town.channel))
        for _ in range(3):
            await town.work()
        assert len(slack.messages(town.channel)) == before
        assert town.path.said() == said
        assert town.recorded("desk.refused") == []


async def test_an_edit_in_slack_changes_nothing_outside_and_says_so(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    async with slack_town(database, tmp_path, slack) as town:
        town.staff("ana")
        await town.ask()
        await town.press("ana", "claim")
        ts = await town.write("ana", "We come at nine.")
        call = asyncio.to_thread(
            slack.call, "ana", "chat.update", channel=town.channel, ts=ts, text="We come at ten."
        )
        await call
        await town.work()
        assert town.path.said()[-1] == "We come at nine."
        assert "The resident keeps what was sent" in town.lines()[-1]
        assert "We come at nine." in town.lines()[-1]
        await asyncio.to_thread(slack.call, "ana", "chat.delete", channel=town.channel, ts=ts)
        await town.work()
        assert "was deleted here" in town.lines()[-1]


HOSTILE = (
    "<!channel> <@U1> <http://evil.example|City Hall> *bold* _it_ ~no~ `code` :tada: &lt; > @here\n"
    "> quoted\n```block```\n\u202eright\u202c \N{GRINNING FACE} 0\u0000 \ud83d end"
)


async def test_what_residents_write_is_shown_as_it_is_and_means_nothing(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    async with slack_town(database, tmp_path, slack) as town:
        await town.ask(HOSTILE)
        await town.ask()
        shown = HOSTILE.replace("\u0000", "\N{REPLACEMENT CHARACTER}").replace(
            "\ud83d", "\N{REPLACEMENT CHARACTER}"
        )
        assert shown in town.lines()[0]
        for message in slack.messages(town.channel):
            assert "<" not in str(message["text"])
            assert message["mrkdwn"] is False
            for kind in ("mrkdwn", "user", "broadcast", "usergroup", "channel"):
                assert f"'type': '{kind}'" not in str(message["blocks"])
        long = "x" * 20_000
        await town.ask(long)
        assert all(len(text_of(each)) < 4_000 for each in slack.messages(town.channel))


async def test_only_whose_address_is_theirs_for_sure_is_staff(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    async with slack_town(database, tmp_path, slack) as town:
        town.staff("ana", "ben")
        await town.ask()
        slack.change_user("ben", team_id="T0OTHER")
        await town.press("ben", "claim")
        assert town.path.conversation().holder.kind == "queue"
        slack.change_user("ben", team_id="T000000001")
        slack.change_user("ben", deleted=True)
        await town.press("ben", "claim")
        assert town.path.conversation().holder.kind == "queue"
        slack.change_user("ben", deleted=False)
        await town.press("ana", "claim")
        await town.press("ana", "give_back")
        # Ana is linked now: whoever else takes her address in Slack does not become Ana.
        stranger = next(each for each in slack.state("users") if each["name"] == "stranger")
        mine = stranger["profile"] | {"email": "ana@millbrook.example"}
        slack.change_user("stranger", profile=mine)
        try:
            await town.ask()
            root = slack.roots(town.channel)[-1]
            await town.press("stranger", "claim", root)
            assert town.path.conversation().holder.kind == "queue"
        finally:
            slack.change_user("stranger", profile=stranger["profile"])


def _waiting(town: SlackTown) -> int:
    with town.database.reading() as tx:
        return pipeline.backlog(tx, "desk", clock.now())[0]
