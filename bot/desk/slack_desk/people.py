"""Who of the staff a Slack user is. Nobody else may claim, answer, give back or close from Slack.

A link is made once and kept: by an admin on the command line, or when a full member of our own workspace,
with a confirmed address, has the same e-mail address as an account here. From then on only that Slack user
speaks for that account; a later change of an address in Slack moves nothing. docs/adr/0013 says why.
"""

from __future__ import annotations

from datetime import datetime

from bot import clock
from bot.desk import accounts
from bot.desk.accounts import StaffMember
from bot.desk.slack_desk import tables
from bot.desk.slack_desk.client import SlackApi, SlackUser
from bot.errors import NotFound, PermanentSendError
from bot.records import ledger
from bot.storage.database import Database, Transaction

BY_EMAIL = "e-mail"


class SlackPeople:
    """Knows who is who.

    Args:
        database: where links are kept.
        api: asked for somebody's address the first time they do something.
    """

    def __init__(self, database: Database, api: SlackApi) -> None:
        self._database = database
        self._api = api

    async def staff_of(self, slack_user_id: str) -> StaffMember | None:
        """Return the member of staff behind a Slack user, None for everybody else.

        Raises:
            RetryableSendError, UnknownOutcome: Slack did not tell who that is.
        """
        linked, staff = await self._database.read(_linked, slack_user_id)
        if linked:
            return staff
        try:
            user = await self._api.user(slack_user_id)
        except PermanentSendError:
            return None
        if user.outside or not user.email:
            return None
        return await self._database.write(_link_by_email, user, clock.now())


def link(tx: Transaction, email: str, slack_user_id: str, *, by: str, at: datetime) -> StaffMember:
    """Link an account to a Slack user, whatever was linked to either before.

    Raises:
        NotFound: nobody has that address.
    """
    staff = accounts.find_by_email(tx, email)
    if staff is None:
        raise NotFound(f"nobody has the address {email}")
    tables.unlink_person(tx, staff_id=staff.id, slack_user_id=slack_user_id)
    _link(tx, staff, slack_user_id, by, at)
    return staff


def unlink(tx: Transaction, email: str, *, by: str, at: datetime) -> StaffMember:
    """Forget an account's link; the next act from Slack may link it again by its address.

    Raises:
        NotFound: nobody has that address.
    """
    staff = accounts.find_by_email(tx, email)
    if staff is None:
        raise NotFound(f"nobody has the address {email}")
    tables.unlink_person(tx, staff_id=staff.id)
    ledger.append(tx, kind="staff.slack_unlinked", subject=staff.id, body={"by": by}, at=at)
    return staff


def _linked(tx: Transaction, slack_user_id: str) -> tuple[bool, StaffMember | None]:
    staff_id = tables.person_of(tx, slack_user_id)
    return staff_id is not None, accounts.find(tx, staff_id) if staff_id else None


def _link_by_email(tx: Transaction, user: SlackUser, at: datetime) -> StaffMember | None:
    linked, staff = _linked(tx, user.id)
    if linked:
        return staff
    staff = accounts.find_by_email(tx, user.email)
    if staff is None or tables.slack_user_of(tx, staff.id) is not None:
        return None
    _link(tx, staff, user.id, BY_EMAIL, at)
    return staff


def _link(tx: Transaction, staff: StaffMember, slack_user_id: str, by: str, at: datetime) -> None:
    tables.link_person(tx, slack_user_id=slack_user_id, staff_id=staff.id, by=by, at=at)
    ledger.append(
        tx,
        kind="staff.slack_linked",
        subject=staff.id,
        body={"slack_user": slack_user_id, "by": by},
        at=at,
    )
