"""Steps 5 to 10 of the path: a claimed inbox row becomes a filed message, a turn, and one commit.

What it is not for: deciding (the rules decide, `judgement.py` asks them), understanding (the assistant), and
sending (`deliver.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import structlog

from bot import clock
from bot.conversations import service as conversations
from bot.conversations.model import Message, Turn
from bot.errors import AssistantUnavailable, LeaseLost, StorageUnavailable
from bot.failpoints import failpoint
from bot.messages import Answer, InboundEvent, StoredFile, TurnInput
from bot.pipeline import facts
from bot.pipeline.budget import Budget
from bot.pipeline.bursts import HELD
from bot.pipeline.commit import Committer, Outcome, texts_of
from bot.pipeline.intake import Intake
from bot.pipeline.judgement import Judgement
from bot.pipeline.limits import Limits
from bot.pipeline.outgoing import Outgoing
from bot.pipeline.queue import Queue
from bot.pipeline.quota import BYTES_A_DAY, FetchFiles, FileQuota
from bot.pipeline.speech import Speech, untranslated
from bot.pipeline.tables import QueueItem
from bot.storage.database import Database, Transaction
from bot.storage.jsonable import from_json

log = structlog.get_logger(__name__)

QUICK_TRIES = 3
"""Tries of a turn while the engine refuses at once (it may be restarting), before a person is asked."""

QUICK_SECONDS = 3.0


class Assistant(Protocol):
    """The dialogue engine behind its port, see `bot/assistant/client.py`."""

    async def converse(self, turn: TurnInput) -> Answer:
        """Answer one message or raise AssistantUnavailable."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An inbox row that needs more than one transaction."""

    item: QueueItem
    event: InboundEvent
    turn: Turn


