"""What a person decided about a message in a group, asked of Telegram.

Telegram can delete a message and restrict a member, and ends a restriction by itself; it cannot hide. The bot
needs the group's rights to do so, else Telegram refuses and staff do it by hand.
https://core.telegram.org/bots/api#restrictchatmember
"""

from __future__ import annotations

from datetime import datetime, timedelta

import telegram

from bot import clock
from bot.errors import PermanentSendError
from bot.messages import ChannelAct

SHORTEST, LONGEST = timedelta(seconds=60), timedelta(days=366)
"""Telegram takes a restriction of under 30 seconds or over 366 days for one without end."""


async def carry_out(bot: telegram.Bot, chat_id: int, act: ChannelAct) -> None:
    """Do it, or take it back.

    Raises:
        PermanentSendError: Telegram has no such act, or its time would not end.
        telegram.error.TelegramError: it was not done.
    """
    match act.kind:
        case "remove" if act.message_ref is not None and act.message_ref.isdecimal():
            await bot.delete_message(chat_id, int(act.message_ref))
        case "block" if act.platform_user_id.isdecimal():
            await bot.restrict_chat_member(
                chat_id,
                int(act.platform_user_id),
                telegram.ChatPermissions.no_permissions(),
                until_date=_end(act.until),
            )
        case "unblock" if act.platform_user_id.isdecimal():
            await bot.restrict_chat_member(
                chat_id, int(act.platform_user_id), telegram.ChatPermissions.all_permissions()
            )
        case _:
            raise PermanentSendError(f"Telegram cannot {act.kind} this")


def _end(until: datetime | None) -> datetime:
    if until is None or not SHORTEST < until - clock.now() <= LONGEST:
        raise PermanentSendError("Telegram would never end a block of this length")
    return until
