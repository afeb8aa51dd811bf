"""One turn: the message is read, Rasa chooses and runs actions, the tracker is kept only if all went well.

Rasa's own `handle_message` would take "/restart" as a command, go on silently when an action fails, and keep
a turn that never finished. This does the same steps with the same objects and stops at the first fault.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.policies.policy import PolicyPrediction
from rasa.exceptions import ActionLimitReached
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.assistant.engine.answers import all_answers, answer_to
from bot.assistant.engine.bands import ACT, CONFIRM, NOT_SURE, OUT_OF_SCOPE, PEOPLE, service_of
from bot.assistant.engine.components import rasa_entities
from bot.assistant.engine.patches import watch_actions
from bot.assistant.engine.tracker_store import TownlineTrackerStore
from bot.assistant.engine.understanding import MAX_CHARACTERS, Understander

SESSION_TURNS = (
    40  # then a fresh session: Rasa's cost grows with every event (facts: 6 -> 59 CPU ms by turn 160)
)
_KEPT_ANSWERS = 10
_REPLAYED_TURNS = 3


class TurnFailed(Exception):
    """The turn did not finish; `reason` is for the bot and its log, and never holds resident text."""

    def __init__(self, reason: str, status: int = 500) -> None:
        self.reason = reason
        self.status = status
        super().__init__(reason)


@dataclass(frozen=True)
class Turn:
    """A checked request: exactly one of `text` and `intent` is given."""

    conversation: str
    message_id: str
    text: str | None
    intent: str | None
    values: dict[str, Any]
    metadata: dict[str, Any]


class Silent(OutputChannel):
    """Rasa wants somewhere to send to; the answer is read from the tracker instead."""

    @classmethod
    def name(cls) -> str:
        return "townline"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Send nothing."""


