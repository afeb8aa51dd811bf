"""The city's rules with four changes that a city might make, for a simulation to show.

Wishes about traffic, and questions about benefits, are drafted by the assistant and sent by a person; missed
collections go to the sanitation yard, an owner of its own that works on Saturdays too; the police desk
answers within two hours instead of one.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

VERSION = "2026-12-trial"
CHANGES = (
    "What residents wish for in traffic is drafted by the assistant and sent by Transportation.",
    "Questions about benefits and papers are drafted by the assistant and sent by Community Services.",
    "Missed collections are answered by the sanitation yard, open Monday to Saturday from 6:00 to 14:30.",
    "The police desk answers within two hours instead of one.",
)
_OFFICE = """offices:
  sanitation:
    names: {en: Sanitation yard, es: Patio de saneamiento}
    listed: false
    week:
      mon: [6:00-14:30]
      tue: [6:00-14:30]
      wed: [6:00-14:30]
      thu: [6:00-14:30]
      fri: [6:00-14:30]
      sat: [6:00-14:30]
      sun: closed
"""
_OWNER = """owners:
  sanitation:
    names: {en: the sanitation yard, es: el patio de saneamiento}
    hours: sanitation
    contact: 555-0136
    email: sanitation@millbrook.example
    fallback: front_desk
    minutes_a_day: 240
    minutes_each: 6
"""
_CLAUSE = """  - id: sanitation
    when: {stage: after, intents: report_missed_collection, bands: [act, confirm]}
    outcome: hand_off
    reason:
      short: Missed collection
      sentence: Missed collections are answered by the sanitation yard, which sends the truck back.
    reply_key: hand_off_department
    owner: sanitation
    minutes: 120

"""


def write(city: Path, folder: Path) -> None:
    """Copy the three files of the rules and change them.

    Raises:
        ValueError: the city's own rules no longer have what is changed here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("rules_of_engagement.yml", "hours.yml", "saved_replies.yml"):
        shutil.copy(city / name, folder / name)
    hours, rules = folder / "hours.yml", folder / "rules_of_engagement.yml"
    hours.write_text(_changed(hours.read_text(), r"^offices:\n", _OFFICE))
    text = _changed(rules.read_text(), r"^version: .*$", f'version: "{VERSION}"')
    text = _changed(text, r"^owners:\n", _OWNER)
    for clause in ("benefits", "transport"):
        text = _changed(
            text, rf"(^  - id: {clause}\n(?:(?!^  - id:).*\n)*?    outcome: )hand_off", r"\1draft"
        )
    text = _changed(text, r"(^  - id: police\n(?:(?!^  - id:).*\n)*?    minutes: )60", r"\g<1>120")
    rules.write_text(_changed(text, r"^  - id: may\.report\n", f"{_CLAUSE}  - id: may.report\n"))


def _changed(text: str, pattern: str, by: str) -> str:
    found, count = re.subn(pattern, by, text, count=1, flags=re.MULTILINE)
    if not count:
        raise ValueError(f"the city's rules no longer have {pattern}")
    return found
