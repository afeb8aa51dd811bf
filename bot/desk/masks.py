"""Personal data in public messages is hidden on the desk until somebody asks to see it, and that is recorded.

The record and the tables keep what was written; only what pages and Slack are given is masked. Which kinds:
`privacy.masked` of the rules. What it is not for: private conversations, which staff must be able to read.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Any

from bot.conversations import service as conversations
from bot.conversations.inbox import InboxRow
from bot.conversations.model import Conversation, Message
from bot.desk import tables
from bot.desk.accounts import StaffMember
from bot.desk.views import ConversationView, ListView, ThreadMessage
from bot.engagement import city_numbers, personal_data
from bot.engagement.policy import DataKind
from bot.engagement.rulebook import Rulebook
from bot.errors import NotFound
from bot.records import ledger
from bot.storage.database import Transaction

SHOWN_FOR = timedelta(minutes=15)
"""How long a message stays uncovered for the one who asked for it."""
CLAUSE = "privacy.masked"


class Masks:
    """Hides, and shows to who asks.

    Args:
        rulebook: the rules in force, asked each time.
    """

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook

    def text(self, conversation: Conversation, text: str) -> str:
        """Return a text of a conversation as it may be shown on a list or sent to Slack or by mail."""
        if conversation.visibility == "private":
            return text
        return personal_data.masked(text, self._kinds, self._known)

    def listed(self, listed: ListView) -> ListView:
        """Return a list of conversations with what public ones say masked."""
        rows = [self._row(row) for row in listed.rows]
        return dataclasses.replace(listed, rows=rows)

    def view(
        self, tx: Transaction, view: ConversationView, staff: StaffMember | None, at: datetime
    ) -> ConversationView:
        """Return one conversation as this person sees it.

        Args:
            tx: any transaction.
            view: with everything in the clear.
            staff: who looks; None: somewhere else than on the desk, where nothing is ever uncovered.
            at: now.
        """
        view = dataclasses.replace(view, earlier=[self._conversation(other) for other in view.earlier])
        if view.conversation.visibility == "private":
            return view
        shown = tables.shown_since(tx, staff.id, at - SHOWN_FOR) if staff else frozenset()
        suggestion = view.suggestion
        return dataclasses.replace(
            view,
            conversation=self._conversation(view.conversation),
            thread=[self._message(item, shown) for item in view.thread],
            suggestion=self._covered(suggestion) if suggestion else None,
        )

    def show(
        self, tx: Transaction, conversation_id: str, message_id: str, staff: StaffMember, *, at: datetime
    ) -> None:
        """Uncover a message for one person, who is recorded with the kinds of data and the time.

        Raises:
            NotFound: the conversation has no such message.
        """
        message = conversations.get_message(tx, message_id)
        if message.conversation_id != conversation_id:
            raise NotFound(f"message {message_id}")
        hidden = self._hidden(message)
        tables.note_shown(tx, message_id, staff.id, at)
        ledger.append(
            tx,
            kind="privacy.shown",
            conversation_id=conversation_id,
            subject=message_id,
            body={
                "clause": CLAUSE,
                "kinds": sorted(hidden),
                "staff_id": staff.id,
                "name": staff.name,
                "version": self._rulebook.in_force.ruleset.version,
            },
            at=at,
        )

    # --- inside -------------------------------------------------------------------------------------

    @property
    def _kinds(self) -> frozenset[DataKind]:
        return self._rulebook.in_force.ruleset.policy.privacy.masked

    @property
    def _known(self) -> frozenset[str]:
        return city_numbers.published(self._rulebook.in_force)

    def _hidden(self, message: Message) -> frozenset[DataKind]:
        texts = [message.text, message.translation.text if message.translation else ""]
        return frozenset().union(*(personal_data.kinds(text, self._known) for text in texts)) & self._kinds

    def _row(self, row: InboxRow) -> InboxRow:
        return dataclasses.replace(row, conversation=self._conversation(row.conversation))

    def _conversation(self, conversation: Conversation) -> Conversation:
        if conversation.visibility == "private":
            return conversation
        return dataclasses.replace(
            conversation,
            summary=self.text(conversation, conversation.summary) if conversation.summary else None,
            last_text=self.text(conversation, conversation.last_text) if conversation.last_text else None,
        )

    def _message(self, item: ThreadMessage, shown: frozenset[str]) -> ThreadMessage:
        earlier = [(self._masked(text), when) for text, when in item.versions]
        hidden = self._hidden(item.message)
        covered = bool(hidden) or earlier != item.versions
        if not covered:
            return item
        if item.message.id in shown:
            return dataclasses.replace(item, hidden=hidden, uncovered=True)
        return dataclasses.replace(item, message=self._covered(item.message), versions=earlier, hidden=hidden)

    def _covered(self, message: Message) -> Message:
        """Return a message without the data, also where it stands in what was understood."""
        translation = message.translation
        if translation is not None:
            translation = dataclasses.replace(translation, text=self._masked(translation.text))
        return dataclasses.replace(
            message,
            text=self._masked(message.text),
            translation=translation,
            understanding=self._understood(message),
        )

    def _understood(self, message: Message) -> dict[str, Any] | None:
        """Return the understanding without entities that overlap the data, and without quoted parts."""
        known = message.understanding
        spans = [one for one in personal_data.find(message.text, self._known) if one.kind in self._kinds]
        if not known or not spans:
            return known
        entities = [
            entity
            for entity in known.get("entities") or []
            if not any(entity.get("start", 0) < one.end and one.start < entity.get("end", 0) for one in spans)
        ]
        return {**known, "entities": entities, "parts": []}

    def _masked(self, text: str) -> str:
        return personal_data.masked(text, self._kinds, self._known)
