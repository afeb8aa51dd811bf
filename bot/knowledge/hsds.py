"""Reads the tables of a Human Services Data Specification directory: 3.0, and the CSV of 1.x and 2.x.

Only cells come out of here; what they mean is in `directory_entries.py`. Column names changed between the
versions, so each table may go by several names.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# The name of each table in 3.0 → every file name it has had.
_FILES = {
    "organizations": ("organizations", "organization"),
    "services": ("services", "service"),
    "locations": ("locations", "location"),
    "service_at_location": ("service_at_location", "services_at_location", "service_at_locations"),
    "addresses": ("addresses", "address", "physical_addresses"),
    "phones": ("phones", "phone"),
    "schedules": ("schedules", "schedule", "regular_schedules"),
    "holiday_schedules": ("holiday_schedules",),
    "cost_options": ("cost_options", "cost_option"),
    "required_documents": ("required_documents", "required_document"),
    "languages": ("languages", "language"),
    "eligibility": ("eligibility",),
    "synonyms": ("synonyms",),
    "translations": ("translations",),
}
_REQUIRED = ("organizations", "services")
_LONGEST_CELL = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, with the place it stands at for faults."""

    where: str
    cells: dict[str, str]

    def text(self, *columns: str) -> str:
        """The first of these columns that has something in it."""
        return next((self.cells[c] for c in columns if self.cells.get(c)), "")


type Tables = dict[str, list[Row]]


def read_tables(folder: Path, faults: list[str]) -> Tables:
    """Read every table of a folder. Never raises for what the files contain; faults name file and line."""
    csv.field_size_limit(_LONGEST_CELL)
    tables: Tables = {}
    for table, names in _FILES.items():
        paths = [path for name in names if (path := folder / f"{name}.csv").is_file()]
        tables[table] = [row for path in paths for row in _rows(path, faults)]
        if not paths and table in _REQUIRED:
            faults.append(f"directory/{table}.csv is missing; the bot cannot look services up")
    return tables


def _rows(path: Path, faults: list[str]) -> list[Row]:
    name = f"directory/{path.name}"
    try:
        content = path.read_bytes()
    except OSError as error:
        faults.append(f"{name}: cannot be read ({error.strerror}); put the file back")
        return []
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        faults.append(f"{name}: not UTF-8, accents may be wrong; save it as CSV UTF-8")
        text = content.decode("latin-1")
    rows: list[Row] = []
    reader = csv.reader(text.splitlines(keepends=True))
    try:
        header = [column.strip().casefold() for column in next(reader, [])]
        for cells in reader:
            if len(cells) > len(header):
                faults.append(
                    f"{name} line {reader.line_num}: more cells than columns; quote cells with commas"
                )
            stripped = (cell.replace("\x00", "").strip() for cell in cells)
            rows.append(Row(f"{name} line {reader.line_num}", dict(zip(header, stripped, strict=False))))
    except csv.Error as error:
        faults.append(f"{name} line {reader.line_num}: {error}; save it as CSV UTF-8 again")
    return rows
