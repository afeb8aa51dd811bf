"""A real engine on a small real model: trained once a session, some seconds; no double stands in for Rasa."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bot.assistant.supervisor import EngineSettings, Supervisor
from bot.assistant.understand import TrainerSettings, train
from tests.free_port import free_port

HOME = Path(__file__).parents[2]
PROJECT = Path(__file__).parent / "fixtures" / "project"
PYTHON = HOME / ".venv-engine" / "bin" / "python"
TOKEN = "engine-token-marker-5b1f0c"
ACTIONS_TOKEN = "actions-token-marker-77aa2e"


def environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(HOME), "HOME": os.environ.get("HOME", "/")}


@pytest.fixture(autouse=True)
def _loopback(socket_enabled):
    """These tests talk to processes of this machine."""


@dataclass(frozen=True)
class Trained:
    home: Path
    models: Path
    keys: Path
    model: Path
    steps: list[str]


@pytest.fixture(scope="session")
def trained(tmp_path_factory) -> Trained:
    """The small project, with a model trained in the environment that has no TensorFlow."""
    home = tmp_path_factory.mktemp("engine-home")
    shutil.copytree(PROJECT, home, dirs_exist_ok=True)
    for name in ("endpoints.yml", "credentials.yml"):
        shutil.copy(HOME / name, home / name)
    steps: list[str] = []
    settings = trainer_settings(home)
    model = train(settings, steps.append)
    return Trained(home, settings.models, settings.keys, model, steps)


def trainer_settings(home: Path, models: str = "models") -> TrainerSettings:
    return TrainerSettings(PYTHON, home, home / models, home / "keys", environment())


@pytest.fixture(scope="session")
def actions(tmp_path_factory):
    """The action server's address, and the file in which it notes the size of each call."""
    port = free_port()
    log = tmp_path_factory.mktemp("actions") / "calls.jsonl"
    script = Path(__file__).parent / "action_server.py"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, str(script), str(port), ACTIONS_TOKEN], stdout=output, stderr=output
        )
    wait_for_port(port)
    yield f"http://127.0.0.1:{port}/webhook", log
    server.terminate()
    server.wait(10)


@pytest.fixture
def engine_settings(trained, actions, tmp_path):
    """Settings of an engine of one's own, with an empty tracker store."""
    return settings_for(trained, actions[0], tmp_path)


def settings_for(trained: Trained, actions_url: str, folder: Path, **changes) -> EngineSettings:
    values = {
        "python": PYTHON,
        "home": trained.home,
        "ports": (0,),
        "token": TOKEN,
        "actions_url": actions_url,
        "actions_token": ACTIONS_TOKEN,
        "model": trained.models,
        "keys": trained.keys,
        "tracker_url": f"sqlite:///{folder / 'trackers.db'}",
        "log": folder / "engine.log",
        "turn_seconds": 2.0,
        "environment": environment(),
    }
    return EngineSettings(**{**values, **changes})


@dataclass
class Engine:
    """A running engine as the tests talk to it: plain HTTP, so that nothing of ours is in between."""

    url: str
    log: Path
    settings: EngineSettings

    def request(self, method: str, path: str, *, token: str | None = TOKEN, **more) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return httpx.request(method, self.url + path, headers=headers, timeout=30, trust_env=False, **more)

    def say(self, text: str, conversation: str = "c-1", message_id: str | None = None, **metadata):
        body = {
            "conversation": conversation,
            "message_id": message_id or f"m-{time.monotonic_ns()}",
            "text": text,
            "metadata": metadata,
        }
        return self.request("POST", "/webhooks/townline/converse", json=body)

    def heard(self, text: str, conversation: str = "c-1", **more):
        """What the echo action was given."""
        return self.say(text, conversation, **more).json()["messages"][0]["custom"]["heard"]


@pytest.fixture(scope="session")
def engine(trained, actions, tmp_path_factory):
    """One engine that all tests share which do not stop it; each uses its own conversations."""
    folder = tmp_path_factory.mktemp("shared-engine")
    settings = settings_for(trained, actions[0], folder)
    with asyncio.Runner() as runner:
        supervisor = Supervisor(settings)
        runner.run(supervisor.start())
        yield Engine(supervisor.urls()[0], settings.log, settings)
        runner.run(supervisor.stop())


def wait_for_port(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on {port}")
