"""In which order people are tried, words in and out of Slack, and the pace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.reach import Plan, Try, TryState, Way, from_step, ladder, plan, ways_of
from bot.desk.slack_desk.escaping import emoji_of, escape, names_somebody, plain, unescape
from bot.desk.slack_desk.pacing import Pacing
from bot.engagement.clauses import Owner
from bot.errors import RetryableSendError

AT = datetime(2026, 5, 11, 16, tzinfo=UTC)
SLACK, MAIL = Way("desk", "slack", "C1"), Way("desk", "email", "desk@city.example")
BOSS = Way("boss", "email", "boss@city.example")
GROUPS = ((SLACK, MAIL), (BOSS,))


def tried(way: Way, state: TryState, seconds: float = 0) -> Try:
    return Try(way.key, state, AT - timedelta(seconds=seconds))


def of(*tries: Try, urgent: bool = False) -> Plan:
    return plan(GROUPS, tries, urgent=urgent, at=AT)


def test_a_calm_page_takes_one_way_after_the_other() -> None:
    assert of().start == (SLACK,)
    assert of(tried(SLACK, "asked", 10)) == Plan(wait=timedelta(seconds=50))
    assert of(tried(SLACK, "sent")).reached
    assert of(tried(SLACK, "dead")).start == (MAIL,)
    assert of(tried(SLACK, "asked", 61)).start == (MAIL,)
    assert of(tried(SLACK, "asked", 90), tried(MAIL, "sent")).reached
    assert of(tried(SLACK, "dead"), tried(MAIL, "failed", 10)) == Plan((MAIL,), wait=timedelta(seconds=50))
    assert of(tried(SLACK, "dead"), tried(MAIL, "failed", 61)).start == (BOSS,)
    nobody = of(tried(SLACK, "dead"), tried(MAIL, "failed", 99), tried(BOSS, "dead"))
    assert nobody == Plan(start=(MAIL,), nobody=True)
    # Slack came back while others were tried already.
    assert of(tried(SLACK, "sent"), tried(MAIL, "dead"), tried(BOSS, "asked")).reached


def test_danger_takes_all_ways_of_the_first_who_can_be_reached() -> None:
    assert of(urgent=True).start == (SLACK, MAIL)
    assert of(tried(SLACK, "sent"), tried(MAIL, "dead"), urgent=True).reached
    assert of(tried(SLACK, "asked", 4), tried(MAIL, "dead"), urgent=True) == Plan(wait=timedelta(seconds=6))
    assert of(tried(SLACK, "asked", 11), tried(MAIL, "dead"), urgent=True).start == (BOSS,)
    assert of(tried(SLACK, "dead"), tried(MAIL, "dead"), urgent=True).start == (BOSS,)


def test_no_way_at_all_is_nobody() -> None:
    assert plan((), (), urgent=True, at=AT).nobody
    assert ways_of(Owner("x", {"en": "X"}, slack="C1", email="a@b.c"), slack=False, email=False) == ()


def owner(name: str, fallback: str | None) -> Owner:
    return Owner(name, {"en": name}, fallback=fallback)


def test_the_ladder_ends_even_where_it_runs_in_a_circle() -> None:
    owners = {each.id: each for each in (owner("a", "b"), owner("b", "c"), owner("c", "a"), owner("d", "x"))}
    assert [each.id for each in ladder(owners, "a")] == ["a", "b", "c"]
    assert [each.id for each in ladder(owners, "d")] == ["d"]
    assert ladder(owners, "nobody") == ()
    climbed = [each.id for each in from_step(ladder(owners, "a"), 4)]
    assert climbed == ["b", "c", "a"]
    assert from_step((), 3) == ()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("We come at *nine*", "We come at **nine**"),
        ("2 * 3 * 4 and snake_case", "2 * 3 * 4 and snake_case"),
        ("see <https://city.example/a|https://city.example/a>", "see https://city.example/a"),
        ("<https://city.example|City Hall>", "City Hall (https://city.example)"),
        ("<mailto:a@b.example|a@b.example> or <tel:5550111|555-0111>", "a@b.example or 555-0111"),
        ("a &lt; b &amp;&amp; c", "a < b && c"),
        ("&lt;!channel&gt;", "<!channel>"),
        ("hello :wave: :unknown: 10:30:45", "hello \N{WAVING HAND SIGN} :unknown: 10:30:45"),
    ],
)
def test_what_staff_write_in_slack_reads_well_elsewhere(written: str, read: str) -> None:
    blocks = [{"type": "rich_text", "elements": [{"type": "emoji", "name": "wave", "unicode": "1f44b"}]}]
    assert plain(written, emoji_of(blocks)) == read


def test_mentions_are_seen() -> None:
    assert names_somebody("ask <@U1> please")
    assert names_somebody("<!here> who knows?")
    assert names_somebody("in <#C1|streets>")
    assert not names_somebody("<https://city.example> me@city.example &lt;@U1&gt;")


@given(st.text())
def test_what_is_escaped_means_nothing_and_comes_back(text: str) -> None:
    assert "<" not in escape(text)
    assert unescape(escape(text)) == text
    assert not names_somebody(escape(text))


@given(
    st.recursive(
        st.none() | st.text() | st.integers(), lambda part: st.lists(part) | st.dictionaries(st.text(), part)
    )
)
def test_no_blocks_break_the_reading_of_emoji(blocks: object) -> None:
    emoji_of(blocks)
    emoji_of([{"type": "emoji", "name": "x", "unicode": "110000-zz"}])


async def test_one_channel_has_its_pace_and_holds_up_no_other() -> None:
    now = [100.0]
    pacing = Pacing(1.0, clock=lambda: now[0])
    await pacing.turn("chat.postMessage", "C1")
    await pacing.turn("chat.postMessage", "C2")
    await pacing.turn("chat.postMessage", "C1")  # Waits a second.
    with pytest.raises(RetryableSendError) as sent_away:
        await pacing.turn("chat.postMessage", "C1")
    assert sent_away.value.retry_after == 2.0
    now[0] += 2.0
    await pacing.turn("chat.postMessage", "C1")
    pacing.rest("chat.postMessage", 30)
    with pytest.raises(RetryableSendError) as asked:
        await pacing.turn("chat.postMessage", "C9")
    assert asked.value.retry_after == 30
    await pacing.turn("chat.update", "C9")
