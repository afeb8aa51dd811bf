"""A whole Townline for tests: real processes, a real trained model, a real database, loopback only.

What it is not for: tests of one part, which need none of this.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.free_port import free_port

HOME = Path(__file__).parents[1]
PREFIX = "/api/webchat/v1/conversations"
TRAINED_FROM = ("config.yml", "domain.yml", "data", "bot/assistant/engine", "requirements/engine.lock")
TRAINING_SECONDS = 900
"""A minute on an idle machine; tests on a Town do not count it as theirs (`func_only` in their marks)."""


def trained_model() -> Path:
    """Return a folder with `models/` and `keys/`, trained from the repository's data; once per content."""
    digest = hashlib.sha256()
    for name in TRAINED_FROM:
        path = HOME / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(file.relative_to(HOME).as_posix().encode() + b"\0" + file.read_bytes())
    folder = HOME / "var" / "test-models" / digest.hexdigest()[:16]
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            environment = {**_clean_environment(), "TOWNLINE_VAR": str(folder)}
            environment["TOWNLINE_MODELS"] = str(folder / "models")
            done = subprocess.run(
                [sys.executable, "-m", "bot", "train"],
                cwd=HOME,
                env=environment,
                capture_output=True,
                check=False,
                timeout=TRAINING_SECONDS,
            )
            assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
            (folder / "done").touch()
    return folder


@dataclass
class Town:
    """Processes that share one VAR folder and one database; each can be killed and started again.

    Attributes:
        var: database (unless `database_url` says otherwise), files, keys and logs.
        settings: further TOWNLINE_ settings by lower-case name.
    """

    var: Path
    database_url: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        model = trained_model()
        self.var.mkdir(parents=True, exist_ok=True)
        shutil.copytree(model / "keys", self.var / "keys", dirs_exist_ok=True)
        ports = {name: str(free_port()) for name in ("port", "engine_port", "actions_port")}
        self.settings = {
            "var": str(self.var),
            "models": str(model / "models"),
            "database_url": self.database_url,
            "log_level": "info",
            **ports,
            **self.settings,
        }
        self.url = f"http://127.0.0.1:{self.settings['port']}"

    def environment(self, **more: str) -> dict[str, str]:
        given = {
            f"TOWNLINE_{name.upper()}": value for name, value in {**self.settings, **more}.items() if value
        }
        return {**_clean_environment(), **given}

    def start(self, name: str, *, failpoints: str = "", wait: bool = True) -> None:
        """Start `up`, `web`, `worker` or `engine`, and wait until it serves."""
        (self.var / "logs").mkdir(exist_ok=True)
        # Emptied, so that "ready" is said by this process and not by the one before it.
        with (self.var / "logs" / f"{name}.out").open("wb") as output:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "bot", name],
                cwd=HOME,
                env=self.environment(failpoints=failpoints),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        if wait:
            self.wait_for(name)

    def wait_for(self, name: str, seconds: float = 120) -> None:
        """Wait until a process serves; fails with its output when it ends or does not get ready."""
        ready: Mapping[str, Callable[[], bool]] = {
            "web": lambda: self._listens("port"),
            "worker": lambda: self._listens("actions_port"),
            "engine": lambda: "engine.ready" in self.output("engine"),
            "up": lambda: "Townline is ready" in self.output("up"),
        }
        end = time.monotonic() + seconds
        while not ready[name]():
            assert self.processes[name].poll() is None, f"{name} ended:\n{self.output(name)[-3000:]}"
            assert time.monotonic() < end, f"{name} is not ready:\n{self.output(name)[-3000:]}"
            time.sleep(0.1)

    def output(self, name: str) -> str:
        path = self.var / "logs" / f"{name}.out"
        return path.read_text(errors="replace") if path.exists() else ""

    def running(self, name: str) -> bool:
        return name in self.processes and self.processes[name].poll() is None

    def kill(self, name: str) -> None:
        """Kill a process as a power cut would."""
        if self.running(name):
            self.processes[name].kill()
        self.processes[name].wait(10)

    def stop(self) -> None:
        """Stop everything, politely and then not."""
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(25)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)

    def chat(self, **headers: str) -> Chat:
        return Chat(self.url, headers)

    def command(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command of the command line to its end."""
        return subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=HOME,
            env=self.environment(),
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def _listens(self, port: str) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", int(self.settings[port]))) == 0


class Chat:
    """A resident in the web chat, by its public API."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self.client = httpx.Client(base_url=url, headers=dict(headers or {}), timeout=20, trust_env=False)
        opened = self.client.post(PREFIX)
        opened.raise_for_status()
        self.id, token = opened.json()["id"], opened.json()["token"]
        self.client.headers["authorization"] = f"Bearer {token}"
        self.seen = 0
        self.choices: list[dict[str, str]] = []

    def post(self, body: Mapping[str, Any], message_id: str | None = None) -> httpx.Response:
        return self.client.post(
            f"{PREFIX}/{self.id}/messages", json={**body, "client_message_id": message_id or uuid.uuid4().hex}
        )

    def messages(self, after: int = 0) -> list[dict[str, Any]]:
        answer = self.client.get(f"{PREFIX}/{self.id}/messages", params={"after": after})
        answer.raise_for_status()
        listed: list[dict[str, Any]] = answer.json()["messages"]
        return listed

    def wait(self, seconds: float = 30) -> list[dict[str, Any]]:
        """Return the outgoing messages that are new, waiting for the first."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            new = self.messages(self.seen)
            outgoing = [message for message in new if message["direction"] == "outgoing"]
            if outgoing:
                self.seen = max(message["sequence"] for message in new)
                self.choices = [choice for message in outgoing for choice in message["choices"]]
                return outgoing
            time.sleep(0.05)
        return []

    def say(self, text: str, **body: Any) -> str:
        """Send a text; returns what is answered, empty if nothing is within the time."""
        self.post({"text": text, **body}).raise_for_status()
        return "\n".join(message["text"] for message in self.wait())

    def press(self, label: str) -> str:
        """Press the button whose label starts so."""
        (choice,) = [choice for choice in self.choices if choice["label"].startswith(label)]
        self.post({"choice": choice["id"]}).raise_for_status()
        return "\n".join(message["text"] for message in self.wait())


def running_town(var: Path, **settings: str) -> Iterator[Town]:
    """Start a Town with `up`, and stop it afterwards."""
    town = Town(var, settings=settings)
    try:
        town.start("up")
        yield town
        ended = town.processes["up"].poll()
        assert ended is None, f"up ended with {ended} while tests used it:\n{town.output('up')[-3000:]}"
    finally:
        town.stop()


def _clean_environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("TOWNLINE_")}
