"""Reads `city/places`: streets.geojson, boundaries.geojson, gazetteer.csv. See docs/city-folder.md.

A wrong row is left out and reported with its file and line, so that one slip of a clerk's hand does not
take every place away. What the rows mean to a resident's words is not here but in `names.py`.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

import shapely
from shapely.geometry import shape

from bot.knowledge.geometry import Ground, Plane
from bot.knowledge.place import Landmark, Segment, Street, Ward
from bot.knowledge.tokens import name_words, slug
from bot.knowledge.vocabulary import DIRECTION_OF, SUFFIXES

if TYPE_CHECKING:
    from pathlib import Path

_PLACE_ID = re.compile(r"(?:landmark|asset|outside|street):[a-z0-9-]+")
_KINDS = ("landmark", "asset", "outside", "street")
_SAID = "said_as_"
_COLUMNS = ("place_id", "kind", "name", "aliases", "latitude", "longitude")


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Everything `city/places` says, checked. `faults` is for operators: file, line, what to do."""

    streets: dict[str, Street]
    landmarks: dict[str, Landmark]
    ground: Ground
    wards: tuple[str, ...]
    plane: Plane
    city: str
    faults: tuple[str, ...]


def load_gazetteer(folder: Path) -> Gazetteer:
    """Read the three files. Never raises for what they contain; every fault is in the result."""
    faults: list[str] = []
    outlines = _features(folder / "boundaries.geojson", faults)
    blocks = _features(folder / "streets.geojson", faults)
    rows = _rows(folder / "gazetteer.csv", faults)
    plane = _plane(blocks or outlines)
    city, limit, wards = _boundaries(outlines, plane, faults)
    aliases, landmarks = _landmarks(rows, faults)
    streets = _streets(blocks, aliases, plane, faults)
    faults.extend(
        f"places/gazetteer.csv: street {name!r} has no block in streets.geojson; draw it or drop the row"
        for name in aliases
        if slug(name) not in streets
    )
    return Gazetteer(
        streets,
        landmarks,
        Ground(streets.values(), wards, limit),
        tuple(w.name for w in wards),
        plane,
        city,
        tuple(faults),
    )


def _features(path: Path, faults: list[str]) -> list[dict[str, Any]]:
    try:
        document = json.loads(path.read_text("utf-8-sig"))
        features = document["features"]
        if not isinstance(features, list):
            raise TypeError("features is not a list")
    except OSError as error:
        faults.append(f"places/{path.name}: cannot be read ({error.strerror}); put the file back")
    except json.JSONDecodeError as error:
        faults.append(f"places/{path.name} line {error.lineno}: not JSON ({error.msg}); export it again")
    except (UnicodeDecodeError, KeyError, TypeError) as error:
        faults.append(
            f"places/{path.name}: not a GeoJSON FeatureCollection ({error}); export it again as GeoJSON"
        )
    else:
        return [f for f in features if isinstance(f, dict)]
    return []


