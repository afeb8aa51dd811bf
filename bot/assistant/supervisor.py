"""Starts engines, keeps them alive, and changes their model without a pause.

What it is not for: talking to them (`client.py`). Engines are processes of the other Python environment. They
get their settings, secrets among them, on their standard input, and end when that pipe closes: also when this
process is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import httpx

from bot.errors import AssistantUnavailable

_log = logging.getLogger(__name__)
_STOP_SECONDS = 10.0
_PROBE_SECONDS = 5.0
_PROBES_FAILED = 3  # in a row, before an engine is taken for dead and replaced
_LONGEST_PAUSE = 60.0
_FLIP_SECONDS = 1.0  # after a change of model: a turn that was about to go to an old engine has gone
_TURN_GRACE = 5.0  # seconds beyond a turn's own limit that a leaving engine has to finish it
# Engines speak plain HTTP on loopback; the default context would read every certificate authority each time.
_PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What engines are started with.

    Attributes:
        python: interpreter of the engine's environment; it is run in `home`, where config.yml lies.
        ports: one engine each, on loopback; 0 takes a free one.
        model: a folder of models (the one that serves is taken) or one archive.
        keys: folder of the key that models are signed with.
        environment: what the process inherits; no secret belongs in it.
        low_priority: let other processes go first (engines on which a candidate is tried out).
        start_seconds: an engine needs 7 CPU seconds; a busy machine may take ten times as long.
    """

    python: Path
    home: Path
    ports: tuple[int, ...]
    token: str = field(repr=False)
    actions_url: str
    actions_token: str = field(repr=False)
    model: Path
    keys: Path
    tracker_url: str = field(repr=False)
    log: Path
    turn_seconds: float = 7.0
    environment: Mapping[str, str] = field(default_factory=dict)
    low_priority: bool = False
    start_seconds: float = 90.0