class Turns:
    """Runs turns on one loaded agent, one at a time a conversation, first come first served."""

    def __init__(
        self, processor: Any, understander: Understander, store: TownlineTrackerStore, seconds: float
    ) -> None:
        self._processor = processor
        self._understander = understander
        self._store = store
        self._seconds = seconds
        self._queues: dict[str, list[asyncio.Future[None]]] = {}
        processor.tracker_store = store

    async def converse(self, turn: Turn) -> dict[str, Any]:
        """Answer one message.

        Raises:
            TurnFailed: the turn did not finish; nothing of it is kept in the tracker.
        """
        async with self._one_at_a_time(turn.conversation):
            try:
                return await asyncio.wait_for(self._run(turn), self._seconds)
            except asyncio.TimeoutError:
                raise TurnFailed("time_limit", 504) from None
            finally:
                self._store.forget_read(turn.conversation)

    async def forget(self, conversation: str) -> bool:
        """Delete what is remembered of a conversation."""
        async with self._one_at_a_time(conversation):
            return await self._store.delete(conversation)

    async def _run(self, turn: Turn) -> dict[str, Any]:
        processor = self._processor
        whole = await self._store.retrieve(turn.conversation)
        if whole is not None:
            answer = answer_to(turn.message_id, whole.events) or self._store.earlier_answers(
                turn.conversation
            ).get(turn.message_id)
            if answer is not None:
                return {**answer, "replayed": True}
            whole = self._bounded(whole)
        else:
            whole = self._store.init_tracker(turn.conversation)
        whole.model_id = processor.model_metadata.model_id
        whole.assistant_id = whole.assistant_id or processor.model_metadata.assistant_id
        message = self._message(turn)
        with watch_actions() as faults:
            await processor._update_tracker_session(whole, message.output_channel, None)
            tracker, known = self._recent(whole)
            await processor._handle_message_with_tracker(message, tracker)
            tracker = await processor.run_action_extract_slots(message.output_channel, tracker)
            await self._act(message, tracker)
        if faults:
            raise TurnFailed(f"action_failed: {faults[0]}", 502)
        fresh = list(tracker.events)[known:]
        answer = answer_to(turn.message_id, fresh)
        if answer is None or not answer["messages"]:
            raise TurnFailed("nothing_said", 502)
        if tracker is not whole:
            for event in fresh:
                whole.update(event)
        await self._store.save(whole)
        return {**answer, "replayed": False}

    async def _act(self, message: UserMessage, tracker: DialogueStateTracker) -> None:
        """Run the actions that Rasa chooses until it listens again.

        An action that is chosen twice running has said what it had to: without this, a fallback action of
        ours would be chosen over and over, because no rule follows it.
        """
        processor = self._processor
        going, last = True, ""
        while going:
            try:
                action, prediction = processor.predict_next_with_tracker_if_should(tracker)
            except ActionLimitReached:
                raise TurnFailed("too_many_actions", 502) from None
            if action.name() == last:
                action = processor._get_action(ACTION_LISTEN_NAME)
                prediction = PolicyPrediction.for_action_name(processor.domain, ACTION_LISTEN_NAME)
            last = action.name()
            going = await processor._run_action(
                action, tracker, message.output_channel, processor.nlg, prediction
            )

    def _message(self, turn: Turn) -> UserMessage:
        if turn.intent is not None:
            understanding = _choice_understanding(turn.intent, self._understander.model)
            intent, confidence, entities = turn.intent, 1.0, []
            text = ""
        else:
            text = turn.text or ""
            understanding = self._understander.understand(text, _moment(turn.metadata.get("now")))
            confidence = understanding["confidence"]
            intent = _intent_of(understanding)
            entities = rasa_entities(understanding)
        shown = text[:MAX_CHARACTERS]
        metadata = {**turn.metadata, "understanding": understanding}
        if turn.intent is not None:
            metadata["values"] = turn.values
        parsed = {"text": shown, "intent": {"name": intent, "confidence": confidence}, "entities": entities}
        message = UserMessage(
            shown,
            Silent(),
            turn.conversation,
            parse_data=parsed,
            input_channel="townline",
            message_id=turn.message_id,
            metadata=metadata,
        )
        # UserMessage strips blanks; the offsets of the entities are those of the text as it came.
        message.text = shown
        return message

    def _bounded(self, tracker: DialogueStateTracker) -> DialogueStateTracker:
        """Return `tracker`, or after many turns a fresh session that knows its slots and its open form."""
        events = list(tracker.events)
        if sum(isinstance(event, UserUttered) for event in events) < SESSION_TURNS:
            return tracker
        fresh = self._carried(tracker)
        self._store.begin_session(fresh, all_answers(events, _KEPT_ANSWERS))
        return fresh

    def _recent(self, whole: DialogueStateTracker) -> tuple[DialogueStateTracker, int]:
        """Return what the rules and actions of a turn look at, and how many events of it are old.

        Rules look at the present turn, slots and the open form only; Rasa would replay the session several
        times a turn to find them (14 CPU ms at the first message, 22 at the twentieth).
        """
        events = list(whole.events)
        if sum(isinstance(event, UserUttered) for event in events) < _REPLAYED_TURNS:
            return whole, len(events)
        recent = self._carried(whole)
        recent.model_id, recent.assistant_id = whole.model_id, whole.assistant_id
        return recent, len(recent.events)

    def _carried(self, tracker: DialogueStateTracker) -> DialogueStateTracker:
        """Return a tracker at the start of a session that knows the slots and the open form of `tracker`."""
        fresh = self._store.init_tracker(tracker.sender_id)
        loop = tracker.active_loop_name
        carried = [
            ActionExecuted(ACTION_SESSION_START_NAME),
            SessionStarted(),
            *([ActiveLoop(loop)] if loop else []),
            *[
                SlotSet(name, slot.value)
                for name, slot in tracker.slots.items()
                if slot.value != slot.initial_value and name != "session_started_metadata"
            ],
            ActionExecuted(ACTION_LISTEN_NAME),
        ]
        for event in carried:
            fresh.update(event)
        return fresh

    @asynccontextmanager
    async def _one_at_a_time(self, conversation: str) -> AsyncIterator[None]:
        """Hold the conversation. Rasa's own lock polls once a second while it waits; this one is woken."""
        loop = asyncio.get_running_loop()
        queue = self._queues.setdefault(conversation, [])
        mine: asyncio.Future[None] = loop.create_future()
        queue.append(mine)
        try:
            if queue[0] is not mine:
                await mine
            yield
        finally:
            was_first = queue[0] is mine
            queue.remove(mine)
            if not queue:
                self._queues.pop(conversation, None)
            elif was_first and not queue[0].done():
                queue[0].set_result(None)


def _intent_of(understanding: dict[str, Any]) -> str:
    """Return the intent that the dialogue is shown: what may be acted on or is for people keeps its name."""
    if understanding["band"] == ACT or understanding["intent"] in PEOPLE:
        return str(understanding["intent"])
    return NOT_SURE if understanding["band"] == CONFIRM else OUT_OF_SCOPE


def _moment(value: object) -> dt.datetime | None:
    """Return the moment of a message as the bot tells it, None if it is none with a zone."""
    try:
        moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _choice_understanding(intent: str, model: str) -> dict[str, Any]:
    service = service_of(intent)
    return {
        "intent": intent,
        "confidence": 1.0,
        "service": service,
        "out_of_scope": False,
        "band": ACT,
        "choices": [{"intent": intent, "service": service, "confidence": 1.0}],
        "entities": [],
        "language": None,
        "model": model,
    }
