"""What a conversation looks like in Slack: its first message with the buttons, its thread, alarms.

Everything that comes from outside stands in `rich_text` elements of the type `text`, which Slack shows as
they are. Pure: data in, blocks out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.conversations.model import Conversation, Message
from bot.desk.slack_desk.client import Post
from bot.desk.slack_desk.escaping import escape
from bot.desk.views import channel_name

type Element = dict[str, Any]

CLAIM, GIVE_BACK, CLOSE = "townline_claim", "townline_give_back", "townline_close"
LONGEST_LINES = 2_800
"""Characters of one message; Slack advises at most 4,000, a section takes 3,000."""
LONGEST_TEXT = 1_500
"""Characters of one text of the conversation; the desk in the browser has the rest."""
LONGEST_LAST = 600


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of a conversation, gathered by the caller.

    Attributes:
        name: what to call the resident.
        owner: the department that answers, in words.
        clause: the clause that sent it to people, in words.
        answer_by: the promised time in words, "by 11:15"; "" if none was promised.
        urgent: its clause pages people at once.
        messages: all of the conversation, in order.
        written_here: ids of those that were written in this thread and stand there already.
        url: of the conversation at the desk in the browser.
    """

    conversation: Conversation
    name: str
    owner: str
    clause: str
    answer_by: str
    urgent: bool
    messages: Sequence[Message]
    written_here: frozenset[str]
    url: str
    zone: ZoneInfo


def root(shown: Shown, thread_id: str) -> Post:
    """Return the first message: who waits, why, until when, and the buttons."""
    conversation = shown.conversation
    held = conversation.holder.kind == "person"
    said = _state(shown)
    elements: list[Element] = [_text(said, bold=True)]
    if shown.urgent and not held:
        elements = [
            _emoji("rotating_light"),
            _text(" EMERGENCY ", bold=True),
            _broadcast(),
            _text(" "),
            *elements,
        ]
    reason = (conversation.reason or "").replace("_", " ")
    for label, value in (
        ("Resident", f"{shown.name}, {channel_name(conversation.channel)}, writes {_language(conversation)}"),
        ("Why", reason),
        ("Rule", shown.clause),
        ("Clock", _clock(shown)),
        ("About", conversation.summary or ""),
    ):
        if value:
            elements += [_text(f"\n{label}: ", bold=True), _text(_cut(value, LONGEST_LAST))]
    elements += [_text("\n"), {"type": "link", "url": shown.url, "text": "Open at the desk"}]
    parts: list[Element] = [{"type": "rich_text_section", "elements": elements}]
    last = next((each for each in reversed(shown.messages) if each.direction == "incoming"), None)
    if last is not None and (words := _words(last)):
        parts.append({"type": "rich_text_quote", "elements": [_text(_cut(words, LONGEST_LAST))]})
    blocks: list[Element] = [{"type": "rich_text", "elements": parts}]
    buttons = [_button("Give back", GIVE_BACK, thread_id), _button("Close", CLOSE, thread_id)]
    if not held:
        buttons = [_button("Claim", CLAIM, thread_id, style="primary"), _button("Close", CLOSE, thread_id)]
    blocks.append({"type": "actions", "block_id": "townline", "elements": buttons})
    facts = "; ".join(filter(None, (reason, shown.clause, _clock(shown))))
    danger = "EMERGENCY: " if shown.urgent and not held else ""
    return Post(escape(f"{danger}{said}. {facts}"), blocks, f"root:{thread_id}")


def ended(shown: Shown, thread_id: str) -> Post:
    """Return the first message of a conversation that is over here: what became of it, and no buttons."""
    event = next((each.text for each in reversed(shown.messages) if each.kind == "event"), "")
    closed = shown.conversation.status == "closed"
    said = event or ("Closed" if closed else "With the assistant again")
    elements = [
        _emoji("white_check_mark"),
        _text(f" {said}", bold=True),
        _text(f"\n{shown.name}, {channel_name(shown.conversation.channel)}\n"),
        {"type": "link", "url": shown.url, "text": "Open at the desk"},
    ]
    block = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}
    return Post(escape(f"{said}: {shown.name}"), [block], f"root:{thread_id}")


def lines(shown: Shown, after: int) -> tuple[Post | None, int]:
    """Return the messages after that number, as many as fit into one, and the number of the last."""
    elements: list[Element] = []
    length, last = 0, after
    read_aloud: list[str] = []
    for message in shown.messages:
        if message.sequence <= after:
            continue
        if message.id in shown.written_here:
            last = message.sequence
            continue
        part = list(_line(message, shown))
        size = sum(len(str(element)) for element in part)
        if elements and length + size > LONGEST_LINES:
            break
        elements += part
        length += size
        said = f"{_speaker(message, shown)}: {_words(message)}"
        read_aloud.append(message.text if message.kind == "event" else said)
        last = message.sequence
    if not elements:
        return None, last
    # Screen readers read the text and not the blocks, so it says the same.
    text = _cut("\n".join(read_aloud), LONGEST_LINES)
    return Post(escape(text), [{"type": "rich_text", "elements": elements}]), last