class _Engine:
    """One process."""

    def __init__(self, settings: EngineSettings, port: int, model: Path) -> None:
        self._settings = settings
        self.port = port or _free_port()
        self.model = model
        self.answers_with = ""
        self._process: asyncio.subprocess.Process | None = None
        self._log: IO[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it and wait until it reads a known sentence.

        Raises:
            AssistantUnavailable: it ended, or was not ready in time; it is stopped then.
        """
        settings = self._settings
        settings.log.parent.mkdir(parents=True, exist_ok=True)
        self._log = settings.log.open("ab")
        self._process = await asyncio.create_subprocess_exec(
            str(settings.python),
            "-m",
            "bot.assistant.engine",
            "run",
            cwd=settings.home,
            env={**settings.environment, "PYTHONUNBUFFERED": "1"},
            stdin=asyncio.subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
        )
        if self._process.stdin is None:
            raise AssistantUnavailable("the engine has no standard input")
        self._process.stdin.write(self._line())
        await self._process.stdin.drain()
        try:
            async with asyncio.timeout(settings.start_seconds):
                while not await self.probe():
                    if not self.alive():
                        raise AssistantUnavailable(
                            f"an engine ended with {self._process.returncode}; see {settings.log}"
                        )
                    await asyncio.sleep(0.25)
        except TimeoutError as late:
            await self.stop()
            raise AssistantUnavailable(f"an engine was not ready in {settings.start_seconds:.0f} s") from late
        except BaseException:
            await self.stop()
            raise

    def _line(self) -> bytes:
        settings = self._settings
        given = {
            "port": self.port,
            "token": settings.token,
            "actions_url": settings.actions_url,
            "actions_token": settings.actions_token,
            "tracker_url": settings.tracker_url,
            "model": str(self.model),
            "keys": str(settings.keys),
            "turn_seconds": settings.turn_seconds,
            "parent": os.getpid(),
            "low_priority": settings.low_priority,
        }
        return json.dumps(given).encode() + b"\n"

    async def probe(self) -> bool:
        """Return whether it reads a known sentence rightly."""
        headers = {"Authorization": f"Bearer {self._settings.token}"}
        try:
            async with httpx.AsyncClient(
                headers=headers, timeout=_PROBE_SECONDS, trust_env=False, verify=_PLAIN
            ) as client:
                response = await client.get(f"{self.url}/webhooks/townline/ready")
            if response.status_code != 200:
                return False
            self.answers_with = str(response.json().get("model", ""))
        except (httpx.HTTPError, ValueError, AttributeError):
            return False
        return True

    async def wait(self) -> None:
        if self._process is not None:
            await self._process.wait()

    async def leave(self) -> None:
        """Let it finish what it answers, then stop it; no new turn is sent to it any more."""
        await asyncio.sleep(_FLIP_SECONDS)
        process = self._process
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            with contextlib.suppress(TimeoutError):
                # Its standard input stays open: closed, it would give a turn five seconds only.
                async with asyncio.timeout(self._settings.turn_seconds + _TURN_GRACE):
                    await process.wait()
        await self.stop()

    async def stop(self) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            if process.stdin is not None:
                process.stdin.close()
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                async with asyncio.timeout(_STOP_SECONDS):
                    await process.wait()
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if self._log is not None:
            self._log.close()
            self._log = None


class Supervisor:
    """Keeps one engine a port running.

    Args:
        settings: what engines are started with.
        changed: told the addresses that serve whenever they change (give it `RasaAssistant.use`).
    """

    def __init__(
        self, settings: EngineSettings, changed: Callable[[tuple[str, ...]], None] | None = None
    ) -> None:
        self._settings = settings
        self._changed = changed or (lambda _: None)
        self._model = settings.model
        self._engines: list[_Engine] = []
        self._watchers: list[asyncio.Task[None]] = []
        self._swapping = asyncio.Lock()

    def urls(self) -> tuple[str, ...]:
        """Return the addresses of the engines that serve."""
        return tuple(engine.url for engine in self._engines)

    def pids(self) -> tuple[int, ...]:
        """Return the process ids of the engines that serve (for health pages and fault tests)."""
        return tuple(engine.pid for engine in self._engines if engine.pid is not None)

    @property
    def model(self) -> str:
        """The name of the model that serves, without its ending; "" before the start."""
        return self._engines[0].answers_with if self._engines else ""

    async def start(self) -> None:
        """Start all engines and wait until each is ready.

        Raises:
            AssistantUnavailable: one did not get ready; all are stopped again.
        """
        engines = [_Engine(self._settings, port, self._model) for port in self._settings.ports]
        await self._start_all(engines)
        self._serve(engines)

    async def stop(self) -> None:
        """Stop all engines; returns when they have ended."""
        await self._unwatch()
        await asyncio.gather(*(engine.stop() for engine in self._engines))
        self._engines = []

    async def swap(self, model: Path) -> None:
        """Serve `model` from now on; the old engines answer until the new ones do.

        Raises:
            AssistantUnavailable: the new engines did not get ready; the old ones go on serving.
        """
        async with self._swapping:
            engines = [_Engine(self._settings, 0, model) for _ in self._settings.ports]
            await self._start_all(engines)
            old = self._engines
            await self._unwatch()
            self._model = model
            self._serve(engines)
            await asyncio.gather(*(engine.leave() for engine in old))

    async def _start_all(self, engines: list[_Engine]) -> None:
        """Start engines together, or none of them; a restart later takes the very model that was probed."""
        started = await asyncio.gather(*(engine.start() for engine in engines), return_exceptions=True)
        faults = [fault for fault in started if isinstance(fault, BaseException)]
        if faults:
            await asyncio.gather(*(engine.stop() for engine in engines))
            raise faults[0]
        for engine in engines:
            if engine.model.is_dir():
                engine.model = engine.model / f"{engine.answers_with}.tar.gz"

    def _serve(self, engines: list[_Engine]) -> None:
        self._engines = engines
        self._changed(self.urls())
        self._watchers = [asyncio.create_task(self._keep_alive(engine)) for engine in engines]

    async def _unwatch(self) -> None:
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        self._watchers = []

    async def _keep_alive(self, engine: _Engine) -> None:
        pause = 0.5
        while True:
            await _ended_or_mute(engine)
            _log.warning("engine on port %s is gone; starting it again", engine.port)
            while True:
                await engine.stop()
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                try:
                    await engine.start()
                except (AssistantUnavailable, OSError) as fault:
                    _log.warning("engine on port %s did not start: %s", engine.port, fault)
                    continue
                pause = 0.5
                break


async def _ended_or_mute(engine: _Engine) -> None:
    """Return when the process has ended, or has not answered several probes in a row."""
    failed = 0
    while engine.alive() and failed < _PROBES_FAILED:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PROBE_SECONDS):
                await engine.wait()
                return
        failed = 0 if await engine.probe() else failed + 1


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
