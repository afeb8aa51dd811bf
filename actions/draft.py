"""The report that a conversation is putting together, kept in Rasa's slots between two messages.

Reading checks every type and every code against the city's own files, so a slot that holds something else
is the same as an empty one. What it is not for: requests that are filed; see `bot/service_requests`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from actions.services import Services
from actions.turn import LONGEST_TEXT, Turn, stored_files, text_of
from bot.knowledge.places import Place
from bot.messages import JSON, StoredFile
from bot.service_requests.catalog import Attribute, Service
from bot.storage.jsonable import to_json

MOST_PHOTOS = 10

type Answer = str | int | float | list[str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A second problem, told while the first was being taken."""

    service_code: str
    text: str
    place_id: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known so far.

    Attributes:
        place: may be a whole street, which is not enough: see `Place.is_exact`.
        candidates: places to choose from, when the resident's words fit several.
        description: the resident's own words, one line a message.
        settled: the place is taken as it is, though only a street is known.
        misses: answers in a row that did not help.
    """

    service: Service | None = None
    place: Place | None = None
    candidates: tuple[Place, ...] = ()
    attributes: Mapping[str, Answer] = field(default_factory=dict)
    description: str = ""
    photos: tuple[StoredFile, ...] = ()
    settled: bool = False
    waiting: tuple[Waiting, ...] = ()
    misses: int = 0

    @classmethod
    def of(cls, turn: Turn, services: Services) -> Draft:
        """Read the slots of a conversation."""
        slots = turn.slots
        code, misses = slots.get("service_code"), slots.get("misses")
        service = (
            services.catalog.service(code) if isinstance(code, str) and code in services.catalog else None
        )
        place, candidates = slots.get("place"), slots.get("place_candidates")
        shape = place if isinstance(place, Mapping) else {}
        draft = cls(
            service=service,
            place=_place(shape.get("place_id"), services),
            candidates=tuple(
                found
                for place_id in (candidates[:5] if isinstance(candidates, list) else ())
                if (found := _place(place_id, services))
            ),
            description=turn.slot_text("description"),
            photos=tuple(stored_files(slots.get("photos"))),
            settled=shape.get("settled") is True,
            waiting=tuple(_waiting(slots.get("waiting"), services)),
            misses=misses if isinstance(misses, int) and 0 <= misses < 100 else 0,
        )
        return draft.with_answers(slots.get("attributes"))

    def slots(self) -> dict[str, JSON]:
        """Return the slots that hold this draft; None empties one."""
        place: JSON = None
        if self.place:
            place = {"place_id": self.place.place_id, "label": self.place.label, "settled": self.settled}
        return {
            "service_code": self.service.service_code if self.service else None,
            "place": place,
            "place_candidates": [place.place_id for place in self.candidates] or None,
            "attributes": {code: to_json(value) for code, value in self.attributes.items()} or None,
            "description": self.description or None,
            "photos": to_json(self.photos) or None,
            "waiting": [to_json(later) for later in self.waiting] or None,
            "misses": self.misses,
        }

    def with_service(self, service: Service) -> Draft:
        """Return the draft about that service; answers to another service's questions are dropped."""
        if self.service == service:
            return self
        return replace(self, service=service, attributes={}, misses=0)

    def with_place(self, place: Place | None, *, settled: bool = False) -> Draft:
        """Return the draft with that place, and no more candidates."""
        return replace(self, place=place, candidates=(), settled=settled, misses=0)

    def with_words(self, text: str) -> Draft:
        """Return the draft with these words added to the resident's description, each once."""
        text = text.strip()
        if not text or text in self.description:
            return self
        return replace(self, description=f"{self.description}\n{text}".strip()[:LONGEST_TEXT])

    def with_photos(self, files: tuple[StoredFile, ...]) -> Draft:
        """Return the draft with these files added, each once."""
        known = {file.digest for file in self.photos}
        new = tuple(file for file in files if file.digest not in known)
        return replace(self, photos=(*self.photos, *new)[:MOST_PHOTOS])

    def with_answers(self, given: object) -> Draft:
        """Return the draft with those answers that are right for the service; others are left out."""
        if self.service is None or not isinstance(given, Mapping):
            return self
        right = {
            code: value
            for code, value in given.items()
            if isinstance(code, str) and not self.service.check_attributes({code: value}, complete=False)
        }
        return replace(self, attributes={**self.attributes, **right})

    def missed(self) -> Draft:
        """Return the draft after one more answer that did not help."""
        return replace(self, misses=self.misses + 1)

    @property
    def has_place(self) -> bool:
        """Whether a crew can be sent."""
        return self.place is not None and (self.place.is_exact or self.settled)

    @property
    def open_question(self) -> Attribute | None:
        """The first question of the service that is not answered."""
        questions = self.service.questions() if self.service else ()
        return next((question for question in questions if question.code not in self.attributes), None)

    @property
    def missing(self) -> str:
        """The slot to ask for next; `confirmed` when nothing else is missing."""
        if self.service is None:
            return "service_code"
        if not self.has_place:
            return "place"
        return "attributes" if self.open_question else "confirmed"

    def summary(self) -> str:
        """Return what staff should know of it in one line, "" if nothing is known."""
        parts = [
            self.service.service_name if self.service else "",
            self.place.label if self.place else "",
            self.description.replace("\n", " / "),
            *(f"{later.service_code}: {later.text}" for later in self.waiting),
        ]
        return "; ".join(part for part in parts if part)[:500]


CLEARED: Mapping[str, JSON] = {**Draft().slots(), "confirmed": None, "misses": None}
"""The slots of a conversation that has no draft."""


def _place(place_id: Any, services: Services) -> Place | None:
    known = text_of(place_id, 200)
    return services.places.by_id(known) if known else None


def _waiting(value: Any, services: Services) -> list[Waiting]:
    found = []
    for entry in value[:3] if isinstance(value, list) else ():
        code = text_of(entry.get("service_code"), 40) if isinstance(entry, Mapping) else ""
        if code in services.catalog:
            text = text_of(entry.get("text"), LONGEST_TEXT)
            found.append(Waiting(code, text, text_of(entry.get("place_id"), 200) or None))
    return found
