"""Every action that domain.yml names, and how a reply becomes Rasa's events."""

from __future__ import annotations

import json
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from actions.dialogue import step
from actions.language import asking_once
from actions.reply import Line, Reply
from actions.services import Services
from actions.turn import FORM, Turn
from bot.failpoints import failpoint
from bot.messages import Choice
from bot.storage.jsonable import to_json

ACTIONS = (
    f"validate_{FORM}",
    "action_clarify",
    "action_continue",
    "action_share",
    "action_status",
    "action_follow",
    "action_add_information",
    "action_events",
    "action_directory",
    "action_hours",
    "action_city_process",
    "action_new_resident",
    "action_social",
    "action_frustration",
    "action_hand_over",
)


class Step(Action):
    """One step of the dialogue under the name that a rule or the form calls it by."""

    def __init__(self, name: str, services: Services) -> None:
        self._name = name
        self._services = services

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return self._name

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Answer the latest message."""
        turn = Turn.of(tracker)
        failpoint("action.before")
        reply = asking_once(await step(turn, self._services), turn, self._services)
        failpoint("action.after")
        # The rules of engagement judge an answer to our own question otherwise than a new message.
        answering = turn.asked is not None and reply.hand_off is None
        for line in reply.lines:
            # Behind a hand-over the report goes on; its question is then the last that is said.
            asks = reply.hand_off is not None and reply.asked is not None and line is reply.lines[-1]
            _utter(dispatcher, line, answering=answering, asks=asks)
        if reply.hand_off:
            dispatcher.utter_message(json_message={"act": "hand_off", **_hand_off(reply)})
        return _events(reply, turn, in_form=self._name == ACTIONS[0])


def build_executor(services: Services) -> ActionExecutor:
    """Return rasa_sdk's executor with every action registered."""
    executor = ActionExecutor()
    for name in ACTIONS:
        executor.register_action(Step(name, services))
    return executor


def _utter(dispatcher: CollectingDispatcher, line: Line, *, answering: bool, asks: bool) -> None:
    flags = {"request_location": line.request_location, "answering": answering, "asks": asks}
    dispatcher.utter_message(
        text=line.text,
        buttons=[_button(choice) for choice in line.options],
        json_message={name: True for name, holds in flags.items() if holds},
    )


def _button(choice: Choice) -> dict[str, str]:
    values = json.dumps(to_json(choice.meaning.values)) if choice.meaning.values else ""
    return {"title": choice.label, "payload": f"/{choice.meaning.intent}{values}"}


def _hand_off(reply: Reply) -> dict[str, Any]:
    wanted = reply.hand_off
    return {"reason": wanted.reason, "topic": wanted.topic, "summary": wanted.summary} if wanted else {}


def _events(reply: Reply, turn: Turn, *, in_form: bool) -> list[dict[str, Any]]:
    """Return what Rasa is to remember.

    Only slots that change are sent: a tracker's cost grows with its events. The form is opened and closed by
    whether a question stays open, and the turn ends here, which saves Rasa the prediction that it does.
    """
    events = [SlotSet(name, value) for name, value in reply.slots.items() if turn.slots.get(name) != value]
    if in_form and not events:
        # A form that sets nothing counts as one that was not understood, and the rules would be asked again.
        events.append(SlotSet("misses", turn.slots.get("misses")))
    events.append(SlotSet("requested_slot", reply.asked))
    if not in_form and turn.in_form != (reply.asked is not None):
        events.append(ActiveLoop(FORM if reply.asked else None))
    events.append(FollowupAction("action_listen"))
    return events
