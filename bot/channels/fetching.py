"""Downloading a file from a platform: from that platform's own host, of bounded size, in bounded time.

An address may have been written by anybody. Nothing is sent but to the host that was expected, no redirect is
followed (credentials would go along), and a name that leads into our own network is refused when it is
connected to, so that it cannot change after the check.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpcore

from bot.errors import NotFound, RetryableSendError

_SERVER_TROUBLE = 500
_SLOW_DOWN = 429


class _Backend(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only, unless the operator named the host as one of this network."""

    def __init__(self, *, private: bool) -> None:
        self._private = private
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} has no address") from error
        addresses = [str(item[4][0]) for item in found]
        allowed = [address for address in addresses if self._private or _is_public(address)]
        if not allowed:
            raise httpcore.UnsupportedProtocol(f"{host} leads into a private network")
        return await self._plain.connect_tcp(allowed[0], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await self._plain.sleep(seconds)


def _is_public(address: str) -> bool:
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    return ip.is_global and not ip.is_multicast and (mapped is None or mapped.is_global)


async def fetch(
    url: str,
    *,
    origins: Iterable[str],
    max_bytes: int,
    seconds: float = 30,
    headers: Mapping[str, str] | None = None,
    private: bool = False,
) -> bytes:
    """Return what lies at an address.

    Args:
        url: the address, as the platform gave it.
        origins: `scheme://host[:port]` where files of this platform lie; nothing else is asked.
        max_bytes: more is not read.
        seconds: for all of it.
        headers: credentials; they go to one of `origins` or nowhere.
        private: the operator configured a host of this network (an emulator, a local Bot API server).

    Raises:
        NotFound: elsewhere, gone, redirected, or too large.
        RetryableSendError: no answer, or the platform asks to come back.
    """
    if _origin(url) not in set(origins):
        raise NotFound("the file does not lie where this platform keeps files")
    try:
        async with asyncio.timeout(seconds):
            return await _read(url, max_bytes, headers or {}, private=private)
    except TimeoutError as error:
        raise RetryableSendError("the file did not arrive in time") from error
    except httpcore.UnsupportedProtocol as error:
        raise NotFound(str(error)) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as error:
        raise RetryableSendError(f"the file cannot be fetched: {type(error).__name__}") from error


async def _read(url: str, max_bytes: int, headers: Mapping[str, str], *, private: bool) -> bytes:
    too_large = NotFound(f"the file has more than {max_bytes} bytes")
    async with (
        httpcore.AsyncConnectionPool(network_backend=_Backend(private=private)) as pool,
        pool.stream("GET", url, headers=[*headers.items(), ("accept-encoding", "identity")]) as response,
    ):
        if response.status == _SLOW_DOWN or response.status >= _SERVER_TROUBLE:
            raise RetryableSendError(f"the platform answered {response.status} for a file")
        if response.status != 200:
            raise NotFound(f"the platform answered {response.status} for a file")
        chunks, seen = [], 0
        async for chunk in response.aiter_stream():
            seen += len(chunk)
            if seen > max_bytes:
                raise too_large
            chunks.append(chunk)
    return b"".join(chunks)


def _origin(url: str) -> str | None:
    """Return scheme, host and port of a plain http(s) address; None for one with anything odd about it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc or host.endswith("."):
        return None
    host = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + ("" if port in (None, default) else f":{port}")
