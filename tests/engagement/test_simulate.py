"""Past messages under other rules: nothing changes under the same ones, and what changes is counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engagement.clauses import Facts
from bot.engagement.deadlines import promise
from bot.engagement.engine import evaluate
from bot.engagement.rulebook import RulesInForce
from bot.engagement.simulate import Past, simulate
from bot.engagement.simulation_report import page, report
from tests.engagement.rules_folder import CITY, RULES, changed_folder, loaded

HOME = CITY.parent
INTENTS = yaml.safe_load((HOME / "domain.yml").read_text())["intents"]
CITYS = loaded(CITY)
AT = datetime(2026, 5, 13, 15, 0, tzinfo=UTC)  # a Wednesday, 11:00 in Millbrook
POLICE = "    reply_key: hand_off_police\n    owner: police_desk\n    minutes: 60"
NOISE = Past("m1", "c1", AT, intent="noise", band="act", text="loud music every night", waited=True)


@pytest.fixture
def slower(tmp_path: Path) -> RulesInForce:
    """The city's rules with the police desk answering within half an hour."""
    return loaded(changed_folder(tmp_path, (RULES, POLICE, POLICE.replace("minutes: 60", "minutes: 30"))))


pasts = st.lists(
    st.builds(
        Past,
        id=st.uuids().map(str),
        conversation=st.sampled_from(("c1", "c2", "c3")),
        at=st.integers(0, 30 * 24 * 60).map(lambda minutes: AT + timedelta(minutes=minutes)),
        visibility=st.sampled_from(("private", "group", "public")),
        language=st.sampled_from(("en", "es", "de")),
        text=st.sampled_from(("", "gas leak on elm", "who should i vote for", "my trash", "hola")),
        holder=st.sampled_from(("bot", "queue", "person")),
        decided=st.booleans(),
        understood=st.booleans(),
        intent=st.sampled_from(INTENTS),
        band=st.sampled_from(("act", "confirm", "hand_over")),
        reason=st.sampled_from((None, "no_answer", "asked_for_person")),
        choice=st.booleans(),
        waited=st.booleans(),
        answered_at=st.integers(0, 40 * 24 * 60).map(lambda minutes: AT + timedelta(minutes=minutes)),
    ),
    max_size=30,
).map(lambda found: sorted(found, key=lambda past: (past.conversation, past.at)))


@settings(max_examples=100, deadline=None)
@given(pasts)
def test_the_same_rules_change_nothing(messages: list[Past]) -> None:
    found = simulate(CITYS, CITYS, messages, until=AT + timedelta(days=60))

    assert found.changed == 0
    assert not found.moves
    assert found.old == found.new
    assert found.messages == len(messages) == found.undecided + found.replayed
    assert sum(found.new.fates.values()) == sum(found.new.clauses.values()) == found.replayed
    assert (
        found.new.promised
        == sum(found.new.owners.values())
        == found.new.kept + found.new.broken + found.new.unknown
    )


def test_a_shorter_promise_is_broken_by_who_kept_the_longer_one(slower: RulesInForce) -> None:
    answered = replace(NOISE, answered_at=AT + timedelta(minutes=45))
    found = simulate(CITYS, slower, [answered])

    assert (found.old.kept, found.old.broken) == (1, 0)
    assert (found.new.kept, found.new.broken) == (0, 1)
    assert found.changed == 1
    assert list(found.moves) == [(("person", "police_desk", 60), ("person", "police_desk", 30))]


def test_the_promise_is_that_of_the_clock(slower: RulesInForce) -> None:
    clause = CITYS.ruleset.clause("police")
    assert clause is not None
    due = promise(CITYS.ruleset, CITYS.calendar, clause.decision, AT).due_at
    at_last = simulate(CITYS, slower, [replace(NOISE, answered_at=due)])
    too_late = simulate(CITYS, slower, [replace(NOISE, answered_at=due + timedelta(seconds=1))])
    assert (at_last.old.kept, too_late.old.broken) == (1, 1)


def test_who_never_answered_broke_it_and_who_was_not_asked_is_not_known() -> None:
    never = simulate(CITYS, CITYS, [NOISE], until=AT + timedelta(days=3))
    early = simulate(CITYS, CITYS, [NOISE], until=AT + timedelta(minutes=5))
    nobody = simulate(CITYS, CITYS, [replace(NOISE, waited=False)], until=AT + timedelta(days=3))
    assert (never.old.broken, never.old.unknown) == (1, 0)
    assert (early.old.broken, early.old.unknown) == (0, 1)
    assert (nobody.old.broken, nobody.old.unknown) == (0, 1)


