"""The rate limiter: a burst of the whole rate, then evenly, each key by itself."""

from __future__ import annotations

import pytest

from bot.web.limits import RateLimiter, RateRules, RequestRefused

RULE = "message_per_conversation"


def test_a_burst_of_the_rate_passes_and_the_next_one_does_not() -> None:
    limiter = RateLimiter(RateRules(message_per_conversation="5/minute"))
    for _ in range(5):
        limiter.take(RULE, "a")
    with pytest.raises(RequestRefused) as refused:
        limiter.take(RULE, "a")
    assert refused.value.status == 429
    assert refused.value.retry_after is not None
    assert 11 < refused.value.retry_after <= 12
    limiter.take(RULE, "b")


def test_looking_counts_nothing() -> None:
    limiter = RateLimiter(RateRules(message_per_conversation="1/minute"))
    for _ in range(10):
        limiter.check(RULE, "a")
    limiter.take(RULE, "a")
    with pytest.raises(RequestRefused):
        limiter.check(RULE, "a")
