"""The settings of one Telegram bot."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bot.channels import secret_values
from bot.errors import ConfigError

OFFICIAL = "https://api.telegram.org"


@dataclass(frozen=True, slots=True)
class TelegramAccount:
    """A bot and how it is reached.

    Attributes:
        token: from @BotFather; its first part is the bot's own user id.
        secret: what Telegram must show with each webhook call; empty when polling.
        username: the bot's name without @, by which groups call it; empty: replies to it and commands only.
    """

    token: str = field(repr=False)
    secret: str = field(repr=False)
    polls: bool = False
    api_url: str = OFFICIAL
    username: str = ""

    @property
    def bot_id(self) -> int:
        """The bot's own user id."""
        return int(self.token.partition(":")[0])

    @property
    def base_url(self) -> str:
        """Where methods are called, as the client library wants it: the token follows."""
        return f"{self.api_url}/bot"

    @property
    def base_file_url(self) -> str:
        """Where files lie: the token follows."""
        return f"{self.api_url}/file/bot"

    @property
    def is_private(self) -> bool:
        """Whether the operator named a Bot API server of their own network."""
        return self.api_url != OFFICIAL

    def without_token(self, text: str) -> str:
        """Return a text for logs."""
        return text.replace(self.token, "TOKEN")

    @classmethod
    def from_values(cls, values: Mapping[str, str]) -> TelegramAccount:
        """Read the settings.

        Raises:
            ConfigError: with every fault.
        """
        polls = values.get("mode", "webhook") == "polling"
        api_url = values.get("api_url", "").rstrip("/") or OFFICIAL
        faults = [
            secret_values.fault_of(
                "TOWNLINE_TELEGRAM_TOKEN",
                values.get("token"),
                pattern=r"\d{3,20}:[A-Za-z0-9_-]{20,}",
                form="the token that @BotFather gave, like 123456:AbC…",
            )
        ]
        if not polls:
            faults.append(
                secret_values.fault_of(
                    "TOWNLINE_TELEGRAM_SECRET",
                    values.get("secret"),
                    pattern=r"[A-Za-z0-9_-]{16,256}",
                    form="16 to 256 random letters, digits, _ or -",
                )
            )
        if not _may_carry_a_token(api_url):
            faults.append(
                "TOWNLINE_TELEGRAM_API_URL must begin with https:// (http:// on this machine only)."
            )
        found = [fault for fault in faults if fault is not None]
        if found:
            raise ConfigError(found)
        return cls(
            values["token"],
            "" if polls else values["secret"],
            polls,
            api_url,
            values.get("username", "").removeprefix("@"),
        )


def _may_carry_a_token(url: str) -> bool:
    parts = urlsplit(url)
    if not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
        return False
    if parts.scheme == "https":
        return True
    try:
        here = ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        here = parts.hostname == "localhost"
    return parts.scheme == "http" and here
