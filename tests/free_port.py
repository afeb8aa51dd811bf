"""A port of loopback that nobody uses, and that nobody is given by chance before it is listened on."""

from __future__ import annotations

import secrets
import socket
from contextlib import suppress

# Under 32768, where Linux begins to hand out the local ends of connections: a port of that range may be the
# end of somebody's request by the time a server has loaded its model and wants to listen on it.
LOWEST, HIGHEST = 12_000, 32_000


def free_port() -> int:
    for _ in range(100):
        port = LOWEST + secrets.randbelow(HIGHEST - LOWEST)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError(f"no free port from {LOWEST} to {HIGHEST}")
