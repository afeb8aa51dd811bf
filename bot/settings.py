"""Every setting, and the only reader of the environment. docs/settings.md is tested against this file.

Each name below is read from the environment as `TOWNLINE_<NAME>`. All have a default that works on one
machine; every fault is listed at once, so that one start shows them all.
"""

from __future__ import annotations

import dataclasses
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.errors import ConfigError

PREFIX = "TOWNLINE_"


def _setting(default: Any, text: str) -> Any:
    """Declare a setting: its default, and one line that says what it is for."""
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process."""

    # Where things are
    home: Path = _setting(Path(), "folder with city/, config.yml and models/; relative paths start here")
    city: Path = _setting(Path("city"), "the city's own facts and rules")
    var: Path = _setting(Path("var"), "what the system writes: database, files, keys, logs")
    models: Path = _setting(Path("models"), "trained models")
    database_url: str = _setting("", "sqlite:///… or postgresql://…; empty: townline.db in VAR")

    languages: tuple[str, ...] = _setting(
        ("en", "es"), "languages that the city answers in, of en and es; the first where nothing tells"
    )

    # Web
    host: str = _setting("127.0.0.1", "address that the web server binds")
    port: int = _setting(8080, "port of the web server")
    public_url: str = _setting(
        "", "how residents and platforms reach it, with https; empty: http://HOST:PORT"
    )
    allowed_origins: tuple[str, ...] = _setting(
        (), "further sites that embed the chat, comma-separated origins"
    )
    trusted_proxies: tuple[str, ...] = _setting((), "addresses whose X-Forwarded-* headers are believed")
    max_body_bytes: int = _setting(1_000_000, "largest webhook body taken")
    max_file_bytes: int = _setting(10_000_000, "largest attachment taken")
    max_sender_bytes: int = _setting(200_000_000, "attachments taken from one person in a day, together")
    rate_open: str = _setting("1200/minute", "web chats that one address may open")
    rate_request: str = _setting("12000/minute", "web chat requests that one address may make")
    rate_message: str = _setting("300/minute", "messages that one web chat may send")
    rate_upload: str = _setting("60/minute", "files that one web chat may send")

    # Channels
    channels: tuple[str, ...] = _setting(("webchat",), "channels that run, comma-separated")
    telegram_token: str = _setting("", "Telegram bot token from @BotFather")
    telegram_secret: str = _setting("", "secret token of the Telegram webhook, 16 characters or more")
    telegram_mode: str = _setting("webhook", "webhook or polling (for a city without a public address)")
    telegram_username: str = _setting("", "name of the bot, by which groups call it")
    telegram_api_url: str = _setting("https://api.telegram.org", "Bot API server")
    terminal_secret: str = _setting("", "secret of the channel of plain lines, 16 characters or more")

    # Engine and actions
    engine_python: Path = _setting(Path(".venv-engine/bin/python"), "Python 3.10 with Rasa")
    engine_count: int = _setting(1, "engines to start on this machine")
    engine_port: int = _setting(5005, "first port of the engines, on loopback")
    engine_urls: tuple[str, ...] = _setting((), "engines started elsewhere; empty: those of this machine")
    engine_token: str = _setting(
        "", "secret between bot and engine; empty: made at the first start, kept in VAR"
    )
    engine_timeout: float = _setting(8.0, "seconds to wait for the engine's answer, 10 at most")
    actions_host: str = _setting("127.0.0.1", "address that the action server binds")
    actions_port: int = _setting(5055, "port of the action server")
    tracker_url: str = _setting("", "where the engine keeps conversations; empty: trackers.db in VAR")

    # Translation
    translation_url: str = _setting(
        "", "LibreTranslate server for residents of other languages; empty: nothing leaves this machine"
    )
    translation_key: str = _setting("", "its API key, if it wants one")
    translation_timeout: float = _setting(4.0, "seconds to wait for a translation, 10 at most")

    # Reaching staff
    slack_bot_token: str = _setting("", "bot token (xoxb-…) of the Slack app; empty: no desk in Slack")
    slack_signing_secret: str = _setting("", "signing secret of the Slack app, for events over HTTP")
    slack_app_token: str = _setting("", "app-level token (xapp-…), for Socket Mode instead of HTTP")
    slack_api_url: str = _setting("https://slack.com/api/", "Slack's Web API")
    smtp_host: str = _setting("", "mail server for pages to staff; empty: no e-mail")
    smtp_port: int = _setting(587, "its port")
    smtp_security: str = _setting("starttls", "starttls, tls or none (a relay on this machine)")
    smtp_user: str = _setting("", "who signs in there, if anybody")
    smtp_password: str = _setting("", "the password; only over TLS")
    smtp_from: str = _setting("", "address that pages come from")
    smtp_ca_file: str = _setting("", "certificates to trust instead of the system's")
    page_again_minutes: float = _setting(
        5.0, "minutes until an urgent page that nobody took over goes to who comes next"
    )

    # Work
    workers: int = _setting(8, "messages worked on at the same time by one worker process")
    lease_seconds: float = _setting(30.0, "how long a crashed worker's message waits before another takes it")
    log_level: str = _setting("info", "debug, info, warning or error")
    failpoints: str = _setting("", "fault tests only: name=kill[@n],…; see bot/failpoints.py")

    @property
    def base_url(self) -> str:
        """Return the address that residents use, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def loopback_urls(self) -> tuple[str, ...]:
        """Return the addresses under which a browser on this machine reaches the server."""
        return (f"http://127.0.0.1:{self.port}", f"http://localhost:{self.port}")

    @property
    def database(self) -> str:
        """Return the database's URL for SQLAlchemy."""
        url = self.database_url or f"sqlite:///{self.var / 'townline.db'}"
        return url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def trackers(self) -> str:
        """Return where the engine keeps its conversations."""
        return self.tracker_url or f"sqlite:///{(self.var / 'trackers.db').absolute()}"

    @property
    def keys(self) -> Path:
        """Return the folder of secrets that are made here and kept."""
        return self.var / "keys"

    def channel_values(self) -> dict[str, dict[str, str]]:
        """Return the settings of each channel that runs: `telegram_token` is `token` of `telegram`."""
        values = {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}
        return {
            channel: {
                name.removeprefix(f"{channel}_"): str(value)
                for name, value in values.items()
                if name.startswith(f"{channel}_")
            }
            for channel in self.channels
        }

    @property
    def engines(self) -> tuple[str, ...]:
        """Return the addresses of the engines that the worker asks."""
        if self.engine_urls:
            return self.engine_urls
        return tuple(f"http://127.0.0.1:{self.engine_port + number}" for number in range(self.engine_count))


