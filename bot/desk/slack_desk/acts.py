"""What people do in Slack: claim, answer, leave a note, give back, close. All through the desk's own door.

Whoever has no account at the desk, or was second, is told so where nobody else sees it, and nothing changes.
"""

from __future__ import annotations

from datetime import datetime

import structlog

from bot import clock
from bot.conversations import service as conversations
from bot.conversations.approvals import Approval
from bot.conversations.model import Conversation
from bot.desk.accounts import StaffMember
from bot.desk.service import Desk
from bot.desk.slack_desk import tables
from bot.desk.slack_desk.client import Post, SlackApi
from bot.desk.slack_desk.escaping import escape, names_somebody, plain
from bot.desk.slack_desk.events import SlackEvent
from bot.desk.slack_desk.people import SlackPeople
from bot.desk.slack_desk.tables import Thread
from bot.errors import Conflict, NotFound, PermanentSendError, RetryableSendError, UnknownOutcome
from bot.messages import Translation
from bot.pipeline.queue import Queue, backoff_seconds
from bot.pipeline.service import QueueItem
from bot.records import ledger
from bot.storage.database import Database, Transaction

log = structlog.get_logger(__name__)

MARKERS = ("//", ":lock:", "\N{LOCK}")
"""What a message begins with that is a note for colleagues and never goes to the resident."""

SENT, NOTED = "white_check_mark", "lock"
"""The signs on a message in the thread: it is on its way to the resident; it is a note."""

TRIES = 6

STRANGER = (
    "You have no account at the city's desk under this Slack user, so nothing was done. "
    "Ask an administrator of the desk for one, with the e-mail address that you use here."
)
OVER = "Nobody waits here any more: the conversation was given back or closed. Nothing was sent."
CLAIM_FIRST = "Nobody holds this conversation yet, so nothing was sent. Press Claim, then write again."
NO_FILES = "Files cannot be sent from here yet, so nothing was sent. Send them from the desk in the browser."
MENTION = (
    "That names a colleague or a channel, so it was not sent to the resident. "
    "Begin with // to keep it as a note, or write it again without the name."
)
SECOND_PERSON = "A second person has to agree first: this waits at the desk in the browser."


class _Refused(Exception):
    """What was done has no effect; the text says why to who did it."""


