"""When a process looks for messages of unknown fate, and when it gives up."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from bot.db.tables import Delivery
from bot.domain.delivery import Why
from bot.domain.searching import Method
from bot.work.searches import Searches

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def lost(seconds_ago: float, reason: str | None = None, *, is_edit: bool = False) -> Delivery:
    since = NOON - timedelta(seconds=seconds_ago)
    return Delivery(id=uuid4(), lease_until=since, reason=reason, target_id=uuid4() if is_edit else None)


@pytest.mark.parametrize(
    ("row", "method", "seconds"),
    [
        (lost(40), Method.guarded, 600),  # ten minutes from the first look
        (lost(40), Method.off, 560),  # where nothing can be looked for, from the lease
        (lost(40, Why.unclear), Method.guarded, 560),  # an earlier process has looked for it
        (lost(590, Why.unclear), Method.guarded, 70),
        (lost(40, is_edit=True), Method.guarded, -40),
    ],
)
def test_how_long_there_is_hope(row: Delivery, method: Method, seconds: float) -> None:
    searches = Searches()
    searches.begin([row], NOON)

    assert searches.gives_up_at(row, method, NOON) == NOON + timedelta(seconds=seconds)


def test_what_was_unclear_later_than_the_first_look_is_this_processs_own() -> None:
    searches, row = Searches(), lost(40)
    searches.begin([row], NOON)
    row.reason = Why.unclear
    searches.begin([row], NOON + timedelta(minutes=1))

    assert searches.gives_up_at(row, Method.guarded, NOON) == NOON + timedelta(minutes=10)


def test_while_telegram_answers_nothing_nobody_gives_up_for_three_hours_at_most() -> None:
    searches, row = Searches(), lost(40)
    searches.begin([row], NOON)
    later = [NOON + timedelta(minutes=minutes) for minutes in (1, 2, 3, 20, 300)]
    for at in later[:3]:
        searches.called(at, is_answered=False)
    cut_off, for_hours = (searches.gives_up_at(row, Method.guarded, at) for at in later[3:])
    searches.called(later[3], is_answered=True)
    searches.called(later[4], is_answered=False)  # one message that it cannot do is no outage
    searches.called(later[4], is_answered=True)

    assert cut_off == later[3] + timedelta(minutes=10)
    assert for_hours == NOON + timedelta(hours=3, seconds=600 - 40)
    assert searches.gives_up_at(row, Method.guarded, later[4]) == cut_off


def test_a_chat_rests_longer_each_time_and_the_others_have_their_turn() -> None:
    searches = Searches()
    searches.look_for(NOON - timedelta(minutes=1))
    rests = []
    for _ in range(5):
        searches.chats.add(7)
        searches.told_nothing(7, NOON)
        rests.append((searches._vain[7].again_at - NOON).total_seconds())

    assert rests == [4, 8, 18, 30, 30]
    assert searches.is_due(NOON)  # for others
    assert searches.not_now(NOON) == {7}
    assert searches.not_now(NOON + timedelta(seconds=30)) == set()

    searches.rest([], NOON)
    assert searches.at == NOON + timedelta(seconds=30)

    searches.settled(7, NOON)
    searches.told_nothing(7, NOON)
    assert searches.at == NOON + timedelta(seconds=4)


def test_no_more_than_four_at_a_time() -> None:
    searches = Searches(at=NOON, chats={1, 2, 3})
    assert searches.is_due(NOON)

    searches.chats.add(4)
    assert not searches.is_due(NOON)
