"""`townline doctor` looks at Slack and mail, and `townline staff slack` says who is who there."""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import pytest
from rich.console import Console

from bot import clock, settings
from bot.commands.doctor import doctor
from bot.commands.staff import link_slack
from bot.desk import accounts
from bot.desk.slack_desk import tables
from bot.errors import ConfigError, NotFound
from bot.storage.database import Database
from tests.desk.mail_server import mail_server
from tests.desk.slack_emulator import SECRET, TOKEN, SlackEmulator
from tests.desk.slack_town import slack_town
from tests.free_port import free_port
from tests.pipeline.message_path import CITY

NOTHING = argparse.Namespace()


def looked(folder: Path, **values: object) -> str:
    said = io.StringIO()
    loaded = settings.load({}, city=CITY, var=folder, port=free_port(), **values)
    doctor(loaded, NOTHING, Console(file=said, width=300, highlight=False))
    return said.getvalue()


def test_the_doctor_asks_slack_and_the_mail_server(tmp_path: Path, slack: SlackEmulator) -> None:
    values = {"slack_bot_token": TOKEN, "slack_signing_secret": SECRET, "slack_api_url": slack.api_url}
    with mail_server() as server:
        mail = {
            "smtp_host": "127.0.0.1",
            "smtp_port": server.port,
            "smtp_security": "none",
            "smtp_from": "a@millbrook.example",
        }
        said = looked(tmp_path, **values, **mail)
        assert "✓ Slack: Emulate (T000000001) as U0TOWNLINE" in said
        assert f"✓ mail: 127.0.0.1:{server.port}" in said
        assert server.arrived == []
    # The emulator takes any token for somebody, so it is told to refuse this one.
    slack.refuse("auth.test", "invalid_auth", times=1)
    said = looked(tmp_path, **values, **mail)
    assert "✗ Slack: refuses TOWNLINE_SLACK_BOT_TOKEN" in said
    assert "✗ mail: " in said
    away = looked(tmp_path, **{**values, "slack_api_url": f"http://127.0.0.1:{free_port()}/api/"})
    assert "· Slack: does not answer now" in away
    assert "Slack" not in looked(tmp_path)


@pytest.mark.parametrize(
    "values",
    [
        {"slack_bot_token": "xoxb-1"},
        {"slack_app_token": "xapp-1"},
        {"smtp_host": "mail.example"},
        {"smtp_host": "mail.example", "smtp_from": "a@b.example", "smtp_security": "ssl"},
        {"smtp_security": "none", "smtp_password": "p"},
        {"page_again_minutes": 0.0},
        {"smtp_port": 70_000},
        {"slack_api_url": "slack.com"},
    ],
    ids="-".join,
)
def test_settings_that_cannot_work_stop_the_start(tmp_path: Path, values: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        settings.load({}, city=CITY, var=tmp_path, **values)


async def test_an_administrator_says_who_is_who(
    database: Database, tmp_path: Path, slack: SlackEmulator
) -> None:
    async with slack_town(database, tmp_path, slack) as town:
        (ana,) = town.staff("ana")
        url = database.url.render_as_string(hide_password=False)
        loaded = settings.load({}, city=CITY, var=tmp_path, database_url=url)

        def run(user: str | None, email: str = ana.email) -> None:
            given = argparse.Namespace(email=email, user=user)
            link_slack(loaded, given, Console(file=io.StringIO()))

        run(slack.user("stranger"))
        await town.ask()
        # The link wins over the address, in both directions.
        await town.press("ana", "claim")
        assert town.path.conversation().holder.kind == "queue"
        await town.press("stranger", "claim")
        assert town.path.conversation().holder.name == "Ana"
        run(None)
        with database.reading() as tx:
            assert tables.slack_user_of(tx, ana.id) is None
        with pytest.raises(NotFound):
            run("U1", "nobody@millbrook.example")
        with database.transaction() as tx:
            accounts.remove(tx, ana.id, at=clock.now(), by="test")
        with pytest.raises(NotFound):
            run("U1")
        assert [each["by"] for each in town.recorded("staff.slack_linked")] == ["command line"]
