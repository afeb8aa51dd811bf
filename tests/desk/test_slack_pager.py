"""Reaching people: up the ladder, by day and by night, while Slack is away, after a crash."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import time_machine

from bot import clock
from bot.desk import pages
from bot.desk.slack_desk import tables
from bot.pipeline import paging
from bot.storage.database import Database
from bot.web.health import Health
from tests.desk.mail_server import MailServer, mail_server
from tests.desk.slack_emulator import SlackEmulator
from tests.desk.slack_town import SlackTown, Wire, slack_town, text_of
from tests.pipeline.message_path import FRIDAY_NIGHT, MONDAY_NOON
from tests.web.pages_app import signed_in

DESK, MANAGER, DUTY = ("desk@millbrook.example", "manager@millbrook.example", "duty@millbrook.example")


def mailing(server: MailServer) -> dict[str, object]:
    """The settings that send mail to a server of the tests."""
    return {
        "smtp_host": "127.0.0.1",
        "smtp_port": server.port,
        "smtp_security": "none",
        "smtp_from": "townline@millbrook.example",
    }


async def test_slack_away_for_a_while_loses_nothing_and_keeps_the_order(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    wire = Wire(slack.url)
    with time_machine.travel(MONDAY_NOON, tick=False) as traveller:
        async with slack_town(database, tmp_path, slack, slack_api_url=wire.url) as town:
            for number in (1, 2, 3):
                await town.ask(conversation_ref=f"thread-{number}")
                await town.ask(f"still here {number}", conversation_ref=f"thread-{number}")
            assert slack.messages(town.channel) == []
            assert not town.recorded("page.unreachable")
            await wire.up()
            # Who comes now stands behind those who came while nobody heard them.
            await town.ask(conversation_ref="thread-4")
            assert slack.messages(town.channel) == []
            for _ in range(2):
                traveller.shift(timedelta(seconds=40))
                await town.work()
            roots = slack.roots(town.channel)
            assert len(roots) == 4
            order = [str(each["blocks"]) for each in roots]
            ids = [town.conversation_id(f"thread-{number}") for number in (1, 2, 3, 4)]
            assert [identity in shown for identity, shown in zip(ids, order, strict=True)] == [True] * 4
            lines = town.lines()
            assert ["still here 1" in lines[0], "still here 3" in lines[2]] == [True, True]
            await wire.down()
            await town.ask("and one more", conversation_ref="thread-1")
            assert not any("and one more" in line for line in town.lines())
            await wire.up()
            traveller.shift(timedelta(seconds=40))
            await town.work()
            assert sum("and one more" in line for line in town.lines()) == 1
            assert len(slack.roots(town.channel)) == 4
        await wire.down()


async def test_while_slack_is_away_the_next_way_is_taken(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    with mail_server() as server, time_machine.travel(MONDAY_NOON, tick=False) as traveller:
        wire = Wire(slack.url)
        ways = {"front_desk": {"slack": "C0AWAY", "email": DESK}}
        async with slack_town(
            database, tmp_path, slack, ways=ways, slack_api_url=wire.url, **mailing(server)
        ) as town:
            await town.ask()
            assert server.arrived == []
            traveller.shift(timedelta(seconds=61))
            await town.work()
            (message,) = server.arrived
            assert message["to"] == DESK
            assert "Wants a person" in str(message["subject"])
            assert "a person" not in message.get_content().replace("Wants a person", "").lower().replace(
                "asked for a person", ""
            )
            assert f"/desk/conversations/{town.path.conversation().id}" in message.get_content()


async def test_a_channel_that_does_not_exist_falls_to_the_next_rung_at_once(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    with mail_server() as server, time_machine.travel(MONDAY_NOON, tick=True) as traveller:
        ways = {"front_desk": {"slack": "C0NOWHERE", "email": DESK}, "city_manager": {"email": MANAGER}}
        server.refuses.add(DESK)
        async with slack_town(database, tmp_path, slack, ways=ways, **mailing(server)) as town:
            await town.ask()
            traveller.shift(timedelta(seconds=61))
            await town.work()
            assert [each["to"] for each in server.arrived] == [MANAGER]
            assert [each["way"] for each in town.recorded("page.failed")] == [
                "front_desk:slack:C0NOWHERE",
                f"front_desk:email:{DESK}",
            ]


async def test_danger_at_night_goes_by_all_ways_at_once_and_up_until_somebody_takes_over(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    with mail_server() as server, time_machine.travel(FRIDAY_NIGHT, tick=True) as traveller:
        duty = slack.add_channel(f"duty-{tmp_path.name[-20:]}-{database.dialect}")
        ways = {
            "emergency_duty": {"slack": duty, "email": DUTY},
            "city_manager": {"email": MANAGER},
        }
        async with slack_town(database, tmp_path, slack, ways=ways, **mailing(server)) as town:
            town.staff("ana")
            said = await town.ask("I smell gas in the house")
            assert "911" in " ".join(said)
            (root,) = slack.roots(duty)
            shown = text_of(root)
            assert "EMERGENCY" in shown
            assert "@channel" in shown
            assert [each["to"] for each in server.arrived] == [DUTY]
            assert str(server.arrived[0]["subject"]).startswith("EMERGENCY")
            assert "> I smell gas in the house" in server.bodies()[0]
            traveller.shift(timedelta(minutes=6))
            await town.work()
            assert [each["to"] for each in server.arrived] == [DUTY, MANAGER]
            traveller.shift(timedelta(minutes=6))
            await town.work()
            assert [each["to"] for each in server.arrived] == [DUTY, MANAGER, DUTY]
            assert any("EMERGENCY" in text_of(each) for each in slack.replies(duty))
            await town.in_browser("Ana", "take-over")
            traveller.shift(timedelta(minutes=30))
            await town.work()
            assert len(server.arrived) == 3


async def test_nobody_reachable_is_on_the_record_and_tried_again(database: Database, tmp_path: Path) -> None:
    with mail_server() as server, time_machine.travel(FRIDAY_NIGHT, tick=True) as traveller:
        server.later = True
        ways = {"emergency_duty": {"email": DUTY}}
        town = SlackTown(database, tmp_path, None, ways=ways, **mailing(server))
        town.staff("ana")
        await town.ask("I smell gas in the house")
        traveller.shift(timedelta(seconds=11))
        await town.work()
        assert len(town.recorded("page.unreachable")) == 1
        conversation = town.path.conversation()
        with database.reading() as tx:
            assert pages.unreachable(tx) == {(conversation.id, conversation.holder.version)}
        assert "nobody could be told" in await _list_of(town)
        assert (await _health_of(town))["pages"] == {"state": "nobody could be reached", "waiting": 1}
        server.later = False
        traveller.shift(timedelta(minutes=6))
        await town.work()
        assert [each["to"] for each in server.arrived] == [DUTY]
        with database.reading() as tx:
            assert pages.unreachable(tx) == frozenset()
        assert "nobody could be told" not in await _list_of(town)
        assert "pages" not in await _health_of(town)
        assert len(town.recorded("page.unreachable")) == 1


async def test_without_any_way_a_calm_page_is_the_desks_and_danger_is_unreachable(
    database: Database, tmp_path: Path
) -> None:
    town = SlackTown(database, tmp_path, None)
    await town.ask()
    assert not town.recorded("page.unreachable")
    await town.ask("I smell gas in the house")
    assert len(town.recorded("page.unreachable")) == 1


async def test_a_crash_between_posting_and_noting_it_posts_once(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    with time_machine.travel(MONDAY_NOON, tick=True) as traveller:
        async with slack_town(database, tmp_path, slack) as town:
            await town.path.tell("a person")
            while (claimed := await town.reaching.pager.claim()) is True:
                pass
            assert claimed is False
            # The process dies after Slack took the message, before that is noted.
            work = await town.slack.work.claim()
            ts = await town.slack.work._send(work)  # noqa: SLF001
            await town.restart()
            await town.work()
            traveller.shift(timedelta(seconds=31))
            await town.work()
            (root,) = slack.roots(town.channel)
            assert root["ts"] == ts
            line = town.lines()
            # And again with a line of the thread.
            await town.path.tell("are you there?")
            await town.slack.follower.look(None)
            work = await town.slack.work.claim()
            await town.slack.work._send(work)  # noqa: SLF001
            await town.restart()
            traveller.shift(timedelta(seconds=31))
            await town.work()
            assert len(town.lines()) == len(line) + 1
            with database.reading() as tx:
                (thread_ids,) = tables.open_threads(tx).values()
                thread = tables.thread_by_id(tx, thread_ids[0])
            assert thread is not None
            assert (thread.ts, thread.sending) == (ts, False)


async def test_a_page_of_a_killed_process_is_taken_up_by_the_next(database: Database, tmp_path: Path) -> None:
    with mail_server() as server, time_machine.travel(MONDAY_NOON, tick=False) as traveller:
        town = SlackTown(database, tmp_path, None, ways={"front_desk": {"email": DESK}}, **mailing(server))
        await town.path.tell("a person")
        claimed = await town.reaching.pager.claim()
        assert not isinstance(claimed, bool)
        await town.restart()
        assert await town.work() == 0
        traveller.shift(timedelta(seconds=31))
        await town.work()
        assert [each["to"] for each in server.arrived] == [DESK]


async def test_slack_asks_to_wait_and_is_given_time(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    with time_machine.travel(MONDAY_NOON, tick=False) as traveller:
        async with slack_town(database, tmp_path, slack) as town:
            headers = {"retry-after": "7"}
            slack.refuse("chat.postMessage", "ratelimited", times=1, status=429, **headers)
            await town.ask()
            assert slack.messages(town.channel) == []
            traveller.shift(timedelta(seconds=5))
            await town.work()
            assert slack.messages(town.channel) == []
            await town.restart()  # The pause is kept by the process, in seconds that tests cannot travel.
            traveller.shift(timedelta(seconds=4))
            await town.work()
            assert len(slack.roots(town.channel)) == 1


async def test_a_broken_promise_calls_again_in_the_same_thread(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    with time_machine.travel(MONDAY_NOON, tick=True) as traveller:
        async with slack_town(database, tmp_path, slack) as town:
            await town.ask()
            assert not any("promised time has passed" in line for line in town.lines())
            traveller.shift(timedelta(days=1))
            assert await town.path.fire()
            await town.work()
            assert any("promised time has passed" in line for line in town.lines())
            assert len(slack.roots(town.channel)) == 1


async def _list_of(town: SlackTown) -> str:
    async with signed_in(town.pages, "Ana") as client:
        return (await client.get("/desk/conversations?view=waiting")).text


async def _health_of(town: SlackTown) -> dict[str, object]:
    async def understands() -> bool:
        return True

    return await Health(town.database, understands).look()


async def test_what_is_no_waiting_conversation_is_a_line_in_the_channel(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    with mail_server() as server:
        clerk = {"city_clerk": {"slack": "C0NOWHERE", "email": "clerk@millbrook.example"}}
        async with slack_town(database, tmp_path, slack, ways=clerk, **mailing(server)) as town:
            await town.ask("hello")  # The assistant has it: nobody waits there.
            for owner, matter in (("front_desk", "approval:a1"), ("city_clerk", "appeal:c1")):
                with database.transaction() as tx:
                    paging.page(
                        tx,
                        town.path.queue,
                        town.path.conversation(),
                        owner=owner,
                        rung="new",
                        urgent=False,
                        clause="tone.promise",
                        version="1",
                        matter=matter,
                        at=clock.now(),
                    )
            await town.work()
            (line,) = slack.roots(town.channel)
            assert "a second person" in text_of(line)
            assert "/desk/approvals" in str(line["blocks"])
            with time_machine.travel(clock.now() + timedelta(seconds=61), tick=True):
                await town.work()
            assert [str(each["subject"]) for each in server.arrived] == [
                "An appeal waits for you: no time was promised"
            ]
            assert "/desk/moderation" in server.bodies()[0]
