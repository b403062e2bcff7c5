"""A day of a million leaders, minute by minute, at the speeds that Telegram allows: who is asked in time, and how long what
is said to people waits. A calculation, not a measurement: what the leaders are like is assumed below."""

import argparse
import math
from dataclasses import dataclass, field

LEADERS = 1_000_000
ASKED = 0.6  # three questions a week
REMINDED = 0.3  # in the morning after
ANSWERED, AFTER = 0.7, 45.0  # and so many minutes later, on average
ASK_AT, REMIND_AT, UNTIL = 17 * 60 + 30, 10 * 60 + 30, 19 * 60  # local minutes; nobody is asked after the end of the day
EVERYWHERE = {-8: 4, -6: 6, -5: 11, -3: 6, 0: 8, 1: 21, 2: 10, 3: 6, 5: 10, 8: 12, 9: 4, 10: 2}  # hours from UTC, percent
ONE_ZONE = {1: 100}
CPU_PLAN, CPU_SEND, CPU_ANSWER = 0.016, 0.003, 0.015  # seconds each, as waking.py, throughput.py and answers_in.py say
SPEEDS = {"one bot": 30, "3 bots": 90, "10 bots": 300, "30 bots": 900}  # each with a database of its own


@dataclass
class Day:
    per_second: int
    due: float = 0.0
    sent: float = 0.0
    late: float = 0.0
    wait: float = 0.0
    replies: float = 0.0
    unsaid: float = 0.0
    worst_reply: float = 0.0
    queue: list[list[float]] = field(default_factory=list)  # [due at, until, how many], oldest first

    def minute(self, now: int, replying: float) -> float:
        """Replies first, then what is scheduled; how many were asked in it."""
        room, asked = 60.0 * self.per_second, 0.0
        said = min(room, self.unsaid + replying)
        self.unsaid += replying - said
        self.worst_reply = max(self.worst_reply, self.unsaid / self.per_second)
        self.replies, room = self.replies + said, room - said
        for group in self.queue:
            if now >= group[1]:
                self.late, group[2] = self.late + group[2], 0.0
            took = min(room, group[2])
            if took:
                self.wait = max(self.wait, now - group[0])
            room, group[2], asked = room - took, group[2] - took, asked + took
        self.queue = [group for group in self.queue if group[2] > 1e-9]
        self.sent += asked
        return asked


def live(leaders: int, zones: dict[int, int], per_second: int) -> Day:
    """Three days, so that yesterday's reminders are there; the middle one counts."""
    day, answers = Day(per_second), [0.0] * (5 * 1440)
    fades = [math.exp(-m / AFTER) - math.exp(-(m + 1) / AFTER) for m in range(600)]
    for minute in range(3 * 1440):
        if minute == 1440:
            day = Day(per_second, unsaid=day.unsaid, queue=day.queue)
        for offset, percent in zones.items():
            local, some = (minute + 60 * offset) % 1440, leaders * percent / 100 * ASKED
            for at, share in ((ASK_AT, 1.0), (REMIND_AT, REMINDED)):
                if local == at:
                    day.queue.append([minute, minute + UNTIL - at, some * share])
                    day.due += some * share if 1440 <= minute < 2880 else 0
        asked = day.minute(minute, answers[minute])
        for m, share in enumerate(fades):
            answers[minute + m] += asked * ANSWERED * share
        if minute == 2879:
            break
    return day


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="the same: it takes a second")
    parser.add_argument("--leaders", type=int, default=LEADERS)
    given = parser.parse_args()
    print(f"{given.leaders:,} leaders")
    print(f"{'':36}{'due':>10}{'in time':>10}{'too late':>10}{'longest, min':>14}{'reply, s':>10}{'CPU hours':>11}")
    for where, zones in (("all over the world", EVERYWHERE), ("one time zone", ONE_ZONE)):
        for speed, per_second in SPEEDS.items():
            day = live(given.leaders, zones, per_second)
            cpu = (day.sent * (CPU_PLAN + CPU_SEND) + day.replies * (CPU_ANSWER + CPU_SEND)) / 3600
            print(
                f"{where + ', ' + speed:36}{day.due:10,.0f}{day.sent / day.due:10.0%}{day.late / day.due:10.0%}"
                f"{day.wait:14.0f}{day.worst_reply:10.1f}{cpu:11.1f}"
            )


if __name__ == "__main__":
    main()
