"""`make texts`: extract every text from the code, update the French catalogue, compile it.

Development only; `tests/test_i18n.py` fails when this has been forgotten.
"""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).parent.parent
FRENCH = Path(__file__).parent / "fr" / "LC_MESSAGES" / "interlude.po"
_KEYWORDS = {"say": None, "theirs": None, "_": None, "plural": (1, 2)}


def template() -> Catalog:
    """Every text of the code, as `say("...")` or `say.plural("...", "...")`."""
    found = Catalog(project="Interlude", charset="utf-8")
    for file, line, text, _, _ in extract_from_dir(str(PACKAGE), [("**.py", "python")], keywords=_KEYWORDS):
        if isinstance(text, tuple) or text:
            found.add(text, locations=[(f"bot/{file}", line)])
    return found


def french() -> Catalog:
    if not FRENCH.exists():
        return Catalog(locale="fr", project="Interlude", charset="utf-8")
    with FRENCH.open("rb") as file:
        return read_po(file, locale="fr")


def compile_french(catalog: Catalog) -> None:
    with FRENCH.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog)


def main() -> None:
    catalog = french()
    catalog.update(template(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    FRENCH.parent.mkdir(parents=True, exist_ok=True)
    with FRENCH.open("wb") as file:
        write_po(file, catalog, width=110, sort_output=True, omit_header=False, include_lineno=False)
    compile_french(catalog)


if __name__ == "__main__":
    main()
