"""E-mail to people of the city: one message, over TLS unless the settings say otherwise.

What it is not for: e-mail from residents, which would be a channel.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path

import aiosmtplib

from bot.errors import PermanentSendError, RetryableSendError

SECONDS = 10
"""How long a server may take; less than the lease of a page."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """How mail leaves.

    Attributes:
        security: `starttls` (the usual), `tls` from the first byte, or `none` (a relay on this machine).
        ca_file: certificates to trust instead of the system's.
    """

    host: str
    port: int
    security: str
    user: str
    password: str
    sender: str
    ca_file: str = ""


class Mailer:
    """Sends mail through one server."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    async def send(self, to: str, subject: str, text: str) -> None:
        """Send one message.

        Raises:
            RetryableSendError: the server is away, or says to try later.
            PermanentSendError: the server refuses the address, the sender or the password.
        """
        settings = self._settings
        message = EmailMessage()
        message["From"] = settings.sender
        message["To"] = to
        # A header is one line; whatever else stands in the subject is encoded by the library.
        message["Subject"] = " ".join(subject.split())[:200]
        message["Message-ID"] = make_msgid(domain=settings.sender.rpartition("@")[2].strip("> ") or None)
        # So that no vacation notice answers a machine. RFC 3834.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        try:
            await aiosmtplib.send(
                message,
                hostname=settings.host,
                port=settings.port,
                username=settings.user or None,
                password=settings.password or None,
                use_tls=settings.security == "tls",
                start_tls=settings.security == "starttls",
                tls_context=self._context(),
                timeout=SECONDS,
            )
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as error:
            raise _refused(error) from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise RetryableSendError(f"mail: {type(error).__name__}") from error

    async def check(self) -> None:
        """Greet the server and sign in, and send nothing.

        Raises:
            RetryableSendError, PermanentSendError: as `send` does.
        """
        settings = self._settings
        client = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.user or None,
            password=settings.password or None,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            tls_context=self._context(),
            timeout=SECONDS,
        )
        try:
            async with client:
                await client.noop()
        except aiosmtplib.SMTPResponseException as error:
            raise _refused(error) from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise RetryableSendError(f"mail: {type(error).__name__}") from error

    def _context(self) -> ssl.SSLContext | None:
        if self._settings.security == "none":
            return None
        trusted = self._settings.ca_file
        return ssl.create_default_context(cafile=str(Path(trusted)) if trusted else None)


def _refused(error: aiosmtplib.SMTPException) -> PermanentSendError | RetryableSendError:
    first = error.recipients[0] if isinstance(error, aiosmtplib.SMTPRecipientsRefused) else error
    code = getattr(first, "code", 500)
    # RFC 5321: 4xx may work later, 5xx will not.
    kind = PermanentSendError if code >= 500 else RetryableSendError
    return kind(f"mail: {type(error).__name__} {code}")
