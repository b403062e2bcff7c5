"""Looking for messages of unknown fate: where they can be, what a call says about one id, and what all of it amounts to."""

from collections.abc import Collection
from enum import StrEnum

FEW = 10  # ids beyond the highest known: what is said to strangers has no row; and one for each message under way
MOST = 400  # ids worth asking about


class Trace(StrEnum):
    """What an edit that must change nothing says about the message with an id, in one chat."""

    same = "same"  # it reads exactly so
    ours = "ours"  # a message of ours, of which only that is told
    absent = "absent"  # nothing of ours is there
    changed = "changed"  # the edit was made: it read differently
    odd = "odd"  # an answer that nobody knows, or the method is not there
    unclear = "unclear"  # no answer


class Method(StrEnum):
    """What the self-check found a search can rely on."""

    guarded = "guarded"  # whether a message of ours is there is told without touching it
    plain = "plain"  # an identical edit is refused, and that alone
    off = "off"


class Verdict(StrEnum):
    none = "none"  # not one of them arrived
    all = "all"
    unclear = "unclear"


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


def verdict(lost: int, found: int, *, crowded: bool) -> Verdict:
    """`lost` messages of unknown fate, `found` messages of ours nobody knew of. `crowded`: others may be among those."""
    if found == 0:
        return Verdict.none
    return Verdict.all if found == lost and not crowded else Verdict.unclear
