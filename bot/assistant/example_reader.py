"""Rasa's own reader of data files, asked through a process of the engine's Python that stays for the while.

An example is written only if this reader gives it back exactly as it was meant.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.assistant.understand import TrainerSettings, command
from bot.errors import AssistantUnavailable


class ExampleReader:
    """Reads data files as a training would; use it as a context."""

    def __init__(self, settings: TrainerSettings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            command(self._settings, ["read"]),
            cwd=self._settings.home,
            env=dict(self._settings.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.communicate()

    def __call__(self, file: Path) -> dict[str, Any]:
        """Return `fault`, `examples` as [intent, text, entities] and the number of `others` in a file.

        Raises:
            AssistantUnavailable: the reader ended.
        """
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise RuntimeError("the reader is a context; enter it first")
        try:
            process.stdin.write(f"{file.absolute()}\n")
            process.stdin.flush()
            answer = process.stdout.readline()
            given: dict[str, Any] = json.loads(answer)
        except (OSError, ValueError) as fault:
            raise AssistantUnavailable("Rasa's reader ended; run `townline doctor`") from fault
        return given
