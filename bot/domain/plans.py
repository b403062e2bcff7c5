"""If-then plans in a leader's own words: a cue, an action, an obstacle; said back line by line."""

import re
from collections.abc import Mapping

from bot.domain.cues import without_moment
from bot.domain.text import units
from bot.domain.words import DAYS, alternatives
from bot.i18n import Say

PARTS = ("cue", "action", "obstacle")
OUTCOMES = ("did", "partly", "not_yet")
EARLIER = "earlier"
"""The field of words that were changed since: kept, and no longer part of the plan."""

_LONGEST_QUOTE = 300
_OPENINGS = {
    "cue": r"(?:(?:when(?:ever)?|quand|lorsque|dès que|as soon as|if|si)\b|(?:lorsqu|dès qu)['’]|s['’](?=ils?\b))",
    "action": r"(?:then\b[, ]*|alors\b[, ]*)?(?:i will|i['’]ll|i shall|je vais)\b",
    "obstacle": r"(?:(?:if|si jamais|si|quand|when)\b|s['’](?=ils?\b))",
}
_ENDS = re.compile(r"[.!?…]\s*(?:[»”\"’')\]]\s*)*$")
_SAYS_WHO = re.compile(r"(?:then\b[, ]*|alors\b[, ]*)?(?:i|je|j['’])\b", re.IGNORECASE)
_IS_A_TIME = re.compile(
    r"(?:at|on|in|before|after|during|every|each|next|tomorrow|today|tonight|around|this (?:morning|afternoon|evening|week)"
    r"|à|au|aux|en|dans|pendant|avant|après(?:-demain)?|lors|demain|aujourd['’]hui|vers|chaque"
    r"|ce (?:matin|soir)|cet après.midi|cette semaine"
    rf"|(?:le |la |les )?(?:[0-9]+|(?:{alternatives(name for name in DAYS if len(name) > 4)})s?))(?![\w-])",
    re.IGNORECASE,
)

_SAYS_WHEN = re.compile(r"\b(?:when(?:ever)?|quand|lorsque)\b|\blorsqu['’]", re.IGNORECASE)
_NO_NAMES = (
    "a an he her his it my nobody one our people she somebody someone that the their there they this we you your "
    "after all another any anybody anyone at before both during each every everybody everyone everything for from if in its "
    "no nothing on once some something what when whenever while who with after après au aucun aucune aux avant avec chacun "
    "chaque dans de dès du en entre lors pendant plus pour quand quelque quelques quelque rien sans si tous tout toute "
    "toutes c ce cela ces cet cette ça des elle elles il ils j je l la le les ma mes mon nos notre nous on personne quelqu "
    "sa ses son un une vos votre vous"
)
_STARTS = frozenset(map(str.capitalize, _NO_NAMES.split()))


def bare(part: str, words: str) -> str:
    """A part without the words that the sentence around it says already."""
    text = re.sub(r"[^\S\u00a0\u202f]+", " ", words).strip()  # French keeps « and : on the line
    shorter = re.sub(rf"^{_OPENINGS[part]}[ ,:….]*", "", text, flags=re.IGNORECASE)
    return (shorter or text).rstrip(" .")


def lines(parts: Mapping[str, str], say: Say, *, is_moved: bool = False) -> list[str]:
    """The plan as it is said back; parts that are not there yet are left out. Once it `is_moved` to another moment than
    the words name, the words no longer say when."""
    if is_moved:
        parts = {**parts, "cue": without_moment(bare("cue", parts.get("cue", "")))}
    said = {
        "cue": lambda words: _cue(words, parts["cue"], say),
        "action": lambda words: _action(words, say),
        "obstacle": lambda words: _ended(say("If {words}.", words=_within(words)), words),
    }
    return [said[part](bare(part, parts[part])) for part in PARTS if parts.get(part, "").strip()]


def _cue(words: str, typed: str, say: Say) -> str:
    """`tomorrow at two` is a moment already; `he rings` needs a "when" before it."""
    is_a_time = _IS_A_TIME.match(words) and (typed.lstrip().startswith(words) or _SAYS_WHEN.search(words))
    return f"{words[:1].upper()}{words[1:]}," if is_a_time else say("When {words},", words=_within(words))


def _action(words: str, say: Say) -> str:
    """`je dis non` is a sentence already; `say no` needs who and when around it. Who can tell whether a capital is a
    name's or the phone's: what begins with one stays as it was written."""
    if _SAYS_WHO.match(words):
        return _ended(f"{words[:1].upper()}{words[1:]}.", words)
    if words[:1].isupper():
        return _ended(say("Then: {words}.", words=words), words)
    return _ended(say("I will {words}.", words=words), words)


def _ended(sentence: str, words: str) -> str:
    """With one mark at its end: theirs if there is one, also before a closing quotation mark."""
    return sentence.removesuffix(".") if _ENDS.search(words) else sentence


def _within(words: str) -> str:
    """Inside a sentence, without the capital that phones give to a first word; a name keeps it."""
    first = re.match(r"[^\W\d_]+", words)
    return words[:1].lower() + words[1:] if first and first[0] in _STARTS else words


def missing(parts: Mapping[str, str], *, without_obstacle: bool) -> str | None:
    """The part that comes next; None when all are there."""
    wanted = PARTS[:2] if without_obstacle else PARTS
    return next((part for part in wanted if not parts.get(part, "").strip()), None)


def quoted(words: str) -> str:
    """The leader's words, short enough to stand in a question."""
    text = words.strip()
    return text if units(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE // 2].rstrip() + "…"


def outcome_name(outcome: str, say: Say) -> str:
    return {"did": say("I did it"), "partly": say("Partly"), "not_yet": say("Not yet")}.get(outcome, "")
