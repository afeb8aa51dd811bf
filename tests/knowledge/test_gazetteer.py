from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bot.knowledge.places import Places
from tests.knowledge.conftest import CITY


@pytest.fixture
def city(tmp_path: Path) -> Path:
    shutil.copytree(CITY / "places", tmp_path / "places")
    return tmp_path


def edit_streets(city: Path, **properties: object) -> None:
    path = city / "places" / "streets.geojson"
    document = json.loads(path.read_text())
    document["features"][3]["properties"].update(properties)
    path.write_text(json.dumps(document))


def test_a_wrong_row_is_reported_and_the_rest_serves(city: Path):
    path = city / "places" / "gazetteer.csv"
    lines = path.read_text().splitlines()
    lines[1] = lines[1].replace("40.2", "forty", 1)
    lines[2] = lines[2].replace("landmark,", "monument,", 1)
    path.write_text("\n".join([*lines, lines[3]]))
    places = Places.load(city)
    faults = "\n".join(places.faults)
    assert "gazetteer.csv line 2: latitude" in faults
    assert "gazetteer.csv line 3: needs a kind" in faults
    assert "is used twice" in faults
    assert len(places.faults) == 3
    assert places.resolve("by the library").outcome == "unknown"
    assert places.resolve("123 elm").outcome == "found"


def test_a_block_with_swapped_numbers_is_left_out(city: Path):
    edit_streets(city, from_number=399, to_number=300)
    places = Places.load(city)
    assert len(places.faults) == 1
    assert "streets.geojson feature 4" in places.faults[0]
    assert places.resolve("350 main st").places[0].kind == "street"
    assert places.resolve("250 main st").places[0].kind == "address"


@pytest.mark.parametrize("name", ["streets.geojson", "boundaries.geojson", "gazetteer.csv"])
@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"{",
        b"[]",
        b'{"features": 3}',
        b'{"features": [3, {}, {"geometry": null}]}',
        b"\xff\xfe\x00",
        b"a,b\n1,2\n",
    ],
)
def test_a_broken_file_is_named_and_nothing_is_raised(city: Path, name: str, content: bytes | None):
    path = city / "places" / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    places = Places.load(city)
    assert any(name in fault for fault in places.faults)
    places.resolve("corner of 5th and oak by the library")


def test_no_folder_at_all(tmp_path: Path):
    places = Places.load(tmp_path)
    assert len(places.faults) >= 3
    assert places.resolve("123 elm").outcome == "unknown"


def test_a_street_alias_without_a_street_is_reported(city: Path):
    with (city / "places" / "gazetteer.csv").open("a") as file:
        file.write("street:ghost-road,street,Ghost Road,,the old road,,,,,\n")
    assert any("Ghost Road" in fault for fault in Places.load(city).faults)


def test_streets_do_cross_where_the_city_says(city: Path):
    places = Places.load(city)
    for first, second in (
        ("5th-avenue", "oak-street"),
        ("5th-street", "oak-lane"),
        ("5th-street", "maple-lane"),
    ):
        assert places.by_id(f"corner:{first}:{second}") is not None
    for first, second in (
        ("5th-avenue", "oak-lane"),
        ("5th-street", "oak-street"),
        ("5th-avenue", "maple-lane"),
    ):
        assert places.by_id(f"corner:{first}:{second}") is None


def test_a_typo_that_may_be_either_of_two_streets_is_asked_about(city: Path):
    path = city / "places" / "streets.geojson"
    document = json.loads(path.read_text())
    for index, name in enumerate(("Harding Street", "Hardins Street")):
        block = json.loads(json.dumps(document["features"][0]))
        block["properties"]["street"] = name
        block["geometry"]["coordinates"] = [[-83.39 + index / 1000, 40.19], [-83.39 + index / 1000, 40.191]]
        document["features"].append(block)
    path.write_text(json.dumps(document))
    places = Places.load(city)
    answer = places.resolve("pothole on hardinz street")
    assert (answer.outcome, {p.label for p in answer.places}) == (
        "ambiguous",
        {"Harding Street", "Hardins Street"},
    )
    # Spelt right it is no question, however near the other is.
    assert places.resolve("pothole on harding street").outcome == "found"
