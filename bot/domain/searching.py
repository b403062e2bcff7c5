"""Looking for messages of unknown fate: where they can be, what a call says about one id, and what all of it amounts to."""

from collections.abc import Collection, Sequence
from enum import StrEnum
from itertools import combinations, islice

FEW = 10  # ids beyond the highest known: what is said to strangers has no row; and one for each message under way
MOST = 400  # ids worth asking about
Between = tuple[int, int | None]
"""Above which id a message is if it arrived, and before which; None: before none that is known."""


class Trace(StrEnum):
    """What an edit that must change nothing says about the message with an id, in one chat."""

    same = "same"  # it reads exactly so
    ours = "ours"  # a message of ours, of which only that is told
    absent = "absent"  # nothing of ours is there
    fixed = "fixed"  # somebody else's, or one of ours that asks for a reply: neither can be edited
    changed = "changed"  # the edit was made: it read differently
    odd = "odd"  # an answer that nobody knows, or the method is not there
    unclear = "unclear"  # no answer


class Method(StrEnum):
    """What the self-check found a search can rely on."""

    guarded = "guarded"  # whether a message of ours is there is told without touching it
    plain = "plain"  # an identical edit is refused, and that alone
    off = "off"


def to_ask(
    watermark: int, highest: int, under_way: int, known: Collection[int], before: int | None = None
) -> list[int] | None:
    """The ids a message can have that was sent when `watermark` was the highest one; None when they are too many.
    `before`: the first id that was given out certainly later."""
    last = max(watermark, highest) + FEW + under_way
    if before is not None:
        last = min(last, before - 1)
    if last - watermark - len(known) > MOST:
        return None
    ids = [number for number in range(watermark + 1, last + 1) if number not in known]
    return ids if len(ids) <= MOST else None


def arrivals(found: Sequence[int], between: Sequence[Between], *, crowded: bool) -> list[int | None] | None:
    """For each message of unknown fate, in the order in which they were sent, its id or that it did not arrive (None).
    None altogether when that cannot be told.

    `found`: the ids of messages of ours that nobody knew of, rising; `between`: where each can be; `crowded`: others may
    be among those found.
    """
    if not found:
        return [None] * len(between)
    if crowded:
        return None
    fits = (
        dict(zip(chosen, found, strict=True))
        for chosen in combinations(range(len(between)), len(found))
        if all(is_within(between[place], message_id) for place, message_id in zip(chosen, found, strict=True))
    )
    first_two = list(islice(fits, 2))
    return [first_two[0].get(place) for place in range(len(between))] if len(first_two) == 1 else None


def is_within(between: Between, message_id: int) -> bool:
    above, before = between
    return above < message_id and (before is None or message_id < before)