class Acts:
    """Carries out what people do in Slack.

    Args:
        database, queue: where it is kept.
        desk: the one door, the same that the browser uses.
        people: who is who.
        api: to tell people.
    """

    def __init__(
        self, database: Database, queue: Queue, desk: Desk, people: SlackPeople, api: SlackApi
    ) -> None:
        self._database = database
        self._queue = queue
        self._desk = desk
        self._people = people
        self._api = api

    async def act(self, item: QueueItem, event: SlackEvent) -> None:
        """Carry out one event, and end its row in the same transaction."""
        try:
            if event.user == (await self._api.identity()).user_id:
                await self._finish(item, "our_own")
                return
            staff = await self._people.staff_of(event.user)
            await self._act(item, event, staff)
        except (RetryableSendError, UnknownOutcome, PermanentSendError) as error:
            after = getattr(error, "retry_after", None) or min(30.0, backoff_seconds(item.attempts))
            await self._database.write(self._queue.retry, item, str(error), clock.now(), after=after)

    async def _act(self, item: QueueItem, event: SlackEvent, staff: StaffMember | None) -> None:
        if event.kind in ("edited", "deleted"):
            await self._changed(item, event)
            return
        if staff is None:
            await self._tell(item, event, STRANGER)
            await self._database.write(self._turn_away, item, event)
            return
        shown = await self._translated(event)
        try:
            told = await self._database.write(self._carry_out, item, event, staff, shown)
        except NotFound:
            # The first message may be so new that its id is not noted yet.
            if item.attempts < TRIES:
                raise RetryableSendError("the thread is not known", 2.0) from None
            await self._finish(item, "unknown_thread")
        except _Refused as refusal:
            await self._tell(item, event, str(refusal))
            await self._finish(item, "refused")
        except (Conflict, ValueError) as error:
            await self._tell(item, event, f"{error}. Nothing was changed.".replace("..", "."))
            await self._finish(item, "refused")
        else:
            await self._confirm(event, told)

    async def _translated(self, event: SlackEvent) -> Translation | None:
        if event.kind != "said" or _is_note(event.text):
            return None
        conversation = await self._database.read(self._conversation, event)
        return None if conversation is None else await self._desk.translated(conversation, _plain(event))

    def _conversation(self, tx: Transaction, event: SlackEvent) -> Conversation | None:
        thread = _thread(tx, event)
        return None if thread is None else conversations.get_conversation(tx, thread.conversation_id)

    def _carry_out(
        self,
        tx: Transaction,
        item: QueueItem,
        event: SlackEvent,
        staff: StaffMember,
        shown: Translation | None,
    ) -> str:
        """Do it; returns the sign or the words that tell who did it that it was done."""
        at = clock.now()
        thread = _thread(tx, event)
        if thread is None:
            raise NotFound("thread")
        conversation = conversations.get_conversation(tx, thread.conversation_id, lock=True)
        told = ""
        if event.kind == "said" and _is_note(event.text):
            note = self._desk.note(tx, conversation.id, staff, _note(event), at=at)
            _remember(tx, event, thread, note.id)
            told = NOTED
        elif conversation.context != thread.context or conversation.holder.kind == "bot":
            raise _Refused(OVER)
        elif event.kind == "said":
            told = self._say(tx, event, thread, conversation, staff, shown, at)
        elif event.kind == "claim":
            self._desk.take_over(tx, conversation.id, staff, at=at)
        else:
            self._desk.give_back(tx, conversation.id, staff, at=at, close=event.kind == "close")
        if thread.ts is None:
            # A button tells the id that a crash kept from us.
            tables.update_thread(tx, thread.id, ts=event.thread_ts, sending=False)
        self._queue.finish(tx, item, event.kind, at)
        return told

    def _say(  # noqa: PLR0917 - what is said, where, by whom
        self,
        tx: Transaction,
        event: SlackEvent,
        thread: Thread,
        conversation: Conversation,
        staff: StaffMember,
        shown: Translation | None,
        at: datetime,
    ) -> str:
        holder = conversation.holder
        if holder.kind != "person":
            raise _Refused(CLAIM_FIRST)
        if holder.staff_id != staff.id:
            raise _Refused(
                f"{holder.name} holds this conversation, so nothing was sent. Begin with // to leave a note."
            )
        if event.files:
            raise _Refused(NO_FILES)
        if names_somebody(event.text):
            raise _Refused(MENTION)
        said = self._desk.reply(tx, conversation.id, staff, _plain(event), at=at, shown=shown)
        if isinstance(said, Approval):
            return SECOND_PERSON
        _remember(tx, event, thread, said.id)
        return SENT

    def _turn_away(self, tx: Transaction, item: QueueItem, event: SlackEvent) -> None:
        at = clock.now()
        thread = _thread(tx, event)
        ledger.append(
            tx,
            kind="desk.refused",
            conversation_id=thread.conversation_id if thread else None,
            body={"slack_user": event.user, "wanted": event.kind},
            at=at,
        )
        self._queue.finish(tx, item, "stranger", at)

    async def _changed(self, item: QueueItem, event: SlackEvent) -> None:
        """Say in the thread that an edit or a deletion changes nothing outside Slack."""
        told = await self._database.read(_sent_as, event)
        if told is not None:
            text, is_note = told
            did = "deleted" if event.kind == "deleted" else "changed"
            keeps = "The desk keeps the note as it was" if is_note else "The resident keeps what was sent"
            said = f"A message was {did} here. {keeps}:"
            elements = [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": said}]},
                {"type": "rich_text_quote", "elements": [{"type": "text", "text": text[:1500] or " "}]},
            ]
            post = Post(escape(said), [{"type": "rich_text", "elements": elements}])
            await self._api.post(event.channel, post, thread_ts=event.thread_ts)
        await self._finish(item, event.kind)

    async def _tell(self, item: QueueItem, event: SlackEvent, text: str) -> None:
        try:
            await self._api.tell(event.channel, event.user, escape(text), thread_ts=event.thread_ts)
        except PermanentSendError as error:
            log.warning("slack.not_told", error=str(error))
        except (RetryableSendError, UnknownOutcome):
            # Nothing was done and nothing will be; a person who looks again sees that. But try.
            if item.attempts < TRIES:
                raise

    async def _confirm(self, event: SlackEvent, told: str) -> None:
        try:
            if told in (SENT, NOTED):
                await self._api.react(event.channel, event.ts, told)
            elif told:
                await self._api.tell(event.channel, event.user, escape(told), thread_ts=event.thread_ts)
        except (RetryableSendError, UnknownOutcome, PermanentSendError) as error:
            # It was done all the same; the sign is a courtesy.
            log.info("slack.not_confirmed", error=str(error))

    async def _finish(self, item: QueueItem, outcome: str) -> None:
        await self._database.write(self._queue.finish, item, outcome, clock.now())


def _thread(tx: Transaction, event: SlackEvent) -> Thread | None:
    found = tables.thread_at(tx, event.channel, event.thread_ts)
    if found is None and event.thread_id:
        named = tables.thread_by_id(tx, event.thread_id)
        return named if named is not None and named.channel == event.channel else None
    return found


def _sent_as(tx: Transaction, event: SlackEvent) -> tuple[str, bool] | None:
    known = tables.message_at(tx, event.channel, event.ts)
    if known is None:
        return None
    message = conversations.get_message(tx, known[1])
    return message.text, message.private


def _remember(tx: Transaction, event: SlackEvent, thread: Thread, message_id: str) -> None:
    tables.add_message(tx, channel=event.channel, ts=event.ts, thread_id=thread.id, message_id=message_id)


def _is_note(text: str) -> bool:
    return text.lstrip().startswith(MARKERS)


def _note(event: SlackEvent) -> str:
    text = event.text.lstrip()
    marker = next(marker for marker in MARKERS if text.startswith(marker))
    return plain(text.removeprefix(marker), event.emoji or {})


def _plain(event: SlackEvent) -> str:
    return plain(event.text, event.emoji or {})
