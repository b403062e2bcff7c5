"""What a leader captures unasked: two taps that make a moment concrete; a third says who reads it, a line may follow."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.i18n import Say

Text = Callable[[Say], str]


@dataclass(frozen=True)
class Choice:
    """One button. Its `theme` files the moment, where the choice says what it is about."""

    key: str
    label: Text
    theme: str | None = None


@dataclass(frozen=True)
class Tap:
    ask: Text
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Moment:
    """`theme` holds as long as no tap says otherwise."""

    kind: str
    theme: str
    title: Text
    taps: tuple[Tap, ...]


_WIN = Moment(
    "win",
    "confidence",
    lambda say: say("A win"),
    (
        Tap(
            lambda say: say("What went well?"),
            (
                Choice("spoke", lambda say: say("I spoke up"), "confidence"),
                Choice("line", lambda say: say("I kept a limit"), "boundaries"),
                Choice("team", lambda say: say("With my team"), "team"),
                Choice("peer", lambda say: say("With a peer"), "peers"),
                Choice("work", lambda say: say("In my own work"), "own-work"),
                Choice("light", lambda say: say("It was light"), "lightness"),
            ),
        ),
        Tap(
            lambda say: say("What did you do that helped?"),
            (
                Choice("prepared", lambda say: say("I had prepared")),
                Choice("plain", lambda say: say("I said it plainly")),
                Choice("listened", lambda say: say("I listened first")),
                Choice("asked", lambda say: say("I asked for help")),
                Choice("stayed", lambda say: say("I stayed with it")),
                Choice("new", lambda say: say("I tried something new")),
            ),
        ),
    ),
)

# It ends with what helped: a wobble that is only told again is felt again.
_WOBBLE = Moment(
    "wobble",
    "confidence",
    lambda say: say("A wobble"),
    (
        Tap(
            lambda say: say("What was the situation?"),
            (
                Choice("meeting", lambda say: say("In a meeting"), "confidence"),
                Choice("one", lambda say: say("One to one"), "team"),
                Choice("peer", lambda say: say("With a peer"), "peers"),
                Choice("work", lambda say: say("Too much at once"), "own-work"),
                Choice("message", lambda say: say("Reading a message"), "boundaries"),
                Choice("alone", lambda say: say("On my own"), "confidence"),
            ),
        ),
        Tap(
            lambda say: say("What helped, if only a little?"),
            (
                Choice("pause", lambda say: say("A pause")),
                Choice("somebody", lambda say: say("Talking to somebody")),
                Choice("step", lambda say: say("One small step")),
                Choice("distance", lambda say: say("Some distance")),
                Choice("passed", lambda say: say("It passed by itself")),
                Choice("nothing", lambda say: say("Nothing yet")),
            ),
        ),
    ),
)

_BOUNDARY = Moment(
    "boundary",
    "boundaries",
    lambda say: say("A boundary"),
    (
        Tap(
            lambda say: say("What was it about?"),
            (
                Choice("hours", lambda say: say("My free time")),
                Choice("work", lambda say: say("Other people’s work")),
                Choice("now", lambda say: say("Everything at once")),
                Choice("tone", lambda say: say("A tone I don't want")),
                Choice("say", lambda say: say("Taking a side")),
                Choice("other", lambda say: say("Something else")),
            ),
        ),
        Tap(
            lambda say: say("And then?"),
            (
                Choice("kept-easy", lambda say: say("Kept it, and it was fine")),
                Choice("kept-hard", lambda say: say("Kept it, and it was hard")),
                Choice("partly", lambda say: say("Kept part of it")),
                Choice("gave-fine", lambda say: say("Gave way, on purpose")),
                Choice("gave-hard", lambda say: say("Gave way, and it stayed with me")),
            ),
        ),
    ),
)

MOMENTS = {moment.kind: moment for moment in (_WIN, _WOBBLE, _BOUNDARY)}

PEER_PARTS = ("facts", "story", "interests", "ask")
"""A longer moment with a peer, in this order: what a camera saw, what one makes of it, what they want, what to ask."""


def choice(kind: str, number: int, key: str) -> Choice | None:
    """The choice behind a button; None when there is no such one."""
    moment = MOMENTS.get(kind)
    if moment is None or not 0 <= number < len(moment.taps):
        return None
    return next((one for one in moment.taps[number].choices if one.key == key), None)


def theme_of(kind: str, taps: Sequence[str]) -> str:
    """What a moment is about, as far as the taps say."""
    for number, key in enumerate(taps):
        found = choice(kind, number, key)
        if found is not None and found.theme is not None:
            return found.theme
    return MOMENTS[kind].theme


def tapped(kind: str, taps: Sequence[str], say: Say) -> str:
    """What was tapped, in the reader's language."""
    found = (choice(kind, number, key) for number, key in enumerate(taps))
    return " · ".join(one.label(say) for one in found if one is not None)


def title(kind: str, say: Say) -> str:
    """What an answer that no question asked for is called; empty for words out of the blue."""
    if kind in MOMENTS:
        return MOMENTS[kind].title(say)
    return {"peer": say("With a peer"), "plan": say("A plan"), "outcome": say("How a plan went")}.get(kind, "")


def peer_question(part: str, say: Say) -> str:
    """What one part of `/peer` asks."""
    return {
        "facts": say("The facts: what would a camera have seen and heard?"),
        "story": say("Your story: what do you make of it?"),
        "interests": say("Their side: what might matter to them here, what might they need?"),
        "ask": say("A question: what would you ask them, if you wanted to find out?"),
    }[part]


def spoken_part(part: str, words: str, say: Say) -> str:
    """One part of a longer answer with its label."""
    return {
        "facts": say("Facts: {words}", words=words),
        "story": say("My story: {words}", words=words),
        "interests": say("Their interests: {words}", words=words),
        "ask": say("What I would ask: {words}", words=words),
    }.get(part, words)
