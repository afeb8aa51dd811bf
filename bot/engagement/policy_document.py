"""The shape of the policy that the public reads: sections of lines and tables; see `public_policy.py`."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence or a cell.

    Attributes:
        ids: the clauses and sections that it states.
        own: it is as it stands in the rules, in the language in which they are written.
    """

    text: str
    ids: tuple[str, ...] = ()
    own: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; the first cell of a row is its name."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the document; `id` is its address on the page."""

    id: str
    title: str
    lead: str = ""
    lines: tuple[Line, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class PublicPolicy:
    """The whole document.

    Attributes:
        written_in: the language of the lines that stand as in the rules, `en` or `es`.
    """

    version: str
    effective: str
    owner: str
    written_in: str
    sections: tuple[Section, ...] = field(default_factory=tuple)
