"""What becomes of a message: too late or of unknown fate, each kind has its rule, and pauses grow but end."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.delivery import POLICIES, Kind, backoff, expires_at

MONDAY = datetime(2026, 10, 5, 8, 30, tzinfo=UTC)


def test_every_kind_has_a_rule_with_its_reason() -> None:
    assert set(POLICIES) == set(Kind)
    assert all(len(policy.why) > 20 for policy in POLICIES.values())


@pytest.mark.parametrize(
    ("kind", "hours"), [(Kind.prompt, 6), (Kind.reminder, 3), (Kind.digest, 24), (Kind.reply, 24), (Kind.notice, 24)]
)
def test_a_message_is_worth_sending_for_so_long(kind: Kind, hours: int) -> None:
    assert expires_at(kind, MONDAY) == MONDAY + timedelta(hours=hours)


def test_a_brief_carries_its_own_end() -> None:
    assert expires_at(Kind.brief, MONDAY) is None


def test_only_replies_edits_and_news_go_ahead_of_prompts() -> None:
    assert {kind for kind in Kind if POLICIES[kind].lane == 0} == {Kind.reply, Kind.edit, Kind.news}


def test_what_matters_is_sent_again_when_nobody_knows_and_what_would_annoy_is_not() -> None:
    again = {kind for kind in Kind if POLICIES[kind].repeat}

    assert {Kind.prompt, Kind.brief, Kind.digest, Kind.news} <= again
    assert not again & {Kind.reply, Kind.reminder}


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_pauses_stay_between_a_second_and_a_quarter_of_an_hour(attempt: int, jitter: float) -> None:
    pause = backoff(attempt, jitter)

    assert timedelta(seconds=0.75) <= pause <= timedelta(seconds=900 * 1.25)


@given(st.integers(1, 30), st.floats(0, 1))
def test_pauses_grow(attempt: int, jitter: float) -> None:
    assert backoff(attempt, jitter) <= backoff(attempt + 1, jitter)


def test_pauses_double() -> None:
    assert [backoff(attempt, 0.5).total_seconds() for attempt in (1, 2, 3, 20)] == [1, 2, 4, 900]


def test_two_postmen_do_not_try_again_in_step() -> None:
    assert backoff(5, 0.0) < backoff(5, 1.0)
