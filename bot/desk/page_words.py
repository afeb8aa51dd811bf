"""What a page says in an e-mail: who is called, why, until when, and where the conversation is.

E-mail travels through many hands, so a resident's words stand in it only where there is danger.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.conversations.model import Conversation
from bot.desk.views import channel_name
from bot.engagement.rulebook import RulesInForce
from bot.pipeline.paging import PageOrder, Subject

LONGEST_SUMMARY = 500

SECOND_READER = "A reply is written, and a rule asks a second person to read it before it leaves."

SAID: Mapping[tuple[Subject, bool], tuple[str, str]] = {
    ("waiting", True): ("Somebody waits for an answer.", "Somebody waits"),
    ("waiting", False): ("A promised time has passed and there is no answer yet.", "Promise broken"),
    ("appeal", True): ("An appeal against a moderation waits for you.", "An appeal waits for you"),
    ("appeal", False): ("The time to decide an appeal has passed.", "An appeal is overdue"),
    ("approval", True): (SECOND_READER, "A reply waits for a second person"),
    ("approval", False): (SECOND_READER, "A reply still waits for a second person"),
}
"""What a page says, in full and in a line, by what it is about and whether it is the first."""

WHERE: Mapping[Subject, str] = {"appeal": "moderation", "approval": "approvals"}
"""The desk's page of what is no conversation that waits."""


def page_mail(
    order: PageOrder, conversation: Conversation, rules: RulesInForce, base_url: str
) -> tuple[str, str]:
    """Return subject and text of the e-mail of a page."""
    reason = (conversation.reason or "somebody waits").replace("_", " ")
    due, since = conversation.due_at, conversation.waiting_since
    by = rules.calendar.describe(due, since or due, "en", "by") if due else ""
    clock_words = f"answer {by}" if by else "no time was promised"
    what, title = SAID[order.subject, order.rung == "new"]
    subject = f"{title}: {reason}, {clock_words}" if order.subject == "waiting" else f"{title}: {clock_words}"
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
    if (
        order.urgent
        and conversation.visibility == "private"
        and (conversation.summary or conversation.last_text)
    ):
        told = (conversation.summary or conversation.last_text or "")[:LONGEST_SUMMARY]
        lines += ["", "They wrote:", *(f"> {line}" for line in told.splitlines())]
    lines += [
        "",
        f"Open it here: {url_of(order.subject, conversation.id, base_url)}",
        "",
        "Nobody reads answers to this message.",
    ]
    return subject, "\n".join(lines) + "\n"


def url_of(subject: Subject, conversation_id: str, base_url: str) -> str:
    """Return the address of what a page is about."""
    return f"{base_url}/desk/{WHERE.get(subject) or f'conversations/{conversation_id}'}"
