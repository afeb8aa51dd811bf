"""Files that are a mistake or an attack: refused whole, with a line, quickly, never with another error."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.engagement import hours_file, marked_yaml, rulesets
from bot.engagement.clauses import Facts
from bot.engagement.engine import evaluate
from bot.engagement.replies import SavedReplies
from bot.errors import ConfigError

CITY = Path(__file__).parents[2] / "city"
RULES = (Path(__file__).parent / "rules_with_everything.yml").read_text(encoding="utf-8")
HOURS = (CITY / "hours.yml").read_text(encoding="utf-8")
REPLIES = (CITY / "saved_replies.yml").read_text(encoding="utf-8")
NAMED = re.compile(r"^(rules_of_engagement|hours|saved_replies)\.yml, line \d+[,:]")
LIBRARY = re.compile(r"Input should|String should|tuple|dictionar|constrained|instance of|\[key\]")
"""What the library that checks the shapes would say; a clerk should never read it."""


def refused(read: Callable[[], object]) -> list[str]:
    """Return the faults; a test fails if nothing is refused, or in any other way."""
    with pytest.raises(ConfigError) as error:
        read()
    assert all(NAMED.match(fault) for fault in error.value.faults), error.value.faults
    return error.value.faults


def seconds(work: Callable[[], object]) -> float:
    """Return the best time of three, of this process alone; the machine may be busy with other things."""
    taken = []
    for _ in range(3):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return min(taken)


def exploding(levels: int) -> str:
    names = [f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 9)}]" for number in range(1, levels)]
    return "\n".join(['a0: &a0 ["x", "x"]', *names]) + "\n"


with_keyword = RULES.replace("any: [mill stack burning]", "any: [%s]").__mod__

TRAPS = {
    "10 MB": ("clauses: []\n" + "# filler\n" * 1_200_000, "larger than"),
    "exploding anchors": (exploding(12), "anchors"),
    "an anchor far below": (RULES + "x: &anchor [y]\n", "anchors"),
    "a merge": (RULES + "x: {<<: *y}\n", "line"),
    "deep nesting": ("a: " + "[" * 100_000, "nested"),
    "many values": ("clauses: [" + "a, " * 300_000 + "]", "values"),
    "one keyword of 1 MB": (with_keyword(f"'{'|'.join(['gas', 'leak'] * 110_000)}'"), "120 characters"),
    "an alternation of 0.9 MB": (with_keyword(f"'{'(a|' * 300_000}'"), "120 characters"),
    "a pattern": (with_keyword("'(a+)+$'"), "patterns are not read here"),
    "another pattern": (with_keyword("'(.*)*x'"), "patterns are not read here"),
    "a star alone": (with_keyword("'*'"), "line"),
    "a star inside": (with_keyword("'gas*leak'"), "patterns are not read here"),
    "a plus alone": (with_keyword("'+'"), "has no words"),
    "many parts": (with_keyword(f"'{'a + ' * 29}a'"), "more than 6 parts"),
    "a circle": (RULES.replace("  manager:\n", "  manager:\n    fallback: front\n"), "circle"),
    "a key twice": (RULES + 'version: "2"\n', "second time"),
    "no YAML": ("clauses: [\n  - }\n", "not readable"),
    "not a map": ("just words\n", "line 1"),
    "a tag": (RULES.replace("owner: Somebody", "owner: !!python/object/apply:os.system [id]"), "line"),
    "another encoding": (RULES.encode("utf-16").decode("latin-1"), "line"),
    "nothing": ("", "empty"),
    "a NUL": ("version: \0\n", "line"),
}


@pytest.mark.parametrize("trap", TRAPS, ids=str)
def test_a_trap_is_refused_with_a_line_within_100_ms(trap: str) -> None:
    text, fault = TRAPS[trap]

    found = refused(lambda: rulesets.read(CITY, text=text))
    assert any(fault in each for each in found), found[:3]
    assert sum(len(each) for each in found) < 20_000
    assert seconds(lambda: refused(lambda: rulesets.read(CITY, text=text))) < 0.1


def test_a_city_file_is_checked_within_100_ms() -> None:
    text = (CITY / "rules_of_engagement.yml").read_text(encoding="utf-8")

    assert seconds(lambda: rulesets.read(CITY, text=text)) < 0.1


@pytest.mark.parametrize("words", ["a" * 120, "a " * 60, "aaaa* " * 20, "a + " * 5 + "a"])
def test_the_worst_keyword_that_is_taken_is_found_quickly(words: str) -> None:
    ruleset = rulesets.compiled(rulesets.read(CITY, text=with_keyword(f"'{words}'")))
    facts = Facts(stage="before", text="a " * 10_000 + "aaaa" * 1_000)

    assert seconds(lambda: evaluate(ruleset, facts)) < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "lone {",
        "lone }",
        "{unknown}",
        "${DB_PASSWORD}",
        "{a.__class__}",
        "{by.__class__.__mro__}",
        "{0}",
        "{{by}}",
        "{by!r}",
        "{by:>1000000000}",
        "{ by }",
        "x" * 50_000,
    ],
)
@pytest.mark.parametrize("place", ["replies", "staff", "foreign"])
def test_a_placeholder_trap_in_a_saved_reply_is_refused(tmp_path: Path, place: str, text: str) -> None:
    old = {
        "replies": '"{name} from the city has joined this chat."',
        "staff": '"Could you tell me the nearest house number or corner?"',
        "foreign": '"Guten Tag. Eine Person von der Stadt antwortet Ihnen hier."',
    }[place]
    assert REPLIES.count(old) == 1
    path = tmp_path / "saved_replies.yml"
    path.write_text(REPLIES.replace(old, json.dumps(text)), encoding="utf-8")

    line = REPLIES[: REPLIES.index(old)].count("\n") + 1
    faults = refused(lambda: SavedReplies.load(path))
    assert all(fault.startswith(f"saved_replies.yml, line {line}, {place}") for fault in faults)
    assert all(len(fault) < 500 for fault in faults)


# --- whatever is done to a file ---------------------------------------------------------------------

JUNK: list[Any] = [
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    "",
    " ",
    "x",
    "*",
    "{",
    "permanent",
    "2026-02-30",
    "8:00-25:00",
    "ñ☃\u202e",
    "a" * 2_000,
    [],
    {},
    [[]],
    [None],
    {"": None},
    {"en": 1},
    {"id": {}},
    {"any": ["(a+)+$"]},
    [{"id": "x"}],
]
WHERE = st.integers(min_value=0, max_value=10**6)
PIECES = st.sampled_from(
    [
        "",
        " ",
        "\n",
        "\t",
        ":",
        "- ",
        "[",
        "]",
        "{",
        "}",
        '"',
        "'",
        "&x ",
        "*x",
        "#",
        "|",
        "\0",
        "\ufeff",
        "é",
        "null",
    ]
)


def places(value: object, here: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of a file's content."""
    if here:
        yield here
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*here, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*here, index))


