"""Which channels there are: every module of this package that defines `CHANNEL`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

import bot.channels
from bot.channels.port import Channel, FileLoader
from bot.errors import ConfigError

_PLUMBING = {"fetching", "polling", "port", "registry", "secret_values", "splitting", "strict_json"}


def names() -> tuple[str, ...]:
    """Return the names of all channels, without importing any (some load a large client library)."""
    found = (module.name for module in pkgutil.iter_modules(bot.channels.__path__))
    return tuple(sorted(set(found) - _PLUMBING))


def channel_class(name: str) -> type[Channel]:
    """Return the class of one channel.

    Raises:
        ConfigError: there is no such channel.
    """
    if name not in names():
        raise ConfigError([f"There is no channel {name!r}; there are {', '.join(names())}."])
    found: type[Channel] = importlib.import_module(f"bot.channels.{name}").CHANNEL
    return found


def open_channels(
    settings: Mapping[str, Mapping[str, str]], *, load_file: FileLoader | None = None
) -> dict[str, Channel]:
    """Build the channels that are switched on.

    Args:
        settings: by channel name, that channel's settings.
        load_file: handed to each channel.

    Raises:
        ConfigError: with the faults of all channels together.
    """
    opened: dict[str, Channel] = {}
    faults: list[str] = []
    for name, values in settings.items():
        try:
            opened[name] = channel_class(name).from_values(values, load_file=load_file)
        except ConfigError as error:
            faults.extend(error.faults)
    if faults:
        raise ConfigError(faults)
    return opened
