"""What was understood is read with its conversation, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.conversations import handoff
from bot.conversations import service as conversations
from bot.conversations.heard import heard_since
from bot.messages import Author, EventKind, InboundEvent, Understanding

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def event(number: int, text: str, at: datetime) -> InboundEvent:
    return InboundEvent(
        channel="webchat",
        event_id=f"e{number}",
        kind=EventKind.MESSAGE,
        conversation_ref="thread",
        author=Author("u-1", display_name="Greta"),
        received_at=at,
        text=text,
    )


def test_a_conversation_is_read_from_the_asked_day_on(database):
    with database.transaction() as tx:
        for number, text in enumerate(("an old text", "a pothole")):
            at = AT + timedelta(days=number)
            turn = conversations.begin_turn(tx, event(number, text, at), inbox_id=number + 1, at=at)
            understanding = Understanding("report_pothole", 0.9, "act", out_of_scope=False)
            conversations.set_understanding(tx, turn.message.id, understanding, {"outcome": "assistant"})
        handoff.take_over(
            tx, turn.conversation.id, staff_id="s", staff_name="Ana", at=at + timedelta(minutes=1)
        )
    with database.reading() as tx:
        assert list(heard_since(tx, AT + timedelta(days=2))) == []
        (talk,) = heard_since(tx, AT + timedelta(hours=1))
        (whole,) = heard_since(tx, AT - timedelta(hours=1))
    assert talk.display_name == "Greta"
    assert [message.text for message in talk.messages] == ["a pothole", "Ana took over"]
    assert talk.messages[0].understanding["intent"] == "report_pothole"
    assert len(whole.messages) == 3
