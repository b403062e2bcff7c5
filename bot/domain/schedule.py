"""Wall clock to instants: one UTC instant per local date, also on the days the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)


@cache
def zone_rules(zone: str) -> ZoneInfo:
    """The rules of an IANA zone. Raises ValueError when there is no such zone.

    They come from the bundled `tzdata` and never from the machine, whose copy may be years old.
    """
    if zone not in zone_names():
        raise ValueError(f"There is no time zone {zone!r}.")
    with files("tzdata").joinpath("zoneinfo", *zone.split("/")).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=zone)


@cache
def zone_names() -> frozenset[str]:
    """Every name the bundled database knows, old aliases included."""
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


def to_instant(day: date, at: time, zone: str) -> datetime | None:
    """The UTC instant at which clocks in `zone` show `at` on `day`.

    In a gap: the first valid instant after it (which may be the next day's midnight). In an overlap: the
    first of the two. None when the zone skipped that day altogether (Apia, 2011-12-30).
    """
    wall = datetime.combine(day, at.replace(tzinfo=None))
    instant = first_instant(wall, zone)
    if local(instant, zone).date() == day:
        return instant
    midnight = first_instant(datetime.combine(day, time.min), zone)
    return instant if local(midnight, zone).date() == day else None


def local(instant: datetime, zone: str) -> datetime:
    """The same instant on the clocks of `zone`; aware."""
    return instant.astimezone(zone_rules(zone))


def first_instant(wall: datetime, zone: str) -> datetime:
    """The first UTC instant at which clocks in `zone` show `wall` (naive) or, in a gap, anything later."""
    earlier, later = both_instants(wall, zone)
    if earlier <= later:
        return earlier  # ordinary, or the first of an overlap
    # A gap: the rules before it place `wall` after the change, the rules behind it before the change.
    before, after = later, earlier
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if local(middle, zone).replace(tzinfo=None) >= wall:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)


def both_instants(wall: datetime, zone: str) -> tuple[datetime, datetime]:
    """The UTC instants of `wall` (naive) by the offset before and behind a change; usually the same."""
    rules = zone_rules(zone)
    first, second = (wall.replace(tzinfo=rules, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first, second
