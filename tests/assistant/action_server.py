"""A small action server for the engine's tests: rasa_sdk's executor behind Starlette, as the bot hosts it.

Run as `python action_server.py PORT TOKEN`; it writes the size of each call to standard output as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys

import uvicorn
from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route


class Echo(Action):
    def name(self):
        return "action_echo"

    def run(self, dispatcher, tracker, domain):
        latest = tracker.latest_message
        heard = {
            "intent": latest["intent"]["name"],
            "text": latest["text"],
            "understanding": latest["metadata"]["understanding"]["intent"],
            "values": latest["metadata"].get("values"),
            "channel": latest["metadata"].get("channel"),
            "slots": tracker.slots,
            "events": len(tracker.events),
        }
        dispatcher.utter_message(text="heard", json_message={"heard": heard})
        return [{"event": "slot", "name": "seen", "value": (tracker.get_slot("seen") or 0) + 1}]


class HandOver(Action):
    def name(self):
        return "action_hand_over"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(json_message={"act": "hand_off", "reason": "out_of_scope", "topic": None})
        return []


class Break(Action):
    def name(self):
        return "action_break"

    def run(self, dispatcher, tracker, domain):
        raise RuntimeError("broken on purpose")


class Sleep(Action):
    def name(self):
        return "action_sleep"

    async def run(self, dispatcher, tracker, domain):
        await asyncio.sleep(60)
        return []


class Quiet(Action):
    def name(self):
        return "action_quiet"

    def run(self, dispatcher, tracker, domain):
        return []


def main():
    port, token = int(sys.argv[1]), sys.argv[2]
    executor = ActionExecutor()
    for action in (Echo, HandOver, Break, Sleep, Quiet):
        executor.register_action(action())

    async def webhook(request):
        if request.headers.get("authorization") != f"Bearer {token}":
            return JSONResponse({"error": "unauthorized"}, 401)
        body = await request.body()
        print(json.dumps({"bytes": len(body)}), flush=True)
        try:
            result = await executor.run(json.loads(body))
        except RuntimeError:
            return JSONResponse({"error": "broken"}, 500)
        return JSONResponse(result.model_dump() if result else {})

    app = Starlette(routes=[Route("/webhook", webhook, methods=["POST"])])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
