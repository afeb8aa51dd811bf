"""The engine's process environment: the only module of the engine that touches `os.environ`.

Secrets reach the engine as a JSON object on its standard input, not in its environment or arguments, where
other processes could read them, and where Rasa would expand `${NAME}` found in any text of the domain.
They stand in the environment only while endpoints.yml and credentials.yml are read.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

_PR_SET_PDEATHSIG = 1


def prepare() -> None:
    """Set what libraries read when they are imported; to be called before the first import of Rasa."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ["SQLALCHEMY_SILENCE_UBER_WARNING"] = "1"
    os.environ["RASA_MAX_CACHE_SIZE"] = "0"  # a training must not depend on what an earlier one left behind
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    warnings.filterwarnings("ignore")


def quiet_logging(level: int = logging.WARNING) -> None:
    """Log warnings and worse to standard error. Rasa's debug lines hold what residents write."""
    import structlog

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_PlacesOnly("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])
    for name in ("rasa", "sanic.access", "sanic.root", "apscheduler", "asyncio"):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    # Filtered at the bound logger, and that cached: each of the dozen calls of a turn costs next to nothing.
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


class _PlacesOnly(logging.Formatter):
    """Shows where a fault arose, and not its text: that may quote what a resident wrote."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is the standard library's
        kind, _, trace = ei
        places = traceback.extract_tb(trace)
        lines = [f"  {place.filename}:{place.lineno} {place.name}" for place in places]
        return "\n".join([*lines, f"  {getattr(kind, '__name__', kind)}"])


@contextmanager
def filled_in(values: Mapping[str, str]) -> Iterator[None]:
    """Let `${NAME}` in YAML files stand for `values` inside the block."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def leave_dollars_alone() -> None:
    """Stop Rasa from expanding `${NAME}` in domain, responses and training data (battery 42)."""
    import rasa.shared.utils.io  # noqa: F401 - its import registers the constructor that is replaced
    from ruamel import yaml

    def as_written(loader: Any, node: Any) -> Any:
        return loader.construct_scalar(node)

    constructors: Any = yaml
    constructors.SafeConstructor.add_constructor("!env_var", as_written)


def run_at_low_priority() -> None:
    """Let residents' messages go first while a model is trained."""
    os.nice(10)


def die_with_parent(parent: int | None) -> None:
    """End this process when the supervisor ends, even by SIGKILL."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        sys.exit("the supervisor ended while this engine started")


def watch_leash() -> None:
    """End this process when standard input is closed: the supervisor holds the other end."""

    def watch() -> None:
        while sys.stdin.buffer.read(1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(5)
        os._exit(1)

    threading.Thread(target=watch, name="leash", daemon=True).start()


def remember_parent() -> int:
    """Return the process id of the parent."""
    return os.getppid()
