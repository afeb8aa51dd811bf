"""`townline telegram`: telling Telegram where to deliver. Nothing else ever sets or removes the webhook."""

from __future__ import annotations

import argparse

from rich.console import Console

from bot.app import Parts
from bot.channels.telegram import TelegramChannel
from bot.errors import ConfigError
from bot.settings import Settings


async def set_webhook(settings: Settings, _parsed: argparse.Namespace, console: Console) -> int:
    """Let Telegram deliver to this server."""
    if not settings.base_url.startswith("https://"):
        raise ConfigError(["TOWNLINE_PUBLIC_URL: Telegram delivers to https:// addresses only"])
    parts = Parts(settings)
    address = f"{settings.base_url}/webhooks/telegram"
    await _channel(parts).set_webhook(address)
    console.print(f"Telegram delivers to {address} now.")
    await parts.close()
    return 0


async def delete_webhook(settings: Settings, _parsed: argparse.Namespace, console: Console) -> int:
    """Let Telegram keep messages for polling."""
    parts = Parts(settings)
    await _channel(parts).remove_webhook()
    console.print("Telegram keeps messages until they are polled (TOWNLINE_TELEGRAM_MODE=polling).")
    await parts.close()
    return 0


def _channel(parts: Parts) -> TelegramChannel:
    channel = parts.channels.get("telegram")
    if not isinstance(channel, TelegramChannel):
        raise ConfigError(["TOWNLINE_CHANNELS: telegram is not among the channels that run"])
    return channel
