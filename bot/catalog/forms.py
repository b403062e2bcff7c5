"""A group of keys that takes one of several forms: each form has a key of its own, and further keys that go with it."""

from collections.abc import Collection, Mapping

from bot.catalog import fields
from bot.catalog.problems import Place
from bot.catalog.tree import Table


def form_of(table: Table, forms: Mapping[str, Collection[str]], nothing: str, place: Place) -> str | None:
    """The form that was chosen, `forms` naming the companions of each; `nothing` is the sentence for none at all."""
    chosen = [form for form in forms if form in table.entries]
    if len(chosen) == 1:
        _refuse_strangers(table, chosen[0], forms, place)
        return chosen[0]
    if chosen:
        place.problem(table.line, place.say("{forms} exclude each other; keep one.", forms=", ".join(chosen)))
        return None
    every_key = [*forms, *{companion for companions in forms.values() for companion in companions}]
    before = len(place.problems.found)
    fields.check_keys(table, every_key, (), place)
    if len(place.problems.found) == before:
        place.problem(table.line, nothing)
    return None


def _refuse_strangers(table: Table, form: str, forms: Mapping[str, Collection[str]], place: Place) -> None:
    companions = forms[form]
    elsewhere = {companion for others in forms.values() for companion in others} - set(companions)
    for key in sorted(elsewhere & set(table.entries)):
        place.problem(
            table.entries[key].line,
            place.say("“{key}” does not go with “{form}”; remove it.", key=key, form=form),
        )
    ours = Table(table.line, {key: node for key, node in table.entries.items() if key not in elsewhere})
    fields.check_keys(ours, (form, *companions), (), place)
