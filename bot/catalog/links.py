"""What steps and questions hang on: that it exists, can hold, and can ever come."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.catalog.problems import Place
from bot.domain.sequence import AfterAnswer, AnswerIs, Condition, HasFallen, Kind, MonthsSincePromotion, Question, Step

_COUNTED, _CHOSEN = (Kind.scale, Kind.number), (Kind.choice, Kind.choices)
_LOWEST, _HIGHEST = 0, 10

To = TypeVar("To", AnswerIs, MonthsSincePromotion)


@dataclass(frozen=True)
class InsteadOf:
    """The step that another one takes the place of."""

    step: str


@dataclass(frozen=True)
class Link:
    """A condition of a step or (with `question`) of one of its questions, the answer a step comes after, or the step
    that it is asked instead of."""

    line: int
    place: Place
    step: str
    question: str
    to: Condition | AfterAnswer | InsteadOf

    def complain(self, sentence: str) -> None:
        self.place.problem(self.line, sentence)


def check_links(steps: Sequence[Step], links: Sequence[Link]) -> None:
    """Complain of what does not exist, can never hold, or waits for itself."""
    known = {step.key: step for step in steps if step.key}
    for link in links:
        if isinstance(link.to, InsteadOf):
            _check_place(link, link.to.step, known)
    links = [link for link in links if not isinstance(link.to, InsteadOf)]
    sound = [link for link in links if _points_somewhere(link, known)]
    broken = {id(link) for link in links} - {id(link) for link in sound}
    for link in sound:
        if isinstance(link.to, AnswerIs):
            _check_test(link, link.to, _target(link, link.to, known))
    for owned in _by_owner(sound):
        _check_together(owned, known)
    if not broken:
        _check_reach(list(known), sound)


# ---- whether it exists ----


def _points_somewhere(link: Link, known: dict[str, Step]) -> bool:
    match link.to:
        case AfterAnswer(step=step, question=question):
            return _exists(link, step, question, known)
        case AnswerIs(step="", question=question):
            return _came_before(link, question, known)
        case AnswerIs(step=step) if link.question and step == link.step:
            link.complain(link.place.say("this is the step’s own question; write “answer: {question}”.",
                                         question=link.to.question))  # fmt: skip
            return False
        case AnswerIs(step=step, question=question):
            return _exists(link, step, question, known)
    return True


def _check_place(link: Link, other: str, known: dict[str, Step]) -> None:
    """What an answer brings about would show in what is left out for it."""
    own = known.get(link.step)
    if not _exists(link, other, "", known) or own is None:
        return
    if other == link.step:
        link.complain(link.place.say("a step cannot take its own place; name another one."))
    elif isinstance(own.when, AfterAnswer) or any(isinstance(one, AnswerIs | HasFallen) for one in own.only_if):
        link.complain(link.place.say("a step that hangs on answers cannot take another one’s place."))


def _exists(link: Link, step: str, question: str, known: dict[str, Step]) -> bool:
    say = link.place.say
    if step not in known:
        link.complain(say("there is no step “{step}”; ", step=_shown(step)) + link.place.did_you_mean(step, known))
        return False
    keys = [each.key for each in known[step].questions if each.key]
    if question and question not in keys:
        what = say("step “{step}” has no question “{question}”; ", step=step, question=_shown(question))
        link.complain(what + link.place.did_you_mean(question, keys))
        return False
    return True


def _came_before(link: Link, question: str, known: dict[str, Step]) -> bool:
    """A bare question is one of the same step, asked earlier."""
    say = link.place.say
    if not link.question:
        link.complain(say("a step’s own condition names a step as well; write “answer: step.{question}”.",
                          question=_shown(question)))  # fmt: skip
        return False
    own = known.get(link.step)
    keys = [each.key for each in own.questions] if own else []
    earlier = keys[: keys.index(link.question)] if link.question in keys else keys
    if question in earlier:
        return True
    if question in keys:
        link.complain(say("“{question}” is not asked before this; put it further up.", question=question))
    elif earlier:
        what = say("no question “{question}” is asked before this one; ", question=_shown(question))
        link.complain(what + link.place.did_you_mean(question, earlier))
    else:
        link.complain(say("this is the step’s first question; nothing has been answered before it."))
    return False


def _target(link: Link, to: AnswerIs, known: dict[str, Step]) -> Question:
    return known[to.step or link.step].question(to.question)


# ---- whether it can hold ----


def _check_test(link: Link, to: AnswerIs, target: Question) -> None:
    say = link.place.say
    is_counted, is_said = to.below is not None or to.above is not None, to.one_of in (("yes",), ("no",))
    if is_counted and target.kind not in _COUNTED:
        tests = {Kind.yes_no: say("“is: yes” or “is: no”"), Kind.choice: "“one_of”", Kind.choices: "“one_of”"}
        _complain_of_kind(link, target, tests.get(target.kind))
    elif is_counted and target.kind is Kind.scale:
        _check_ends(link, to)
    elif not is_counted and target.kind is Kind.yes_no:
        if not is_said:
            _complain_of_kind(link, target, say("“is: yes” or “is: no”"))
    elif not is_counted and target.kind in _CHOSEN:
        for option in to.one_of:
            offered = [each.key for each in target.options]
            if option not in offered:
                what = say("“{option}” is not offered by “{question}”; ", option=option, question=target.key)
                link.complain(what + link.place.did_you_mean(option, offered))
    elif not is_counted:
        _complain_of_kind(link, target, say("“below” or “above”") if target.kind in _COUNTED else None)


def _complain_of_kind(link: Link, target: Question, tests: str | None) -> None:
    say = link.place.say
    if tests:
        link.complain(say("“{question}” is of “kind: {kind}”; it goes with {tests}.",
                          question=target.key, kind=target.kind, tests=tests))  # fmt: skip
    else:
        link.complain(say("“{question}” is of “kind: {kind}”; no condition can look at such an answer.",
                          question=target.key, kind=target.kind))  # fmt: skip


def _check_ends(link: Link, to: AnswerIs) -> None:
    say = link.place.say
    if to.below is not None and not _LOWEST < to.below <= _HIGHEST:
        sentence = (
            say("“below: {n}” can never hold on a scale from 0 to 10; write 1 to 10.", n=to.below)
            if to.below <= _LOWEST
            else say("“below: {n}” always holds on a scale from 0 to 10; write 1 to 10.", n=to.below)
        )
        link.complain(sentence)
    if to.above is not None and to.above >= _HIGHEST:
        link.complain(say("“above: {n}” can never hold on a scale from 0 to 10; write 0 to 9.", n=to.above))


def _by_owner(links: Iterable[Link]) -> Iterator[list[Link]]:
    owners: dict[tuple[str, str], list[Link]] = {}
    for link in links:
        owners.setdefault((link.step, link.question), []).append(link)
    yield from owners.values()


def _check_together(links: list[Link], known: dict[str, Step]) -> None:
    """All conditions of one place must hold at once."""
    answers: dict[tuple[str, str], list[tuple[Link, AnswerIs]]] = {}
    months: list[tuple[Link, MonthsSincePromotion]] = []
    for link in links:
        if isinstance(link.to, AnswerIs):
            answers.setdefault((link.to.step, link.to.question), []).append((link, link.to))
        elif isinstance(link.to, MonthsSincePromotion):
            months.append((link, link.to))
    for tests in answers.values():
        target = _target(tests[0][0], tests[0][1], known)
        if len(tests) > 1 and not _can_all_hold([to for _, to in tests], target):
            _complain_of_both([link for link, _ in tests])
    if months and max(to.first for _, to in months) > min(to.last for _, to in months):
        _complain_of_both([link for link, _ in months])


def _complain_of_both(links: list[Link]) -> None:
    say = links[0].place.say
    links[-1].complain(say("this and the condition on line {line} can never both hold; keep one.", line=links[0].line))


def _can_all_hold(tests: list[AnswerIs], target: Question) -> bool:
    floor = max((test.above for test in tests if test.above is not None), default=-1)
    ceiling = min((test.below for test in tests if test.below is not None), default=None)
    if ceiling is not None and ceiling - floor < (2 if target.kind is Kind.scale else 1):
        return False
    chosen = [set(test.one_of) for test in tests if test.one_of]
    return target.kind is Kind.choices or not chosen or bool(set.intersection(*chosen))


# ---- whether it ever comes ----


def _check_reach(steps: list[str], links: list[Link]) -> None:
    """A step that waits for itself never comes, nor does one that waits for it."""
    waits: dict[str, list[Link]] = {}
    for link in links:
        if not link.question and _waits_for(link):
            waits.setdefault(link.step, []).append(link)
    told: set[frozenset[str]] = set()
    safe: set[str] = set()
    for step in steps:
        way = _way_into_a_circle(step, waits, safe)
        if not way:
            continue
        link = next(each for each in waits[step] if _waits_for(each) == way[1])
        path = " -> ".join(way)
        circle = frozenset(way[way.index(way[-1]) :])
        if way[-1] != step:
            link.complain(link.place.say(
                "this never falls due, because what it waits for never does: {path}.", path=path))  # fmt: skip
        elif circle not in told:
            link.complain(link.place.say(
                "this never falls due, because it waits for itself: {path}; let one of them hang on something else.",
                path=path))  # fmt: skip
        told.add(circle)


def _waits_for(link: Link) -> str:
    """The step that must have come before; empty for what depends on no step."""
    return link.to.step if isinstance(link.to, AfterAnswer | AnswerIs) else ""


def _way_into_a_circle(start: str, waits: dict[str, list[Link]], safe: set[str]) -> list[str]:
    """The way from a step to one that comes up twice, which ends it; empty when every way ends."""
    way, open_ways = [start], [iter(waits.get(start, ()))]
    while way:
        link = next(open_ways[-1], None)
        if link is None:
            safe.add(way.pop())
            open_ways.pop()
            continue
        onwards = _waits_for(link)
        if onwards in way:
            return [*way, onwards]
        if onwards not in safe:
            way.append(onwards)
            open_ways.append(iter(waits.get(onwards, ())))
    return []


def _shown(word: str) -> str:
    return word if len(word) <= 40 else word[:39] + "…"
