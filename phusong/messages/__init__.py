"""What phusong says to people: messages with values, one catalogue of words per language, locales.

Decisions carry messages (:class:`Message`: an identifier and values); writers, pages and commands
speak them in a language at the moment of writing. Imports nothing of phusong.
"""

from phusong.messages.catalogue import (
    DEFAULT,
    SHIPPED,
    add_language,
    has_words,
    languages,
    locale,
    template,
    words,
)
from phusong.messages.message import Message, Text, is_one, message
from phusong.messages.numbers import date, decimal_mark, general, number, pattern, percent
from phusong.messages.recognition import recognised
from phusong.messages.speech import million, money_decimals, speak, speak_all, unspeakable
from phusong.messages.tables import spoken_table, table_texts

__all__ = [
    "DEFAULT",
    "SHIPPED",
    "Message",
    "Text",
    "add_language",
    "date",
    "decimal_mark",
    "general",
    "has_words",
    "is_one",
    "languages",
    "locale",
    "message",
    "million",
    "money_decimals",
    "number",
    "pattern",
    "percent",
    "recognised",
    "speak",
    "speak_all",
    "spoken_table",
    "table_texts",
    "template",
    "unspeakable",
    "words",
]
