"""Where others read too: one short sentence there, the rest to the author alone, and never personal data.

What a verdict's `public_text` asks for is carried out here, and what the platform makes of it. What it is not
for: deciding when (clauses with `public_reply_key`), and moderation, which people decide (`bot/desk/`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from bot.conversations import cases, handoff
from bot.conversations import service as conversations
from bot.conversations.model import Conversation, Message, Turn
from bot.engagement import personal_data
from bot.engagement.personal_questions import asked
from bot.engagement.policy import DataKind
from bot.messages import AssistantMessage, Author
from bot.pipeline.judgement import Judgement, Verdict
from bot.pipeline.ladder import Climb
from bot.pipeline.outgoing import Outgoing
from bot.storage.database import Transaction

NEVER_ASKED = "privacy.never-asked"
WRITE_FIRST = "path.public_write_first"
_APPEAL_PAGE = re.compile(r"(https?://[^\s/]+)/appeal/[\w-]+(?:\?lang=\w+)?")
_SUMMARY = 200
"""Characters of a message that stand in a summary."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an outcome is said.

    Attributes:
        conversation: the one that people take over and that a hand-over puts among the waiting.
        before: what is said first.
        summary: the message in a few words, without personal data; "": as it stands.
        silent: nothing is said there: the platform would not take it.
    """

    conversation: Conversation
    before: tuple[AssistantMessage, ...] = ()
    summary: str = ""
    silent: bool = False


class PublicThreads:
    """Speaks in public threads and groups.

    Args:
        outgoing: how anything is said, and what channels can do.
        judgement: the rules in force.
    """

    def __init__(self, outgoing: Outgoing, judgement: Judgement) -> None:
        self._outgoing = outgoing
        self._judgement = judgement
        self._climb = Climb(outgoing.queue, judgement.rulebook)

    def place(
        self, tx: Transaction, conversation: Conversation, turn: Turn, verdict: Verdict, at: datetime
    ) -> Place:
        """Say the public sentence of a verdict, if it has one, and return where all else is said.

        Args:
            tx: the committing transaction.
            conversation: the one that the message came in, as it is now.
            turn: the message.
            verdict: what the rules decided.
            at: now.
        """
        if conversation.visibility == "private":
            return Place(conversation)
        seen = self._judgement.personal_data(turn.message.text)
        summary = personal_data.masked(turn.message.text, seen)[:_SUMMARY] if seen else ""
        if not verdict.public_text or conversation.holder.kind == "person":
            return Place(conversation, summary=summary)
        private = self.private_of(tx, conversation, at)
        if private is None:
            said = self._judgement.say("public_where_to_write", conversation.language)
            self._say(tx, conversation, said, verdict, turn.message.id, at)
            return Place(conversation, summary=summary, silent=True)
        if self._unreachable(tx, private):
            self._say_write_first(tx, conversation, turn.message.id, at)
            return Place(private, summary=summary, silent=True)
        self._say(tx, conversation, verdict.public_text, verdict, turn.message.id, at)
        if verdict.outcome == "allow":
            private = cases.carry_on(tx, private, conversation)
        return Place(private, self._named(seen, verdict, private), summary)

    def kept_out(
        self, tx: Transaction, message: Message, conversation: Conversation, at: datetime
    ) -> str | None:
        """Return why an automatic message may not leave into a public thread, None if it may.

        It may not if it holds personal data or asks for some, whatever clause allowed it. Then a person is
        asked for, and the sentence that says so is the only automatic one that follows.
        """
        if message.sender != "bot" or conversation.visibility == "private":
            return None
        words = "\n".join((message.text, *(choice.label for choice in message.choices)))
        never = self._judgement.rules.ruleset.policy.privacy.never_asked_in_public
        wanted = asked(words)
        if not self._judgement.personal_data(words) and not (wanted & never if never else wanted):
            return None
        if (message.decision or {}).get("clause") != NEVER_ASKED:
            self._hand_over(tx, conversation, at)
        return f"clause {NEVER_ASKED}: others read this"

    def _hand_over(self, tx: Transaction, conversation: Conversation, at: datetime) -> None:
        verdict = self._judgement.by_section(
            NEVER_ASKED, "hand_off", conversation, at, reason="Private matter"
        )
        if verdict.due_at is None:
            raise ValueError("the ruleset's default hands over without a time")
        waits = handoff.hand_off(
            tx,
            conversation,
            reason=verdict.reason,
            clause=verdict.clause,
            owner=verdict.owner,
            summary="The assistant's answer was not for a public thread; it stands there, not sent.",
            due_at=verdict.due_at,
            at=at,
        )
        if waits:
            self._climb.begins_to_wait(tx, conversation.id, verdict, at)
            self._say(tx, conversation, verdict.text, verdict, None, at)

    def failed(self, tx: Transaction, message: Message, at: datetime) -> None:
        """Tell in public where to write, once, when the platform will not take the private message."""
        conversation = conversations.get_conversation(tx, message.conversation_id)
        if not self._follows(message, conversation) or self._wrote(tx, conversation):
            return
        public = conversations.get_conversation(tx, conversation.parent_id or "")
        thread = conversations.thread(tx, public.id)
        since = next((said for said in reversed(thread) if said.direction == "incoming"), None)
        told = any(
            (said.decision or {}).get("clause") == WRITE_FIRST
            for said in thread
            if since is None or said.sequence > since.sequence
        )
        if message.sender == "staff":
            self._say_again(tx, public, message, at)
        elif told or public.holder.kind == "person":
            return
        else:
            self._say_write_first(tx, public, message.reply_to, at)
        self._outgoing.keep_private(
            tx,
            conversation,
            "The platform did not take this message, because the resident has not written here yet. "
            "The public thread says where to write.",
            kind="note",
            sender="bot",
            at=at,
        )

    # --- inside -------------------------------------------------------------------------------------

    def private_of(self, tx: Transaction, public: Conversation, at: datetime) -> Conversation | None:
        """Return the author's private conversation, linked to the public one; None where there cannot be."""
        limits = self._outgoing.limits_of(public.channel)
        if limits is None or limits.private_reply != "direct":
            return None
        contact = conversations.get_contact(tx, public)
        private = conversations.open_conversation(
            tx,
            channel=public.channel,
            account_id=public.account_id,
            conversation_ref=contact.platform_user_id,
            author=Author(contact.platform_user_id, contact.display_name, contact.handle, contact.language),
            language=public.language,
            at=at,
        )
        private = conversations.get_conversation(tx, private.id, lock=True)
        private = conversations.set_language(tx, private, public.spoken)
        return cases.link(tx, private, public, at=at)

    def _named(
        self, seen: frozenset[DataKind], verdict: Verdict, private: Conversation
    ) -> tuple[AssistantMessage, ...]:
        """Return the sentence that names what was seen, where the verdict's own words do not."""
        # The words of a hand-over name it themselves; who waits already only hears that they do.
        if not seen or (verdict.hands_over and private.holder.kind == "bot"):
            return ()
        details = personal_data.named(seen, private.language)
        said = self._judgement.say("public_details_seen", private.language, details=details)
        return (AssistantMessage(said),)

    def _unreachable(self, tx: Transaction, private: Conversation) -> bool:
        """Tell whether the platform refused the last private message and they have not written since."""
        said = [message for message in conversations.thread(tx, private.id) if not message.private]
        return bool(said) and said[-1].direction == "outgoing" and said[-1].delivery == "failed"

    def _wrote(self, tx: Transaction, private: Conversation) -> bool:
        return any(message.direction == "incoming" for message in conversations.thread(tx, private.id))

    def _follows(self, message: Message, conversation: Conversation) -> bool:
        notice = str((message.decision or {}).get("clause", "")).startswith("moderation.")
        return (
            (message.sender == "bot" or notice)
            and conversation.visibility == "private"
            and conversation.parent_id is not None
        )

    def _say_again(self, tx: Transaction, public: Conversation, message: Message, at: datetime) -> None:
        """Say a notice of moderation in the thread, without the link that is for its author alone."""
        limits = self._outgoing.limits_of(public.channel)
        link = limits.private_link if limits else ""
        text = _APPEAL_PAGE.sub(lambda found: link or f"{found[1]}/policy", message.text)
        self._outgoing.say(
            tx,
            public,
            text,
            sender="staff",
            sender_name=message.sender_name,
            reply_to=message.reply_to,
            decision=message.decision,
            at=at,
        )

    def _say_write_first(
        self, tx: Transaction, public: Conversation, reply_to: str | None, at: datetime
    ) -> None:
        limits = self._outgoing.limits_of(public.channel)
        if limits is not None and limits.private_link:
            said = self._judgement.say("public_write_first", public.language, link=limits.private_link)
        else:
            said = self._judgement.say("public_where_to_write", public.language)
        verdict = replace(self._judgement.notice("public_write_first"), clause=WRITE_FIRST)
        self._say(tx, public, said, verdict, reply_to, at)

    def _say(
        self,
        tx: Transaction,
        public: Conversation,
        text: str,
        verdict: Verdict,
        reply_to: str | None,
        at: datetime,
    ) -> None:
        self._outgoing.say(
            tx, public, text, sender="bot", reply_to=reply_to, decision=verdict.as_record(), at=at
        )