def test_who_waits_already_gets_no_second_promise() -> None:
    again = replace(NOISE, id="m2", at=AT + timedelta(minutes=5), holder="queue")
    back = replace(NOISE, id="m3", at=AT + timedelta(minutes=50), holder="bot")
    elsewhere = replace(NOISE, id="m4", conversation="c2")
    assert simulate(CITYS, CITYS, [NOISE, again]).old.promised == 1
    assert simulate(CITYS, CITYS, [NOISE, again, back]).old.promised == 2
    assert simulate(CITYS, CITYS, [NOISE, again, elsewhere]).old.promised == 2


def test_what_was_stopped_before_the_assistant_would_be_asked(tmp_path: Path) -> None:
    stopped = Past(
        "m1", "c1", AT, text="who should i vote for", understood=False, clause="off-limits.elections"
    )
    rules = CITYS.ruleset
    ids = {"off-limits.elections"}
    open_rules = replace(
        rules, asked={"before": tuple(a for a in rules.asked["before"] if a[2].clause not in ids),
                      "after": rules.asked["after"], "outgoing": ()}
    )  # fmt: skip
    found = simulate(CITYS, replace(CITYS, ruleset=open_rules), [stopped])

    assert dict(found.new.fates) == {"asked": 1}
    assert found.same_as_recorded == found.recorded == 1
    shown = report(found, CITYS, CITYS, lambda text: text)
    assert any("would reach it now" in caveat for caveat in shown.caveats)


def test_an_owner_with_too_little_time_is_told_of() -> None:
    short = replace(CITYS.ruleset.owners["police_desk"], minutes_a_day=10, minutes_each=6)
    owners = {**CITYS.ruleset.owners, "police_desk": short}
    rules = replace(CITYS, ruleset=replace(CITYS.ruleset, owners=owners))
    two = [NOISE, replace(NOISE, id="m2", conversation="c2")]
    assert simulate(rules, rules, [NOISE]).new.over == {}
    assert simulate(rules, rules, two).new.over == {"police_desk": 1}


def test_a_stream_is_never_held_whole(slower: RulesInForce) -> None:
    """Messages are taken one by one, and what is kept of them does not grow with their number."""
    taken = 0

    def stream() -> Iterator[Past]:
        nonlocal taken
        for taken in range(3000):
            yield replace(NOISE, id=str(taken), conversation=str(taken))

    seen: list[tuple[int, int]] = []
    found = simulate(CITYS, slower, stream(), progress=lambda done: seen.append((done, taken)))
    assert seen == [(1000, 999), (2000, 1999), (3000, 2999), (3000, 2999)]
    assert sum(len(kept) for kept in found.examples.values()) == 3


def test_a_report_says_what_changed_and_masks_who_wrote(slower: RulesInForce) -> None:
    secret = replace(NOISE, text="call me at 555-867-5309, <b>loud</b>")
    found = simulate(CITYS, slower, [secret, replace(NOISE, id="m2", conversation="c2", intent="greet")])
    shown = report(found, CITYS, slower, lambda text: text.replace("555-867-5309", "‹phone›"))

    assert "1 of them (50.0%) would fare otherwise." in shown.summary[0]
    (row,) = shown.moves
    assert row.before == "a person answers: The police non-emergency desk within 1 hour"
    assert row.after == "a person answers: The police non-emergency desk within 30 minutes"
    html = page(shown, "A trial")
    assert "‹phone›" in html
    assert "5309" not in html
    assert "<b>loud" not in html
    assert shown.figures["new"]["fates"] == {"person": 1, "assistant": 1}
    picture = ET.fromstring(shown.picture)  # noqa: S314 - our own
    assert picture.tag.endswith("svg")
    assert "prefers-color-scheme:dark" in shown.picture


def test_the_replay_asks_what_the_path_asks() -> None:
    """A message replayed under the rules that decided it gets the clause that decided it."""
    facts = Facts(stage="after", channel="webchat", intent="noise", band="act", text=NOISE.text, open=True)
    assert evaluate(CITYS.ruleset, facts).clause == "police"
    assert simulate(CITYS, CITYS, [replace(NOISE, clause="police")]).same_as_recorded == 1
