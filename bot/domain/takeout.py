"""What somebody takes with them, as a page that any phone or computer opens: no script, nothing fetched, all in one file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}article{margin:1.2rem 0}p{margin:.2rem 0;white-space:pre-wrap;"
    "overflow-wrap:anywhere}.head{font-weight:600}.said{border-left:3px solid;padding-left:.7rem}.note{opacity:.7;"
    "font-size:.85rem}"
)


@dataclass(frozen=True)
class Item:
    """One thing: what it is, what was said, and what is to be known about it."""

    head: str
    said: Sequence[str] = field(default=(), repr=False)
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Section:
    title: str
    items: Sequence[Item]


def page(title: str, about: str, sections: Sequence[Section], language: str) -> str:
    """What a person wrote is only ever text here, never markup."""
    body = "".join(_section(section) for section in sections if section.items)
    return (
        f'<!doctype html>\n<html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f'<body><h1>{escape(title)}</h1><p class="note">{escape(about)}</p>{body}</body></html>\n'
    )


def _section(section: Section) -> str:
    return f"<section><h2>{escape(section.title)}</h2>{''.join(_item(item) for item in section.items)}</section>"


def _item(item: Item) -> str:
    said = "".join(f'<p class="said" dir="auto">{escape(text)}</p>' for text in item.said if text)
    notes = "".join(f'<p class="note">{escape(text)}</p>' for text in item.notes if text)
    return f'<article><p class="head">{escape(item.head)}</p>{said}{notes}</article>'
