"""How a place is said, in each language. Data and small functions; which place it is, `atlas.py` knows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.knowledge.place import Landmark, Segment


@dataclass(frozen=True, slots=True)
class Labels:
    """The words around the names of streets and landmarks, which are proper names and stay what they are.

    Attributes:
        joint: between two wards; crossing: between the two streets of a corner.
        at_block, near, between, from_afar: templates. `near` takes a street, a relation with its landmark,
            and a block; `from_afar` a distance in metres and an address.
        relations: "across from" and the like, by the English word that ids are made of.
    """

    language: str
    joint: str
    crossing: str
    block: str
    at_block: str
    near: str
    between: str
    from_afar: str
    relations: Mapping[str, str]

    def said(self, mark: Landmark) -> str:
        """Return a landmark as it stands in a sentence: "the Public Library", "la Biblioteca Pública"."""
        return mark.said_as if self.language == "en" else mark.said_in(self.language) or mark.name

    def alone(self, mark: Landmark) -> str:
        """Return a landmark as it stands alone: "Public Library", "la Biblioteca Pública"."""
        return mark.name if self.language == "en" else mark.said_in(self.language) or mark.name

    def related(self, relation: str, to: str) -> str:
        """Return "across from City Hall", "frente al Ayuntamiento"."""
        said = f"{self.relations.get(relation, relation)} {to}"
        return _CONTRACTED.sub(r"\1l ", said) if self.language == "es" else said

    def block_name(self, segment: Segment) -> str:
        """Say "100 block", or "1-99 block" at the start of a street, which has no hundred to be called by."""
        hundred = segment.low // 100 * 100
        return self.block.format(numbers=str(hundred) if hundred else f"{segment.low}-{segment.high}")


_CONTRACTED = re.compile(r"\b(de|a) el ")

ENGLISH = Labels(
    language="en",
    joint=" and ",
    crossing="{one} & {two}",
    block="{numbers} block",
    at_block="{street} {block}",
    near="{street} {related} ({block})",
    between="{street} between {one} and {two}",
    from_afar="{metres} m from {address}",
    relations={},
)
SPANISH = Labels(
    language="es",
    joint=" y ",
    crossing="{one} y {two}",
    block="cuadra {numbers}",
    at_block="{street}, {block}",
    near="{street}, {related} ({block})",
    between="{street} entre {one} y {two}",
    from_afar="a {metres} m de {address}",
    relations={
        "near": "cerca de",
        "across from": "frente a",
        "in front of": "delante de",
        "next to": "al lado de",
        "behind": "detrás de",
        "under": "debajo de",
        "at": "en",
    },
)
LABELS = {"en": ENGLISH, "es": SPANISH}
