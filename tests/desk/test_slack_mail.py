"""E-mail to staff against a real SMTP server."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.desk.mail import Mailer, MailSettings
from bot.errors import PermanentSendError, RetryableSendError
from tests.desk.certificates import make_certificate
from tests.desk.mail_server import PASSWORD, USER, mail_server
from tests.free_port import free_port

SENDER = "townline@millbrook.example"
TO = "desk@millbrook.example"


def mailer(port: int, security: str = "none", **changes: str) -> Mailer:
    values = {"user": "", "password": "", "sender": SENDER, "ca_file": "", **changes}
    return Mailer(MailSettings("127.0.0.1", port, security, **values))  # type: ignore[arg-type]


async def test_plain_relay() -> None:
    with mail_server() as server:
        await mailer(server.port).send(TO, "Alguien espera: ñ\r\nBcc: x@evil.example", "línea 1\n.\nend")
    (message,) = server.arrived
    assert message["to"] == TO
    assert message["from"] == SENDER
    assert message["subject"] == "Alguien espera: ñ Bcc: x@evil.example"
    assert message["bcc"] is None
    assert message["auto-submitted"] == "auto-generated"
    assert message.get_content().splitlines() == ["línea 1", ".", "end"]


async def test_starttls_and_login(tmp_path: Path) -> None:
    both, alone = make_certificate(tmp_path)
    with mail_server(both, login=True) as server:
        right = mailer(server.port, "starttls", user=USER, password=PASSWORD, ca_file=str(alone))
        await right.send(TO, "s", "t")
        assert (server.over_tls, server.signed_in) == ([True], [True])
        wrong = mailer(server.port, "starttls", user=USER, password="no", ca_file=str(alone))
        with pytest.raises(PermanentSendError):
            await wrong.send(TO, "s", "t")
        untrusted = mailer(server.port, "starttls", user=USER, password=PASSWORD)
        with pytest.raises(RetryableSendError):
            await untrusted.send(TO, "s", "t")
    assert len(server.arrived) == 1


async def test_a_server_without_tls_gets_no_mail_when_tls_is_asked_for() -> None:
    with mail_server() as server, pytest.raises(RetryableSendError):
        await mailer(server.port, "starttls").send(TO, "s", "t")
    assert server.arrived == []


async def test_what_may_work_later_and_what_never_does() -> None:
    with mail_server() as server:
        server.refuses.add(TO)
        with pytest.raises(PermanentSendError):
            await mailer(server.port).send(TO, "s", "t")
        server.later = True
        with pytest.raises(RetryableSendError):
            await mailer(server.port).send(TO, "s", "t")
    with pytest.raises(RetryableSendError):
        await mailer(free_port()).send(TO, "s", "t")
