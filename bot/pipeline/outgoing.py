"""Saying something to a resident: the one way for the bot, for staff and for notices.

A message is a row, an entry of the record, and (unless the channel shows rows by itself) an item of the
outbox, all in the caller's transaction. Nothing here talks to a platform: see `deliver.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from bot.conversations import choices as choice_ids
from bot.conversations import service as conversations
from bot.conversations.model import Conversation, Message
from bot.messages import Capabilities, Choice, StoredFile, Translation
from bot.pipeline.leaving import Leaving
from bot.pipeline.queue import Queue
from bot.records import ledger
from bot.storage.database import Transaction
from bot.storage.jsonable import to_json


class Outgoing:
    """Puts messages on their way.

    Args:
        queue: where the outbox lives.
        capabilities: by channel name; a channel that is not running still takes messages, they wait.
        leaving: what every message is asked, given and counted on before it goes.
    """

    def __init__(self, queue: Queue, capabilities: Mapping[str, Capabilities], leaving: Leaving) -> None:
        self._queue = queue
        self._capabilities = capabilities
        self._leaving = leaving

    @property
    def queue(self) -> Queue:
        """Where what cannot leave now waits."""
        return self._queue

    def say(  # noqa: PLR0913 (what a message is made of; all by keyword)
        self,
        tx: Transaction,
        conversation: Conversation,
        text: str,
        *,
        sender: Literal["bot", "staff"],
        at: datetime,
        sender_name: str | None = None,
        choices: Sequence[Choice] = (),
        request_location: bool = False,
        files: tuple[StoredFile, ...] = (),
        reply_to: str | None = None,
        decision: Mapping[str, Any] | None = None,
        language: str | None = None,
        shown: Translation | None = None,
        proactive: bool = False,
    ) -> Message:
        """Send a message into a conversation, or keep it where it may not leave (`withheld`).

        Args:
            tx: the transaction of the change that the message tells of.
            conversation: where to.
            text: what to say, light markup (`**bold**`) allowed.
            sender: who speaks; only a bot's message is withheld when a person holds the conversation.
            at: now.
            sender_name: the name of the staff member, shown to the resident.
            choices: buttons; numbered text where the channel has none.
            request_location: show the control that shares a location.
            files: stored files to send along.
            reply_to: the id of the message that this answers.
            decision: the clause and versions that allowed it, for the record.
            language: of the text; the conversation's when not given.
            shown: the text in the resident's own language, by a machine; both go on the record.
            proactive: nobody asked for it, so it waits through quiet hours and for a day with room.

        Raises:
            Undecided: a message of the bot without a clause that allows it.
        """
        # What others read too is checked once more before it leaves, so it always goes by the outbox.
        at_once = self.sends_at_once(conversation.channel) and conversation.visibility == "private"
        message_id = conversations.new_id()
        meant = (
            Translation(text, conversation.language, machine=False, provider=shown.provider)
            if shown
            else None
        )
        text, language = (shown.text, shown.language) if shown else (text, language)
        message = Message(
            id=message_id,
            conversation_id=conversation.id,
            sequence=conversations.next_sequence(tx, conversation.id, text=text, at=at),
            direction="outgoing",
            sender=sender,
            sender_name=sender_name,
            kind="message",
            private=False,
            text=text,
            language=language or conversation.language,
            reply_to=reply_to,
            files=files,
            choices=choice_ids.issue(choices),
            request_location=request_location,
            decision=dict(decision) if decision is not None else None,
            delivery="sent" if at_once else "queued",
            created_at=at,
            translation=meant,
        )
        passage = self._leaving.pass_on(
            tx, message, conversation, at_once=at_once, proactive=proactive, at=at
        )
        message = passage.message
        at_once = at_once and passage.not_before is None
        if passage.withheld is not None:
            message = replace(message, delivery="withheld", delivery_error=passage.withheld)
        elif not at_once:
            message = replace(message, delivery="queued")
        text, meant = message.text, message.translation
        conversations.insert_message(tx, message)
        choice_ids.keep(tx, message, choices, at)
        ledger.append(
            tx,
            kind="message.withheld" if passage.withheld else "message.sent" if at_once else "message.queued",
            conversation_id=conversation.id,
            subject=message_id,
            body={
                "sender": sender,
                "sender_name": sender_name,
                "text": text,
                **({"translated_from": to_json(meant)} if meant else {}),
                "choices": [
                    {"id": given.choice_id, "label": choice.label, "intent": choice.meaning.intent}
                    for given, choice in zip(message.choices, choices, strict=True)
                ],
                "reply_to": reply_to,
                "decision": message.decision,
                **({"withheld": passage.withheld} if passage.withheld else {}),
                "sequence": message.sequence,
                "files": [file.digest for file in files],
            },
            at=at,
        )
        if passage.withheld is None and not at_once:
            waits = passage.not_before
            self._queue.put(
                tx,
                lane="outbox",
                # What may wait for the morning must not keep back the answer to somebody who writes tonight.
                order_key=f"{conversation.id}:unasked" if proactive else conversation.id,
                dedupe_key=message_id,
                payload={"message_id": message_id} | ({"not_before": waits.isoformat()} if waits else {}),
                at=at,
                available_at=waits,
            )
        return message

    def keep_private(
        self,
        tx: Transaction,
        conversation: Conversation,
        text: str,
        *,
        kind: Literal["note", "suggestion"],
        sender: Literal["bot", "staff"],
        at: datetime,
        sender_name: str | None = None,
        reply_to: str | None = None,
    ) -> Message:
        """Add what staff see and the resident never does: a note, or what the bot would have said."""
        message = Message(
            id=conversations.new_id(),
            conversation_id=conversation.id,
            sequence=conversations.next_sequence(tx, conversation.id, text=None, at=at),
            direction="activity",
            sender=sender,
            sender_name=sender_name,
            kind=kind,
            private=True,
            text=text,
            language=conversation.language,
            reply_to=reply_to,
            created_at=at,
        )
        conversations.insert_message(tx, message)
        ledger.append(
            tx,
            kind=f"message.{kind}",
            conversation_id=conversation.id,
            subject=message.id,
            body={"sender": sender, "sender_name": sender_name, "text": text, "sequence": message.sequence},
            at=at,
        )
        return message

    def limits_of(self, channel: str) -> Capabilities | None:
        """Return what a channel can do; None for one that is not running."""
        return self._capabilities.get(channel)

    def sends_at_once(self, channel: str) -> bool:
        """Tell whether the channel's residents read the rows themselves: the commit is the sending."""
        known = self._capabilities.get(channel)
        return known is not None and known.sends_at_once

    def shows_buttons(self, channel: str) -> bool:
        """Tell whether the channel has buttons; if not, choices are numbered."""
        known = self._capabilities.get(channel)
        return known is None or known.max_choices > 0

    def honours_opt_out(self, channel: str) -> bool:
        """Tell whether STOP and START mean something on this channel."""
        known = self._capabilities.get(channel)
        return known is not None and known.opt_out_words