class Processor:
    """Works on inbox rows, several at a time, one per conversation.

    Args:
        database: where everything is.
        queue: the inbox.
        outgoing: how something is said.
        judgement: the rules of engagement, as this path asks them.
        assistant: the dialogue engine.
        fetch_files: brings an event's files from its platform into the store.
        speech: the city's languages and its translator.
        file_bytes_a_day: of the files that are taken from one person.
    """

    def __init__(
        self,
        database: Database,
        queue: Queue,
        outgoing: Outgoing,
        judgement: Judgement,
        assistant: Assistant,
        fetch_files: FetchFiles,
        *,
        speech: Speech | None = None,
        file_bytes_a_day: int = BYTES_A_DAY,
    ) -> None:
        self._database = database
        self._queue = queue
        self._outgoing = outgoing
        self._judgement = judgement
        self._assistant = assistant
        self._served = ""
        self._files = FileQuota(database, fetch_files, file_bytes_a_day)
        self._speech = speech or Speech()
        self._limits = Limits(judgement)
        self._budget = Budget(database, judgement.rulebook)
        self._intake = Intake(queue, outgoing, judgement, self._speech, self._limits)
        self._committer = Committer(queue, outgoing, judgement, self._limits)

    async def claim(self) -> Claimed | bool:
        """Claim the next row and file its message.

        Returns:
            The claimed row if more is to be done; True when it is already finished; False when none was due.
        """
        return await self._database.write(self._claim)

    async def work(self, claimed: Claimed) -> None:
        """Do the rest for a claimed row; whatever goes wrong, the row is finished, retried or put aside."""
        failpoint("turn.after_lease")
        try:
            await self._work(claimed)
        except LeaseLost:
            log.warning("turn.lease_lost", inbox=claimed.item.id)
        except StorageUnavailable as error:
            log.warning("turn.storage_unavailable", inbox=claimed.item.id, error=str(error))
        except Exception as error:
            log.exception("turn.failed", inbox=claimed.item.id)
            await self._database.write(self._failed, claimed, f"{type(error).__name__}: {error}")

    def _claim(self, tx: Transaction) -> Claimed | bool:
        at = clock.now()
        item = self._queue.claim(tx, "inbox", at, after=self._served)
        if item is None:
            self._served = ""
            return False
        self._served = item.order_key if item.more else ""
        event = from_json(InboundEvent, item.payload)
        if self._queue.spent(item):
            self._intake.quarantine(tx, item, event, "its worker died each time", at)
            return True
        savepoint = tx.connection.begin_nested()
        try:
            turn = self._intake.file(tx, item, event, at)
        except StorageUnavailable:
            raise
        except Exception as error:
            # One event that cannot be filed must not stop the others, nor be tried for ever.
            savepoint.rollback()
            log.exception("inbox.failed", inbox=item.id)
            self._intake.put_aside_or_retry(tx, item, event, f"{type(error).__name__}: {error}", at)
            return True
        savepoint.commit()
        return True if turn is None else Claimed(item, event, turn)

    async def _work(self, claimed: Claimed) -> None:
        turn = claimed.turn
        files = turn.message.files
        refused: tuple[str, ...] = ()
        if claimed.event.files and not turn.message.files:
            files, refused = await self._files.fetch(turn, claimed.event)
            await self._database.write(_keep_files, turn.message, files)
        if turn.held:
            await self._database.write(self._finish, claimed.item, HELD)
            return
        turn = await self._speech.understood(turn)
        if turn.message.translation is not None:
            await self._database.write(_keep_translation, turn)
        if turn.conversation.holder.kind == "person":
            await self._database.write(self._finish, claimed.item, "filed")
            return
        outcome = await self._decide(replace(claimed, turn=turn), files, refused)
        if outcome is None:
            return
        outcome = await self._translated(turn, outcome)
        failpoint("turn.before_commit")
        await self._database.write(self._committer.commit, claimed.item, turn, outcome)
        failpoint("turn.after_commit")

    async def _decide(
        self, claimed: Claimed, files: tuple[StoredFile, ...], refused: tuple[str, ...]
    ) -> Outcome | None:
        turn, at = claimed.turn, clock.now()
        notices = tuple(
            self._judgement.say(key, turn.conversation.language) for key in dict.fromkeys(refused)
        )
        if refused and not files and not turn.message.text:
            return Outcome(notices=notices, verdict=self._judgement.notice("attachment_refused"))
        before = self._limits.before(turn, at)
        before = await self._budget.fitting(turn, before, lambda busy: self._judgement.before(busy, at), at)
        if before.outcome != "allow":
            return Outcome(notices=notices, verdict=before)
        failpoint("turn.before_assistant")
        started = clock.now()
        try:
            answer = await self._assistant.converse(
                facts.turn_input(
                    turn,
                    files,
                    self._judgement.local(at),
                    buttons=self._outgoing.shows_buttons(turn.conversation.channel),
                )
            )
        except AssistantUnavailable as error:
            return await self._without_assistant(claimed, str(error), started, notices)
        failpoint("turn.after_assistant")
        at = clock.now()
        after = self._judgement.after(turn, answer, at)
        after = await self._budget.fitting(
            turn, after, lambda busy: self._judgement.after(busy, answer, at), at
        )
        return Outcome(notices=notices, verdict=after, answer=answer, allowed_by=before)

    async def _translated(self, turn: Turn, outcome: Outcome) -> Outcome:
        """Return the outcome with its texts in the resident's language, or with a notice that they stay."""
        if self._speech.translator is None or not turn.conversation.foreign_language or untranslated(turn):
            return outcome
        told = await self._speech.told(texts_of(outcome), turn.conversation)
        if told:
            return replace(outcome, told=told)
        said = self._judgement.say("untranslated", turn.conversation.language)
        return replace(outcome, notices=(*outcome.notices, said))

    async def _without_assistant(
        self, claimed: Claimed, error: str, started: datetime, notices: tuple[str, ...]
    ) -> Outcome | None:
        at = clock.now()
        quick = (at - started).total_seconds() < QUICK_SECONDS
        log.warning(
            "assistant.unavailable", inbox=claimed.item.id, attempt=claimed.item.attempts, error=error
        )
        if quick and claimed.item.attempts < QUICK_TRIES:
            await self._database.write(
                self._queue.retry, claimed.item, error, at, after=2.0 * claimed.item.attempts
            )
            return None
        return Outcome(notices=notices, verdict=self._judgement.broken(claimed.turn, at), failure=error)

    def _finish(self, tx: Transaction, item: QueueItem, outcome: str) -> None:
        self._queue.finish(tx, item, outcome, clock.now())

    def _failed(self, tx: Transaction, claimed: Claimed, error: str) -> None:
        self._intake.put_aside_or_retry(tx, claimed.item, claimed.event, error, clock.now())


def _keep_files(tx: Transaction, message: Message, files: tuple[StoredFile, ...]) -> None:
    conversations.keep_files(tx, message, files, at=clock.now())


def _keep_translation(tx: Transaction, turn: Turn) -> None:
    conversations.keep_translation(tx, turn.message, at=clock.now())
