"""The composition root: the only module that joins the parts. It hands parts to parts and does no work."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from starlette.routing import Route

from actions.services import Services
from actions.wording import Wording
from bot import clock
from bot import settings as setting_values
from bot.assistant.client import RasaAssistant
from bot.assistant.supervisor import EngineSettings
from bot.assistant.understand import TrainerSettings
from bot.channels import registry
from bot.channels.polling import poll_forever
from bot.channels.port import Channel, PollingChannel
from bot.conversations import attachments, languages
from bot.conversations.languages import Languages
from bot.desk.reaching import Reaching, open_reaching
from bot.engagement.danger import Ear
from bot.engagement.rulebook import Rulebook, RulesInForce
from bot.errors import ConfigError
from bot.knowledge.service import Knowledge
from bot.messages import InboundEvent, StoredFile
from bot.pipeline.deliver import Deliverer
from bot.pipeline.judgement import Judgement
from bot.pipeline.ladder import Climb
from bot.pipeline.leaving import Leaving
from bot.pipeline.outgoing import Outgoing
from bot.pipeline.process import Processor
from bot.pipeline.queue import Queue
from bot.pipeline.speech import Speech
from bot.pipeline.steady import SteadyClock
from bot.pipeline.timers import Timers
from bot.rules.watch import Opening, RulesWatch, open_rules
from bot.service_requests.catalog import Catalog
from bot.settings import Settings
from bot.storage.blobs import Blobs
from bot.storage.database import Database
from bot.storage.wakeup import WakeUp
from bot.training import danger
from bot.translation.libretranslate import LibreTranslate
from bot.web import webhooks
from bot.web.application import desk_of
from bot.web.feed import ConversationFeed
from bot.web.health import Health, health_route
from bot.web.limits import RateLimiter, RateRules
from bot.web.origin import BrowserCookie, OwnOrigins
from bot.web.slack import slack_route
from bot.web.webchat import WebchatApi, webchat_routes
from bot.workers import Loop


@dataclass(frozen=True)
class City:
    """What city/ holds, read once at start; a fault in any file stops the start with all faults listed."""

    catalog: Catalog
    knowledge: Knowledge


def read_city(settings: Settings, rules: Callable[[], RulesInForce]) -> City:
    """Read every file of the city's folder.

    Args:
        settings: say where it is.
        rules: gives what holds of the rules of engagement.

    Raises:
        ConfigError: with the faults of all files together.
    """
    folder = settings.city
    faults: list[str] = []

    def read[T](load: object, *arguments: object) -> T | None:
        try:
            return load(*arguments)  # type: ignore[operator, no-any-return]
        except ConfigError as error:
            faults.extend(error.faults)
            return None

    catalog: Catalog | None = read(Catalog.load, folder / "services.yml")
    in_force: RulesInForce | None = read(rules)
    knowledge: Knowledge | None = read(Knowledge.load, folder, in_force.calendar.zone) if in_force else None
    if faults or not (catalog and in_force and knowledge):
        raise ConfigError(faults)
    return City(catalog, knowledge)


class Parts:
    """Every part of one process, each made when it is first asked for.

    Args:
        settings: of this process.
        watch_seconds: how often SQLite is asked whether another process changed it; None: never.
    """

    def __init__(self, settings: Settings, *, watch_seconds: float | None = 0.05) -> None:
        self.settings = settings
        self._watch_seconds = watch_seconds

    @cached_property
    def database(self) -> Database:
        """The database."""
        return Database(self.settings.database)

    @cached_property
    def wakeup(self) -> WakeUp:
        """The wake-ups of this process."""
        return WakeUp(self.database, poll_seconds=self._watch_seconds)

    @cached_property
    def queue(self) -> Queue:
        """Inbox, outbox and timers."""
        return Queue(self.wakeup, lease=timedelta(seconds=self.settings.lease_seconds))

    @cached_property
    def blobs(self) -> Blobs:
        """The content-addressed store of files."""
        return Blobs(self.settings.var / "files")

    @cached_property
    def city(self) -> City:
        """The city's own facts and rules."""
        return read_city(self.settings, lambda: self.rules_opening.held.rules)

    @cached_property
    def catalog(self) -> Catalog:
        """The city's services alone, for commands that need nothing else of it."""
        return Catalog.load(self.settings.city / "services.yml")

    @cached_property
    def channels(self) -> Mapping[str, Channel]:
        """The channels that are switched on."""
        return registry.open_channels(self.settings.channel_values(), load_file=self._load_file)

    @cached_property
    def outgoing(self) -> Outgoing:
        """How anything is said to a resident."""
        capabilities = {name: channel.capabilities for name, channel in self.channels.items()}
        return Outgoing(self.queue, capabilities, Leaving(self.judgement))

    @cached_property
    def rulebook(self) -> Rulebook:
        """The rules of engagement that are in force."""
        return Rulebook(self.rules_opening.held.rules)

    @cached_property
    def rules_opening(self) -> Opening:
        """The version of the rules that this process starts with."""
        return open_rules(self.settings.city, self.database, clock.now())

    @cached_property
    def rules_watch(self) -> RulesWatch:
        """Takes new versions of the rules while this process runs."""
        return RulesWatch(
            self.database,
            self.settings.city,
            self.rulebook,
            self.rules_opening,
            on_change=self.climb.clocks.rules_changed,
        )

    @cached_property
    def judgement(self) -> Judgement:
        """The rules of engagement, as the path of a message asks them."""
        return Judgement(self.rulebook, self.city.knowledge.directory, listen=self.ear.hear)

    @cached_property
    def ear(self) -> Ear:
        """What hears danger beside the model; made now, in seconds, if its texts changed."""
        return danger.ear_of(self.settings.home / "data", self.settings.models)

    @cached_property
    def steady(self) -> SteadyClock:
        """The time that deadlines are held against."""
        return SteadyClock()

    @cached_property
    def climb(self) -> Climb:
        """The clocks of conversations, and what follows when one runs out."""
        return Climb(self.queue, self.rulebook)

    @cached_property
    def speech(self) -> Speech:
        """The city's languages, and the translator if one is named."""
        settings = self.settings
        translator = (
            LibreTranslate(settings.translation_url, settings.translation_key, settings.translation_timeout)
            if settings.translation_url
            else None
        )
        return Speech(Languages(settings.languages), translator)

    @cached_property
    def assistant(self) -> RasaAssistant:
        """The engines, behind their port."""
        return RasaAssistant(self.settings.engines, self.engine_token, timeout=self.settings.engine_timeout)

    @property
    def engine_token(self) -> str:
        """The secret between the bot and its engines."""
        return setting_values.keep_secret(self.settings, "engine-token", self.settings.engine_token)

    @property
    def actions_token(self) -> str:
        """The secret between the engines and the action server."""
        return setting_values.keep_secret(self.settings, "actions-token", "")

    @cached_property
    def action_services(self) -> Services:
        """What the custom actions work with."""
        return Services(
            database=self.database,
            catalog=self.city.catalog,
            knowledge=self.city.knowledge,
            rulebook=self.rulebook,
            wording=Wording.load(),
        )

    def loops(self) -> dict[str, Loop]:
        """Return the worker's loops by lane."""
        languages.warm()
        processor = Processor(
            self.database,
            self.queue,
            self.outgoing,
            self.judgement,
            self.assistant,
            self.fetch_files,
            speech=self.speech,
            file_bytes_a_day=self.settings.max_sender_bytes,
        )
        deliverer = Deliverer(self.database, self.queue, self.channels, self.judgement)
        timers = Timers(self.database, self.queue, self.climb, self.steady)
        at_once = self.settings.workers
        return {
            "inbox": Loop(
                self.database, self.wakeup, "inbox", processor.claim, processor.work, at_once=at_once
            ),
            "outbox": Loop(
                self.database, self.wakeup, "outbox", deliverer.claim, deliverer.work, at_once=at_once
            ),
            "timer": Loop(self.database, self.wakeup, "timer", timers.claim),
            **self._reaching_loops(),
        }

    @cached_property
    def reaching(self) -> Reaching:
        """What reaches staff where they work: Slack and e-mail."""
        return open_reaching(
            self.settings, self.database, self.queue, self.wakeup, self.rulebook, desk_of(self)
        )

    def _reaching_loops(self) -> dict[str, Loop]:
        pager, slack = self.reaching.pager, self.reaching.slack
        loops = {"page": Loop(self.database, self.wakeup, "page", pager.claim, pager.work, at_once=16)}
        if slack is not None:
            work = slack.work
            loops["desk"] = Loop(self.database, self.wakeup, "desk", work.claim, work.work, at_once=8)
        return loops

    def following(self) -> list[Coroutine[Any, Any, None]]:
        """Return what runs beside the worker's loops."""
        return [self.reaching.slack.follower.run()] if self.reaching.slack else []

    def engine_settings(self) -> EngineSettings:
        """Return what engines are started with."""
        settings = self.settings
        return EngineSettings(
            python=settings.engine_python,
            home=settings.home,
            ports=tuple(settings.engine_port + number for number in range(settings.engine_count)),
            token=self.engine_token,
            actions_url=f"http://{settings.actions_host}:{settings.actions_port}/webhook",
            actions_token=self.actions_token,
            model=settings.models,
            keys=settings.keys,
            tracker_url=settings.trackers,
            log=settings.var / "logs" / "engine.log",
            environment=setting_values.child_environment(),
        )

    def trainer_settings(self) -> TrainerSettings:
        """Return what training is started with."""
        settings = self.settings
        return TrainerSettings(
            python=settings.engine_python,
            home=settings.home,
            models=settings.models,
            keys=settings.keys,
            environment=setting_values.child_environment(),
            services=tuple(
                {
                    "code": service.service_code,
                    "names": [service.service_name, *service.names.values()],
                    "keywords": list(service.keywords),
                    "phrases": list(service.phrases),
                }
                for service in self.catalog.all()
            ),
        )

    @cached_property
    def intake(self) -> webhooks.Intake:
        """What takes in events: webhooks, the web chat, polling."""
        return webhooks.Intake(
            self.database, self.queue, self.blobs, self.channels, max_body=self.settings.max_body_bytes
        )

    @cached_property
    def webchat_api(self) -> WebchatApi:
        """The web chat's API."""
        settings = self.settings
        rules = RateRules(
            open_per_address=settings.rate_open,
            request_per_address=settings.rate_request,
            message_per_conversation=settings.rate_message,
            upload_per_conversation=settings.rate_upload,
        )
        return WebchatApi(
            self.intake,
            ConversationFeed(self.database, self.wakeup),
            RateLimiter(rules),
            OwnOrigins((settings.base_url, *settings.loopback_urls)),
            BrowserCookie(secure=settings.base_url.startswith("https://")),
            max_file=settings.max_file_bytes,
            max_sender_bytes=settings.max_sender_bytes,
        )

    def intake_routes(self) -> list[Route]:
        """Return the addresses that take in messages, and the one that tells whether all is well."""
        return [
            *webhooks.webhook_routes(self.intake),
            *(webchat_routes(self.webchat_api) if "webchat" in self.channels else ()),
            *(
                [slack_route(slack.door, self.settings.max_body_bytes)]
                if (slack := self.reaching.slack) and slack.door.takes_requests
                else ()
            ),
            health_route(Health(self.database, self.assistant.ready, self.rulebook, self.steady)),
        ]

    def polling(self) -> list[Coroutine[Any, Any, None]]:
        """Return the loops of the channels that are asked for events."""

        async def take(events: Sequence[InboundEvent], raw: bytes) -> Sequence[InboundEvent]:
            return await webhooks.take(self.intake, events, raw)

        slack = self.reaching.slack
        return [
            *(
                poll_forever(channel, take)
                for channel in self.channels.values()
                if isinstance(channel, PollingChannel) and channel.polls
            ),
            *([slack.door.connected()] if slack and slack.door.connects else ()),
        ]

    async def fetch_files(self, event: InboundEvent) -> tuple[tuple[StoredFile, ...], tuple[str, ...]]:
        """Bring an event's files from its platform into the store."""
        return await attachments.fetch_all(
            self.blobs,
            self.channels[event.channel].fetch_file,
            event.files,
            max_bytes=self.settings.max_file_bytes,
        )

    async def _load_file(self, file: StoredFile) -> bytes:
        return await attachments.clean_copy(self.blobs, file.digest)

    async def close(self) -> None:
        """Give back what was opened."""
        if "assistant" in self.__dict__:
            await self.assistant.close()
        if "reaching" in self.__dict__ and self.reaching.slack:
            await self.reaching.slack.api.close()
        if "channels" in self.__dict__:
            for channel in self.channels.values():
                await channel.close()
        if "database" in self.__dict__:
            self.database.close()
