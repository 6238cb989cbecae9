"""Messages in the columns of a table."""

from collections.abc import Mapping
from typing import Any

from phusong.messages.message import Message
from phusong.messages.speech import speak

Frame = Any  # a pandas or geopandas frame: neither is imported for words


def spoken_table(frame: Frame, language: str) -> Frame:
    """Return a table with the messages of its columns spoken in a language."""
    texts = {name: [speak(v, language) for v in frame[name]] for name in text_columns(frame)}
    return frame.assign(**texts) if texts else frame


def table_texts(tables: Mapping[str, Frame]) -> dict[str, dict[str, list[Message]]]:
    """Return the messages of tables by table and column, in the order of rows."""
    columns = {name: text_columns(frame) for name, frame in tables.items()}
    return {
        name: {column: list(tables[name][column]) for column in held}
        for name, held in columns.items()
        if held
    }


def text_columns(frame: Frame) -> list[str]:
    """Return the columns that hold messages."""
    return [
        name
        for name in frame.columns
        if frame[name].dtype == object and any(isinstance(v, Message) for v in frame[name])
    ]