def changes(shown: Shown, after: datetime | None) -> tuple[Post | None, datetime | None]:
    """Return what the resident edited or deleted since then, and the moment up to which that is told."""
    told, elements = after, []
    for message in shown.messages:
        at = max(filter(None, (message.edited_at, message.deleted_at)), default=None)
        if at is None or message.direction != "incoming" or (after is not None and at <= after):
            continue
        told = at if told is None else max(told, at)
        did = "deleted a message" if message.deleted_at else "changed a message, which now reads"
        elements.append(
            {
                "type": "rich_text_section",
                "elements": [_text(f"{shown.name} {did}", italic=True), _text("\n")],
            }
        )
        if not message.deleted_at:
            elements.append(
                {"type": "rich_text_quote", "elements": [_text(_cut(_words(message), LONGEST_TEXT))]}
            )
    if not elements:
        return None, after
    return Post(
        escape(f"{shown.name} changed a message"), [{"type": "rich_text", "elements": elements}]
    ), told


def alarm(shown: Shown, rung: str, *, urgent: bool, slack_user: str | None = None) -> Post:
    """Return what calls people in a thread that is there already."""
    elements: list[Element] = [_emoji("rotating_light" if urgent else "alarm_clock"), _text(" ")]
    if slack_user is not None:
        elements += [{"type": "user", "user_id": slack_user}, _text(" ")]
    elif urgent or rung == "manager":
        elements += [_broadcast(), _text(" ")]
    if rung == "new":
        said = f"{shown.name} still waits for {shown.owner}. Press Claim in the first message of this thread."
        if urgent:
            said = f"EMERGENCY: {said}"
    else:
        said = (
            f"The promised time has passed and {shown.name} has no answer yet ({_clock(shown) or 'no time'})."
        )
    elements.append(_text(said, bold=True))
    elements += [_text(" "), {"type": "link", "url": shown.url, "text": "Open at the desk"}]
    block = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}
    return Post(escape(said), [block])


def _language(conversation: Conversation) -> str:
    code = conversation.foreign_language or conversation.language
    return {"en": "English", "es": "Spanish"}.get(code, f"in another language ({code})")


def notice(said: str, url: str) -> Post:
    """Return a line that calls for something else than a waiting conversation."""
    elements = [_text(said, bold=True), _text(" "), {"type": "link", "url": url, "text": "Open at the desk"}]
    block = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}
    return Post(escape(said), [block])


def _state(shown: Shown) -> str:
    holder = shown.conversation.holder
    if holder.kind == "person":
        return f"{holder.name} answers {shown.name}"
    return f"{shown.name} waits for {shown.owner}"


def _clock(shown: Shown) -> str:
    if not shown.answer_by:
        return ""
    said = f"answer {shown.answer_by}"
    return f"{said}: this time has passed" if shown.conversation.overdue else said


def _line(message: Message, shown: Shown) -> Iterator[Element]:
    if message.kind == "event":
        yield {"type": "rich_text_section", "elements": [_text(message.text, italic=True), _text("\n")]}
        return
    time = message.created_at.astimezone(shown.zone)
    head = f"{_speaker(message, shown)}, {time:%H:%M}"
    yield {"type": "rich_text_section", "elements": [_text(head, bold=True), _text("\n")]}
    if words := _words(message):
        yield {"type": "rich_text_quote", "elements": [_text(_cut(words, LONGEST_TEXT))]}


def _speaker(message: Message, shown: Shown) -> str:
    by = message.sender_name or "staff"
    if message.kind == "note":
        return f"Note by {by}, not sent"
    if message.kind == "suggestion":
        return "The assistant would have said, not sent"
    return {"resident": shown.name, "bot": "Assistant", "staff": by, "system": "Townline"}[message.sender]


def _words(message: Message) -> str:
    if message.deleted_at is not None:
        return "(deleted by its author)"
    parts = [message.text]
    if message.translation is not None and message.translation.text != message.text:
        parts.append(f"(in {message.translation.language}: {message.translation.text})")
    if message.files:
        parts.append(f"({len(message.files)} file{'s'[: len(message.files) > 1]}, to be seen at the desk)")
    if message.location is not None:
        parts.append(f"({message.location.latitude:.5f}, {message.location.longitude:.5f})")
    return "\n".join(part for part in parts if part)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _text(text: str, **style: bool) -> Element:
    # Slack refuses an empty text element.
    element: Element = {"type": "text", "text": text or " "}
    return element | {"style": style} if style else element


def _emoji(name: str) -> Element:
    return {"type": "emoji", "name": name}


def _broadcast() -> Element:
    return {"type": "broadcast", "range": "channel"}


def _button(text: str, action: str, thread_id: str, style: str = "") -> Element:
    label = {"type": "plain_text", "text": text}
    button: Element = {"type": "button", "text": label, "action_id": action, "value": thread_id}
    return button | {"style": style} if style else button
