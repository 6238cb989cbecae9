"""The catalogues: the same messages in every language, with the same values."""

import re
import unicodedata
from pathlib import Path

import pytest

from phusong.errors import InputError
from phusong.languages import chosen_language
from phusong.messages import speech
from phusong.messages.catalogue import SHIPPED, catalogue

PLACE = re.compile(r"\{(\w+)")
# Names of sections whose words are symbols, names or standards, or that may have no marks.
PLAIN = {
    *("page.after_short", "page.palette_operator", "page.kind_tourism", "page.north"),
    *("page.confidence_high", "calibration.p1812", "calibration.rmse"),
    *("calibration.by_cell", "page.unit_name", "calibration.axis_loss", "profile.rx"),
    *("comparison.service", "problem.in"),
    *("terminal.calibration_page", "link.loss_db", "layer.cells", "provenance.of_cells"),
    "page.prediction_cells",
}


def entries(language):
    return {
        f"{section}.{key}": words
        for section, held in catalogue(language).sections.items()
        if section != "locale"
        for key, words in held.items()
    }


def texts(words):
    return [words] if isinstance(words, str) else list(words.values())


@pytest.mark.parametrize("language", SHIPPED)
def test_a_catalogue_holds_every_message(language):
    assert entries(language).keys() == entries("en").keys()


def test_languages_name_the_same_values():
    for key in entries("en").keys() - {"page.unit_name"}:  # a type stands small in English
        named = [
            {place for text in texts(entries(language)[key]) for place in PLACE.findall(text)}
            for language in SHIPPED
        ]
        assert named[0] == named[1], key


@pytest.mark.parametrize("language", SHIPPED)
def test_texts_are_written_well(language):
    for key, words in entries(language).items():
        for text in texts(words):
            assert text.strip() == text != "", key
            assert text == unicodedata.normalize("NFC", text), key
            assert not re.search(r"[\d}] %", text), f"{key}: one spacing of percent: none"


def letters(text):
    return re.sub(r"\{[^{}]*\}", "", text)


def test_vietnamese_has_its_marks():
    for key, words in entries("vi").items():
        for text in texts(words):
            split = unicodedata.normalize("NFD", letters(text).lower())
            marked = "đ" in split or any(unicodedata.combining(letter) for letter in split)
            assert marked or text in texts(entries("en")[key]) or key in PLAIN, (key, text)


def test_plurals_have_an_other():
    for language in SHIPPED:
        for key, words in entries(language).items():
            assert isinstance(words, str) or "other" in words, key


def test_the_language_is_the_one_asked_for_then_that_of_the_environment(monkeypatch):
    monkeypatch.delenv("PHUSONG_LANG", raising=False)
    assert chosen_language() == "vi"
    monkeypatch.setenv("PHUSONG_LANG", "en")
    assert chosen_language() == "en"
    assert chosen_language("vi") == "vi"
    monkeypatch.setenv("PHUSONG_LANG", "fr")
    with pytest.raises(InputError, match="unknown language.*use vi or en"):
        chosen_language()


ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("coverage", "geodata", "scenarios", "maps", "phusong")
WRONG = ("problem", "remedy", "refusal", "why")  # sections of what is wrong with an input
NAMED = re.compile(rf"\"((?:{'|'.join(WRONG)})\.\w+)\"")


def test_code_and_catalogue_name_the_same_problems_and_remedies():
    paths = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    code = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    named = set(NAMED.findall(code))
    held = {key for key in entries("en") if key.partition(".")[0] in WRONG}
    assert len(named) > 500
    assert sorted(named - held) == []
    assert [k for k in sorted(held - named) if f'"{k.partition(".")[2]}"' not in code] == []


FORM = re.compile(r"\{\w+:([^{}]*)\}")
KNOWN_FORM = re.compile(rf"join.*|plain\d+|{'|'.join(speech.FORMS)}|[-+#0,.%;]+")


@pytest.mark.parametrize("language", SHIPPED)
def test_every_form_of_a_value_is_known(language):
    forms = {
        f for words in entries(language).values() for t in texts(words) for f in FORM.findall(t)
    }
    assert "plain" in forms
    assert [form for form in forms if not KNOWN_FORM.fullmatch(form)] == []
