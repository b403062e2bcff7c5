"""Whom a leader writes about: an alias and an animal, so that nobody needs to be named."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from bot.domain.phrases import parse_time
from bot.domain.words import folded

_NAMES = {
    "🦊": "fox renard", "🐻": "bear ours", "🦉": "owl hibou chouette", "🐺": "wolf loup", "🐝": "bee abeille",
    "🦁": "lion", "🐙": "octopus poulpe pieuvre", "🦔": "hedgehog herisson", "🐢": "turtle tortoise tortue",
    "🦅": "eagle aigle", "🐬": "dolphin dauphin", "🦌": "deer stag cerf biche", "🐼": "panda",
    "🦋": "butterfly papillon", "🐿": "squirrel ecureuil", "🦩": "flamingo flamant", "🐧": "penguin pingouin manchot",
    "🦚": "peacock paon", "🐘": "elephant", "🐳": "whale baleine", "🐱": "cat chat", "🐶": "dog chien",
    "🐴": "horse cheval", "🐰": "rabbit hare lapin lievre", "🐭": "mouse souris", "🐸": "frog grenouille",
    "🐯": "tiger tigre", "🐮": "cow vache", "🐷": "pig cochon", "🐑": "sheep mouton", "🐐": "goat chevre",
    "🦆": "duck canard", "🦢": "swan cygne", "🐔": "hen chicken poule", "🐓": "rooster cock coq", "🐍": "snake serpent",
    "🐊": "crocodile", "🦈": "shark requin", "🐟": "fish poisson", "🦀": "crab crabe", "🐌": "snail escargot",
    "🐜": "ant fourmi", "🕷": "spider araignee", "🐞": "ladybird ladybug coccinelle", "🐒": "monkey singe",
    "🦒": "giraffe girafe", "🦓": "zebra zebre", "🦏": "rhino rhinoceros", "🐫": "camel chameau", "🦘": "kangaroo kangourou",
    "🦡": "badger blaireau", "🦦": "otter loutre", "🦫": "beaver castor", "🦇": "bat", "🦜": "parrot perroquet",
    "🐦": "bird sparrow oiseau moineau", "🦎": "lizard lezard", "🦭": "seal phoque", "🐨": "koala", "🦝": "raccoon",
}  # fmt: skip
_ANIMAL_OF = {name: emoji for emoji, names in _NAMES.items() for name in names.split()}
ANIMALS = tuple(_NAMES)[:20]
SIGNS = ("🌿", "🌙", "⭐", "🍀", "🌊", "🔶", "🔷", "🍂", "🌻", "🌵", "☂", "⛵", "🎈", "🔑", "🪁", "🪴")
"""For an animal whose emoji somebody else has already, and when all animals are given."""
LONGEST = 30
_MOST_WORDS = 3
_JOINERS = "\u200d\ufe0f\u20e3"


@dataclass(frozen=True)
class Alias:
    emoji: str
    name: str

    @property
    def label(self) -> str:
        return f"{self.emoji} {self.name}".strip()


def read_alias(text: str, used: Collection[str]) -> Alias | None:
    """`Fox`, `🦊`, `the fox 🦊`; with an emoji of its own or one not used yet. None for what is no alias but a story."""
    line = " ".join(text.split())
    if is_story(text) or is_mistyped(text):
        return None
    emoji = "".join(sign for sign in line if _is_emoji(sign))
    name = "".join(sign for sign in line if not _is_emoji(sign)).strip(" .,;:!?\"“”«»'")
    if not emoji and not any(sign.isalnum() for sign in name):
        return None
    return Alias(emoji or fitting_emoji(name, used), " ".join(name.split()))


def is_story(text: str) -> bool:
    """Nothing, several lines, or more words than somebody is called by."""
    return not text.strip() or "\n" in text.strip() or len(text.split()) > _MOST_WORDS


def is_mistyped(text: str) -> bool:
    """A number, a time, or so long that no button could show it: nobody is called that."""
    line = " ".join(text.split())
    is_number = re.fullmatch(r"[0-9\W_]*", folded(line)) is not None and any(sign.isdigit() for sign in folded(line))
    return not is_story(text) and (len(line) > LONGEST or is_number or parse_time(line) is not None)


def fitting_emoji(name: str, used: Collection[str]) -> str:
    """The animal that is named, else one that is not used yet: never the wrong animal, never one that is taken."""
    named = animal_in(name)
    offered = (named, *SIGNS) if named else (*ANIMALS, *SIGNS)
    return next((emoji for emoji in offered if emoji not in used), "")


def animal_in(name: str) -> str:
    """The animal that a name holds, in either language; empty when it holds none."""
    words = re.findall(r"[a-z]+", folded(re.sub("['’]", " ", name)))
    return next((_ANIMAL_OF[word] for word in words if word in _ANIMAL_OF), "")


def same(one: str, other: str) -> bool:
    """Whether two names are the same to the person who types them."""
    return folded(one) == folded(other)


def looks_like_a_name(name: str) -> bool:
    """Two capitalised words, such as a first and a last name: better left out."""
    words = name.split()
    return len(words) >= 2 and all(re.match(r"[^\W\d_]", word) and word[0].isupper() for word in words)


def _is_emoji(sign: str) -> bool:
    return unicodedata.category(sign) in ("So", "Sk") or sign in _JOINERS