def replaced(text: str, file: str, where: int, junk: object, *, drop: bool) -> str:
    """Return the file with the value of one place replaced, or its key dropped."""
    content = marked_yaml.parse(Path(file), text.encode()).value
    every = list(places(content))
    place = every[where % len(every)]
    holder = content
    for part in place[:-1]:
        holder = holder[part]
    if drop:
        del holder[place[-1]]
    else:
        holder[place[-1]] = junk
    return json.dumps(content, indent=1, ensure_ascii=False)


def taken_or_refused(read: Callable[[], object]) -> None:
    faults = None
    try:
        read()
    except ConfigError as error:
        faults = error.faults
    assert faults is None or (faults and all(NAMED.match(fault) for fault in faults)), faults
    assert not any(LIBRARY.search(fault) for fault in faults or ()), faults


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("city")
    for name in ("hours.yml", "saved_replies.yml"):
        shutil.copy(CITY / name, made / name)
    return made


def read_as(folder: Path, file: str, text: str) -> Callable[[], object]:
    """Return what reads one file with that text, all the way to what obeys it."""
    if file == "rules_of_engagement.yml":
        return lambda: rulesets.compiled(rulesets.read(folder, text=text))
    path = folder / "changed" / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return lambda: (hours_file.load if file == "hours.yml" else SavedReplies.load)(path)


FILES = {"rules_of_engagement.yml": RULES, "hours.yml": HOURS, "saved_replies.yml": REPLIES}
many = settings(
    max_examples=settings.default.max_examples * 6 // 10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("file", FILES)
@given(where=WHERE, junk=st.sampled_from(JUNK), drop=st.booleans())
@many
def test_any_value_may_be_wrong(folder: Path, file: str, where: int, junk: object, *, drop: bool) -> None:
    taken_or_refused(read_as(folder, file, replaced(FILES[file], file, where, junk, drop=drop)))


@pytest.mark.parametrize("file", FILES)
@given(changes=st.lists(st.tuples(WHERE, st.integers(0, 40), PIECES), min_size=1, max_size=4))
@many
def test_any_text_may_be_wrong(folder: Path, file: str, changes: list[tuple[int, int, str]]) -> None:
    text = FILES[file]
    for where, length, piece in changes:
        at = where % (len(text) + 1)
        text = text[:at] + piece + text[at + length :]
    taken_or_refused(read_as(folder, file, text))
