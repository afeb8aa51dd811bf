"""What every page needs, put together once by the composition root and found on the app's state."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from starlette.requests import HTTPConnection

from bot.storage.blobs import Blobs
from bot.storage.database import Database
from bot.storage.wakeup import WakeUp
from bot.web.origin import origin_of

if TYPE_CHECKING:
    from bot.desk.rules_desk import RulesDesk
    from bot.desk.service import Desk
    from bot.engagement.rulebook import Rulebook
    from bot.web.plain import PlainChat
    from bot.web.rendering import Renderer


@dataclass(frozen=True, slots=True)
class City:
    """The city as its pages name it. `examples` are sentences by language that start a chat."""

    name: str
    phone: str
    zone: ZoneInfo
    emergency: str = "911"
    examples: dict[str, tuple[str, ...]] | None = None


@dataclass(frozen=True)
class Site:
    """The parts that pages use.

    Attributes:
        base_url: how residents reach the site; cross-site checks compare with its origin.
        own_urls: further addresses of the site, such as those of a browser on the same machine.
        widget_origins: sites that may show the chat in a frame; empty lets any https site do so.
        plain: the chat for browsers without script; None where the web chat does not run.
        blobs: where the files of residents are.
        max_file_bytes: of the largest attachment taken.
    """

    database: Database
    wakeup: WakeUp
    desk: Desk
    renderer: Renderer
    rules: RulesDesk
    rulebook: Rulebook
    base_url: str
    own_urls: tuple[str, ...] = ()
    widget_origins: tuple[str, ...] = ()
    plain: PlainChat | None = None
    blobs: Blobs | None = None
    max_file_bytes: int = 10_000_000
    live_seconds: float = 4.0

    @property
    def city(self) -> City:
        """The city as its pages name it now."""
        return self.renderer.city

    @cached_property
    def origins(self) -> frozenset[str]:
        """Return the origins that are this site."""
        return frozenset(origin_of(url) for url in (self.base_url, *self.own_urls))

    @property
    def https(self) -> bool:
        """Tell whether residents reach the site with https."""
        return self.base_url.startswith("https://")


def site_of(connection: HTTPConnection) -> Site:
    """Return the site that the app serves."""
    return cast("Site", connection.app.state.site)


STATIC = Path(__file__).parent / "static"
TEMPLATES = Path(__file__).parent / "templates"
