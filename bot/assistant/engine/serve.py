"""One engine process: a verified model, our channel on a loopback port, nothing else of Rasa's server."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from bot.assistant.engine import environment, model_files

_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class RunSettings:
    """What the supervisor writes, as one JSON object in one line, to the engine's standard input.

    Attributes:
        model: an archive, or a folder: then the archive that `serving.json` names, or else the newest.
        keys: folder of the public key that models are checked with.
        turn_seconds: after that long a turn is given up; less than the bot waits, so that it hears why.
        parent: process id of the supervisor, with which this engine ends.
        low_priority: let other processes go first.
    """

    port: int
    token: str
    actions_url: str
    actions_token: str
    tracker_url: str
    model: str = "models"
    keys: str = "var/keys"
    endpoints: str = "endpoints.yml"
    credentials: str = "credentials.yml"
    turn_seconds: float = 7.0
    parent: int | None = None
    low_priority: bool = False

    @classmethod
    def read(cls, line: str) -> RunSettings:
        """Read the JSON object; unknown names are an error, so that a slip is seen at once."""
        given = json.loads(line)
        unknown = sorted(set(given) - {field.name for field in fields(cls)})
        if unknown:
            raise ValueError(f"unknown engine settings: {', '.join(unknown)}")
        return cls(**given)


def run(settings: RunSettings) -> None:
    """Serve until told to stop.

    Raises:
        ModelRefused: no model with this city's signature; nothing was started.
    """
    environment.die_with_parent(settings.parent)
    if settings.low_priority:
        environment.run_at_low_priority()
    path = Path(settings.model)
    keys = Path(settings.keys)
    archives = model_files.in_turn(path, keys) if path.is_dir() else [path]
    model_files.verified(archives[0], keys)

    from rasa.core.agent import Agent
    from sanic import Sanic

    from bot.assistant.engine import patches
    from bot.assistant.engine.direct_graph import DirectRunner
    from bot.assistant.engine.turns import Turns

    channel, endpoints = _read_yaml(settings)
    environment.leave_dollars_alone()
    patches.apply()
    store = endpoints.pop("tracker_store")
    action_endpoint = patches.ActionEndpoint(
        url=endpoints["action"].url, headers=endpoints["action"].headers, timeout=settings.turn_seconds + 1
    )
    agent = Agent(tracker_store=store, action_endpoint=action_endpoint)
    archive = _load_one(agent, archives, keys)
    store.domain = agent.domain
    agent.processor.graph_runner = DirectRunner(agent.processor.graph_runner)
    understander = understander_of(agent.processor)
    understander.model = archive.name.removesuffix(".tar.gz")

    app: Any = Sanic("townline_engine", configure_logging=False)
    app.config.KEEP_ALIVE_TIMEOUT = 120
    app.config.REQUEST_MAX_SIZE = 4 << 20
    app.config.RESPONSE_TIMEOUT = settings.turn_seconds + 5
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.blueprint(channel.blueprint(_unused), url_prefix="/webhooks/townline")

    async def begin(app: Any, loop: Any) -> None:
        app.ctx.turns = Turns(agent.processor, understander, store, settings.turn_seconds)
        app.ctx.understander = understander

    async def end(app: Any, loop: Any) -> None:
        await action_endpoint.close()
        store.close()

    app.register_listener(begin, "before_server_start")
    app.register_listener(end, "after_server_stop")
    environment.watch_leash()
    app.run(host=_LOOPBACK, port=settings.port, access_log=False, debug=False, workers=1, motd=False)


def _load_one(agent: Any, archives: list[Path], keys: Path) -> Path:
    """Load the first archive that can be loaded: where the named one is refused, the last good one serves."""
    for archive in archives:
        try:
            content, _ = model_files.verified(archive, keys)
            with tempfile.TemporaryDirectory() as folder:
                # The very bytes whose signature was checked are what Rasa unpacks.
                checked = Path(folder) / archive.name
                checked.write_bytes(content)
                agent.load_model(str(checked))
        except Exception as fault:
            print(f"engine: {archive.name} is refused: {_innermost(fault)}", file=sys.stderr, flush=True)
            if archive == archives[-1]:
                raise model_files.ModelRefused(f"{archive.name} cannot be loaded") from fault
        else:
            return archive
    raise model_files.ModelRefused("there is no model")


def _innermost(fault: BaseException) -> str:
    """Return the reason under the wrapping that Rasa's graph puts around it."""
    while fault.__cause__ is not None:
        fault = fault.__cause__
    return f"{type(fault).__name__}: {fault}"


def understander_of(processor: Any) -> Any:
    """Return the reader inside Rasa's graph; it is asked directly, which leaves out 1-2 CPU ms of graph."""
    from bot.assistant.engine.components import TownlineReader

    for node in processor.graph_runner.nodes.values():
        component = getattr(node, "_component", None)
        if isinstance(component, TownlineReader) and component.understander is not None:
            return component.understander
    raise model_files.ModelRefused("the model was not trained with TownlineReader in config.yml")


def _read_yaml(settings: RunSettings) -> tuple[Any, dict[str, Any]]:
    from rasa.core.tracker_store import TrackerStore
    from rasa.core.utils import AvailableEndpoints
    from rasa.shared.utils.common import class_from_module_path
    from rasa.shared.utils.io import read_config_file

    secrets = {
        "TOWNLINE_ENGINE_TOKEN": settings.token,
        "TOWNLINE_ACTIONS_URL": settings.actions_url,
        "TOWNLINE_ACTIONS_TOKEN": settings.actions_token,
        "TOWNLINE_TRACKER_URL": settings.tracker_url,
    }
    with environment.filled_in(secrets):
        endpoints = AvailableEndpoints.read_endpoints(settings.endpoints)
        credentials = read_config_file(settings.credentials)
    if len(credentials) != 1:
        sys.exit("credentials.yml: exactly one channel, ours, is served")
    ((name, values),) = credentials.items()
    channel = class_from_module_path(name).from_credentials(values)
    store = TrackerStore.create(endpoints.tracker_store)
    return channel, {"action": endpoints.action, "tracker_store": store}


async def _unused(message: Any) -> None:
    raise RuntimeError("Rasa's own way in is not used")
