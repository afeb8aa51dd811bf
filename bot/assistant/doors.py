"""Fixed addresses in front of engines whose own addresses change with their model.

`townline engine` runs engines for workers in other processes, which know a port and nothing else. So the port
belongs to this relay, and what stands behind it may be replaced while it is open. It carries bytes and reads
none. What it is not for: one process that runs all (`townline up`), which tells its worker directly.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from urllib.parse import urlsplit

_CHUNK = 65_536
_QUIET_SECONDS = 0.5
"""Of silence after an answer, after which a connection carries no turn."""

_LOOPBACK = "127.0.0.1"


class _Link:
    """One connection of a worker, and the engine's end of it."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.asked = False
        self.last = 0.0
        self.writers: list[asyncio.StreamWriter] = []

    def close(self) -> None:
        for writer in self.writers:
            writer.close()


class Doors:
    """Listens on fixed loopback ports and hands each connection to one of the engines that serve now.

    Args:
        ports: one listener each.
    """

    def __init__(self, ports: tuple[int, ...]) -> None:
        self._ports = ports
        self._targets: tuple[str, ...] = ()
        self._turn = itertools.count()
        self._links: set[_Link] = set()
        self._servers: list[asyncio.Server] = []
        self._leaving: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Begin to listen.

        Raises:
            OSError: a port is taken.
        """
        for port in self._ports:
            self._servers.append(await asyncio.start_server(self._serve, _LOOPBACK, port))

    async def close(self) -> None:
        """Stop listening and end every connection."""
        for server in self._servers:
            server.close()
        for link in tuple(self._links):
            link.close()
        for task in self._leaving:
            task.cancel()

    def use(self, urls: tuple[str, ...]) -> None:
        """Hand new connections to these engines; older connections are closed once they carry no turn."""
        self._targets = urls
        task = asyncio.ensure_future(self._let_go())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _let_go(self) -> None:
        clock = asyncio.get_running_loop()
        while old := [link for link in self._links if link.target not in self._targets]:
            for link in old:
                if not link.asked and clock.time() - link.last > _QUIET_SECONDS:
                    link.close()
            await asyncio.sleep(0.1)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._targets:
            writer.close()
            return
        link = _Link(self._targets[next(self._turn) % len(self._targets)])
        link.writers.append(writer)
        self._links.add(link)
        try:
            address = urlsplit(link.target)
            far_reader, far_writer = await asyncio.open_connection(address.hostname, address.port)
            link.writers.append(far_writer)
            there = asyncio.ensure_future(_carry(reader, far_writer, link, asking=True))
            back = asyncio.ensure_future(_carry(far_reader, writer, link, asking=False))
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            for task in (there, back):
                task.cancel()
            await asyncio.gather(there, back, return_exceptions=True)
        except OSError:
            pass  # the worker sees a closed connection and asks again
        finally:
            self._links.discard(link)
            link.close()


async def _carry(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: _Link, *, asking: bool
) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            link.asked, link.last = asking, asyncio.get_running_loop().time()
            writer.write(chunk)
            await writer.drain()
