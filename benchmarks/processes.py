"""Starts a system under measurement and reads what all of its processes cost, from /proc."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Reading:
    """One process at one moment: CPU seconds (its reaped children's included) and resident megabytes."""

    pid: int
    parent: int
    session: int
    command: str
    cpu: float
    resident: float


def _read(pid: int) -> Reading | None:
    folder = Path("/proc") / str(pid)
    try:
        stat = (folder / "stat").read_text()
        command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        status = (folder / "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in parentheses may hold anything, so count fields from behind it.
    fields = stat[stat.rindex(")") + 2 :].split()
    resident = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")), 0)
    cpu = sum(int(value) for value in fields[11:15]) / TICKS
    return Reading(pid, int(fields[1]), int(fields[3]), command, cpu, resident / 1024)


def _all() -> list[Reading]:
    pids = [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]
    return [reading for pid in pids if (reading := _read(pid))]


class Running:
    """A started program and everything that it started."""

    def __init__(
        self, arguments: Sequence[str], *, cwd: Path, environment: Mapping[str, str], log: Path
    ) -> None:
        self._log = log.open("wb")
        self.log = log
        self._popen = subprocess.Popen(
            arguments,
            cwd=cwd,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def readings(self) -> list[Reading]:
        """Every living process of this program: its session, and descendants that left the session."""
        family = {self._popen.pid}
        everything = sorted(_all(), key=lambda reading: reading.pid)
        grown = True
        while grown:
            more = {
                reading.pid
                for reading in everything
                if reading.parent in family or reading.session == self._popen.pid
            }
            grown = not more <= family
            family |= more
        return [reading for reading in everything if reading.pid in family]

    def cpu(self, *words: str) -> float:
        """CPU seconds so far; with words, only of processes whose command line holds one of them."""
        return sum(reading.cpu for reading in self.readings() if _matches(reading, words))

    def resident(self, *words: str) -> float:
        """Resident megabytes now, likewise."""
        return sum(reading.resident for reading in self.readings() if _matches(reading, words))

    def died(self) -> bool:
        """Whether the started program itself has ended."""
        return self._popen.poll() is not None

    def stop(self) -> None:
        """Ask the program to stop, then end what is left of it."""
        members = [reading.pid for reading in self.readings()]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._popen.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(20)
        for pid in members:
            if _read(pid) is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._popen.wait()
        self._log.close()


def _matches(reading: Reading, words: Sequence[str]) -> bool:
    return not words or any(word in reading.command for word in words)


@contextlib.contextmanager
def running(
    arguments: Sequence[str], *, cwd: Path, environment: Mapping[str, str], log: Path
) -> Iterator[Running]:
    """Run a program for the length of a block."""
    program = Running(arguments, cwd=cwd, environment=environment, log=log)
    try:
        yield program
    finally:
        program.stop()


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def machine() -> str:
    """This machine in one line, for the page."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    load = os.getloadavg()
    return (
        f"{len(os.sched_getaffinity(0))} × {models[0] if models else 'unknown processor'}, "
        f"load {load[0]:.1f} when the run began"
    )


def today() -> str:
    """The date of the run."""
    return time.strftime("%Y-%m-%d")
