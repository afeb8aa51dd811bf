"""From the parts of a process to its web application. Only names what goes where; see `routes.create_app`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from starlette.routing import Route
from starlette.types import ASGIApp

from bot.desk import saved
from bot.desk.rules_checks import intents_of
from bot.desk.rules_desk import RulesDesk
from bot.desk.service import Desk
from bot.engagement.rulebook import Rulebook, RulesInForce
from bot.pipeline.outgoing import Outgoing
from bot.pipeline.speech import Speech
from bot.settings import Settings
from bot.storage.blobs import Blobs
from bot.storage.database import Database
from bot.storage.wakeup import WakeUp
from bot.web.assets import version_of
from bot.web.plain import PlainChat
from bot.web.rendering import Renderer
from bot.web.routes import create_app
from bot.web.site import City, Site
from bot.web.webchat import WebchatApi


class WebParts(Protocol):
    """What the composition root hands over. `city` is what `read_city` returns."""

    settings: Settings

    @property
    def database(self) -> Database: ...  # noqa: D102 - named for what it is

    @property
    def wakeup(self) -> WakeUp: ...  # noqa: D102

    @property
    def outgoing(self) -> Outgoing: ...  # noqa: D102

    @property
    def speech(self) -> Speech: ...  # noqa: D102

    @property
    def blobs(self) -> Blobs: ...  # noqa: D102

    @property
    def channels(self) -> Mapping[str, Any]: ...  # noqa: D102

    @property
    def city(self) -> Any: ...  # noqa: D102

    @property
    def rulebook(self) -> Rulebook: ...  # noqa: D102

    @property
    def webchat_api(self) -> WebchatApi: ...  # noqa: D102

    def intake_routes(self) -> list[Route]: ...  # noqa: D102


def web_application(parts: WebParts) -> ASGIApp:
    """Return the application of this process.

    Raises:
        ConfigError: city/desk_replies.yml has faults.
    """
    settings = parts.settings
    desk = desk_of(parts)
    api = parts.webchat_api
    version = version_of()
    renderer = Renderer(city_of(parts.rulebook.in_force), version)
    renderer.warn_admins(lambda: parts.rulebook.condition.faults)
    parts.rulebook.when_replaced(lambda _before, after: renderer.rename(city_of(after)))
    site = Site(
        database=parts.database,
        wakeup=parts.wakeup,
        desk=desk,
        renderer=renderer,
        rules=RulesDesk(
            parts.database,
            settings.city,
            parts.rulebook,
            intents=intents_of(settings.home),
            channels=settings.channels,
        ),
        rulebook=parts.rulebook,
        base_url=settings.base_url,
        own_urls=settings.loopback_urls,
        widget_origins=settings.allowed_origins,
        plain=PlainChat(api.intake, api.feed, api.limiter),
        blobs=parts.blobs,
        max_file_bytes=settings.max_file_bytes,
    )
    return create_app(site, parts.intake_routes(), assets_version=version)


def desk_of(parts: WebParts) -> Desk:
    """Return the desk of this process.

    Raises:
        ConfigError: city/desk_replies.yml has faults.
    """
    return Desk(
        parts.outgoing,
        parts.city.catalog,
        parts.rulebook,
        saved_replies=saved.SavedTexts(parts.settings.city / "desk_replies.yml"),
        speech=parts.speech,
        places=parts.city.knowledge.places,
        channels=parts.channels,
        base_url=parts.settings.base_url,
    )


def city_of(rules: RulesInForce) -> City:
    """Return the city as its own sentences name it."""
    values = rules.replies.values
    return City(
        name=values.get("city", "Townline"),
        phone=values.get("city_phone", ""),
        zone=rules.calendar.zone,
        emergency=values.get("emergency", "911"),
    )
