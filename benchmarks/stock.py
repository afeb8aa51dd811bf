"""Stock Rasa: its default pipeline and policies behind its own REST channel, trained on the same data.

It gets the domain and the training data as they are, `language: en` and nothing else in its configuration,
so Rasa fills in pipeline and policies itself. Its actions are ours, served by `stock_actions.py`.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import shutil
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.load import Ask
from benchmarks.processes import Running, free_port, running

ROOT = Path(__file__).resolve().parents[1]
RASA = ROOT / ".venv-stock/bin/rasa"
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A trained stock project.

    Attributes:
        training_cpu: None where an earlier run had trained it.
        same_data: whether it was trained on the data as it is now.
    """

    folder: Path
    training_cpu: float | None
    same_data: bool = True


def prepare(results: Path, domain: Path, data: Path, *, reuse: bool = False) -> Prepared:
    """Lay out and train the project, unless this very data was trained before.

    Args:
        results: where trained projects are kept.
        domain: our domain.
        data: our training data.
        reuse: take the newest trained project even if the data has changed since; training takes an hour.

    Raises:
        RuntimeError: training failed; the message names the log.
    """
    folder = results / f"stock-{_digest(domain, data)}"
    if (folder / "models/stock.tar.gz").exists():
        return Prepared(folder, None)
    trained = sorted(results.glob("stock-*/models/stock.tar.gz"), key=lambda path: path.stat().st_mtime)
    if reuse and trained:
        return Prepared(trained[-1].parents[1], None, same_data=False)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(data, folder / "data")
    shutil.copyfile(domain, folder / "domain.yml")
    (folder / "config.yml").write_text("recipe: default.v1\nassistant_id: stock\nlanguage: en\n")
    arguments = [str(RASA), "train", "--fixed-model-name", "stock", "--out", "models"]
    with running(arguments, cwd=folder, environment=QUIET, log=folder / "train.log") as training:
        cpu = 0.0
        while not training.died():
            cpu = max(cpu, training.cpu())
            time.sleep(1)
    if not (folder / "models/stock.tar.gz").exists():
        raise RuntimeError(f"stock Rasa did not train; see {folder / 'train.log'}")
    return Prepared(folder, cpu)


def _digest(domain: Path, data: Path) -> str:
    digest = hashlib.sha256(domain.read_bytes())
    for path in sorted(data.rglob("*.yml")):
        digest.update(path.relative_to(data).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


class RestPeer:
    """Residents of stock Rasa's REST channel."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    @asynccontextmanager
    async def resident(self, name: str) -> AsyncIterator[Ask]:
        """Nothing is open between messages on this channel."""

        async def ask(text: str) -> tuple[str, ...]:
            body = {"sender": name, "message": text, "metadata": {"conversation_id": name}}
            async with self._session.post(self._url, json=body) as response:
                response.raise_for_status()
                said = await response.json()
            return tuple(str(message.get("text") or message.get("custom") or "") for message in said)

        yield ask


@dataclass(frozen=True, slots=True)
class Stock:
    """A running stock side."""

    server: Running
    actions: Running
    peer: RestPeer
    start_cpu: float


@asynccontextmanager
async def started(prepared: Prepared, probe: str) -> AsyncIterator[Stock]:
    """Start server and action server, and wait for the first answer.

    Args:
        prepared: the trained project.
        probe: a sentence that must be answered before the side counts as started.
    """
    port, actions_port = free_port(), free_port()
    token = secrets.token_hex()
    folder = prepared.folder
    shutil.rmtree(folder / "var", ignore_errors=True)
    (folder / "credentials.yml").write_text("rest:\n")
    (folder / "endpoints.yml").write_text(
        f"action_endpoint:\n  url: http://127.0.0.1:{actions_port}/webhook\n"
        f"  headers:\n    Authorization: Bearer {token}\n"
    )
    serve = [
        sys.executable, "-m", "benchmarks.stock_actions", "--port", str(actions_port),
        "--var", str(folder / "var"), "--token", token,
    ]  # fmt: skip
    arguments = [
        str(RASA), "run", "--model", "models/stock.tar.gz", "--port", str(port), "--interface", "127.0.0.1",
        "--credentials", "credentials.yml", "--endpoints", "endpoints.yml",
    ]  # fmt: skip
    with (
        running(serve, cwd=ROOT, environment={}, log=folder / "actions.log") as actions,
        running(arguments, cwd=folder, environment=QUIET, log=folder / "run.log") as server,
    ):
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            peer = RestPeer(session, f"http://127.0.0.1:{port}/webhooks/rest/webhook")
            await _answering(peer, server, probe)
            yield Stock(server, actions, peer, server.cpu())


async def _answering(peer: RestPeer, server: Running, probe: str, seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.died():
            raise RuntimeError(f"stock Rasa ended; see {server.log}")
        try:
            async with peer.resident("probe") as ask:
                if await ask(probe):
                    return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.5)
    raise RuntimeError(f"stock Rasa did not answer within {seconds:.0f} s; see {server.log}")