def load(environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read the environment; `overrides` (from the command line) win.

    Raises:
        ConfigError: with every fault: unknown names, values that cannot be read, secrets that are missing.
    """
    source = os.environ if environment is None else environment
    faults: list[str] = []
    values: dict[str, Any] = {}
    fields = {item.name: item for item in dataclasses.fields(Settings)}
    for key, text in source.items():
        if not key.startswith(PREFIX):
            continue
        name = key.removeprefix(PREFIX).lower()
        if name not in fields:
            faults.append(f"{key}: there is no such setting; see docs/settings.md")
            continue
        try:
            values[name] = _READERS[str(fields[name].type)](text)
        except ValueError:
            faults.append(f"{key}: {text!r} is not {_WANTED[str(fields[name].type)]}")
    values |= {name: value for name, value in overrides.items() if value is not None}
    settings = _absolute(Settings(**values))
    faults += list(_faults(settings))
    if faults:
        raise ConfigError(faults)
    return settings


def child_environment() -> dict[str, str]:
    """Return what a started process inherits: the environment without our settings, so no secret travels."""
    return {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}


def keep_secret(settings: Settings, name: str, given: str) -> str:
    """Return a secret: the given one, else the one kept in VAR, made now if there is none yet."""
    if given:
        return given
    path = settings.keys / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        made = secrets.token_urlsafe(32)
        file.write(made)
    return made


def _absolute(settings: Settings) -> Settings:
    home = settings.home.absolute()
    places = {name: home / getattr(settings, name) for name in ("city", "var", "models", "engine_python")}
    return dataclasses.replace(settings, home=home, **places)


def _faults(settings: Settings) -> list[str]:
    faults = []
    if not settings.city.is_dir():
        faults.append(f"TOWNLINE_CITY: {settings.city} is not a folder")
    if not 0 < settings.engine_timeout <= 10:
        faults.append("TOWNLINE_ENGINE_TIMEOUT: must be above 0 and at most 10 seconds")
    faults += [
        f"{PREFIX}{name.upper()}: {getattr(settings, name)} is not a port"
        for name in ("port", "engine_port", "actions_port", "smtp_port")
        if not 0 <= getattr(settings, name) < 2**16
    ]
    faults += [
        f"{PREFIX}{name.upper()}: must be above 0"
        for name in (
            "workers",
            "engine_count",
            "max_body_bytes",
            "max_file_bytes",
            "max_sender_bytes",
            "lease_seconds",
        )
        if getattr(settings, name) <= 0
    ]
    if not settings.languages or set(settings.languages) - {"en", "es"}:
        faults.append("TOWNLINE_LANGUAGES: must name one or more of en, es")
    if not 0 < settings.translation_timeout <= 10:
        faults.append("TOWNLINE_TRANSLATION_TIMEOUT: must be above 0 and at most 10 seconds")
    if settings.translation_url and urlsplit(settings.translation_url).scheme not in ("http", "https"):
        faults.append("TOWNLINE_TRANSLATION_URL: must start with https:// (or http:// on a private network)")
    if settings.telegram_mode not in ("webhook", "polling"):
        faults.append("TOWNLINE_TELEGRAM_MODE: must be webhook or polling")
    faults += _reaching_faults(settings)
    if settings.public_url and urlsplit(settings.public_url).scheme not in ("http", "https"):
        faults.append("TOWNLINE_PUBLIC_URL: must start with https:// (or http:// on a private network)")
    return faults


def _reaching_faults(settings: Settings) -> list[str]:
    faults = []
    if settings.slack_bot_token and not (settings.slack_signing_secret or settings.slack_app_token):
        faults.append(
            "TOWNLINE_SLACK_BOT_TOKEN: needs TOWNLINE_SLACK_SIGNING_SECRET (events over HTTP) or "
            "TOWNLINE_SLACK_APP_TOKEN (Socket Mode); see docs/slack.md"
        )
    if not settings.slack_bot_token and (settings.slack_signing_secret or settings.slack_app_token):
        faults.append("TOWNLINE_SLACK_BOT_TOKEN: is missing; see docs/slack.md")
    if urlsplit(settings.slack_api_url).scheme not in ("http", "https"):
        faults.append("TOWNLINE_SLACK_API_URL: must start with https://")
    if settings.smtp_security not in ("starttls", "tls", "none"):
        faults.append("TOWNLINE_SMTP_SECURITY: must be starttls, tls or none")
    if settings.smtp_host and "@" not in settings.smtp_from:
        faults.append("TOWNLINE_SMTP_FROM: must be the address that pages come from")
    if settings.smtp_password and settings.smtp_security == "none":
        faults.append("TOWNLINE_SMTP_PASSWORD: is not sent without TLS; set TOWNLINE_SMTP_SECURITY")
    if settings.page_again_minutes <= 0:
        faults.append("TOWNLINE_PAGE_AGAIN_MINUTES: must be above 0")
    return faults


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


_READERS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "int": int,
    "float": float,
    "Path": Path,
    "tuple[str, ...]": _list,
}
_WANTED = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "Path": "a path",
    "tuple[str, ...]": "a list",
}


if __name__ == "__main__":
    for item in dataclasses.fields(Settings):
        sys.stdout.write(f"{PREFIX}{item.name.upper()}\t{item.default}\t{item.metadata['help']}\n")
