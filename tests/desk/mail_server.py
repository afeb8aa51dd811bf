"""A real SMTP server on loopback: aiosmtpd, with or without TLS and a login."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.free_port import free_port

USER, PASSWORD = "townline", "correct horse"


@dataclass
class MailServer:
    """What arrived, and how. `refuses` names addresses that do not exist; `later` says try later."""

    port: int
    arrived: list[EmailMessage] = field(default_factory=list)
    over_tls: list[bool] = field(default_factory=list)
    signed_in: list[bool] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    later: bool = False

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _o: Any) -> str:  # noqa: N802
        if self.later:
            return "451 4.3.0 try again later"
        if address in self.refuses:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        parsed = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        self.arrived.append(parsed)
        self.over_tls.append(session.ssl is not None)
        self.signed_in.append(bool(session.authenticated))
        return "250 OK"

    def bodies(self) -> list[str]:
        return [each.get_content() for each in self.arrived]


def _authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=right, handled=False)


@contextlib.contextmanager
def mail_server(certificate: Path | None = None, *, login: bool = False) -> Iterator[MailServer]:
    """Run a server; with a certificate (and key in one file) it asks for STARTTLS."""
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    server = MailServer(free_port())
    controller = Controller(
        server,
        hostname="127.0.0.1",
        port=server.port,
        tls_context=context,
        require_starttls=context is not None,
        authenticator=_authenticate if login else None,
        auth_required=login,
        auth_require_tls=context is not None,
    )
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
