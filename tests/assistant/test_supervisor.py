"""Engines are kept alive, changed without a pause, and end with their parent."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bot.assistant.client import RasaAssistant
from bot.assistant.supervisor import Supervisor
from bot.errors import AssistantUnavailable
from bot.messages import Meaning, TurnInput

HOME = Path(__file__).parents[2]


def turn(message_id: str, text: str = "pothole", meaning: Meaning | None = None) -> TurnInput:
    return TurnInput("c-1", message_id, text, meaning, {"channel": "webchat"})


async def test_conversation_survives_a_kill_and_a_change_of_model(engine_settings):
    assistant = RasaAssistant([], engine_settings.token)
    supervisor = Supervisor(engine_settings, assistant.use)
    await supervisor.start()
    try:
        assert await assistant.ready()
        first = await assistant.converse(turn("m-1"))
        (killed,) = supervisor.pids()
        os.kill(killed, signal.SIGKILL)

        async def started_again() -> bool:
            return supervisor.pids() != (killed,) and await assistant.ready()

        await until(started_again)
        assert await assistant.converse(turn("m-1")) == first, "the kept turn was not answered again"

        before = supervisor.urls()
        with pytest.raises(AssistantUnavailable):
            await supervisor.swap(engine_settings.keys)  # a folder without a model
        assert supervisor.urls() == before, "a failed start must leave the old one serving"
        assert (await assistant.converse(turn("m-2"))).understanding.service == "pothole"

        await supervisor.swap(engine_settings.model)
        assert supervisor.urls() != before
        answer = await assistant.converse(turn("m-3"))
        assert answer.messages[0].text == "heard"
    finally:
        await assistant.close()
        await supervisor.stop()
    assert supervisor.pids() == ()


async def until(holds, seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - another process has no event to wait for
            await asyncio.sleep(0.1)


def test_engines_end_when_their_parent_is_killed(engine_settings, tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(f"""
        import asyncio, sys
        from pathlib import Path
        sys.path[:0] = [{str(HOME)!r}]
        from bot.assistant.supervisor import EngineSettings, Supervisor
        async def main():
            supervisor = Supervisor(EngineSettings(
                python=Path({str(engine_settings.python)!r}), home=Path({str(engine_settings.home)!r}),
                ports=(0,), token={engine_settings.token!r},
                actions_url="http://127.0.0.1:9/", actions_token="x",
                model=Path({str(engine_settings.model)!r}), keys=Path({str(engine_settings.keys)!r}),
                tracker_url={engine_settings.tracker_url!r}, log=Path({str(engine_settings.log)!r}),
                environment={dict(engine_settings.environment)!r}))
            await supervisor.start()
            print(supervisor.pids()[0], flush=True)
            await asyncio.sleep(60)
        asyncio.run(main())
        """)
    )
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE) as parent:
        engine = int(parent.stdout.readline())
        parent.kill()
    ended = time.monotonic() + 10
    while time.monotonic() < ended and Path(f"/proc/{engine}/stat").exists():
        if Path(f"/proc/{engine}/stat").read_text().split()[2] == "Z":
            break
        time.sleep(0.1)
    else:
        assert not Path(f"/proc/{engine}").exists(), "the engine outlived its parent"


@pytest.mark.parametrize("change", ["bytes", "manifest", "no manifest", "another key", "renamed"])
async def test_a_model_that_was_not_signed_here_is_refused(trained, engine_settings, tmp_path, change):
    models = tmp_path / "models"
    shutil.copytree(trained.models, models)
    keys = tmp_path / "keys"
    shutil.copytree(trained.keys, keys)
    archive = models / trained.model.name
    manifest = archive.with_name(archive.name + ".json")
    if change == "bytes":
        archive.write_bytes(archive.read_bytes()[:-1] + b"x")
    elif change == "manifest":
        manifest.write_text(manifest.read_text().replace('"rasa": "3.6.21"', '"rasa": "3.6.22"'))
    elif change == "no manifest":
        manifest.unlink()
    elif change == "another key":
        other = trained.keys.parent / "models"
        assert other.exists()
        (keys / "model-signing.pub").write_bytes(ANOTHER_KEY)
    else:
        archive.rename(models / "other.tar.gz")
        manifest.rename(models / "other.tar.gz.json")
    supervisor = Supervisor(replace(engine_settings, model=models, keys=keys))
    with pytest.raises(AssistantUnavailable):
        await supervisor.start()
    assert "signature" in engine_settings.log.read_text()


ANOTHER_KEY = b"""-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
"""
