"""What a coach wants done with a session, as typed after `/session`: show, plan, move, cancel, done, go on open-ended."""

from dataclasses import dataclass

from bot.domain.appointments import begins_a_part, is_open_ended
from bot.domain.words import folded

_VERBS = {
    "move": "move reschedule postpone deplacer deplace deplacez deplacee decaler decale decalez decalee reporter reporte "
    "reportez reportee avancer avancez avancee",
    "cancel": "cancel cancelled canceled annuler annule annulee annulez supprimer supprimez supprimee",
    "done": "done held complete completed finished termine terminee terminer fini finie faite fait tenue",
}
_BY_WORD = {word: what for what, words in _VERBS.items() for word in words.split()}
_ARTICLES = {"it", "this", "that", "the", "la", "le", "cette", "ce", "next", "prochaine", "session", "seance", "now"}
_IT = _ARTICLES | {"is", "was", "has", "been", "est", "cest", "etait", "a", "ete"}


@dataclass(frozen=True)
class Order:
    """`what`: show, plan, move, cancel, done, open. `rest`: what was typed behind it; for plan everything."""

    what: str
    name: str
    rest: str


def parse_order(text: str) -> Order:
    """`Jack`, `Jack move Fri 14:00`, `annuler Jack`, `Jack terminée`, `Jack open-ended`; anything else plans. Total.

    The order may stand behind the name or before it. Behind it, done stands last: Anna Held is somebody's name.
    """
    words = text.split()
    forms = [folded(word.strip(",;.!?")) for word in words]
    if len(words) > 1 and forms[0] in _BY_WORD:
        end = next((n for n in range(2, len(words)) if begins_a_part(forms, n)), len(words))
        return Order(_BY_WORD[forms[0]], " ".join(words[1:end]), " ".join(words[end:]))
    first_part = next((n for n in range(1, len(words)) if begins_a_part(forms, n)), len(words))
    for place in range(1, len(words)):
        if place <= first_part and is_open_ended(" ".join(forms[place:])):
            return Order("open", " ".join(words[:place]), "")
        what = _BY_WORD.get(forms[place])
        behind = [word for word, form in zip(words[place + 1 :], forms[place + 1 :], strict=True) if form not in _IT]
        if what is None or (what == "done" and behind):
            continue
        name, between = words[: min(place, first_part)], words[first_part:place]  # "Jack 10 Dec cancel"
        while len(name) > 1 and folded(name[-1]) in _IT:  # "Jack is done"
            name.pop()
        return Order(what, " ".join(name), " ".join([*between, *(words[place + 1 :] if what == "move" else behind)]))
    if words and first_part == len(words) and not begins_a_part(forms, 0):
        return Order("show", " ".join(words), "")
    return Order("plan", "", text)
