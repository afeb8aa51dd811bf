"""What the assistant is told about a turn, besides the words."""

from __future__ import annotations

from datetime import datetime

from bot.conversations.model import Turn
from bot.messages import Location, StoredFile, TurnInput
from bot.pipeline.speech import read_text
from bot.storage.jsonable import to_json


def turn_input(turn: Turn, files: tuple[StoredFile, ...], at: datetime, *, buttons: bool) -> TurnInput:
    """Build the assistant's input: the text or the meaning of a button, and facts for the actions."""
    conversation, message = turn.conversation, turn.message
    location = message.location or _taken_at(files)
    return TurnInput(
        conversation_key=conversation.assistant_key,
        message_id=message.id,
        text=read_text(turn),
        meaning=turn.meaning,
        facts={
            "conversation_id": conversation.id,
            "contact_id": conversation.contact_id,
            "channel": conversation.channel,
            "visibility": conversation.visibility,
            "language": conversation.language,
            "language_switched": turn.switched,
            "now": at.isoformat(),  # in the city's zone: "today" is the day there
            "attachments": to_json(files),
            "location": to_json(location),
            "location_source": None if location is None else "pin" if message.location else "photo",
            "can_show_buttons": buttons,
        },
    )


def _taken_at(files: tuple[StoredFile, ...]) -> Location | None:
    return next((file.location for file in files if file.location is not None), None)
