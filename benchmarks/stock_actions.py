"""Serves Townline's actions to stock Rasa, in a process of their own, on SQLite."""

from __future__ import annotations

import argparse
from pathlib import Path

import uvicorn

from actions import endpoint
from bot import logs, settings
from bot.app import Parts
from bot.storage import migrate


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--var", type=Path, required=True, help="folder for the database")
    parser.add_argument("--token", required=True)
    options = parser.parse_args()
    logs.configure("warning")
    parts = Parts(settings.load({}, var=options.var))
    options.var.mkdir(parents=True, exist_ok=True)
    migrate.upgrade(parts.database)
    application = endpoint.build_app(parts.action_services, options.token)
    uvicorn.run(application, host="127.0.0.1", port=options.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
