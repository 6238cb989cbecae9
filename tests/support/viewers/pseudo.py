"""A pseudo-language made from the catalogue: every text of it stands between marks."""

import re
from html.parser import HTMLParser

from phusong import messages
from phusong.messages.catalogue import catalogue

NAME = "qps"
MARKED = re.compile(r"⟦[^⟦⟧]*⟧")
NUMBER = re.compile(r"\[\[\w+_decimals\]\]")  # of the country: no words
WORD = re.compile(r"[^\W\d_]{3,}")
SPOKEN = {"title", "aria-label", "alt", "placeholder"}  # attributes that a person reads or hears
SILENT = {"script", "style", "head", "template"}  # templates hold the page in other languages


def add():
    """Add the language through the same door as any other."""
    sections = {
        section: {key: _marked(text) for key, text in words.items()}
        for section, words in catalogue("en").sections.items()
    }
    messages.add_language(NAME, {**sections, "locale": {"name": "en_GB", "date": "yyyy-MM-dd"}})


def _marked(text):
    if isinstance(text, str):
        return text if NUMBER.fullmatch(text) else f"⟦{text}⟧"
    return {category: f"⟦{form}⟧" for category, form in text.items()}


def untold(text, known=frozenset()):
    """Return the words of a text that stand outside all marks and are not known as data."""
    while MARKED.search(text):
        text = MARKED.sub(" ", text)
    return [word for word in WORD.findall(text) if word not in known]


def words_of(*texts):
    """Return the words of data: names, identifiers, files."""
    return {word for text in texts for word in WORD.findall(str(text))}


class Page(HTMLParser):
    """What a person reads of a page: its texts and spoken attributes, by the language around."""

    def __init__(self, page):
        super().__init__()
        self.texts, self._silent, self._lang = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        """Keep what is spoken of an element, and where silent ones and articles begin."""
        given = dict(attrs)
        if tag in SILENT:
            self._silent.append(tag)
        if tag == "article":
            self._lang.append(given.get("lang"))
        if not self._silent and self._read():
            self.texts += [given[name] for name in SPOKEN & given.keys()]

    def handle_endtag(self, tag):
        """Leave an element."""
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()
        if tag == "article" and self._lang:
            self._lang.pop()

    def handle_data(self, data):
        """Keep a text that is shown."""
        if not self._silent and self._read():
            self.texts.append(data)

    def _read(self):
        return self._lang[-1:] in ([], [None], [NAME])
