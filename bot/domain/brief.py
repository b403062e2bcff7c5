"""What a coach reads before one session with one leader, as values; `brief_words` says it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from bot.domain.checkpoint import Checkpoint
from bot.domain.heard import Heard, Said
from bot.domain.measures import Change, Standing
from bot.domain.silences import Silences

_EVIDENCE = 3


@dataclass(frozen=True)
class Brought:
    """One point a leader brings to the session: with its words where they are shared, else its theme, else only that
    there is one. `is_prompt`: a question they would rather talk about."""

    said: Said | None = None
    theme: str | None = None
    is_prompt: bool = False


@dataclass(frozen=True)
class Promised:
    """A plan that its leader shares in words. `state` as in the table of plans; `asked_on`: when it was, or will be,
    asked about; `outcome`: what was said about it, as far as that is shared too."""

    plan: Said
    state: str
    asked_on: date | None = None
    outcome: Said | None = None


@dataclass(frozen=True)
class Rating:
    """Where a measure stands. `day` is that of its latest value, which `is_new` since the last brief or not."""

    standing: Standing
    day: date
    is_new: bool = True
    change: Change | None = None


@dataclass(frozen=True)
class Held:
    """A hypothesis of the coach's, with the words that speak for it and against it, oldest first."""

    text: str
    speaks_for: tuple[Said, ...] = ()
    speaks_against: tuple[Said, ...] = ()


@dataclass(frozen=True)
class Noted:
    """A note of the coach's own; `about`: the words it was written under, as far as they are still shared."""

    day: date
    words: str
    about: Said | None = None


@dataclass(frozen=True)
class Brief:
    """`starts_at`: aware; None when no session is planned. `number` of `agreed` sessions (None: open-ended) it is;
    `more`: sessions planned after it. `earlier`: shared answers too many to stand here. `along`: how many came along
    from an earlier coach."""

    leader: str
    zone: str
    starts_at: datetime | None
    more: int
    since: datetime | None
    cut_at: datetime
    organisation: str
    role: str
    heard: Heard
    last_answered_at: datetime | None
    brought: tuple[Brought, ...] = ()
    number: int = 1
    agreed: int | None = None
    promised: tuple[Promised, ...] = ()
    ratings: tuple[Rating, ...] = ()
    checkpoint: Checkpoint | None = None
    silences: Silences | None = None
    hypotheses: tuple[Held, ...] = ()
    notes: tuple[Noted, ...] = ()
    earlier: int = 0
    along: int = 0
    paused_until: datetime | None = None
    is_unreachable: bool = False

    @property
    def told(self) -> frozenset[UUID]:
        """The answers that stand in a place of their own, not among the words by theme."""
        plans = [said for one in self.promised for said in (one.plan, one.outcome) if said is not None]
        refs = [ref for said in plans for ref in said.refs]
        return frozenset(refs + list(self.checkpoint.refs if self.checkpoint else ()))

    @property
    def every_said(self) -> list[Said]:
        """Everything it quotes, in its order, each once."""
        found = [point.said for point in self.brought]
        found += [said for one in self.promised for said in (one.plan, one.outcome)]
        found += [*self.heard.said, *(self.checkpoint.said if self.checkpoint else ())]
        found += [said for one in self.hypotheses for said in (*newest(one.speaks_for), *newest(one.speaks_against))]
        return list({said.id or said: said for said in found if said is not None}.values())


def newest(words: tuple[Said, ...]) -> tuple[Said, ...]:
    """Those of the words for or against a hypothesis that are shown."""
    return words[-_EVIDENCE:]
