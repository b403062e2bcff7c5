"""What a new version of a sequence changes, in plain words for the admin who is about to publish it."""

from collections.abc import Iterator

from bot.domain.due_words import conditions_in_words, due_in_words
from bot.domain.sequence import Condition, Question, Sequence, Step, Words
from bot.i18n import LANGUAGES, Say


def differences(old: Sequence | None, new: Sequence, say: Say) -> list[str]:
    """A sentence for each difference, in the order of the new version; empty when nobody would notice any."""
    if old is None:
        head = say.plural("A new sequence with {n} step.", "A new sequence with {n} steps.", len(new.steps))
        return [head, *(_new_step(step, say) for step in new.steps)]
    return [
        *_reworded(old.title, new.title, say("The title"), say),
        *_reworded(old.about, new.about, say("The line about it"), say),
        *_signatures(old, new, say),
        *_steps(old, new, say),
    ]


def _signatures(old: Sequence, new: Sequence, say: Say) -> Iterator[str]:
    """Once for the whole file, where the same date usually stands."""
    before = {(step.author, step.reviewed) for step in old.steps}
    for author, reviewed in dict.fromkeys((step.author, step.reviewed) for step in new.steps):
        if (author, reviewed) not in before:
            yield say("Now by {author}, reviewed on {date}.", author=author, date=reviewed)


def _steps(old: Sequence, new: Sequence, say: Say) -> Iterator[str]:
    before = {step.key: step for step in old.steps}
    for step in new.steps:
        if step.key in before:
            for change in _step(before[step.key], step, say):
                yield say("Step {step}: {change}", step=step.key, change=change)
        else:
            yield _new_step(step, say)
    kept = {step.key for step in new.steps}
    for step in old.steps:
        if step.key not in kept:
            yield say("Step removed: {step}.", step=step.key)
    if _reordered(list(before), [step.key for step in new.steps]):
        yield say("The steps come in another order.")


def _new_step(step: Step, say: Say) -> str:
    due = due_in_words(step.when, say)
    if step.only_if:
        conditions = conditions_in_words(step.only_if, say)
        return say("New step: {step}, {due}, only if {conditions}.", step=step.key, due=due, conditions=conditions)
    return say("New step: {step}, {due}.", step=step.key, due=due)


def _reordered(old: list[str], new: list[str]) -> bool:
    """Whether those in both come in another order."""
    return [key for key in old if key in new] != [key for key in new if key in old]


def _step(old: Step, new: Step, say: Say) -> Iterator[str]:
    if new.when != old.when:
        due, before = due_in_words(new.when, say), due_in_words(old.when, say)
        yield say("now falls due {due} (was: {before}).", due=due, before=before)
    yield from _conditions(old.only_if, new.only_if, say("the step"), say)
    if new.instead_of != old.instead_of:
        yield (
            say("takes the place of “{step}” on days on which both fall due.", step=new.instead_of) if new.instead_of
            else say("no longer takes the place of “{step}”.", step=old.instead_of)
        )  # fmt: skip
    if new.theme != old.theme:
        yield say("the theme is now “{new}” (was “{old}”).", new=new.theme, old=old.theme)
    if new.minutes != old.minutes:
        yield say.plural(
            "now takes {n} minute (was {old}).",
            "now takes {n} minutes (was {old}).",
            new.minutes,
            old=old.minutes,
        )
    yield from _reworded(old.purpose, new.purpose, say("the purpose"), say)
    if new.evidence != old.evidence:
        yield say("{what} now reads: “{text}”", what=say("the evidence"), text=new.evidence)
    yield from _questions(old, new, say)


def _questions(old: Step, new: Step, say: Say) -> Iterator[str]:
    before = {question.key: question for question in old.questions}
    for question in new.questions:
        if question.key in before:
            yield from _question(before[question.key], question, say)
        else:
            yield say("a new question “{key}”: “{text}”", key=question.key, text=question.ask[say.language])
            yield from _conditions((), question.only_if, say("the question “{key}”", key=question.key), say)
    kept = {question.key for question in new.questions}
    for question in old.questions:
        if question.key not in kept:
            yield say("the question “{key}” is removed.", key=question.key)
    if _reordered(list(before), [question.key for question in new.questions]):
        yield say("the questions come in another order.")


def _question(old: Question, new: Question, say: Say) -> Iterator[str]:
    named = say("the question “{key}”", key=new.key)
    yield from _reworded(old.ask, new.ask, named, say)
    yield from _reworded(old.short or {}, new.short or {}, say("the short name of {what}", what=named), say)
    yield from _conditions(old.only_if, new.only_if, named, say)
    if new.kind != old.kind:
        yield say("{what} is now answered by “{new}” (was “{old}”).", what=named, new=new.kind, old=old.kind)
    if new.measure != old.measure:
        yield say(
            "{what} now measures “{new}” (was “{old}”).",
            what=named,
            new=new.measure or "-",
            old=old.measure or "-",
        )
    if new.sharing != old.sharing:
        yield say(
            "answers to {what} now start as “{new}” (were “{old}”).",
            what=named,
            new=new.sharing,
            old=old.sharing,
        )
    yield from _reworded(old.low or {}, new.low or {}, say("the label of 0 of {what}", what=named), say)
    yield from _reworded(old.high or {}, new.high or {}, say("the label of 10 of {what}", what=named), say)
    yield from _reworded(old.unit or {}, new.unit or {}, say("the unit of {what}", what=named), say)
    yield from _options(old, new, named, say)


def _conditions(old: tuple[Condition, ...], new: tuple[Condition, ...], what: str, say: Say) -> Iterator[str]:
    if set(old) == set(new):
        return
    if new:
        yield say("{what} is now asked only if {conditions}.", what=what, conditions=conditions_in_words(new, say))
    else:
        yield say("{what} no longer depends on anything.", what=what)


def _options(old: Question, new: Question, named: str, say: Say) -> Iterator[str]:
    before = {option.key: option.label for option in old.options}
    for option in new.options:
        if option.key not in before:
            yield say("{what} has a new option: “{text}”", what=named, text=option.label[say.language])
        else:
            of_option = say("the option “{option}” of {what}", option=option.key, what=named)
            yield from _reworded(before[option.key], option.label, of_option, say)
    kept = {option.key for option in new.options}
    for key, label in before.items():
        if key not in kept:
            yield say("{what} loses the option “{text}”.", what=named, text=label[say.language])
    if _reordered(list(before), [option.key for option in new.options]):
        yield say("the options of {what} come in another order.", what=named)


def _reworded(old: Words, new: Words, what: str, say: Say) -> Iterator[str]:
    """The new text in each language in which it changed, the reader's own first."""
    for language in sorted(LANGUAGES, key=lambda language: language != say.language):
        before, after = old.get(language), new.get(language)
        if before == after:
            continue
        if after is None:
            yield say("{what} is removed in {language}.", what=what, language=_language(language, say))
        elif language == say.language:
            yield say("{what} now reads: “{text}”", what=what, text=after)
        else:
            yield say(
                "{what} now reads in {language}: “{text}”",
                what=what,
                language=_language(language, say),
                text=after,
            )


def _language(language: str, say: Say) -> str:
    return {"en": say("English"), "fr": say("French")}[language]