def _rows(path: Path, faults: list[str]) -> list[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [c for c in _COLUMNS if c not in (reader.fieldnames or ())]
            if missing:
                faults.append(f"places/{path.name} line 1: column {', '.join(missing)} is missing; add it")
                return []
            return [(reader.line_num, {k: (v or "").strip() for k, v in row.items() if k}) for row in reader]
    except OSError as error:
        faults.append(f"places/{path.name}: cannot be read ({error.strerror}); put the file back")
    except (UnicodeDecodeError, csv.Error) as error:
        faults.append(f"places/{path.name}: not a UTF-8 CSV file ({error}); save it as CSV UTF-8")
    return []


def _plane(features: list[dict[str, Any]]) -> Plane:
    for feature in features:
        try:
            position = feature["geometry"]["coordinates"][0]
            while isinstance(position[0], list):
                position = position[0]
            return Plane(float(position[1]), float(position[0]))
        except (KeyError, IndexError, TypeError, ValueError):
            continue
    return Plane(0.0, 0.0)


def _boundaries(
    features: list[dict[str, Any]], plane: Plane, faults: list[str]
) -> tuple[str, shapely.Geometry | None, list[Ward]]:
    city, limit, wards = "", None, []
    for index, feature in enumerate(features, 1):
        try:
            name, kind = str(feature["properties"]["name"]), feature["properties"]["kind"]
            outline = shapely.transform(shape(feature["geometry"]), lambda c: _to_plane(plane, c))
            if (
                outline.geom_type not in ("Polygon", "MultiPolygon")
                or not outline.is_valid
                or outline.is_empty
            ):
                raise ValueError("the outline crosses itself or is not a polygon")
        except (
            KeyError,
            TypeError,
            ValueError,
            AttributeError,
            IndexError,
            shapely.errors.ShapelyError,
        ) as error:
            faults.append(
                f"places/boundaries.geojson feature {index}: {error}; it needs name, kind and a polygon"
            )
            continue
        if kind == "city_limit":
            city, limit = name, outline
        elif kind == "ward":
            wards.append(Ward(name, outline))
        else:
            faults.append(
                f"places/boundaries.geojson feature {index}: kind {kind!r} is not city_limit or ward"
            )
    if limit is None:
        faults.append(
            "places/boundaries.geojson: no feature of kind city_limit; without it no place is outside"
        )
    return city, limit, wards


def _to_plane(plane: Plane, coordinates: Any) -> Any:
    moved = coordinates.copy()
    for i, (longitude, latitude) in enumerate(coordinates[:, :2]):
        moved[i, :2] = plane.to_plane(latitude, longitude)
    return moved


def _streets(
    features: list[dict[str, Any]], aliases: dict[str, tuple[str, ...]], plane: Plane, faults: list[str]
) -> dict[str, Street]:
    blocks: dict[str, list[Segment]] = {}
    names: dict[str, str] = {}
    for index, feature in enumerate(features, 1):
        try:
            said = feature["properties"]
            name, low, high = str(said["street"]), int(said["from_number"]), int(said["to_number"])
            line = plane.line(feature["geometry"]["coordinates"])
            if not 0 <= low <= high or not slug(name) or line.length == 0 or not line.is_valid:
                raise ValueError("from_number must not be above to_number, and the line needs a length")
        except (KeyError, TypeError, ValueError, IndexError, shapely.errors.ShapelyError) as error:
            faults.append(
                f"places/streets.geojson feature {index}: {error}; "
                "it needs street, from_number, to_number and a line"
            )
            continue
        key = slug(name)
        names.setdefault(key, name)
        ward, day, zone = (str(said.get(k) or "") for k in ("ward", "trash_day", "trash_zone"))
        blocks.setdefault(key, []).append(Segment(key, low, high, ward, day, zone, line))
    return {key: _street(key, names[key], segments, aliases) for key, segments in blocks.items()}


def _street(key: str, name: str, segments: list[Segment], aliases: dict[str, tuple[str, ...]]) -> Street:
    words = list(name_words(name))
    suffix = words.pop() if len(words) > 1 and words[-1] in SUFFIXES else ""
    direction = DIRECTION_OF[words.pop(0)] if len(words) > 1 and words[0] in DIRECTION_OF else ""
    ordered = tuple(sorted(segments, key=lambda s: s.low))
    whole = shapely.MultiLineString([s.line for s in ordered])
    return Street(key, name, direction, " ".join(words), suffix, aliases.get(name, ()), ordered, whole)


def _landmarks(
    rows: list[tuple[int, dict[str, str]]], faults: list[str]
) -> tuple[dict[str, tuple[str, ...]], dict[str, Landmark]]:
    streets: dict[str, tuple[str, ...]] = {}
    landmarks: dict[str, Landmark] = {}
    for line, row in rows:
        place_id, kind, where = row["place_id"], row["kind"], f"places/gazetteer.csv line {line}"
        other_names = tuple(a.strip() for a in row["aliases"].split(";") if a.strip())
        if kind == "street":
            streets[row["name"]] = other_names
            continue
        if kind not in _KINDS or not _PLACE_ID.fullmatch(place_id) or not row["name"]:
            faults.append(
                f"{where}: needs a kind ({', '.join(_KINDS)}), a name "
                "and a place_id such as landmark:city-hall"
            )
        elif place_id in landmarks:
            faults.append(f"{where}: place_id {place_id} is used twice; give one of them another")
        else:
            try:
                latitude, longitude = (
                    float(row[k]) if kind != "outside" else 0.0 for k in ("latitude", "longitude")
                )
                if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
                    raise ValueError
            except ValueError:
                faults.append(
                    f"{where}: latitude and longitude must be degrees, such as 40.2052 and -83.3980"
                )
                continue
            landmarks[place_id] = Landmark(
                place_id,
                cast("Literal['landmark', 'asset', 'outside']", kind),
                row["name"],
                row.get("said_as") or row["name"],
                other_names,
                row.get("address", ""),
                latitude,
                longitude,
                row.get("asset_number", ""),
                row.get("detail", ""),
                tuple(
                    (c.removeprefix(_SAID), name) for c, name in row.items() if c.startswith(_SAID) and name
                ),
            )
    return streets, landmarks
