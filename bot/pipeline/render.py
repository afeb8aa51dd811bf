"""Fitting a message to what a channel can show: buttons become numbered text where there are none."""

from __future__ import annotations

from dataclasses import replace

from bot.conversations.model import Conversation, Message
from bot.messages import Capabilities, IssuedChoice, OutboundMessage, SenderRole

_REPLY = {"en": "Reply {numbers}.", "es": "Responda {numbers}."}
_FOR = {"en": "{number} for {label}", "es": "{number} para {label}"}
_OR = {"en": "or", "es": "o"}


def render(
    message: Message,
    conversation: Conversation,
    capabilities: Capabilities,
    *,
    reply_to_ref: str | None = None,
) -> OutboundMessage:
    """Return the message as the channel is given it."""
    text, choices = message.text, message.choices
    if choices and capabilities.max_choices < len(choices):
        text, choices = f"{text}\n{numbered(choices, message.language)}", ()
    if capabilities.choice_label_max:
        choices = tuple(
            IssuedChoice(choice.choice_id, _cut(choice.label, capabilities.choice_label_max))
            for choice in choices
        )
    role: SenderRole = "staff" if message.sender == "staff" else "bot"
    return OutboundMessage(
        idempotency_key=message.id,
        channel=conversation.channel,
        account_id=conversation.account_id,
        conversation_ref=conversation.conversation_ref,
        visibility=conversation.visibility,
        text=text,
        language=message.language,
        sender_role=role,
        choices=choices,
        request_location=message.request_location and capabilities.location_request,
        files=message.files,
        reply_to_ref=reply_to_ref,
    )


def plain(message: OutboundMessage) -> OutboundMessage:
    """Return the message without markup, for a platform that could not read it."""
    return replace(message, text=message.text.replace("**", ""))


def numbered(choices: tuple[IssuedChoice, ...], language: str) -> str:
    """Return the choices as one sentence: "Reply 1 for 5th Avenue, 2 for 5th Street."."""
    known = language if language in _REPLY else "en"
    parts = [
        _FOR[known].format(number=number, label=choice.label)
        for number, choice in enumerate(choices, start=1)
    ]
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {_OR[known]} {parts[-1]}"
    return _REPLY[known].format(numbers=listed)


def _cut(label: str, limit: int) -> str:
    return label if len(label) <= limit else f"{label[: limit - 1]}…"
