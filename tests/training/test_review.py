"""What was likely misread is listed, worst first, folded and masked; what was understood is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.training.review import Reading, Said, review

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def said(number: int, text: str, intent: str, confidence: float = 0.95, second: float = 0.02, **more) -> Said:
    readings = (Reading(intent, confidence), Reading("report_tree", second))
    values = {"band": "act", "readings": readings, **more}
    at = AT + timedelta(seconds=number)
    return Said(f"m{number}", "c", at, "resident", text, "en", intent, **values)


def staff(number: int, who: str = "took_over") -> Said:
    return Said(f"s{number}", "c", AT + timedelta(seconds=number), who, "")


def pressed(number: int, chose: str) -> Said:
    return Said(f"p{number}", "c", AT + timedelta(seconds=number), "resident", "Button", chose=chose)


def reasons(*talk: Said) -> list[tuple[str, tuple[str, ...], str | None]]:
    return [(one.id, one.why, one.meant) for one in review([talk])]


def test_what_was_understood_is_not_listed():
    yes = said(2, "yes", "affirm", 0.5, 0.45)
    assert reasons(said(1, "pothole on elm", "report_pothole"), yes, said(3, "thanks", "thanks")) == []


def test_a_correction_in_words_tells_what_was_meant():
    first = said(1, "it is all over the street", "report_street_cleaning")
    no = said(3, "no, not that, the sidewalk is broken", "report_sidewalk")
    assert reasons(first, staff(2, "bot"), no) == [("m1", ("corrected",), "report_sidewalk")]


def test_an_answer_in_between_does_not_hide_the_correction():
    first = said(1, "the light is bad", "report_street_light")
    place = said(2, "5th and main", "provide_place", answering=True)
    no = said(3, "no it's the traffic signal", "correction")
    other = said(4, "traffic signal", "report_traffic_signal")
    assert reasons(first, place, no, other) == [("m1", ("corrected",), "report_traffic_signal")]


def test_a_no_about_the_place_is_no_misreading():
    first = said(1, "pothole on elm", "report_pothole")
    assert reasons(first, said(2, "no", "deny"), said(3, "212 birch street", "provide_place")) == []
    assert reasons(first, pressed(2, "provide_place")) == []


def test_buttons_tell_too():
    first = said(1, "all over the walk", "report_sidewalk", 0.5, 0.45, band="confirm")
    (found,) = review([(first, pressed(2, "report_snow_ice"))])
    assert found.meant == "report_snow_ice"
    assert found.why == ("corrected", "low margin", "asked back")
    (same,) = review([(first, pressed(2, "report_sidewalk"))])
    assert "corrected" not in same.why


def test_staff_who_step_in_after_a_reading_are_a_sign_and_asked_for_ones_are_not():
    first = said(1, "pothole on elm", "report_pothole")
    assert reasons(first, staff(2)) == [("m1", ("taken over",), None)]
    assert reasons(said(1, "a person please", "person", handed_over=True), staff(2)) == []
    assert reasons(first, said(2, "thanks", "thanks"), staff(3)) == []


def test_worst_first_with_a_score_that_signs_add_up_to():
    sure = said(1, "sing me a song", "out_of_scope", band="hand_over", handed_over=True)
    wrong = said(10, "broken again", "report_street_light", 0.3, 0.28)
    no = said(11, "no, the sidewalk", "report_sidewalk")
    found = review([(sure,), (wrong, no)])
    assert [one.id for one in found] == ["m10", "m1"]
    assert found[0].score == round(100 * (1 - 0.1 * (1 - 0.5 * (1 - 0.02 / 0.25))), 1)
    assert found[1].score == 50.0


def test_near_duplicates_are_folded_into_the_worst():
    talks = [
        (said(number, f"whats wrong with the bus on line {number}", "out_of_scope"),)
        for number in range(1, 6)
    ]
    talks.append((said(9, "sing a song", "out_of_scope"),))
    found = review(talks)
    assert [(one.id, one.count) for one in found] == [("m1", 5), ("m9", 1)]
    assert found[0].alike == ("m2", "m3", "m4", "m5")
    assert len(review(talks, limit=1)) == 1


def test_personal_data_is_masked():
    (found,) = review([(said(1, "Greta here, call 203-484-7788", "out_of_scope", names=("Greta",)),)])
    assert found.text == "‹name› here, call ‹phone›"


def test_ten_thousand_texts_are_folded_in_seconds():
    talks = [
        (said(n, f"some words {n % 700} about thing{n % 900} x{n}", "out_of_scope"),) for n in range(10_000)
    ]
    assert len(review(talks, limit=20)) == 20
