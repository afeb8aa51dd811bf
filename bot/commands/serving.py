"""Running servers and loops together in one process, and stopping them in order."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from sse_starlette.sse import AppStatus
from starlette.types import ASGIApp

from bot.errors import ConfigError


class _Server(uvicorn.Server):
    """A server that leaves signals to us: several of them share one process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@contextlib.asynccontextmanager
async def serving(
    app: ASGIApp, host: str, port: int, *, trusted_proxies: tuple[str, ...] = ()
) -> AsyncIterator[int]:
    """Serve an application while the body runs; yields the port.

    Raises:
        ConfigError: the address cannot be bound.
    """
    listener = _listen(host, port)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        timeout_graceful_shutdown=10,
        limit_concurrency=2000,
        h11_max_incomplete_event_size=32_768,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started and not task.done():  # noqa: ASYNC110 (uvicorn has no event for it)
            await asyncio.sleep(0.01)
        yield listener.getsockname()[1]
    finally:
        # Streams that go on for ever end when the library is told; it does not see our way of stopping.
        AppStatus.should_exit = True
        server.should_exit = True
        await asyncio.gather(task, return_exceptions=True)
        AppStatus.should_exit = False
        listener.close()


async def until_stopped() -> None:
    """Wait for SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigError(
            [f"{host}:{port} cannot be bound ({error.strerror}): is something running there?"]
        ) from error
    return listener
