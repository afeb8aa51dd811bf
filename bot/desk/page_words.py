"""What a page says in an e-mail: who is called, why, until when, and where the conversation is.

E-mail travels through many hands, so a resident's words stand in it only where there is danger.
"""

from __future__ import annotations

from bot.conversations.model import Conversation
from bot.desk.views import channel_name
from bot.engagement.rulebook import RulesInForce
from bot.pipeline.paging import PageOrder

LONGEST_SUMMARY = 500


def page_mail(
    order: PageOrder, conversation: Conversation, rules: RulesInForce, base_url: str
) -> tuple[str, str]:
    """Return subject and text of the e-mail of a page."""
    reason = (conversation.reason or "somebody waits").replace("_", " ")
    due, since = conversation.due_at, conversation.waiting_since
    by = rules.calendar.describe(due, since or due, "en", "by") if due else ""
    clock_words = f"answer {by}" if by else "no time was promised"
    if order.rung == "new":
        subject = f"Somebody waits: {reason}, {clock_words}"
        what = "Somebody waits for an answer."
    else:
        subject = f"Promise broken: {reason}, {clock_words}"
        what = "A promised time has passed and there is no answer yet."
    waits = order.matter.startswith("approval:")
    if waits:
        subject = f"A reply waits for a second person: {clock_words}"
        what = "A reply is written, and a rule asks a second person to read it before it leaves."
    if order.urgent:
        subject = f"EMERGENCY: {reason}"
        what = "Somebody told the city's assistant of danger. They have the safety text and wait for you."
    sentence = rules.ruleset.sentences().get(order.clause, order.clause)
    held = f"Held by: {conversation.holder.name}" if conversation.holder.name else "Held by: nobody yet"
    lines = [
        what,
        "",
        f"Why: {reason}",
        f"Rule: {order.clause} ({sentence})",
        f"Clock: {clock_words}",
        f"Where: {channel_name(conversation.channel)}",
        held,
    ]
    if order.urgent and (conversation.summary or conversation.last_text):
        told = (conversation.summary or conversation.last_text or "")[:LONGEST_SUMMARY]
        lines += ["", "They wrote:", *(f"> {line}" for line in told.splitlines())]
    lines += [
        "",
        f"Read it here: {base_url}/desk/approvals"
        if waits
        else f"Take over here: {base_url}/desk/conversations/{conversation.id}",
        "",
        "Nobody reads answers to this message.",
    ]
    return subject, "\n".join(lines) + "\n"
