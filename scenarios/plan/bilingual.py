"""What a plan says in words, held in both languages until one is chosen for a file."""

from collections.abc import Callable, Mapping

from geopandas import GeoDataFrame

from phusong import columns as col

LANGUAGES = ("vi", "en")
COLUMNS = (col.REASON, col.EXPLANATION, col.CAUSE, col.WHY)

Both = dict[str, str]


def both(say: Callable[[str], str]) -> Both:
    """Return what a function of the language says in each of them."""
    return {language: say(language) for language in LANGUAGES}


def texts(tables: Mapping[str, GeoDataFrame]) -> dict[str, dict[str, list[Both]]]:
    """Return the texts of tables in both languages: by table and column, in the order of rows."""
    found = {
        name: {column: list(frame[column]) for column in COLUMNS if column in frame}
        for name, frame in tables.items()
    }
    return {name: columns for name, columns in found.items() if columns}


def in_language(frame: GeoDataFrame, language: str) -> GeoDataFrame:
    """Return a table with its texts in one language."""
    held = [column for column in COLUMNS if column in frame]
    return frame.assign(**{name: [text[language] for text in frame[name]] for name in held})
