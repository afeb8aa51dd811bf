"""Named places where a test may stop, slow or kill a process; in service they do nothing.

A failpoint is armed by `--failpoint name=kill` on the command line (see `bot/settings.py`), never by data.
The names are the injection points of the fault harness in tests/faults/.
"""

from __future__ import annotations

import os
import signal
import time

_armed: dict[str, str] = {}
_seen: dict[str, int] = {}


def arm(specification: str) -> None:
    """Arm failpoints from `name=act[@n],...`; act is `kill`, `raise` or `sleep:SECONDS`, at the nth passing.

    Raises:
        ValueError: the specification cannot be read.
    """
    for part in filter(None, specification.split(",")):
        name, separator, act = part.partition("=")
        if not separator:
            raise ValueError(f"failpoint {part!r} needs the form name=act")
        _armed[name] = act


def failpoint(name: str) -> None:
    """Do what was armed under this name, or nothing."""
    if not _armed:
        return
    act = _armed.get(name)
    if act is None:
        return
    act, _, wanted = act.partition("@")
    _seen[name] = _seen.get(name, 0) + 1
    if wanted and _seen[name] != int(wanted):
        return
    if act == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif act == "raise":
        raise RuntimeError(f"failpoint {name}")
    elif act.startswith("sleep:"):
        time.sleep(float(act.removeprefix("sleep:")))
