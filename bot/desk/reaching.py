"""Puts together what reaches staff where they work: the pager, e-mail, and the desk in Slack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.desk.mail import Mailer, MailSettings
from bot.desk.pager import Pager
from bot.desk.service import Desk
from bot.desk.slack_desk.acts import Acts
from bot.desk.slack_desk.client import SlackApi
from bot.desk.slack_desk.door import SlackDoor
from bot.desk.slack_desk.pacing import Pacing
from bot.desk.slack_desk.people import SlackPeople
from bot.desk.slack_desk.threads import Follower, ThreadRooms
from bot.desk.slack_desk.work import SlackWork
from bot.engagement.rulebook import Rulebook
from bot.pipeline.queue import Queue
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.wakeup import WakeUp


@dataclass(frozen=True, slots=True)
class SlackDesk:
    """The desk in Slack: what comes in, what is worked on, what follows the conversations."""

    api: SlackApi
    door: SlackDoor
    rooms: ThreadRooms
    work: SlackWork
    follower: Follower


@dataclass(frozen=True, slots=True)
class Reaching:
    """What reaches staff; `slack` is None where there is no token."""

    pager: Pager
    slack: SlackDesk | None


def open_reaching(
    settings: Settings,
    database: Database,
    queue: Queue,
    wakeup: WakeUp,
    rulebook: Rulebook,
    desk: Desk,
    *,
    pacing: Pacing | None = None,
) -> Reaching:
    """Put it together by the settings; `pacing` other than Slack's own is for tests."""
    slack = None
    if settings.slack_bot_token:
        api = slack_api(settings, pacing)
        rooms = ThreadRooms(desk, rulebook, queue, settings.base_url)
        door = SlackDoor(
            database,
            queue,
            signing_secret=settings.slack_signing_secret,
            app_token=settings.slack_app_token,
            url=_slash(settings.slack_api_url),
        )
        acts = Acts(database, queue, desk, SlackPeople(database, api), api)
        work = SlackWork(database, queue, api, rooms, acts)
        slack = SlackDesk(api, door, rooms, work, Follower(database, wakeup, rooms))
    pager = Pager(
        database,
        queue,
        rulebook,
        mail=open_mail(settings),
        slack=slack.rooms if slack else None,
        base_url=settings.base_url,
        again=timedelta(minutes=settings.page_again_minutes),
    )
    return Reaching(pager, slack)


def open_mail(settings: Settings) -> Mailer | None:
    """Return what sends mail, None where no server is named."""
    if not settings.smtp_host:
        return None
    return Mailer(
        MailSettings(
            host=settings.smtp_host,
            port=settings.smtp_port,
            security=settings.smtp_security,
            user=settings.smtp_user,
            password=settings.smtp_password,
            sender=settings.smtp_from,
            ca_file=settings.smtp_ca_file,
        )
    )


def slack_api(settings: Settings, pacing: Pacing | None = None) -> SlackApi:
    """Return Slack's Web API with the token of the settings."""
    return SlackApi(settings.slack_bot_token, _slash(settings.slack_api_url), pacing)


def _slash(url: str) -> str:
    return url.rstrip("/") + "/"
