"""A chart as PNG: milliseconds and bytes of ours, beside the same shapes drawn without our one-byte inks."""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.i18n import Say
from bot.pictures import Chart, Line, Panel, draw

LIMIT_MS, LIMIT_MB = 20.0, 20.0
_START = datetime(2026, 1, 5, 17, 30)  # noqa: DTZ001  # a wall clock
_MEMORY = """
from bot.i18n import Say
from datetime import date
def highest():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024
Say("en").number(0.5), Say("en").short_month(date(2026, 1, 5))
before = highest()
from benchmarks.chart import chart, draw
draw(chart(52, 6), Say("en"))
print(highest() - before)
"""


def chart(weeks: int, panels: int) -> Chart:
    points = tuple((_START + timedelta(weeks=n), float(n * 7 % 11)) for n in range(weeks))
    marks = tuple(_START + timedelta(weeks=n, days=2) for n in range(0, weeks, 2))
    made = tuple(Panel("Confidence", (Line(points),), "now 7 · usually 6", marks) for _ in range(panels))
    return Chart("Your own ratings, 0 to 10", "5 Jan to 4 Jan", made, _START, _START + timedelta(weeks=weeks), "session")


def in_true_colour(weeks: int, panels: int) -> bytes:
    """The peer: Pillow as everybody uses it, three bytes a pixel, drawn twice as large and shrunk for smooth edges."""
    from io import BytesIO

    from PIL import Image, ImageDraw

    height = 116 + 242 * panels + 94
    image = Image.new("RGB", (1560, 2 * height), "white")
    pen = ImageDraw.Draw(image)
    for panel in range(panels):
        top = 2 * (116 + 242 * panel)
        spots = [(160 + 1240 * n / weeks, top + 108 + 300 * (n * 7 % 11) / 10) for n in range(weeks)]
        pen.line(spots, fill="#005f9e", width=8, joint="curve")
        for x, y in spots:
            pen.ellipse((x - 14, y - 14, x + 14, y + 14), fill="#005f9e")
        pen.text((64, top), "Confidence", fill="#1b2733")
    out = BytesIO()
    image.reduce(2).save(out, "PNG")
    return out.getvalue()


def milliseconds(work: Callable[[], bytes], rounds: int) -> tuple[float, int]:
    size = len(work())  # the first one loads fonts and the library
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken), size


def megabytes() -> float:
    """What the first six panels add to a process at its highest, library and fonts included (Linux)."""
    return float(subprocess.run([sys.executable, "-c", _MEMORY], check=True, capture_output=True, text=True).stdout)


def compare(label: str, weeks: int, panels: int, rounds: int) -> None:
    drawn, say = chart(weeks, panels), Say("en")
    ours, size = milliseconds(lambda: draw(drawn, say), rounds)
    print(f"{label:36}{ours:8.1f}{size / 1000:8.1f}{LIMIT_MS if panels == 1 else '':>8}")
    peer, size = milliseconds(lambda: in_true_colour(weeks, panels), rounds)
    print(f"{'  the same in true colour':36}{peer:8.1f}{size / 1000:8.1f}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true", help="a few rounds, for a test")
    rounds = 3 if parser.parse_args().small else 25
    print(f"{'':36}{'ms':>8}{'kB':>8}{'limit':>8}")
    compare("one panel, 26 weeks", 26, 1, rounds)
    compare("six panels, 52 weeks", 52, 6, rounds)
    print(f"{'MB more, with six panels':36}{megabytes():8.1f}{'':8}{LIMIT_MB:8.1f}")


if __name__ == "__main__":
    main()
